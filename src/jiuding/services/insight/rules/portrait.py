"""Drawing a portrait from flows: medians over whole months, so one odd month changes little."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

from jiuding.base.amounts import Asset
from jiuding.base.clock import add_months
from jiuding.services.insight.types import Evidence, Flow, Portrait, Regularity

PORTRAIT_MONTHS = 12
RECENT_MONTHS = 6
INCOME_MONTHS_MIN = 3
# Income is regular when its months stray from their median by less than this fraction.
REGULAR_SPREAD_MAX = Decimal("0.25")
# Irregular income counts with its lower quartile: what a lean month brings.
LEAN_QUARTILE = 4
MISSED = "charge.missed_payment"


def draw_portrait(flows: Iterable[Flow], *, asset: Asset, on: date, balance_units: int) -> Portrait:
    """Draw the portrait on a day from the flows before it; `balance_units` is that day's balance.

    Codes are `income.…`, `living.…`, `debt.…` and `charge.missed_payment`; others count only
    towards balances.
    """
    rows = [flow for flow in flows if flow.on <= on]
    months = whole_months_before(on, RECENT_MONTHS)
    income = monthly_sums(rows, ("income.",), months)
    living = [-units for units in monthly_sums(rows, ("living.",), months)]
    debts = [-units for units in monthly_sums(rows, ("debt.",), months)]
    earned, regularity = _income(income)
    year_ago = add_months(on, -12)
    return Portrait(
        on=on,
        currency=asset.code,
        income_monthly=None if earned is None else _money(earned, asset),
        regularity=regularity,
        expenses_monthly=_money(_median(living), asset),
        debts_monthly=_money(_median(debts[-3:]), asset),
        months_of_history=len({(flow.on.year, flow.on.month) for flow in rows}),
        missed_payments_12m=sum(1 for f in rows if f.code == MISSED and f.on > year_ago),
        lowest_balance_3m=_money(_lowest(rows, add_months(on, -3), balance_units), asset),
        evidence=tuple(
            Evidence(figure, tuple(f"{y}-{m:02d}" for y, m in months), tuple(units))
            for figure, units in (("income", income), ("expenses", living), ("debts", debts))
        ),
    )


def _money(units: int, asset: Asset) -> Decimal:
    return Decimal(units).scaleb(-asset.scale)


def whole_months_before(on: date, count: int) -> list[tuple[int, int]]:
    """Return the whole months before a day's own month, oldest first."""
    starts = [add_months(on.replace(day=1), -back) for back in range(count, 0, -1)]
    return [(start.year, start.month) for start in starts]


def monthly_sums(
    rows: Sequence[Flow], prefixes: tuple[str, ...], months: list[tuple[int, int]]
) -> list[int]:
    """Return the sum of the flows whose code begins so, month by month."""
    sums: dict[tuple[int, int], int] = defaultdict(int)
    for flow in rows:
        if flow.code.startswith(prefixes):
            sums[flow.on.year, flow.on.month] += flow.units
    return [sums[month] for month in months]


def _median(values: Sequence[int]) -> int:
    return int(median(values)) if values else 0


def _income(months: Sequence[int]) -> tuple[int | None, Regularity]:
    paid = sorted(units for units in months if units > 0)
    if len(paid) < INCOME_MONTHS_MIN:
        return None, Regularity.NONE
    middle = _median(paid)
    spread = max(abs(units - middle) for units in paid)
    if len(paid) == len(months) and spread <= REGULAR_SPREAD_MAX * middle:
        return middle, Regularity.REGULAR
    return sorted(months)[len(months) // LEAN_QUARTILE], Regularity.IRREGULAR


def _lowest(rows: Sequence[Flow], since: date, balance_units: int) -> int:
    """Return the lowest end-of-day balance since a day, walking back from today's."""
    by_day: dict[date, int] = defaultdict(int)
    for flow in rows:
        if flow.on > since:
            by_day[flow.on] += flow.units
    lowest = balance = balance_units
    for day in sorted(by_day, reverse=True):
        balance -= by_day[day]
        lowest = min(lowest, balance)
    return lowest


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
    usual, half = _median(income), len(income) // 2
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
        facts["flow.debt_share"] = _share(max(_median(debts), 0), usual)
    if before > 0:
        facts["flow.trend"] = _share(after, before)
    if out > 0:
        facts["flow.buffer_months"] = (portrait.lowest_balance_3m / out).quantize(SHARE)
    return facts


def _share(part: int, whole: int) -> Decimal:
    return (Decimal(part) / Decimal(whole)).quantize(SHARE)
