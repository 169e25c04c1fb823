"""A case's own row, and the sources that opened it."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import RowMapping, select, update
from sqlalchemy.dialects.postgresql import insert

from jiuding.base.database.engine import Session
from jiuding.services.cases.tables import cases, sources
from jiuding.services.cases.types import Case, CaseOutcome, Status

COLUMNS = [column for column in cases.c if column.name != "bank_id"]


def case_of(row: RowMapping) -> Case:
    """Return the case of a row."""
    values = {column.name: row[column.name] for column in COLUMNS}
    values["status"] = Status(values["status"])
    values["outcome"] = CaseOutcome(values["outcome"]) if values["outcome"] else None
    return Case(**values)


def claim_source(session: Session, bank_id: str, source: str, case_id: str) -> str | None:
    """Tie a source to a case; return the case that it was tied to before, or None.

    Two transactions with one source: the second waits for the first to end.
    """
    row = {"bank_id": bank_id, "source": source, "case_id": case_id}
    made = insert(sources).values(row).on_conflict_do_nothing().returning(sources.c.source)
    if session.execute(made).scalar() is not None:
        return None
    return by_source(session, bank_id, source)


def by_source(session: Session, bank_id: str, source: str) -> str | None:
    """Return the case that a source opened, or None."""
    where = (sources.c.bank_id == bank_id, sources.c.source == source)
    return session.execute(select(sources.c.case_id).where(*where)).scalar()


def add(session: Session, bank_id: str, case: Case) -> None:
    """Write a new case."""
    session.execute(insert(cases).values({"bank_id": bank_id, **asdict(case)}))


def read(session: Session, bank_id: str, case_id: str) -> Case | None:
    """Return a case, or None."""
    where = (cases.c.bank_id == bank_id, cases.c.case_id == case_id)
    row = session.execute(select(*COLUMNS).where(*where)).mappings().first()
    return None if row is None else case_of(row)


def lock(session: Session, bank_id: str, case_id: str) -> Case | None:
    """Return a case and keep others from changing it until the transaction ends."""
    where = (cases.c.bank_id == bank_id, cases.c.case_id == case_id)
    row = session.execute(select(*COLUMNS).where(*where).with_for_update()).mappings().first()
    return None if row is None else case_of(row)


def change(session: Session, bank_id: str, case: Case) -> None:
    """Write what a case has become."""
    where = (cases.c.bank_id == bank_id, cases.c.case_id == case.case_id)
    session.execute(update(cases).where(*where).values(asdict(case)))
