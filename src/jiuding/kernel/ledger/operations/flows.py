"""What came and went, by day: what a portrait is drawn from."""

from __future__ import annotations

from datetime import date

from jiuding.base.database.engine import Session
from jiuding.kernel.ledger.store import flows as store
from jiuding.kernel.ledger.types import DailyFlow


def daily_flows(
    session: Session, *, bank_id: str, account_id: str, since: date, until: date
) -> tuple[DailyFlow, ...]:
    """Return an account's sums by day and code, both days included, oldest first.

    Units are positive where the balance grew. An unknown account has no flows.
    """
    return store.daily_flows(session, bank_id, account_id, since, until)
