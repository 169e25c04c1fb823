"""Drawing a portrait from flows: medians over whole months, so one odd month changes little."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

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
        expenses_monthly=_money(median_of(living), asset),
        debts_monthly=_money(median_of(debts[-3:]), asset),
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


def median_of(values: Sequence[int]) -> int:
    """Return the median of units, zero for none."""
    return int(median(values)) if values else 0


def _income(months: Sequence[int]) -> tuple[int | None, Regularity]:
    paid = sorted(units for units in months if units > 0)
    if len(paid) < INCOME_MONTHS_MIN:
        return None, Regularity.NONE
    middle = median_of(paid)
    spread = max(abs(units - middle) for units in paid)
    if len(paid) == len(months) and spread <= REGULAR_SPREAD_MAX * middle:
        return middle, Regularity.REGULAR
    return sorted(months)[len(months) // LEAN_QUARTILE], Regularity.IRREGULAR


@dataclass(frozen=True, slots=True)
class IncomeKind:
    """One kind of income, by its code: how it comes, and what counts of it in a month."""

    code: str
    regularity: Regularity
    units: int


def income_kinds(rows: Sequence[Flow], months: Sequence[tuple[int, int]]) -> tuple[IncomeKind, ...]:
    """Return each kind of income in these months by itself, as the whole income is judged.

    What came in fewer than three of them is irregular and counts for nothing.
    """
    found = []
    for code in sorted({row.code for row in rows if row.code.startswith("income.")}):
        own = [row for row in rows if row.code == code]
        earned, regularity = _income(monthly_sums(own, (code,), list(months)))
        if regularity is Regularity.NONE:
            regularity = Regularity.IRREGULAR
        found.append(IncomeKind(code, regularity, earned or 0))
    return tuple(found)


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
