"""Verbs of decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jiuding.base.database.engine import Session
from jiuding.base.ids import from_uuid, new_id, to_uuid
from jiuding.base.problems import ensure
from jiuding.base.settings import CATALOG
from jiuding.kernel import eventlog
from jiuding.kernel.decisions import rules, store
from jiuding.kernel.decisions.errors import (
    BadInputs,
    BadPolicy,
    DecisionNotFound,
    KeyReused,
    PolicyNotFound,
)
from jiuding.kernel.decisions.events import DECISION_MADE
from jiuding.kernel.decisions.types.decisions import (
    Decision,
    Inputs,
    Replay,
    ReplayCount,
    Request,
)
from jiuding.kernel.decisions.types.policies import Policy

POLICIES = CATALOG / "policies"
BATCH_MAX = 1_000
REPLAY_PAGE = 500
KEY_LENGTH_MAX = 200
SUBJECT_LENGTH_MAX = 128


@lru_cache(maxsize=256)
def load_policy(name: str, folder: Path = POLICIES) -> Policy:
    """Return a policy of the catalogue, checked in full; read once in a process.

    Refuses: PolicyNotFound for a name that has no file; BadPolicy naming file, part and position.
    """
    path = folder / f"{name}.toml"
    if not name.replace("_", "").isalnum() or not path.is_file():
        raise PolicyNotFound(f"there is no policy {name[:80]!r}", policy=name[:80])
    tables = {each.name: _text(each) for each in sorted(folder.glob(f"{name}.*.csv"))}
    policy = rules.read_policy_texts(path.name, _text(path), tables)
    if policy.name != name:
        raise BadPolicy(f"{path.name}: name is {policy.name!r}, not the file's", file=path.name)
    return policy


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadPolicy(f"{path.name} cannot be read: {error}", file=path.name) from None


def decide(
    session: Session,
    *,
    bank_id: str,
    policy: Policy | str,
    subject: str,
    event: Mapping[str, Any],
    features: Mapping[str, Any],
    now: datetime,
    idempotency_key: str,
    lists: Mapping[str, Any] | None = None,
    model_version: str | None = None,
) -> Decision:
    """Judge one request and record it with all five inputs; a decline is an answer.

    `policy` is one already loaded, or the name of one in the catalogue. The same key and content
    again returns the first decision, also under a newer policy. Refuses: BadInputs,
    PolicyNotFound; KeyReused when the key stands for other content.
    """
    request = Request(subject, event, idempotency_key, features, lists or {}, model_version)
    (decision,) = decide_all(session, bank_id=bank_id, policy=policy, requests=(request,), now=now)
    return decision


def decide_all(
    session: Session,
    *,
    bank_id: str,
    policy: Policy | str,
    requests: Sequence[Request],
    now: datetime,
) -> tuple[Decision, ...]:
    """Judge up to 1,000 requests and record them together, all or none, in the order given.

    Refuses: as `decide`; one bad request refuses the whole batch.
    """
    ensure(len(requests) <= BATCH_MAX, f"at most {BATCH_MAX} requests at a time")
    if not requests:
        return ()
    if isinstance(policy, str):
        policy = load_policy(policy)
    drafts = [_draft(policy, request, now) for request in requests]
    store.keep_policy(session, bank_id, policy, now)
    lists = [found for draft in drafts for found in draft.inputs.lists.values()]
    store.keep_lists(session, bank_id, lists, now)
    added = store.add(session, bank_id, policy, drafts, now)
    known = {
        draft.decision_id: store.decision_of(
            draft.verdict,
            decision_id=draft.decision_id,
            policy_name=policy.name,
            policy_version=policy.version,
            model_version=draft.inputs.model_version,
            subject=draft.subject,
            decided_at=now,
        )
        for draft in drafts
        if draft.decision_id in added
    }
    _announce(session, bank_id, tuple(known.values()), now)
    repeated = [draft for draft in drafts if draft.decision_id not in added]
    known.update(_first_answers(session, bank_id, repeated))
    return tuple(known[draft.decision_id] for draft in drafts)


def _draft(policy: Policy, request: Request, now: datetime) -> store.Draft:
    key, subject = request.idempotency_key, request.subject
    if not (0 < len(key) <= KEY_LENGTH_MAX and key.isprintable()):
        raise BadInputs(f"an idempotency key has 1 to {KEY_LENGTH_MAX} printable characters")
    if not (0 < len(subject) <= SUBJECT_LENGTH_MAX and subject.isascii() and subject.isprintable()):
        raise BadInputs(f"a subject is an id of 1 to {SUBJECT_LENGTH_MAX} characters")
    inputs = rules.read_inputs(
        policy,
        event=request.event,
        features=request.features,
        lists=request.lists,
        model_version=request.model_version,
    )
    content = {"policy": policy.name, "subject": subject, **rules.plain_inputs(inputs)}
    return store.Draft(
        decision_id=new_id("dec", now),
        subject=subject,
        idempotency_key=key,
        request_hash=rules.hash_of(rules.canonical(content)),
        inputs=inputs,
        verdict=rules.assess(policy, inputs),
    )


def _first_answers(
    session: Session, bank_id: str, repeated: Sequence[store.Draft]
) -> dict[str, Decision]:
    if not repeated:
        return {}
    first = store.by_keys(session, bank_id, [draft.idempotency_key for draft in repeated])
    for draft in repeated:
        if first[draft.idempotency_key].request_hash != draft.request_hash:
            key = draft.idempotency_key
            raise KeyReused("this key stands for another request", idempotency_key=key)
    return {draft.decision_id: first[draft.idempotency_key].decision for draft in repeated}


def _announce(session: Session, bank_id: str, decisions: Sequence[Decision], now: datetime) -> None:
    rows = [
        eventlog.Behaviour(
            event_id=from_uuid("evt", to_uuid("dec", decision.decision_id)),
            kind=DECISION_MADE,
            subject=decision.subject,
            source="decisions",
            occurred_at=now,
            data={
                "decision_id": decision.decision_id,
                "policy": decision.policy_name,
                "policy_version": decision.policy_version,
                "outcome": decision.outcome.value,
                "score": decision.score,
                "codes": [reason.code for reason in decision.reasons[:20]],
            },
        )
        for decision in decisions
    ]
    eventlog.record_behaviour(session, bank_id=bank_id, rows=rows, recorded_at=now)


def read_decision(session: Session, *, bank_id: str, decision_id: str) -> Decision:
    """Return a recorded decision.

    Refuses: DecisionNotFound when it is not here, or another bank's.
    """
    return _recorded(session, bank_id, decision_id).decision


def decisions_about(
    session: Session, *, bank_id: str, subject: str, limit_max: int
) -> tuple[Decision, ...]:
    """Return the newest decisions about a subject, newest first; at most 1,000."""
    ensure(0 < limit_max <= BATCH_MAX, f"read 1 to {BATCH_MAX} at a time")
    found = store.about(session, bank_id, subject, limit_max)
    return tuple(recorded.decision for recorded in found)


def _recorded(session: Session, bank_id: str, decision_id: str) -> store.Recorded:
    to_uuid("dec", decision_id)
    recorded = store.by_id(session, bank_id, decision_id)
    if recorded is None:
        raise DecisionNotFound(f"there is no decision {decision_id}", decision_id=decision_id)
    return recorded


def replay(session: Session, *, bank_id: str, decision_id: str) -> Replay:
    """Make a recorded decision again from its five stored inputs, and compare byte for byte.

    Nothing but the record is read: the policy's content comes from the database, not from the
    catalogue. Refuses: DecisionNotFound; BadPolicy when recorded content was altered.
    """
    recorded = _recorded(session, bank_id, decision_id)
    return _Player(session, bank_id).play(recorded)


def replay_all(session: Session, *, bank_id: str, limit_max: int) -> ReplayCount:
    """Make up to `limit_max` recorded decisions of a bank again, oldest first."""
    player = _Player(session, bank_id)
    after, count, different = None, 0, []
    while count < limit_max:
        found = store.page(session, bank_id, after, min(REPLAY_PAGE, limit_max - count))
        if not found:
            break
        for recorded in found:
            if not player.play(recorded).is_identical:
                different.append(recorded.decision.decision_id)
        count += len(found)
        last = found[-1].decision
        after = (last.decided_at, last.decision_id)
    return ReplayCount(count, count - len(different), tuple(different))


class _Player:
    """Replays decisions of one bank, keeping the policies and lists already read."""

    def __init__(self, session: Session, bank_id: str) -> None:
        self.session, self.bank_id = session, bank_id
        self.policies: dict[str, Policy] = {}
        self.lists: dict[str, Sequence[Any]] = {}

    def play(self, recorded: store.Recorded) -> Replay:
        policy = self._policy(recorded.decision.policy_version)
        verdict = rules.assess(policy, self._inputs(policy, recorded))
        replayed = rules.verdict_hash(verdict)
        stored = rules.verdict_hash(rules.verdict_of(recorded.decision))
        return Replay(
            decision_id=recorded.decision.decision_id,
            is_identical=replayed == recorded.verdict_hash == stored,
            recorded_hash=recorded.verdict_hash,
            replayed_hash=replayed,
            replayed=verdict,
        )

    def _policy(self, version: str) -> Policy:
        if version not in self.policies:
            content = store.policy_content(self.session, self.bank_id, version)
            ensure(content is not None, f"the content of policy {version} is on record")
            self.policies[version] = rules.read_policy_content(content, version)
        return self.policies[version]

    def _inputs(self, policy: Policy, recorded: store.Recorded) -> Inputs:
        wanted = [version for version in recorded.lists.values() if version not in self.lists]
        if wanted:
            self.lists.update(store.list_entries(self.session, self.bank_id, wanted))
        return rules.read_inputs(
            policy,
            event=recorded.event,
            features=recorded.features,
            lists={name: self.lists[version] for name, version in recorded.lists.items()},
            model_version=recorded.decision.model_version,
        )
