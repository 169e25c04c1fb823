"""Queries on marks: opening them, what accounts hold of them, and by which transfers it came."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row, select, text
from sqlalchemy.dialects import postgresql

from jiuding.base.amounts import Amount, Asset
from jiuding.base.database.engine import Session
from jiuding.base.ids import from_uuid, to_uuid
from jiuding.kernel.ledger.tables import marked_units, marks
from jiuding.kernel.ledger.types import Mark, MarkedAmount, TraceStep

# From the arrivals at an account back to those that came to their sender before they left. Within
# the bound the rows are read as the search finds them, so the nearest come first.
_TRACE = text(
    """
    WITH RECURSIVE steps AS (
        SELECT c.transfer_id, c.mark_id, c.debit_id, c.credit_id, c.units, c.units_kept,
               c.is_start, t.debit_number
        FROM ledger.transfer_marks AS c
        JOIN ledger.transfers AS t ON t.bank_id = :bank AND t.transfer_id = c.transfer_id
        WHERE c.bank_id = :bank AND c.credit_id = :account AND c.mark_id = :mark
          AND c.units > 0
        UNION
        SELECT c.transfer_id, c.mark_id, c.debit_id, c.credit_id, c.units, c.units_kept,
               c.is_start, t.debit_number
        FROM steps AS s
        JOIN ledger.transfer_marks AS c ON c.bank_id = :bank AND c.credit_id = s.debit_id
            AND c.mark_id = s.mark_id AND c.units_kept > 0
        JOIN ledger.transfers AS t ON t.bank_id = :bank AND t.transfer_id = c.transfer_id
            AND t.credit_number < s.debit_number
    )
    SELECT s.*, t.code, t.recorded_at, t.credit_number
    FROM (SELECT * FROM steps LIMIT :limit) AS s
    JOIN ledger.transfers AS t ON t.bank_id = :bank AND t.transfer_id = s.transfer_id
    ORDER BY t.recorded_at, s.transfer_id
    """
)


def add_mark(session: Session, bank_id: str, mark: Mark) -> None:
    """Write a new mark; nothing happens when its id is there."""
    values = {
        "bank_id": bank_id,
        "mark_id": mark.mark_id,
        "origin": mark.origin,
        "purpose": mark.purpose,
        "forbidden_uses": list(mark.forbidden_uses),
        "opened_at": mark.opened_at,
    }
    session.execute(postgresql.insert(marks).values(values).on_conflict_do_nothing())


def read_marks(session: Session, bank_id: str, mark_ids: Sequence[str]) -> dict[str, Mark]:
    """Return marks by id; those that are not here are missing."""
    query = select(marks).where(marks.c.bank_id == bank_id, marks.c.mark_id.in_(mark_ids))
    return {row.mark_id: _mark(row) for row in session.execute(query)}


def _mark(row: Row) -> Mark:
    return Mark(row.mark_id, row.origin, row.purpose, tuple(row.forbidden_uses), row.opened_at)


def marks_on(
    session: Session, bank_id: str, account_id: str, *, asset: Asset
) -> tuple[MarkedAmount, ...]:
    """Return what an account holds of every mark, in the order in which they were opened."""
    query = (
        select(marks, marked_units.c.units)
        .join_from(
            marked_units,
            marks,
            (marks.c.bank_id == marked_units.c.bank_id)
            & (marks.c.mark_id == marked_units.c.mark_id),
        )
        .where(marked_units.c.bank_id == bank_id, marked_units.c.account_id == account_id)
        .order_by(marks.c.mark_id)
    )
    return tuple(
        MarkedAmount(_mark(row), Amount(row.units, asset)) for row in session.execute(query)
    )


def trace_steps(
    session: Session, bank_id: str, account_id: str, mark_id: str, asset: Asset, limit_max: int
) -> tuple[TraceStep, ...]:
    """Return the transfers by which a mark came to an account, oldest first, the nearest ones."""
    values = {
        "bank": to_uuid("bank", bank_id),
        "account": to_uuid("acc", account_id),
        "mark": to_uuid("mrk", mark_id),
        "limit": limit_max,
    }
    return tuple(
        TraceStep(
            transfer_id=from_uuid("trf", row.transfer_id),
            debit_id=from_uuid("acc", row.debit_id),
            credit_id=from_uuid("acc", row.credit_id),
            amount=Amount(row.units, asset),
            kept=Amount(row.units_kept, asset),
            is_start=row.is_start,
            code=row.code,
            recorded_at=row.recorded_at,
        )
        for row in session.execute(_TRACE, values)
    )
