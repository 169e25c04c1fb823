"""Clearances: who looked at a match and found that it is somebody else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from jiuding.base.database.engine import Session
from jiuding.services.risk.tables import clearances


def add_clearance(
    session: Session,
    bank_id: str,
    *,
    subject: str,
    entry_id: str,
    name_hash: str,
    reason: str,
    by: str,
    now: datetime,
) -> bool:
    """Remember a clearance; false when it was remembered before."""
    row = {
        "bank_id": bank_id,
        "subject": subject,
        "entry_id": entry_id,
        "name_hash": name_hash,
        "reason": reason,
        "by": by,
        "cleared_at": now,
    }
    statement = insert(clearances).values(row).on_conflict_do_nothing()
    return session.execute(statement.returning(clearances.c.subject)).scalar() is not None


def clearances_of(session: Session, bank_id: str, subject: str, name_hash: str) -> set[str]:
    """Return the entries that this subject, under this very name, was found not to be."""
    where = (
        clearances.c.bank_id == bank_id,
        clearances.c.subject == subject,
        clearances.c.name_hash == name_hash,
    )
    return set(session.execute(select(clearances.c.entry_id).where(*where)).scalars())
