"""Clearances: who looked at a match and found that it is somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from jiuding.base.database.engine import Session
from jiuding.services.risk.tables import clearances
from jiuding.services.risk.types import Clearance


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


def clearances_of(
    session: Session, bank_id: str, subject: str, hashes: Mapping[str, str]
) -> tuple[Clearance, ...]:
    """Return the newest clearance of each entry for a subject; `hashes` are those that hold now.

    One that was given for another name, or for the entry as it was before, is not current.
    """
    where = (
        clearances.c.bank_id == bank_id,
        clearances.c.subject == subject,
        clearances.c.entry_id.in_(list(hashes)),
    )
    rows = session.execute(select(clearances).where(*where).order_by(clearances.c.cleared_at))
    found: dict[str, Clearance] = {}
    for row in rows:
        is_current = row.name_hash == hashes[row.entry_id]
        known = found.get(row.entry_id)
        if known is None or is_current or not known.is_current:
            found[row.entry_id] = Clearance(
                row.entry_id, row.reason, row.by, row.cleared_at, is_current
            )
    return tuple(found.values())
