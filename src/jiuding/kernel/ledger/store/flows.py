"""The query of flows: what came and went on an account, summed by day and code."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, literal, select, union_all

from jiuding.base.database.engine import Session
from jiuding.kernel.ledger.tables import accounts, transfers
from jiuding.kernel.ledger.types import DailyFlow


def daily_flows(
    session: Session, bank_id: str, account_id: str, since: date, until: date
) -> tuple[DailyFlow, ...]:
    """Return an account's sums by day and code, oldest first, in the account's normal sense."""
    sides = []
    for column, sign in ((transfers.c.debit_id, 1), (transfers.c.credit_id, -1)):
        sides.append(
            select(
                transfers.c.effective_on,
                transfers.c.code,
                (transfers.c.units * literal(sign)).label("units"),
            ).where(
                transfers.c.bank_id == bank_id,
                column == account_id,
                transfers.c.effective_on.between(since, until),
            )
        )
    both = union_all(*sides).subquery()
    is_debit_normal = session.execute(
        select(accounts.c.is_debit_normal).where(
            accounts.c.bank_id == bank_id, accounts.c.account_id == account_id
        )
    ).scalar()
    sense = 1 if is_debit_normal else -1
    rows = session.execute(
        select(both.c.effective_on, both.c.code, func.sum(both.c.units).label("units"))
        .group_by(both.c.effective_on, both.c.code)
        .order_by(both.c.effective_on, both.c.code)
    )
    return tuple(DailyFlow(row.effective_on, row.code, sense * int(row.units)) for row in rows)
