"""What happened with a case: its steps and its evidence, written once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from jiuding.base.database.engine import Session
from jiuding.services.cases.tables import evidence, steps
from jiuding.services.cases.types import Evidence, EvidenceKind, NewEvidence, Step, StepKind


def add_step(session: Session, bank_id: str, case_id: str, step: Step, key: str) -> bool:
    """Write a step under its idempotency key; False when the key stands for another already."""
    row = {
        "bank_id": bank_id,
        "case_id": case_id,
        "number": step.number,
        "step": step.step.value,
        "by": step.by,
        "at": step.at,
        "data": dict(step.data),
        "idempotency_key": key,
    }
    made = insert(steps).values(row).on_conflict_do_nothing(constraint="steps_idempotency_key")
    return session.execute(made.returning(steps.c.number)).scalar() is not None


def step_by_key(session: Session, bank_id: str, key: str) -> tuple[str, Step] | None:
    """Return the case and step that a key stands for, or None."""
    where = (steps.c.bank_id == bank_id, steps.c.idempotency_key == key)
    row = session.execute(select(steps).where(*where)).first()
    if row is None:
        return None
    return row.case_id, Step(row.number, StepKind(row.step), row.by, row.at, row.data)


def steps_of(session: Session, bank_id: str, case_id: str) -> tuple[Step, ...]:
    """Return the steps of a case, in order."""
    where = (steps.c.bank_id == bank_id, steps.c.case_id == case_id)
    rows = session.execute(select(steps).where(*where).order_by(steps.c.number))
    return tuple(Step(row.number, StepKind(row.step), row.by, row.at, row.data) for row in rows)


def add_evidence(
    session: Session, bank_id: str, case_id: str, found: NewEvidence, *, by: str, now: datetime
) -> Evidence | None:
    """Write evidence as the next of its case, which is locked; None when it stands already."""
    here = (evidence.c.bank_id == bank_id, evidence.c.case_id == case_id)
    last = session.execute(select(func.max(evidence.c.number)).where(*here)).scalar()
    row = {
        "bank_id": bank_id,
        "case_id": case_id,
        "number": (last or 0) + 1,
        "kind": found.kind.value,
        "source": found.source,
        "reference": found.reference,
        "happened_at": found.happened_at,
        "data": dict(found.data),
        "added_by": by,
        "added_at": now,
    }
    made = insert(evidence).values(row).on_conflict_do_nothing().returning(evidence.c.number)
    number = session.execute(made).scalar()
    if number is None:
        return None
    return Evidence(
        number, found.kind, found.source, found.happened_at, found.reference, found.data, by, now
    )


def evidence_of(session: Session, bank_id: str, case_id: str) -> tuple[Evidence, ...]:
    """Return the evidence of a case, in the order in which it came."""
    where = (evidence.c.bank_id == bank_id, evidence.c.case_id == case_id)
    rows = session.execute(select(evidence).where(*where).order_by(evidence.c.number))
    return tuple(
        Evidence(
            row.number, EvidenceKind(row.kind), row.source, row.happened_at, row.reference,
            row.data, row.added_by, row.added_at,
        )
        for row in rows
    )  # fmt: skip
