"""Legs: chosen arms written out as the loans of a plan, with their rates."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

from jiuding.services.offers.rules import arms as pricing
from jiuding.services.offers.rules.arms import Arms
from jiuding.services.offers.rules.eligibility import conditions
from jiuding.services.offers.rules.shelf import Shelf
from jiuding.services.offers.types import Leg

PLACES = Decimal("0.000001")
ROOT_STEPS_MAX = 200


def leg_of(
    stock: Shelf, arms: Arms, place: int, units: int, scale: int, purposes: tuple[str, ...]
) -> Leg:
    """Return one leg from its arm and its whole units."""
    row, where = int(arms.row[place]), int(arms.product[place])
    product = stock.products[where]
    index, term = int(stock.rate_index[row]), int(arms.term[place])
    published = next(rate for rate in product.rates if rate.index == index)
    amount = pricing.decimal_units(units, scale)
    instalment = Decimal(float(arms.instalment[place]) * units).scaleb(-scale)
    monthly = Decimal(float(arms.monthly[place])).scaleb(-scale)
    upfront = stock.upfront[row] + stock.upfront_fraction[row] * float(amount)
    once = round_money(Decimal(float(upfront)), scale)
    paid = float(instalment + monthly)
    return Leg(
        product_id=product.product_id,
        lender=product.lender,
        product_name=product.name,
        product_version=product.version,
        place=product.place,
        rate_index=index,
        rate=published.rate or Decimal(0),
        amount=amount,
        term_months=term,
        instalment=round_money(instalment, scale),
        fee_upfront=once,
        fee_monthly=round_money(monthly, scale),
        true_rate=rate_of(monthly_rate(float(amount - once), [(paid, term)]) * 12.0),
        conditions=conditions(product),
        instalment_exact=instalment.quantize(PLACES),
        fee_monthly_exact=monthly.quantize(PLACES),
        purposes=purposes,
    )


def monthly_rate(received: float, streams: list[tuple[float, int]]) -> float:
    """Return the monthly rate at which level payments (each, months) are worth what is received.

    The value falls as the rate rises, so bisection finds the one root. It is inf where nothing
    is received, and -1 where nothing is paid.
    """
    if received <= 0:
        return math.inf
    low, high = -0.5, 1.0

    def worth(rate: float) -> float:
        if abs(rate) < 1e-12:
            return sum(paid * months for paid, months in streams)
        return sum(
            paid * -math.expm1(-months * math.log1p(rate)) / rate for paid, months in streams
        )

    while worth(high) > received and high < 1e6:
        low, high = high, high * 4.0
    return _root(worth, received, low, high)


def _root(worth: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Return where a falling function meets a target between two bounds, to the last bit or so.

    Regula falsi with Illinois' halving: as sure as bisection, some ten steps instead of ninety.
    """
    above, below, side = worth(low) - target, worth(high) - target, 0
    for _ in range(ROOT_STEPS_MAX):
        middle = (low * below - high * above) / (below - above) if below != above else low
        if not low < middle < high:
            middle = (low + high) / 2.0
        value = worth(middle) - target
        if abs(value) <= 1e-13 * abs(target) or high - low <= 1e-15 * max(1.0, abs(high)):
            return middle
        if value > 0:
            low, above = middle, value
            below, side = (below / 2.0 if side > 0 else below), 1
        else:
            high, below = middle, value
            above, side = (above / 2.0 if side < 0 else above), -1
    return (low + high) / 2.0


def rate_of(value: float) -> Decimal:
    """Return a rate as a decimal with ten places; nothing received has no rate."""
    return Decimal(f"{value:.10f}") if math.isfinite(value) else Decimal("Infinity")


def round_money(value: Decimal, scale: int) -> Decimal:
    """Return money to the currency's unit, half to even."""
    return value.quantize(Decimal(1).scaleb(-scale))
