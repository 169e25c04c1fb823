"""Every query of decisions; rows go in, nouns come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    RowMapping,
    Text,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from jiuding.base.database.engine import Session
from jiuding.base.ids import to_uuid
from jiuding.kernel.decisions.rules.canonical import (
    canonical,
    plain_inputs,
    plain_value,
    plain_verdict,
    read_verdict,
    verdict_hash,
)
from jiuding.kernel.decisions.tables import (
    decisions,
    list_versions,
    policy_steps,
    policy_versions,
    shadow_verdicts,
)
from jiuding.kernel.decisions.types.decisions import Decision, Inputs, ListVersion, Outcome, Verdict
from jiuding.kernel.decisions.types.lives import PolicyStep, Step
from jiuding.kernel.decisions.types.policies import Policy

ENGINE = 1


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision about to be recorded."""

    decision_id: str
    policy: Policy
    subject: str
    idempotency_key: str
    request_hash: str
    inputs: Inputs
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision as it stands in the database, with what a replay needs."""

    decision: Decision
    event: Mapping[str, Any]
    features: Mapping[str, Any]
    lists: Mapping[str, str]
    verdict_hash: str
    request_hash: str
    idempotency_key: str


def _add_statement() -> ReturningInsert:
    """Return the statement that records many decisions from one JSON text: one value to send."""
    names = [
        *("decision_id", "policy_version", "model_version", "subject", "event", "features"),
        *("lists", "outcome", "score", "verdict", "verdict_hash", "idempotency_key"),
        "request_hash",
    ]
    # The uuid is read bare here: turning it into a printed id is for what leaves the database.
    columns = [
        column(name, Uuid if name == "decision_id" else decisions.c[name].type) for name in names
    ]
    rows = func.json_to_recordset(cast(bindparam("rows", type_=Text), JSON)).table_valued(
        *columns, name="given"
    )
    given = rows.render_derived(with_types=True)
    chosen = select(
        bindparam("bank", type_=decisions.c.bank_id.type),
        bindparam("now", type_=decisions.c.decided_at.type),
        literal(ENGINE),
        *(given.c[name] for name in names),
    )
    statement = insert(decisions).from_select(["bank_id", "decided_at", "engine", *names], chosen)
    return statement.on_conflict_do_nothing().returning(decisions.c.decision_id)


_ADD = _add_statement()


def keep_policy(session: Session, bank_id: str, policy: Policy, now: datetime) -> None:
    """Record a policy's content under its version, once."""
    where = (policy_versions.c.bank_id == bank_id, policy_versions.c.version == policy.version)
    if session.execute(select(policy_versions.c.number).where(*where)).first() is not None:
        return
    row = {
        "bank_id": bank_id,
        "version": policy.version,
        "policy_name": policy.name,
        "number": policy.number,
        "content": policy.content,
        "recorded_at": now,
    }
    session.execute(insert(policy_versions).values(row).on_conflict_do_nothing())


def policy_content(session: Session, bank_id: str, version: str) -> str | None:
    """Return the recorded content of a policy version."""
    where = (policy_versions.c.bank_id == bank_id, policy_versions.c.version == version)
    return session.execute(select(policy_versions.c.content).where(*where)).scalar()


def keep_lists(session: Session, bank_id: str, lists: Sequence[ListVersion], now: datetime) -> None:
    """Record the content of lists under their hashes, each once."""
    wanted = {found.version: found for found in lists}
    where = (list_versions.c.bank_id == bank_id, list_versions.c.version.in_(wanted))
    if wanted:
        for version in session.execute(select(list_versions.c.version).where(*where)).scalars():
            del wanted[version]
    rows = [
        {
            "bank_id": bank_id,
            "version": version,
            "entries": [plain_value(entry) for entry in wanted[version].entries],
            "recorded_at": now,
        }
        for version in sorted(wanted)
    ]
    if rows:
        session.execute(insert(list_versions).on_conflict_do_nothing(), rows)


