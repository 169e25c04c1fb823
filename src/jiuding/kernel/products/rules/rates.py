"""Annual rates, one function a formula; each says which text it follows.

A flow is a time and an amount; the sign convention is free (a lender's and a borrower's flows have
the same rate), so is the order. Every rate is an unrounded fraction per year, or None where the
flows have none: they never change sign, all fall on one day, or lose everything. Rounding to the
places that a law shows is presentation and belongs to who shows it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jiuding.base.clock import add_months
from jiuding.kernel.products.rules.solver import force_of_interest, growth_of
from jiuding.kernel.products.rules.unit_periods import (
    MONTH,
    UnitPeriod,
    infer_unit_period,
    month_anchor,
    month_times,
    months_back,
    whole_months,
)
from jiuding.kernel.products.types import Cashflow

AU_WEEKS_PER_YEAR = 52.18  # National Consumer Credit Protection Regulations 2010, reg 100(3)
DAYS_PER_YEAR = 365


@dataclass(frozen=True, slots=True)
class TimedFlow:
    """An amount at a time: so many full periods and a fraction of one after the first."""

    at: float
    amount: Decimal
    fraction: float = 0.0  # earns simple interest where the formula says so


def rate_per_period(flows: Sequence[TimedFlow]) -> float | None:
    """Return the internal rate of return per period; `at` counts periods.

    With a fraction f and t full periods an amount is worth amount / ((1 + f i) (1 + i) ** t).
    """
    net: dict[tuple[float, float], Decimal] = {}
    for flow in flows:
        key = (flow.at, flow.fraction)
        net[key] = net.get(key, Decimal(0)) + flow.amount
    terms = sorted((key, amount) for key, amount in net.items() if amount)
    signs = [amount > 0 for _, amount in terms]
    changes = sum(a != b for a, b in itertools.pairwise(signs))
    if changes and not sum(amount for _, amount in terms):
        return 0.0
    value = _present_value([(at, part, float(amount)) for (at, part), amount in terms])
    return growth_of(force_of_interest(value, sign_changes=changes))


def _present_value(terms: list[tuple[float, float, float]]) -> Callable[[float], float]:
    """Return the value of the flows by force of interest, scaled so that it never overflows."""
    if not terms:
        return lambda force: 0.0
    first, last = terms[0][0], terms[-1][0]
    exp, expm1 = math.exp, math.expm1
    if not any(part for _, part, _ in terms):
        pairs = [(at, amount) for at, _, amount in terms]

        def plain(force: float) -> float:
            origin = first if force > 0 else last
            return sum([amount * exp(-force * (at - origin)) for at, amount in pairs])

        return plain

    def odd(force: float) -> float:
        origin, rate = (first if force > 0 else last), expm1(force)
        return sum([a * exp(-force * (at - origin)) / (1.0 + part * rate) for at, part, a in terms])

    return odd


def xirr(flows: Sequence[Cashflow]) -> float | None:
    """Return the effective annual rate by dates, actual days over 365.

    Source: the XIRR function of spreadsheets (OpenFormula 1.2, 6.12.46): exponent (d - d0) / 365.
    """
    first = min((flow.on for flow in flows), default=date.min)
    return rate_per_period(
        [TimedFlow((flow.on - first).days / DAYS_PER_YEAR, flow.amount) for flow in flows]
    )


def cn_irr(flows: Sequence[Cashflow], unit_period: UnitPeriod | None = None) -> float | None:
    """Return the Chinese annualised rate: 12 x the monthly internal rate of return.

    People's Bank announcement 2021 no. 3 asks for an annualised rate with every fee in it and
    allows the internal-rate method; it does not compound the months. With another unit period the
    rate per period is multiplied by the periods in a year.
    """
    unit = unit_period or MONTH
    rate = rate_per_period(_in_periods(flows, unit))
    return None if rate is None else unit.per_year() * rate


def au_comparison(flows: Sequence[Cashflow], unit_period: UnitPeriod | None = None) -> float | None:
    """Return the Australian comparison rate: nominal, periods per year x the periodic rate.

    The period is that of the repayments; a year has 52.18 weeks or 26.09 fortnights.
    Source: National Consumer Credit Protection Regulations 2010, regulation 100.
    """
    days = sorted({flow.on for flow in flows})
    unit = unit_period or (infer_unit_period(days) if len(days) > 2 else MONTH)
    rate = rate_per_period(_in_periods(flows, unit))
    return None if rate is None else unit.per_year(AU_WEEKS_PER_YEAR) * rate


def _in_periods(flows: Sequence[Cashflow], unit: UnitPeriod) -> list[TimedFlow]:
    """Count flows in unit periods from the first one, fractions compounding like the rest."""
    if not flows:
        return []
    days = sorted({flow.on for flow in flows})
    if unit.months or unit.kind == "semimonth":
        each = unit.months or 0.5
        at = dict(zip(days, (months / each for months in month_times(days)), strict=True))
    else:
        each = unit.count * (7 if unit.kind == "week" else 1)
        at = {day: (day - days[0]).days / each for day in days}
    return [TimedFlow(at[flow.on], flow.amount) for flow in flows]


def eu_apr(flows: Sequence[Cashflow]) -> float | None:
    """Return the effective annual rate of charge of the Union.

    Whole months count as twelfths of a year and regular whole weeks as fifty-seconds; any other
    interval as whole months back from the flow plus days over the days (365 or 366) of the year
    that ends where those days end.

    Source: Directive 2008/48/EC, Annex I, with Directive 2014/17/EU, Annex I, and Directive (EU)
    2023/2225 for intervals that are not whole periods.
    """
    if not flows:
        return None
    days = sorted({flow.on for flow in flows})
    at = dict(zip(days, _years(days), strict=True))
    return rate_per_period([TimedFlow(at[flow.on], flow.amount) for flow in flows])


def uk_apr(flows: Sequence[Cashflow]) -> float | None:
    """Return the annual percentage rate of charge of the United Kingdom, unrounded.

    Intervals are counted as in `eu_apr`, whose equation the rules took over; publishing to one
    decimal place is presentation. Source: FCA Handbook, CONC App 1.2 and MCOB 10A.
    """
    return eu_apr(flows)


def _years(days: list[date]) -> list[float]:
    whole = whole_months(days)
    if whole is not None:
        return [months / 12.0 for months in whole]
    gaps = [(later - earlier).days for earlier, later in itertools.pairwise(days)]
    if len(days) > 2 and all(gap % 7 == 0 for gap in gaps) and len(set(gaps[1:])) == 1:
        return [(day - days[0]).days / 7 / 52.0 for day in days]
    return [_mixed_years(days[0], day) for day in days]


def _mixed_years(first: date, later: date) -> float:
    months, rest = months_back(first, later)
    end = add_months(later, -months)
    return months / 12.0 + rest / (end - add_months(end, -12)).days


def us_reg_z(flows: Sequence[Cashflow], unit_period: UnitPeriod | None = None) -> float | None:
    """Return the annual percentage rate by the actuarial method.

    Nominal: the unit-period rate x the unit periods in a year; a fraction of a unit period earns
    simple interest. Without a unit period it is found as the text says.
    Source: Regulation Z, 12 CFR 1026, Appendix J, (b)(1), (b)(4), (b)(5) and (b)(8).
    """
    if not flows:
        return None
    days = sorted({flow.on for flow in flows})
    unit = unit_period or (_single_period(days) if len(days) == 2 else infer_unit_period(days))
    anchor = month_anchor(days[1:])
    counted = [(_unit_periods(days[0], flow.on, unit, anchor), flow.amount) for flow in flows]
    rate = rate_per_period([TimedFlow(full, amount, part) for (full, part), amount in counted])
    return None if rate is None else unit.per_year() * rate


def _single_period(days: list[date]) -> UnitPeriod:
    """Return the unit period of one advance and one payment: the term, at most a year."""
    months, rest = months_back(days[0], days[1])
    if months >= 12:
        return UnitPeriod("year", 1)
    return UnitPeriod("day", (days[1] - days[0]).days) if rest else UnitPeriod("month", months)


def _unit_periods(first: date, later: date, unit: UnitPeriod, anchor: int) -> tuple[float, float]:
    """Return the full unit periods between two dates and the fraction left: (b)(5)(ii) to (v)."""
    months, rest = months_back(first, later, anchor)
    if unit.kind == "year":
        years, odd_months = divmod(months, 12 * unit.count)
        if not rest:
            return float(years), odd_months / (12.0 * unit.count)
        start = add_months(later, -12 * unit.count * years)
        return float(years), (start - first).days / (365.0 * unit.count)
    if unit.kind in ("month", "semimonth"):
        each = 15 if unit.kind == "semimonth" else 30 * unit.count
        full, left = divmod(30 * months + rest, each)
        return float(full), left / each
    each = unit.count * (7 if unit.kind == "week" else 1)
    full, left = divmod((later - first).days, each)
    return float(full), left / each


def from_daily(rate: Decimal) -> Decimal:
    """Return a daily rate as a simple rate per year of 365 days (日息万三: 0.0003 → 0.1095)."""
    return rate * DAYS_PER_YEAR


def from_monthly(rate: Decimal) -> Decimal:
    """Return a monthly rate as a simple rate per year (月息八厘: 0.008 → 0.096)."""
    return rate * 12


def from_flat(rate_per_month: Decimal, term_months: int, fee: Decimal = Decimal(0)) -> float | None:
    """Return the true annual rate of a flat rate: 12 x the monthly internal rate of return.

    Each month repays an equal share of principal and interest on the *first* principal; `fee` is
    a fraction of the principal that is kept back on the first day.
    """
    payment = Decimal(1) / term_months + rate_per_month
    flows = [TimedFlow(0.0, Decimal(1) - fee)]
    flows += [TimedFlow(float(month), -payment) for month in range(1, term_months + 1)]
    rate = rate_per_period(flows)
    return None if rate is None else 12 * rate
