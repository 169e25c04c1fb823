"""The cumulative loan: rows worked out once, in order, from what was paid out."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from jiuding.kernel.products.rules.loan_cases import LoanCase
from jiuding.kernel.products.rules.loan_periods import PRECISION, ZERO, money
from jiuding.kernel.products.rules.loan_rows import Row
from jiuding.kernel.products.rules.rate_factors import rate_factor

_PER_YEAR = {"MONTHS": 12, "WEEKS": 52, "YEARS": 1}


def cumulative_rows(case: LoanCase, start: date, paid_out: list[tuple[date, Decimal]]) -> list[Row]:
    """Return the rows of a cumulative loan; the last row takes the rest."""
    days = [start, *(case.due_on(start, number) for number in range(1, case.count + 1))]
    with localcontext(PRECISION):
        build = _flat if case.is_flat else _declining
        return _deferred(case, build(case, days, paid_out))


def _in_multiples(case: LoanCase, amount: Decimal) -> Decimal:
    if not case.multiple_of:
        return money(amount)
    steps = (amount / case.multiple_of).quantize(Decimal(1), ROUND_HALF_EVEN)
    return steps * case.multiple_of


def _flat(case: LoanCase, days: list[date], paid_out: list[tuple[date, Decimal]]) -> list[Row]:
    principal = sum((amount for _, amount in paid_out), ZERO)
    total = money(principal * _per_period(case) * case.count)
    each = total / case.count
    held = min(case.grace_on_principal, case.count - 1)
    spread = principal / (case.count - held)
    rows, left, interest_left = [], principal, total
    for number in range(1, case.count + 1):
        is_last = number == case.count
        interest = interest_left if is_last else money(each)
        share = left if is_last else min(left, _share(case, spread, each, interest))
        share = ZERO if number <= held else share
        rows.append(Row(days[number - 1], days[number], share, interest))
        left, interest_left = left - share, interest_left - interest
    return rows


def _share(case: LoanCase, spread: Decimal, each: Decimal, interest: Decimal) -> Decimal:
    """Return the principal of a flat row; multiples round principal and interest together."""
    if not case.multiple_of or not interest:
        return _in_multiples(case, spread)
    return _in_multiples(case, spread + each) - interest


def _declining(case: LoanCase, days: list[date], paid_out: list[tuple[date, Decimal]]) -> list[Row]:
    principal = sum((amount for _, amount in paid_out), ZERO)
    held = min(case.grace_on_principal, case.count - 1)
    level = _in_multiples(case, _annuity(case, principal, case.count - held))
    rows: list[Row] = []
    waiting, balance = list(paid_out), ZERO
    for number in range(1, case.count + 1):
        start, due = days[number - 1], days[number]
        interest, day = ZERO, start
        while waiting and waiting[0][0] <= due:
            on, amount = waiting.pop(0)
            if not case.is_daily and not case.counts_partial_periods and on < due:
                on = start  # interest by whole periods only
            interest += balance * rate_factor(case, day, on, start, due)
            balance, day = balance + amount, on
        interest = money(interest + balance * rate_factor(case, day, due, start, due))
        is_last = number == case.count
        if not case.is_equal_payment:
            share = _in_multiples(case, principal / (case.count - held))
        else:
            share = level - interest
        share = ZERO if number <= held else max(ZERO, min(balance, share))
        share = balance if is_last else share
        rows.append(Row(start, due, share, interest))
        balance -= share
    return rows


def _per_period(case: LoanCase) -> Decimal:
    """Return the nominal rate of one repayment period."""
    if case.repay_unit == "DAYS":
        year = 360 if case.days_in_year == "DAYS360" else 365
        return case.annual_rate * case.repay_every / year
    return case.annual_rate * case.repay_every / _PER_YEAR[case.repay_unit]


def _annuity(case: LoanCase, principal: Decimal, count: int) -> Decimal:
    rate = _per_period(case)
    if not rate:
        return principal / count
    return principal * rate / (1 - (1 + rate) ** -count)


def _deferred(case: LoanCase, rows: list[Row]) -> list[Row]:
    """Let the interest of the first rows wait for the row after them."""
    held = min(case.grace_on_interest, len(rows) - 1)
    waiting = sum((row.interest for row in rows[:held]), ZERO)
    for row in rows[:held]:
        row.interest = ZERO
    if held > 0:
        rows[held].interest += waiting
    return rows
