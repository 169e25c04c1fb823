"""Add posted transfers up by day, so that nobody sums all postings to look at the books."""

from __future__ import annotations

from jiuding.base.database.engine import Session
from jiuding.kernel.ledger.store import rolling as store


def roll_transfers(session: Session, *, bank_id: str) -> int:
    """Add what waits to the totals of its days, some batches at a time, and return how many.

    A worker calls this, each time in a transaction of its own, until it returns none. Only sealed
    transfers wait here: they are committed, so a transaction that commits late is never left out.
    Whoever reads the books adds what was not added up yet, so they are right at every moment and
    only slower when the worker is behind.
    """
    ids = store.take_waiting(session, bank_id)
    if ids:
        store.add_up(session, bank_id, ids)
    return len(ids)
