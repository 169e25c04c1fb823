"""Repayment schedules in whole units: who owes what on which day, and nothing left over.

Interest of a row is balance x rate x year fraction, rounded half to even; the last row takes the
rest, so principal always adds up. The equal payment is P x prod(1+r) / sum_k prod_{j>k}(1+r_j),
which is the annuity formula when all periods are equal.
Source: `Loan schedule examples`, rule for progressive declining loans, matched row by row.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from jiuding.base.amounts import UNITS_MAX, Amount
from jiuding.base.clock import add_months
from jiuding.kernel.products.errors import BadTerms
from jiuding.kernel.products.rules.unit_periods import months_back
from jiuding.kernel.products.types import Instalment, Repayment, Terms

MONTHS_MAX = 600
RATE_MAX = Decimal(100)
_PLACES = 40


def whole(value: Decimal) -> int:
    """Return the whole number nearest to a value; halves go to the even one."""
    return int(value.to_integral_value(ROUND_HALF_EVEN))


def year_fraction(start: date, end: date, day_count: str) -> Decimal:
    """Return the part of a year between two days.

    30/360 counts 30 for every full month measured back from the end; ACT/ACT splits at the turn of
    the year (ISDA 2006, 4.16(b)).

    Refuses: BadTerms for another day count.
    """
    days = (end - start).days
    if day_count == "30/360":
        months, rest = months_back(start, end, max(start.day, end.day))
        return Decimal(30 * months + min(rest, 30)) / 360
    if day_count in ("ACT/365", "ACT/360"):
        return Decimal(days) / int(day_count[4:])
    if day_count != "ACT/ACT":
        raise BadTerms(f"day count {day_count[:20]!r} is not 30/360, ACT/365, ACT/360 or ACT/ACT")
    total = Decimal(0)
    for year in range(start.year, end.year + 1):
        low, high = max(start, date(year, 1, 1)), min(end, date(year + 1, 1, 1))
        length = (date(year + 1, 1, 1) - date(year, 1, 1)).days
        total += Decimal((high - low).days) / length
    return total


def equal_payment(principal_units: int, annual_rate: Decimal, months: int, balloon: int = 0) -> int:
    """Return the equal monthly payment in units, rounded half to even, before any shift.

    `balloon` units stay owed until the last payment, beside which they are due.
    """
    return whole(annuity(principal_units, [annual_rate / 12] * months, balloon))


def annuity(principal: int | Decimal, factors: Sequence[Decimal], balloon: int = 0) -> Decimal:
    """Return the payment, unrounded, that repays a principal over periods with these rates."""
    with localcontext() as context:
        context.prec = _PLACES
        growth, annuities = Decimal(1), Decimal(0)
        for factor in reversed(factors):
            annuities += growth
            growth *= 1 + factor
        return (principal * growth - balloon) / annuities


def amortise(principal: int, factors: Sequence[Decimal], payment: int) -> list[tuple[int, int]]:
    """Return (principal, interest) of each row of equal payments; the last row takes the rest."""
    rows, balance = [], principal
    for place, factor in enumerate(factors):
        interest = whole(balance * factor)
        part = balance if place == len(factors) - 1 else min(balance, max(0, payment - interest))
        rows.append((part, interest))
        balance -= part
    return rows


def levelled(
    principal: int, factors: Sequence[Decimal], payment: int, balloon: int = 0
) -> list[tuple[int, int]]:
    """Return the rows of equal payments, shifted once where that brings the last row closer.

    When the last row differs from the payment by more than half a unit a row, the payment moves by
    the difference over the number of rows; the move is kept if the last row gets closer.
    """
    count = len(factors)

    def rows_of(level: int) -> tuple[list[tuple[int, int]], int]:
        rows = amortise(principal, factors, level)
        return rows, sum(rows[-1]) - balloon - level

    rows, rest = rows_of(payment)
    if count > 1 and 2 * abs(rest) > count:
        shifted, new_rest = rows_of(payment + whole(Decimal(rest) / count))
        if abs(new_rest) < abs(rest):
            return shifted
    return rows


def _equal_payment(principal: int, factors: Sequence[Decimal], balloon: int):
    return levelled(principal, factors, whole(annuity(principal, factors, balloon)), balloon)


def _equal_principal(principal: int, factors: Sequence[Decimal], balloon: int):
    count, balance, rows = len(factors), principal, []
    for place, factor in enumerate(factors):
        rest = principal - balloon - whole(Decimal((place + 1) * (principal - balloon)) / count)
        target = rest + balloon if place < count - 1 else 0
        rows.append((balance - target, whole(balance * factor)))
        balance = target
    return rows


def _interest_only(principal: int, factors: Sequence[Decimal], balloon: int):
    last = len(factors) - 1
    return [
        (principal if place == last else 0, whole(principal * factor))
        for place, factor in enumerate(factors)
    ]


_Plan = Callable[[int, Sequence[Decimal], int], list[tuple[int, int]]]
_PLANS: dict[Repayment, _Plan] = {
    Repayment.PRINCIPAL_AND_INTEREST: _equal_payment,
    Repayment.EQUAL_PRINCIPAL: _equal_principal,
    Repayment.INTEREST_ONLY: _interest_only,
}


def schedule(
    *,
    principal: Amount,
    annual_rate: Decimal,
    months: int,
    repayment: Repayment,
    first_due_on: date,
    fee_monthly_units: int = 0,
    starts_on: date | None = None,
    day_count: str = "30/360",
    interest_only_months: int = 0,
    grace_months: int = 0,
    balloon_units: int = 0,
) -> tuple[Instalment, ...]:
    """Return every row of a loan of so many months, in units of the principal's asset.

    Rows fall due monthly from `first_due_on` (a month's last day where the day is missing).
    `interest_only_months` pay interest alone before principal starts; `grace_months` pay nothing
    and their interest is due with the first row after them; `balloon_units` fall due with the last
    row. A bullet is one row at the end with all interest, simple. `starts_on` is where interest
    starts, by default a month before the first row.

    Refuses: BadTerms where such a loan does not exist.
    """
    _check(principal, annual_rate, months, repayment, balloon_units)
    if min(interest_only_months, grace_months, fee_monthly_units) < 0:
        raise BadTerms("grace months and fees are never negative")
    if interest_only_months + grace_months >= months:
        raise BadTerms("at least one month must be left for repaying principal")
    start = starts_on or add_months(first_due_on, -1)
    due = [add_months(first_due_on, place) for place in range(months)]
    if start >= first_due_on:
        raise BadTerms("interest starts before the first row is due")
    days = [start, *due]
    factors = [annual_rate * year_fraction(a, b, day_count) for a, b in itertools.pairwise(days)]
    if repayment is Repayment.BULLET:
        interest = whole(principal.units * sum(factors, Decimal(0)))
        fees = fee_monthly_units * months
        return (Instalment(1, due[-1], principal.units, interest, fees, 0),)
    held = interest_only_months + grace_months
    rows = [(0, whole(principal.units * factor)) for factor in factors[:held]]
    rows += _PLANS[repayment](principal.units, factors[held:], balloon_units)
    rows = _deferred(rows, grace_months)
    balances = itertools.accumulate((part for part, _ in rows), initial=0)
    return tuple(
        Instalment(place + 1, day, part, interest, fee_monthly_units, principal.units - paid)
        for place, (day, (part, interest), paid) in enumerate(
            zip(due, rows, itertools.islice(balances, 1, None), strict=True)
        )
    )


def schedule_of(terms: Terms) -> tuple[Instalment, ...]:
    """Return the rows that these terms promise, monthly 30/360 from a month before the first."""
    return schedule(
        principal=terms.principal,
        annual_rate=terms.annual_rate,
        months=terms.term_months,
        repayment=terms.repayment,
        first_due_on=terms.first_due_on,
        fee_monthly_units=terms.fee_monthly.units,
    )


def _deferred(rows: list[tuple[int, int]], grace: int) -> list[tuple[int, int]]:
    """Move the interest of the first rows to the row after them."""
    if not grace:
        return rows
    waiting = sum(interest for _, interest in rows[:grace])
    part, interest = rows[grace]
    return [(0, 0)] * grace + [(part, interest + waiting), *rows[grace + 1 :]]


def _check(
    principal: Amount, annual_rate: Decimal, months: int, repayment: Repayment, balloon: int
) -> None:
    if not 0 < principal.units <= UNITS_MAX // 1000:
        raise BadTerms("a loan's principal is positive and far below the largest amount")
    if not annual_rate.is_finite() or not 0 <= annual_rate <= RATE_MAX:
        raise BadTerms(f"the annual rate is a fraction from 0 to {RATE_MAX}")
    if not 1 <= months <= MONTHS_MAX:
        raise BadTerms(f"a term has 1 to {MONTHS_MAX} months")
    if not 0 <= balloon < principal.units:
        raise BadTerms("a balloon is part of the principal")
    if balloon and repayment in (Repayment.BULLET, Repayment.INTEREST_ONLY):
        raise BadTerms("a bullet or interest-only loan has all its principal at the end already")
