"""What makes up a product's true rate: the interest, then what each single fee adds to it.

One loan of a stated amount, repaid in equal monthly payments at one rate, with every fee that all
its borrowers pay (`rules/fees.py`). Fees are taken in the order in which they are paid, so the
parts add up to the true rate exactly; a yearly fee counts as a twelfth a month, as in plans, and
the release of a home is paid with the last instalment.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jiuding.kernel.products import Fee, FeeTiming, LoanProduct, RateTerm
from jiuding.services.offers.rules.fees import charged_fees

ZERO = Decimal(0)
RATE_PLACES = Decimal("0.0000000001")
MONEY_PLACES = Decimal("0.01")
RATE_HIGH = 10.0  # a month; beyond it a fee has eaten the loan
HALVINGS = 100
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


def true_cost(
    product: LoanProduct, rate: RateTerm, *, amount: Decimal, months: int
) -> TrueCost | None:
    """Return what a loan costs and what each fee adds; None for a rate that cannot be priced.

    None too where fees eat the loan: then no rate describes it.
    """
    if rate.rate is None or not 0 <= rate.rate <= 1 or amount <= 0 or months < 1:
        return None
    nominal = float(rate.rate) / 12
    pay = float(amount) / _annuity(nominal, months)
    paid = [pay * months - float(amount)]
    once, monthly, last = 0.0, 0.0, 0.0
    rates = [12 * nominal]
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
        found = _rate(float(amount) - once, pay + monthly, last, months)
        if found is None:
            return None
        rates.append(12 * found)
    return _made(product, rate, amount, months, pay, charges, paid, rates)


def _made(
    product: LoanProduct, rate: RateTerm, amount: Decimal, months: int, pay: float,
    charges: list[tuple[Fee, Decimal]], paid: list[float], rates: list[float],
) -> TrueCost:  # fmt: skip
    """Return the parts in decimals; each is the step from the rate before it."""
    exact = [Decimal(repr(each)).quantize(RATE_PLACES) for each in rates]
    money = [Decimal(repr(each)).quantize(MONEY_PLACES) for each in paid]
    instalment = Decimal(repr(pay)).quantize(MONEY_PLACES)
    parts = [Part(None, instalment, money[0], exact[0])]
    for place, (fee, charge) in enumerate(charges, 1):
        parts.append(Part(fee, charge, money[place], exact[place] - exact[place - 1]))
    return TrueCost(
        amount, months, rate.rate or ZERO, instalment, tuple(parts), exact[-1], sum(money, ZERO)
    )  # fmt: skip


def _charge(fee: Fee, amount: Decimal) -> Decimal:
    """Return one charge of a fee on a loan of this amount; a negative fee is no gift."""
    share = fee.fraction * amount if fee.fraction and fee.timing is FeeTiming.UPFRONT else ZERO
    return max(fee.amount or ZERO, ZERO) + max(share, ZERO)


def _annuity(j: float, months: int) -> float:
    """Return what one a month is worth now at a monthly rate."""
    return float(months) if abs(j) < 1e-12 else (1 - (1 + j) ** -months) / j


def _rate(received: float, monthly: float, last: float, months: int) -> float | None:
    """Return the monthly rate at which what is paid is worth what is received, or None.

    Found by halving: what is paid is worth less at every higher rate, so there is one root.
    """
    if received <= 0 or monthly * months + last < received:
        return None
    low, high = 0.0, RATE_HIGH
    if monthly * _annuity(high, months) > received:
        return None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        worth = monthly * _annuity(middle, months) + last * (1 + middle) ** -months
        low, high = (middle, high) if worth > received else (low, middle)
    return (low + high) / 2
