"""Rate factors: the interest that one unit earns between two days of a repayment period."""

from __future__ import annotations

import calendar
from datetime import date
from decimal import Decimal, localcontext

from jiuding.kernel.products.rules.loan_cases import LoanCase
from jiuding.kernel.products.rules.loan_periods import PRECISION

_PER_YEAR = {"MONTHS": 12, "WEEKS": 52}
_DAYS_IN_UNIT = {"DAYS": 1, "WEEKS": 7, "MONTHS": 30, "YEARS": 360}


def rate_factor(
    case: LoanCase, start: date, end: date, period_start: date, period_due: date
) -> Decimal:
    """Return the factor of the days from start to end inside a repayment period.

    Source: `Loan schedule examples`, product settings days_in_year, days_in_month and leap rule.
    """
    if period_due == period_start or end == start:
        return Decimal(0)
    with localcontext(PRECISION):
        return _factor(case, start, end, period_start, period_due)


def _factor(
    case: LoanCase, start: date, end: date, period_start: date, period_due: date
) -> Decimal:
    length, days = (period_due - period_start).days, (end - start).days
    if not case.is_daily and case.repay_unit in _PER_YEAR:
        per_year = Decimal(case.repay_every) / _PER_YEAR[case.repay_unit]
        return case.annual_rate * per_year * days / length
    holds_leap_day = _holds_leap_day(period_start, period_due)
    if (
        case.days_in_year == "ACTUAL"
        and end.year > start.year
        and (not case.only_leap_period or holds_leap_day)
    ):
        return case.annual_rate * _split_at_year_ends(start, end)
    year = Decimal(_days_in_year(case, start, holds_leap_day))
    if case.days_in_month != "DAYS30":
        return case.annual_rate * (days / year)
    nominal = Decimal(_DAYS_IN_UNIT[case.repay_unit] * case.repay_every)
    return case.annual_rate * (nominal / year) * days / length


def _days_in_year(case: LoanCase, start: date, holds_leap_day: bool) -> int:
    if case.days_in_year.startswith("DAYS"):
        return int(case.days_in_year[4:])
    if not calendar.isleap(start.year):
        return 365
    return 366 if not case.only_leap_period or holds_leap_day else 365


def _holds_leap_day(start: date, end: date) -> bool:
    years = (year for year in range(start.year, end.year + 1) if calendar.isleap(year))
    return any(start < date(year, 2, 29) <= end for year in years)


def _split_at_year_ends(start: date, end: date) -> Decimal:
    total, day = Decimal(0), start
    for year in range(start.year, end.year + 1):
        until = end if year == end.year else date(year, 12, 31)
        total += Decimal((until - day).days) / (366 if calendar.isleap(year) else 365)
        day = until
    return total
