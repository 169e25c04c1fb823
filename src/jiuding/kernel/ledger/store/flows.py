"""The query of flows: what came and went on an account, summed by day and code."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, text

from jiuding.base.database.engine import Session
from jiuding.kernel.ledger.tables import accounts
from jiuding.kernel.ledger.types import DailyFlow

_FLOWS = text(
    """
    SELECT p.effective_on, p.code,
           sum(p.change * CASE WHEN a.is_debit_normal THEN -1 ELSE 1 END)
    FROM ledger.accounts AS a
    JOIN LATERAL ledger.postings_of(a.bank_id, a.account_id) AS p
        ON p.effective_on BETWEEN :since AND :until
    WHERE a.bank_id = :bank_id AND a.account_id = :account_id
    GROUP BY p.effective_on, p.code
    ORDER BY p.effective_on, p.code
    """
).bindparams(
    bindparam("bank_id", type_=accounts.c.bank_id.type),
    bindparam("account_id", type_=accounts.c.account_id.type),
)


def daily_flows(
    session: Session, bank_id: str, account_id: str, since: date, until: date
) -> tuple[DailyFlow, ...]:
    """Return an account's sums by day and code, oldest first, in the account's normal sense."""
    asked = {"bank_id": bank_id, "account_id": account_id, "since": since, "until": until}
    return tuple(
        DailyFlow(on, code, int(units)) for on, code, units in session.execute(_FLOWS, asked)
    )
