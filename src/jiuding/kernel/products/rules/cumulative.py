"""The cumulative loan: rows worked out once, in order, from what was paid out."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from jiuding.kernel.products.rules.loan_cases import LoanCase
from jiuding.kernel.products.rules.loan_periods import ZERO, money
from jiuding.kernel.products.rules.loan_rows import Row
from jiuding.kernel.products.rules.progressive import PRECISION
from jiuding.kernel.products.rules.rate_factors import rate_factor

_PER_YEAR = {"MONTHS": 12, "WEEKS": 52, "DAYS": 365, "YEARS": 1}


def cumulative_rows(case: LoanCase, start: date, paid_out: list[tuple[date, Decimal]]) -> list[Row]:
    """Return the rows of a cumulative loan; the last row takes the rest."""
    days = [start, *(case.due_on(start, number) for number in range(1, case.count + 1))]
    with localcontext(PRECISION):
        build = _flat if case.is_flat else _declining
        return build(case, days, paid_out)


def _in_multiples(case: LoanCase, amount: Decimal) -> Decimal:
    if not case.multiple_of:
        return money(amount)
    steps = (amount / case.multiple_of).quantize(Decimal(1), ROUND_HALF_EVEN)
    return steps * case.multiple_of


def _flat(case: LoanCase, days: list[date], paid_out: list[tuple[date, Decimal]]) -> list[Row]:
    principal = sum((amount for _, amount in paid_out), ZERO)
    per_period = case.annual_rate * case.repay_every / _PER_YEAR[case.repay_unit]
    total = money(principal * per_period * case.count)
    each = total / case.count
    part = _in_multiples(case, principal / case.count)
    rows, left, interest_left = [], principal, total
    for number in range(1, case.count + 1):
        is_last = number == case.count
        interest = interest_left if is_last else money(each)
        share = left if is_last else min(left, _share(case, part, each, interest, principal))
        rows.append(Row(days[number - 1], days[number], share, interest))
        left, interest_left = left - share, interest_left - interest
    return rows


def _share(
    case: LoanCase, part: Decimal, each: Decimal, interest: Decimal, principal: Decimal
) -> Decimal:
    """Return the principal of a flat row; multiples round principal and interest together."""
    if not case.multiple_of or not interest:
        return part
    return _in_multiples(case, principal / case.count + each) - interest


def _declining(case: LoanCase, days: list[date], paid_out: list[tuple[date, Decimal]]) -> list[Row]:
    principal = sum((amount for _, amount in paid_out), ZERO)
    level = _in_multiples(case, _annuity(case, principal))
    rows: list[Row] = []
    waiting, balance = list(paid_out), ZERO
    for number in range(1, case.count + 1):
        start, due = days[number - 1], days[number]
        interest, day = ZERO, start
        while waiting and waiting[0][0] <= (start if number == 1 else due):
            on, amount = waiting.pop(0)
            on = max(on, start)
            interest += balance * rate_factor(case, day, on, start, due)
            balance, day = balance + amount, on
        interest = money(interest + balance * rate_factor(case, day, due, start, due))
        is_last = number == case.count
        if not case.is_equal_payment:
            share = _in_multiples(case, principal / case.count)
        else:
            share = level - interest
        share = balance if is_last else max(ZERO, min(balance, share))
        rows.append(Row(start, due, share, interest))
        balance -= share
    return rows


def _annuity(case: LoanCase, principal: Decimal) -> Decimal:
    rate = case.annual_rate * case.repay_every / _PER_YEAR[case.repay_unit]
    if not rate:
        return principal / case.count
    return principal * rate / (1 - (1 + rate) ** -case.count)
