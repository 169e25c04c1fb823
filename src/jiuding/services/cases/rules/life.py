"""The life of a case: what each step makes of it, and which step is allowed to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from jiuding.services.cases.errors import CaseHeld, NotHolder, SamePerson, StepNotAllowed
from jiuding.services.cases.types import (
    Case,
    CaseOutcome,
    Declared,
    Status,
    Step,
    StepKind,
)

_NEEDS = {
    StepKind.CLAIMED: (Status.OPEN, Status.PROPOSED),
    StepKind.RELEASED: (Status.OPEN, Status.PROPOSED),
    StepKind.EVIDENCE_ADDED: (Status.OPEN, Status.PROPOSED),
    StepKind.VIEWED: tuple(Status),
    StepKind.PROPOSED: (Status.OPEN,),
    StepKind.RETURNED: (Status.PROPOSED,),
    StepKind.APPROVED: (Status.PROPOSED,),
}


def opened(
    case_id: str, kind: str, subject: str, priority: int, by: str, now: datetime, declared: Declared
) -> Case:
    """Return a case as it is just opened; it is due by its priority."""
    return Case(
        case_id=case_id, kind=kind, subject=subject, priority=priority, status=Status.OPEN,
        opened_at=now, due_at=now + timedelta(seconds=declared.due_seconds[priority]),
        opened_by=by, holder=None, lease_until=None, outcome=None, proposed_by=None,
        closed_at=None, step_count=0,
    )  # fmt: skip


def after(case: Case, step: Step, *, lease_seconds: int) -> Case:
    """Return what a step makes of a case: a case is the sum of its steps.

    Whoever works a case holds it for longer; proposing, returning and approving let it go.
    """
    made = replace(case, step_count=step.number)
    free = {"holder": None, "lease_until": None}
    match step.step:
        case StepKind.CLAIMED:
            until = step.at + timedelta(seconds=lease_seconds)
            return replace(made, holder=step.by, lease_until=until)
        case StepKind.EVIDENCE_ADDED if case.holder_at(step.at) == step.by:
            until = step.at + timedelta(seconds=lease_seconds)
            return replace(made, lease_until=until)
        case StepKind.RELEASED:
            return replace(made, **free)
        case StepKind.PROPOSED:
            outcome = CaseOutcome(step.data["outcome"])
            return replace(
                made, status=Status.PROPOSED, outcome=outcome, proposed_by=step.by, **free
            )
        case StepKind.RETURNED:
            return replace(made, status=Status.OPEN, outcome=None, proposed_by=None, **free)
        case StepKind.APPROVED:
            return replace(made, status=Status.CLOSED, closed_at=step.at, **free)
        case _:
            return made


def ensure_allowed(case: Case, step: StepKind, *, by: str, now: datetime) -> None:
    """Refuse a step that the case's state, or who holds it, does not allow to this person.

    Refuses: StepNotAllowed; CaseHeld with holder and until when; NotHolder where only the holder
    may; SamePerson for an approval by the one who proposed the outcome.
    """
    if case.status not in _NEEDS[step]:
        raise StepNotAllowed(
            f"the case is {case.status.value}: it cannot be {step.value}", case_id=case.case_id
        )
    if step is StepKind.VIEWED:
        return
    if step is StepKind.APPROVED and case.proposed_by == by:
        raise SamePerson("who proposed the outcome cannot approve it", case_id=case.case_id)
    ensure_holds(case, by=by, now=now, must=step in (StepKind.PROPOSED, StepKind.RELEASED))


def ensure_holds(case: Case, *, by: str, now: datetime, must: bool) -> None:
    """Refuse one who does not hold a case that another holds, or that one must hold.

    Refuses: CaseHeld, NotHolder.
    """
    holder = case.holder_at(now)
    if holder not in (None, by):
        raise CaseHeld(
            f"{holder} works it until {case.lease_until:%H:%M} UTC", case_id=case.case_id,
            holder=holder, until=str(case.lease_until and case.lease_until.isoformat()),
        )  # fmt: skip
    if must and holder is None:
        raise NotHolder("claim it, and then go on", case_id=case.case_id)
