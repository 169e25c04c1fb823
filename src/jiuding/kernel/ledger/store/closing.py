"""Queries on the closes of days."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Row, select
from sqlalchemy.dialects import postgresql

from jiuding.base.database.engine import Session
from jiuding.kernel.ledger.rules import closing as rules
from jiuding.kernel.ledger.tables import closes
from jiuding.kernel.ledger.types import Close


def read_closes(
    session: Session, bank_id: str, limit_max: int, **where: date | int
) -> tuple[Close, ...]:
    """Return closes whose columns have these values, the newest day and number first."""
    query = select(closes).where(closes.c.bank_id == bank_id)
    for name, value in where.items():
        query = query.where(closes.c[name] == value)
    query = query.order_by(closes.c.closed_on.desc(), closes.c.number.desc()).limit(limit_max)
    return tuple(_close(row) for row in session.execute(query))


def _close(row: Row) -> Close:
    return Close(row.closed_on, row.number, row.closed_at, rules.lines_of(row.lines))


def add_close(session: Session, bank_id: str, close: Close) -> bool:
    """Write a close and return whether its number was still free."""
    statement = (
        postgresql.insert(closes)
        .values(
            bank_id=bank_id,
            closed_on=close.on,
            number=close.number,
            closed_at=close.closed_at,
            lines=rules.records(close.lines),
        )
        .on_conflict_do_nothing()
        .returning(closes.c.number)
    )
    return session.execute(statement).scalar_one_or_none() is not None
