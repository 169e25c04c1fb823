"""Read fees: what they are for, when they are due, and whether every borrower pays them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from jiuding.kernel.products import Fee, FeeTiming, LoanProduct
from jiuding.services.offers.rules.reading import clean, read_months, read_number


def read_fees(entries: Iterable[Any]) -> tuple[Fee, ...]:
    """Return the fees of a product's `fees` list, in order; the unreadable stay, as uncertain."""
    return tuple(_fee(entry) for entry in entries)


def _fee(entry: Any) -> Fee:
    if not isinstance(entry, dict):
        return Fee(clean(str(entry), 100), FeeTiming.EVENT, None, is_certain=False)
    name = clean(entry.get("name"), 120)
    kind = clean(entry.get("feeType"), 40).upper()
    amount = read_number(entry.get("amount"))
    months = read_months(clean(entry.get("additionalValue"), 60))
    words = clean(entry.get("additionalInfo"), 300)
    if kind == "UPFRONT":
        return Fee(name, FeeTiming.UPFRONT, amount, condition=words, is_certain=not words)
    if kind == "PERIODIC" and months:
        return Fee(name, FeeTiming.MONTHLY, amount, every_months=months, condition=words)
    return Fee(name, FeeTiming.EVENT, amount, condition=words, is_certain=False)


def plan_fees(product: LoanProduct) -> tuple[Decimal, Decimal, Decimal]:
    """Return the certain fees of a plan: upfront, upfront fraction of the loan, and monthly."""
    upfront = fraction = monthly = Decimal(0)
    for fee in product.fees:
        if not fee.is_certain:
            continue
        if fee.timing is FeeTiming.UPFRONT:
            upfront += max(fee.amount or Decimal(0), Decimal(0))
            fraction += max(fee.fraction or Decimal(0), Decimal(0))
        elif fee.timing in (FeeTiming.MONTHLY, FeeTiming.YEARLY) and fee.amount:
            monthly += max(fee.amount, Decimal(0)) / (fee.every_months or 1)
    return upfront, fraction, monthly
