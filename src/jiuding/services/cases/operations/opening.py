"""Open cases, once for each source, and put evidence into them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from jiuding.base.database.engine import Session
from jiuding.base.ids import new_id
from jiuding.kernel import decisions
from jiuding.services.cases import rules, store
from jiuding.services.cases.errors import BadCase, KeyReused
from jiuding.services.cases.operations.declaring import declared
from jiuding.services.cases.operations.taking import locked, stands, take
from jiuding.services.cases.types import (
    PRIORITIES,
    Case,
    EvidenceKind,
    NewEvidence,
    Status,
    StepKind,
)

EVIDENCE_MAX = 200  # that one call brings
SOURCE_MAX = 300
SUBJECT_MAX = 128


def open_case(
    session: Session,
    *,
    bank_id: str,
    kind: str,
    subject: str,
    source: str,
    by: str,
    now: datetime,
    evidence: Sequence[NewEvidence] = (),
    priority: str = "",
    content_hash: str = "",
) -> Case:
    """Open a case about a subject, or return the one that this source opened before.

    `source` is what makes it come up, such as `decision:dec_…`: one source opens one case, and
    says the same kind and subject each time. `priority` is the kind's own when left out. Further
    evidence of a known source joins its case while that is open. With a `content_hash`, the source
    is a caller's key that stands for just this content.
    Refuses: BadCase for a kind that is not declared or evidence that is not as it should be;
    KeyReused for a source that opened a case of another kind, subject or content.
    """
    found = declared().kinds.get(kind)
    if found is None:
        raise BadCase(f"a kind is one of {', '.join(declared().kinds)}", kind=kind[:40])
    place = PRIORITIES.index(priority) + 1 if priority in PRIORITIES else found.priority
    if priority and priority not in PRIORITIES:
        raise BadCase(f"a priority is one of {', '.join(PRIORITIES)}")
    _check(subject, source, evidence)
    fresh = rules.opened(new_id("cas", now), kind, subject, place, by, now, declared())
    known_id = store.claim_source(session, bank_id, source, fresh.case_id)
    if known_id is None:
        store.add(session, bank_id, fresh)
        case = take(
            session, bank_id, fresh, StepKind.OPENED, by=by, now=now,
            key=f"open:{fresh.case_id}", data={"source": source, "content": content_hash},
        )  # fmt: skip
    else:
        case = locked(session, bank_id, known_id)
        if (case.kind, case.subject) != (kind, subject):
            raise KeyReused("this source opened another case", case_id=known_id)
        first = store.step_by_key(session, bank_id, f"open:{known_id}")
        if content_hash and (first is None or first[1].data.get("content") != content_hash):
            raise KeyReused("this key opened a case with other content", case_id=known_id)
    if case.status is Status.CLOSED:
        return case
    for each in evidence:
        case = _put(session, bank_id, case, each, by=by, now=now, is_by_system=True)
    return case


def _check(subject: str, source: str, evidence: Sequence[NewEvidence]) -> None:
    for what, text, length in (("subject", subject, SUBJECT_MAX), ("source", source, SOURCE_MAX)):
        if not text or len(text) > length or not text.isascii() or not text.isprintable():
            raise BadCase(f"a {what} is an id of at most {length} characters")
        if " " in text:
            raise BadCase(f"a {what} is an id, not words")
    if len(evidence) > EVIDENCE_MAX:
        raise BadCase(f"at most {EVIDENCE_MAX} pieces of evidence at a time")


def refer_decision(session: Session, *, bank_id: str, decision_id: str, now: datetime) -> Case:
    """Open the case of a decision that its policy left to a person, with the decision as evidence.

    The same decision again returns the first case. Refuses: decisions.DecisionNotFound.
    """
    decision = decisions.read_decision(session, bank_id=bank_id, decision_id=decision_id)
    return open_case(
        session, bank_id=bank_id, kind="referral", subject=decision.subject,
        source=f"decision:{decision_id}", by=f"policy:{decision.policy_name}", now=now,
        evidence=(rules.decision_evidence(decision),),
    )  # fmt: skip


def add_evidence(
    session: Session,
    *,
    bank_id: str,
    case_id: str,
    evidence: NewEvidence,
    by: str,
    now: datetime,
    idempotency_key: str,
) -> Case:
    """Put evidence into a case that one holds, or that nobody does; it stands once.

    A decision is named by its id, and what it says is read from its record.
    Refuses: BadCase, CaseNotFound, CaseHeld, KeyReused; StepNotAllowed when the case is closed;
    decisions.DecisionNotFound.
    """
    case = locked(session, bank_id, case_id)
    data = {"kind": evidence.kind.value, "reference": evidence.reference}
    if stands(
        session, bank_id, case_id, StepKind.EVIDENCE_ADDED, by=by, key=idempotency_key, data=data
    ):
        return case
    rules.ensure_allowed(case, StepKind.EVIDENCE_ADDED, by=by, now=now)
    if evidence.kind is EvidenceKind.DECISION:
        decision = decisions.read_decision(session, bank_id=bank_id, decision_id=evidence.reference)
        evidence = rules.decision_evidence(decision)
    return _put(session, bank_id, case, evidence, by=by, now=now, key=idempotency_key)


def _put(
    session: Session,
    bank_id: str,
    case: Case,
    evidence: NewEvidence,
    *,
    by: str,
    now: datetime,
    key: str = "",
    is_by_system: bool = False,
) -> Case:
    put = store.add_evidence(
        session, bank_id, case.case_id, rules.checked(evidence), by=by, now=now
    )
    if put is None:
        return case
    if evidence.kind is EvidenceKind.DECISION:
        # It outlives its stated time for as long as the case is open.
        decisions.hold_decision(
            session, bank_id=bank_id, decision_id=evidence.reference, held_for=case.case_id, by=by,
            now=now,
        )  # fmt: skip
    return take(
        session, bank_id, case, StepKind.EVIDENCE_ADDED, by=by, now=now,
        key=key or f"evidence:{case.case_id}:{put.number}",
        data={"kind": evidence.kind.value, "reference": evidence.reference},
        is_by_system=is_by_system,
    )  # fmt: skip