def list_entries(session: Session, bank_id: str, versions: Sequence[str]) -> dict[str, list]:
    """Return the entries of list versions, by version."""
    where = (list_versions.c.bank_id == bank_id, list_versions.c.version.in_(versions))
    found = session.execute(select(list_versions.c.version, list_versions.c.entries).where(*where))
    return {row.version: row.entries for row in found}


def add(session: Session, bank_id: str, drafts: Sequence[Draft], now: datetime) -> set[str]:
    """Record decisions; return the ids that were, leaving out keys that already stood."""
    rows = [
        {
            "decision_id": str(to_uuid("dec", draft.decision_id)),
            "policy_version": draft.policy.version,
            "subject": draft.subject,
            **plain_inputs(draft.inputs),
            "outcome": draft.verdict.outcome.value,
            "score": draft.verdict.score,
            "verdict": plain_verdict(draft.verdict),
            "verdict_hash": verdict_hash(draft.verdict),
            "idempotency_key": draft.idempotency_key,
            "request_hash": draft.request_hash,
        }
        # One order for all writers: two batches that share keys wait and do not deadlock.
        for draft in sorted(drafts, key=lambda each: each.idempotency_key)
    ]
    added = session.execute(_ADD, {"bank": bank_id, "now": now, "rows": canonical(rows)})
    return set(added.scalars())


def by_keys(session: Session, bank_id: str, keys: Sequence[str]) -> dict[str, Recorded]:
    """Return the decisions that stand under idempotency keys, by key."""
    where = (decisions.c.bank_id == bank_id, decisions.c.idempotency_key.in_(keys))
    found = (_recorded(row) for row in _rows(session, where, len(keys)))
    return {each.idempotency_key: each for each in found}


def by_id(session: Session, bank_id: str, decision_id: str) -> Recorded | None:
    """Return a decision of this bank."""
    where = (decisions.c.bank_id == bank_id, decisions.c.decision_id == decision_id)
    return next((_recorded(row) for row in _rows(session, where, 1)), None)


def about(session: Session, bank_id: str, subject: str, limit_max: int) -> list[Recorded]:
    """Return the newest decisions about a subject."""
    where = (decisions.c.bank_id == bank_id, decisions.c.subject == subject)
    newest = (decisions.c.decided_at.desc(), decisions.c.decision_id.desc())
    return [_recorded(row) for row in _rows(session, where, limit_max, *newest)]


def page(
    session: Session,
    bank_id: str,
    policy_name: str | None,
    after: tuple[datetime, str] | None,
    limit_max: int,
) -> list[Recorded]:
    """Return decisions in the order they were made, after a place in that order."""
    where = [decisions.c.bank_id == bank_id]
    if policy_name is not None:
        where.append(policy_versions.c.policy_name == policy_name)
    order = (decisions.c.decided_at, decisions.c.decision_id)
    if after is not None:
        where.append(tuple_(*order) > after)
    return [_recorded(row) for row in _rows(session, where, limit_max, *order)]


def _rows(session: Session, where: Any, limit_max: int, *order: Any) -> Sequence[RowMapping]:
    statement = (
        select(decisions, policy_versions.c.policy_name)
        .join_from(
            decisions,
            policy_versions,
            (decisions.c.bank_id == policy_versions.c.bank_id)
            & (decisions.c.policy_version == policy_versions.c.version),
        )
        .where(*where)
        .order_by(*order)
        .limit(limit_max)
    )
    return session.execute(statement).mappings().all()


def _recorded(row: RowMapping) -> Recorded:
    verdict = read_verdict(row["verdict"])
    decision = decision_of(
        verdict,
        decision_id=row["decision_id"],
        policy_name=row["policy_name"],
        policy_version=row["policy_version"],
        model_version=row["model_version"],
        subject=row["subject"],
        decided_at=row["decided_at"],
    )
    return Recorded(
        decision=decision,
        event=row["event"],
        features=row["features"],
        lists=row["lists"],
        verdict_hash=row["verdict_hash"],
        request_hash=row["request_hash"],
        idempotency_key=row["idempotency_key"],
    )


