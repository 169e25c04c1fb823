"""Take a step with a case: allowed, recorded, told as news, said twice and done once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jiuding.base.database.engine import Session
from jiuding.base.ids import to_uuid
from jiuding.kernel import eventlog
from jiuding.services.cases import events, rules, store
from jiuding.services.cases.errors import CaseNotFound, KeyReused
from jiuding.services.cases.operations.declaring import declared
from jiuding.services.cases.types import Case, Step, StepKind


def locked(session: Session, bank_id: str, case_id: str) -> Case:
    """Return a case that nobody else changes until the transaction ends.

    Refuses: CaseNotFound, BadId.
    """
    to_uuid("cas", case_id)
    found = store.lock(session, bank_id, case_id)
    if found is None:
        raise CaseNotFound(f"there is no case {case_id}", case_id=case_id)
    return found


def take(
    session: Session,
    bank_id: str,
    case: Case,
    step: StepKind,
    *,
    by: str,
    now: datetime,
    key: str,
    data: Mapping[str, Any] | None = None,
    is_by_system: bool = False,
) -> Case:
    """Take a step with a locked case and return what it becomes.

    The same step under its key again changes nothing. Refuses: as `rules.ensure_allowed`;
    KeyReused.
    """
    given = dict(data or {})
    if stands(session, bank_id, case.case_id, step, by=by, key=key, data=given):
        return case
    if step is not StepKind.OPENED and not is_by_system:
        rules.ensure_allowed(case, step, by=by, now=now)
    taken = Step(case.step_count + 1, step, by, now, given)
    made = rules.after(case, taken, lease_seconds=declared().lease_seconds)
    if not store.add_step(session, bank_id, case.case_id, taken, key):
        raise KeyReused("this key stands for something else", idempotency_key=key)
    store.change(session, bank_id, made)
    eventlog.append(
        session, bank_id=bank_id, subject=case.case_id, source="cases", occurred_at=now,
        recorded_at=now, event=_news(made, taken, case),
    )  # fmt: skip
    return made


def stands(
    session: Session, bank_id: str, case_id: str, step: StepKind, *, by: str, key: str,
    data: Mapping[str, Any],
) -> bool:  # fmt: skip
    """Tell whether a step was taken under this key already.

    Refuses: KeyReused when the key stands for another step, person or content.
    """
    found = store.step_by_key(session, bank_id, key)
    if found is None:
        return False
    known_id, known = found
    if (known_id, known.step, known.by, dict(known.data)) != (case_id, step, by, dict(data)):
        raise KeyReused("this key stands for something else", idempotency_key=key)
    return True


def _news(case: Case, step: Step, before: Case) -> eventlog.Event:
    match step.step:
        case StepKind.OPENED:
            return events.CaseOpened(case.kind, case.subject, case.priority, step.by)
        case StepKind.EVIDENCE_ADDED:
            return events.EvidenceAdded(step.data["kind"], step.data["reference"], step.by)
        case StepKind.CLAIMED:
            return events.CaseClaimed(step.by, case.lease_until or step.at)
        case StepKind.RELEASED:
            return events.CaseReleased(step.by)
        case StepKind.VIEWED:
            return events.CaseViewed(step.by)
        case StepKind.PROPOSED:
            return events.OutcomeProposed(step.data["outcome"], step.by)
        case StepKind.RETURNED:
            return events.OutcomeReturned(str(before.outcome), step.by)
        case StepKind.APPROVED:
            return events.OutcomeApproved(
                case.kind, case.subject, str(case.outcome), step.by, str(case.proposed_by)
            )
