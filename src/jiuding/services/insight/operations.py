"""Verbs of insight."""

from __future__ import annotations

from datetime import date

from jiuding.base.amounts import Asset
from jiuding.base.clock import add_months
from jiuding.base.database.engine import Session
from jiuding.kernel import decisions, ledger
from jiuding.services.insight.rules import PORTRAIT_MONTHS, draw_portrait, flow_facts
from jiuding.services.insight.types import CashFlowScore, Flow, Portrait

CASH_FLOW_POLICY = "cash_flow"


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


def score_cash_flow(portrait: Portrait, *, policy: decisions.Policy | None = None) -> CashFlowScore:
    """Return the score of a portrait by the catalogue's points; the same portrait, the same score.

    A portrait without any history has no score.
    """
    policy = policy or decisions.load_policy(CASH_FLOW_POLICY)
    if not portrait.months_of_history:
        return CashFlowScore(None, (), (), policy.version)
    inputs = decisions.read_inputs(policy, event={}, features=flow_facts(portrait), lists={})
    verdict = decisions.assess(policy, inputs)
    return CashFlowScore(verdict.score, verdict.reasons, verdict.not_evaluated, policy.version)