def decision_of(verdict: Verdict, **known: Any) -> Decision:
    """Return the decision that a verdict becomes when it has an id and versions."""
    return Decision(
        outcome=verdict.outcome,
        reasons=verdict.reasons,
        score=verdict.score,
        not_evaluated=verdict.not_evaluated,
        **known,
    )


def add_shadows(
    session: Session, bank_id: str, rows: Sequence[tuple[str, str, Verdict | None]]
) -> None:
    """Record what versions in shadow would have decided; None is a request they refuse."""
    values = [
        {
            "bank_id": bank_id,
            "decision_id": decision_id,
            "version": version,
            "outcome": None if verdict is None else verdict.outcome.value,
            "score": None if verdict is None else verdict.score,
            "codes": [reason.code for reason in verdict.reasons] if verdict else [],
        }
        for decision_id, version, verdict in rows
    ]
    if values:
        session.execute(insert(shadow_verdicts), values)


def shadow_pairs(
    session: Session, bank_id: str, version: str, limit_max: int
) -> list[tuple[str, Outcome, Outcome | None]]:
    """Return the newest decisions that a version judged in shadow: id, outcome, its outcome."""
    joined = (decisions.c.bank_id == shadow_verdicts.c.bank_id) & (
        decisions.c.decision_id == shadow_verdicts.c.decision_id
    )
    statement = (
        select(decisions.c.decision_id, decisions.c.outcome, shadow_verdicts.c.outcome.label("o"))
        .join_from(shadow_verdicts, decisions, joined)
        .where(shadow_verdicts.c.bank_id == bank_id, shadow_verdicts.c.version == version)
        .order_by(shadow_verdicts.c.decision_id.desc())
        .limit(limit_max)
    )
    return [
        (row.decision_id, Outcome(row.outcome), None if row.o is None else Outcome(row.o))
        for row in session.execute(statement)
    ]


def steps(session: Session, bank_id: str, policy_name: str) -> list[PolicyStep]:
    """Return every step of a policy's life, in order."""
    where = (policy_steps.c.bank_id == bank_id, policy_steps.c.policy_name == policy_name)
    rows = session.execute(select(policy_steps).where(*where).order_by(policy_steps.c.number))
    return [_step(row) for row in rows]


def step_by_key(session: Session, bank_id: str, key: str) -> PolicyStep | None:
    """Return the step that stands under an idempotency key."""
    where = (policy_steps.c.bank_id == bank_id, policy_steps.c.idempotency_key == key)
    row = session.execute(select(policy_steps).where(*where)).first()
    return None if row is None else _step(row)


def _step(row: Any) -> PolicyStep:
    return PolicyStep(
        row.policy_name, row.number, Step(row.step), row.version, row.by, row.share, row.at
    )


def add_step(session: Session, bank_id: str, step: PolicyStep, key: str) -> bool:
    """Record a step; false when another took its number first, or the key stands already."""
    row = {
        "bank_id": bank_id,
        "policy_name": step.policy_name,
        "number": step.number,
        "step": step.step.value,
        "version": step.version,
        "by": step.by,
        "share": step.share,
        "at": step.at,
        "idempotency_key": key,
    }
    statement = insert(policy_steps).values(row).on_conflict_do_nothing()
    return session.execute(statement.returning(policy_steps.c.number)).scalar() is not None


def decided_policy_names(session: Session, bank_id: str) -> list[str]:
    """Return the name of every policy that has judged, in order."""
    found = select(policy_versions.c.policy_name).where(policy_versions.c.bank_id == bank_id)
    return list(session.execute(found.distinct().order_by(policy_versions.c.policy_name)).scalars())


def policy_names(session: Session, bank_id: str) -> list[str]:
    """Return the name of every policy of which a version was brought, in order."""
    found = select(policy_steps.c.policy_name).where(policy_steps.c.bank_id == bank_id)
    return list(session.execute(found.distinct().order_by(policy_steps.c.policy_name)).scalars())
