"""What the cash-flow score reads of a portrait, as a pure function."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from jiuding.services.insight.rules.portrait import median_of
from jiuding.services.insight.types import Portrait, Regularity

SHARE = Decimal("0.0001")


def flow_facts(portrait: Portrait) -> dict[str, Any]:
    """Return what the cash-flow score reads of a portrait; what cannot be worked out is left out.

    `variation` is the mean distance of a month's income from the median, as a share of it; `trend`
    the newer half of the months' income over the older half; `buffer_months` how many months of
    spending and debts the lowest balance of three months would have paid.
    """
    months = {each.figure: each.units for each in portrait.evidence}
    income, living, debts = months["income"], months["expenses"], months["debts"]
    out = portrait.expenses_monthly + portrait.debts_monthly
    usual, half = median_of(income), len(income) // 2
    before, after = sum(income[:half]), sum(income[half:])
    facts: dict[str, Any] = {
        "flow.currency": portrait.currency,
        "flow.is_irregular": portrait.regularity is Regularity.IRREGULAR,
        "flow.income_months": sum(1 for units in income if units > 0),
        "flow.surplus_months": sum(
            1
            for earned, spent, owed in zip(income, living, debts, strict=True)
            if earned > spent + owed
        ),
        "flow.missed_12m": portrait.missed_payments_12m,
        "flow.history_months": portrait.months_of_history,
    }
    if usual > 0:
        apart = sum(abs(units - usual) for units in income)
        facts["flow.variation"] = _share(apart, len(income) * usual)
        facts["flow.debt_share"] = _share(max(median_of(debts), 0), usual)
    if before > 0:
        facts["flow.trend"] = _share(after, before)
    if out > 0:
        facts["flow.buffer_months"] = (portrait.lowest_balance_3m / out).quantize(SHARE)
    return facts


def _share(part: int, whole: int) -> Decimal:
    return (Decimal(part) / Decimal(whole)).quantize(SHARE)
