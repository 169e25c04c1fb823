"""Verbs of insight."""

from __future__ import annotations

from datetime import date

from jiuding.base.amounts import Asset
from jiuding.base.clock import add_months
from jiuding.base.database.engine import Session
from jiuding.kernel import ledger
from jiuding.services.insight.rules import PORTRAIT_MONTHS, draw_portrait
from jiuding.services.insight.types import Flow, Portrait


def read_portrait(
    session: Session, *, bank_id: str, party_id: str, asset: Asset, on: date
) -> Portrait:
    """Return what the party's own deposit accounts in this asset show on a day.

    A party without an account has an empty portrait: no income, no history. The lowest balance
    walks back from what is on the account now, so `on` is today or a day without later postings.
    """
    since = add_months(on.replace(day=1), -PORTRAIT_MONTHS)
    flows: list[Flow] = []
    balance_units = 0
    for account in ledger.accounts_of(session, bank_id=bank_id, owner_id=party_id):
        if account.kind != "customer_deposit" or account.asset != asset:
            continue
        balance = ledger.balance(session, bank_id=bank_id, account_id=account.account_id)
        balance_units += balance.units
        rows = ledger.daily_flows(
            session, bank_id=bank_id, account_id=account.account_id, since=since, until=on
        )
        flows += [Flow(row.on, row.code, row.units) for row in rows]
    return draw_portrait(flows, asset=asset, on=on, balance_units=balance_units)
