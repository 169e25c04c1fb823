"""Say what was found: one proposes, another approves, and the outcome becomes labels."""

from __future__ import annotations

from datetime import datetime

from jiuding.base.database.engine import Session
from jiuding.kernel import decisions
from jiuding.services import risk
from jiuding.services.cases import store
from jiuding.services.cases.errors import BadCase
from jiuding.services.cases.operations.taking import locked, take
from jiuding.services.cases.types import Case, CaseOutcome, EvidenceKind, StepKind

REASON_MAX = 2_000


def propose_outcome(
    session: Session,
    *,
    bank_id: str,
    case_id: str,
    outcome: CaseOutcome,
    reason: str,
    by: str,
    now: datetime,
    idempotency_key: str,
) -> Case:
    """Say what was found in a case that one holds, and why; a second person has to agree.

    Refuses: BadCase without a reason; CaseNotFound, CaseHeld, NotHolder, StepNotAllowed, KeyReused.
    """
    data = {"outcome": outcome.value, "reason": _reason(reason)}
    case = locked(session, bank_id, case_id)
    return take(
        session, bank_id, case, StepKind.PROPOSED, by=by, now=now, key=idempotency_key, data=data
    )


def return_outcome(
    session: Session,
    *,
    bank_id: str,
    case_id: str,
    reason: str,
    by: str,
    now: datetime,
    idempotency_key: str,
) -> Case:
    """Send a proposed outcome back, or take one's own back, and say why: the case waits again.

    Refuses: BadCase without a reason; CaseNotFound, CaseHeld, StepNotAllowed, KeyReused.
    """
    data = {"reason": _reason(reason)}
    case = locked(session, bank_id, case_id)
    return take(
        session, bank_id, case, StepKind.RETURNED, by=by, now=now, key=idempotency_key, data=data
    )


def approve_outcome(
    session: Session, *, bank_id: str, case_id: str, by: str, now: datetime, idempotency_key: str
) -> Case:
    """Agree to an outcome that another proposed; the case is closed and its labels are recorded.

    A decision in evidence is no longer held beyond its time, and is labelled bad when the suspicion holds and good when it does not; a
    match with a list is remembered as another person when it does not.
    Refuses: SamePerson; CaseNotFound, CaseHeld, StepNotAllowed, KeyReused.
    """
    before = locked(session, bank_id, case_id)
    case = take(session, bank_id, before, StepKind.APPROVED, by=by, now=now, key=idempotency_key)
    if case is before:
        return case
    good = None if case.outcome is None else case.outcome.is_good
    evidence = store.evidence_of(session, bank_id, case_id)
    ids = [each.reference for each in evidence if each.kind is EvidenceKind.DECISION]
    for each in ids:
        decisions.release_decision(session, bank_id=bank_id, decision_id=each, held_for=case_id)
    if good is not None:
        labels = [decisions.Label(each, good, now, by) for each in ids]
        decisions.record_labels(session, bank_id=bank_id, labels=labels, now=now)
    if good:
        for each in evidence:
            if each.kind is EvidenceKind.SCREENING_MATCH:
                risk.remember_clearance(
                    session, bank_id=bank_id, subject=case.subject,
                    entry_id=each.data["entry_id"], name_hash=each.data["clearance_hash"],
                    reason=f"case {case_id}", by=by, now=now,
                )  # fmt: skip
    return case


def _reason(text: str) -> str:
    said = text.strip()
    if not 0 < len(said) <= REASON_MAX or "\0" in said:
        raise BadCase(f"a reason has 1 to {REASON_MAX} characters")
    return said
