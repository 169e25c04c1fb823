"""What makes up a product's true rate: the interest, then what each single fee adds to it.

One loan of a stated amount with every fee that all its borrowers pay (`rules/fees.py`). A fixed or
introductory rate that holds for less than the term becomes another one after it; an interest-only
loan pays interest only for its stated period, or five years, and repays over the rest. Fees are
taken in the order in which they are paid, so the parts add up to the true rate exactly; a yearly
fee counts as a twelfth a month, as in plans, and the release of a home is paid with the last
instalment.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jiuding.kernel.products import Fee, FeeTiming, LoanProduct, RateTerm, Repayment
from jiuding.services.offers.rules.fees import charged_fees

ZERO = Decimal(0)
RATE_PLACES = Decimal("0.0000000001")
MONEY_PLACES = Decimal("0.01")
RATE_HIGH = 10.0  # a month; beyond it a fee has eaten the loan
HALVINGS = 100
INTEREST_ONLY_MONTHS = 60  # where a file states no period, as for comparison rates
_ORDER = (FeeTiming.UPFRONT, FeeTiming.MONTHLY, FeeTiming.YEARLY, FeeTiming.DISCHARGE)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a true rate: `fee` is None for the interest; `paid` is over the whole term.

    `rate` is what it adds, a fraction per year; `each` what one charge of it is.
    """

    fee: Fee | None
    each: Decimal
    paid: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class TrueCost:
    """What a loan of one product costs: 12 x the monthly internal rate, and all that is paid."""

    amount: Decimal
    months: int
    rate: Decimal
    instalment: Decimal
    parts: tuple[Part, ...]
    true_rate: Decimal
    total_cost: Decimal
    # From which month, counted from 1, each monthly payment without fees is due.
    instalments: tuple[tuple[int, Decimal], ...] = ()


def true_cost(
    product: LoanProduct, rate: RateTerm, *, amount: Decimal, months: int,
    later: Decimal | None = None,
) -> TrueCost | None:  # fmt: skip
    """Return what a loan costs and what each fee adds; None for a rate that cannot be priced.

    `later` is the rate a year after the months for which this one is stated to hold; without it
    the rate holds for the whole term. None too where fees eat the loan: no rate describes it.
    """
    believable = rate.rate is not None and 0 <= rate.rate <= 1
    if not believable or amount <= 0 or months < 1:
        return None
    phases = _phases(rate, float(amount), months, later)
    paid = [sum(pay * (end - begin) for begin, end, pay in phases) - float(amount)]
    once, monthly, last = 0.0, 0.0, 0.0
    bare = _rate(float(amount), phases, 0.0, 0.0)
    if bare is None:
        return None
    rates = [float(rate.rate or 0) if len(phases) == 1 else 12 * bare]
    fees = sorted(charged_fees(product, rate, amount), key=lambda fee: _ORDER.index(fee.timing))
    charges = [(fee, _charge(fee, amount)) for fee in fees if fee.timing in _ORDER]
    charges = [(fee, charge) for fee, charge in charges if charge > 0]
    for fee, charge in charges:
        if fee.timing is FeeTiming.UPFRONT:
            once += float(charge)
            paid.append(float(charge))
        elif fee.timing is FeeTiming.DISCHARGE:
            last += float(charge)
            paid.append(float(charge))
        else:
            monthly += float(charge) / (fee.every_months or 1)
            paid.append(float(charge) / (fee.every_months or 1) * months)
        found = _rate(float(amount) - once, phases, monthly, last)
        if found is None:
            return None
        rates.append(12 * found)
    return _made(rate, amount, phases, charges, paid, rates)


def _phases(
    rate: RateTerm, amount: float, months: int, later: Decimal | None
) -> list[tuple[int, int, float]]:
    """Return (after this month, until this month, paid each month) of a loan without its fees."""
    holds = min(rate.fixed_months or months, months) if later is not None else months
    only = 0
    if rate.repayment is Repayment.INTEREST_ONLY:
        only = min(rate.fixed_months or INTEREST_ONLY_MONTHS, months - 1)
        holds = only if later is not None else months
    phases, balance, begin = [], amount, 0
    for end in sorted({only, holds, months} - {0}):
        nominal = float((rate.rate if begin < holds else later) or 0) / 12
        pay = balance * nominal if begin < only else balance / _annuity(nominal, months - begin)
        phases.append((begin, end, pay))
        growth = (1 + nominal) ** (end - begin)
        balance = balance * growth - pay * _grown(nominal, end - begin)
        begin = end
    return phases


def _grown(j: float, months: int) -> float:
    """Return what one a month has grown to at the end, at a monthly rate."""
    return float(months) if abs(j) < 1e-12 else ((1 + j) ** months - 1) / j


def _made(
    rate: RateTerm, amount: Decimal, phases: list[tuple[int, int, float]],
    charges: list[tuple[Fee, Decimal]], paid: list[float], rates: list[float],
) -> TrueCost:  # fmt: skip
    """Return the parts in decimals; each is the step from the rate before it."""
    exact = [Decimal(repr(each)).quantize(RATE_PLACES) for each in rates]
    money = [Decimal(repr(each)).quantize(MONEY_PLACES) for each in paid]
    dues = tuple((begin + 1, Decimal(repr(pay)).quantize(MONEY_PLACES)) for begin, _, pay in phases)
    instalment = dues[0][1]
    parts = [Part(None, instalment, money[0], exact[0])]
    for place, (fee, charge) in enumerate(charges, 1):
        parts.append(Part(fee, charge, money[place], exact[place] - exact[place - 1]))
    return TrueCost(
        amount, phases[-1][1], rate.rate or ZERO, instalment, tuple(parts), exact[-1],
        sum(money, ZERO), dues,
    )  # fmt: skip


def _charge(fee: Fee, amount: Decimal) -> Decimal:
    """Return one charge of a fee on a loan of this amount; a negative fee is no gift."""
    share = fee.fraction * amount if fee.fraction and fee.timing is FeeTiming.UPFRONT else ZERO
    return max(fee.amount or ZERO, ZERO) + max(share, ZERO)


def _annuity(j: float, months: int) -> float:
    """Return what one a month is worth now at a monthly rate."""
    return float(months) if abs(j) < 1e-12 else (1 - (1 + j) ** -months) / j


def _rate(
    received: float, phases: list[tuple[int, int, float]], monthly: float, last: float
) -> float | None:
    """Return the monthly rate at which what is paid is worth what is received, or None.

    Found by halving: what is paid is worth less at every higher rate, so there is one root.
    """
    months = phases[-1][1]

    def worth(j: float) -> float:
        level = sum(
            (pay + monthly) * (_annuity(j, end) - (_annuity(j, begin) if begin else 0.0))
            for begin, end, pay in phases
        )
        return level + last * (1 + j) ** -months

    low, high = 0.0, RATE_HIGH
    # A loan without interest or fees comes back a rounding short of what was lent.
    if received <= 0 or worth(low) < received * (1 - 1e-12) or worth(high) > received:
        return None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if worth(middle) > received else (low, middle)
    return (low + high) / 2
