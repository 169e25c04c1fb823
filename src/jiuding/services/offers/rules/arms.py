"""Arms: every priced way to lend, as columns. An arm is one product, one rate and one term.

`price` filters a shelf for one pot of a need (an amount for purposes that one kind of loan may pay
for) and prices what is left. Amounts are in whole units of the currency (cents) held as floats,
exact far beyond any loan; rates are fractions per year; payments are per unit lent and month.

The arithmetic is exact in the amounts: equal payments are the unrounded annuity, so cost and
instalment are linear in the amount, and the least over all combinations can be proven.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from jiuding.base.amounts import CURRENCIES
from jiuding.kernel.products import Category, LoanProduct
from jiuding.services.offers.rules.eligibility import (
    CATEGORY_PURPOSES,
    FIRM_PURPOSES,
    eligibility_breach,
)
from jiuding.services.offers.rules.law import Broken, Law, Limits
from jiuding.services.offers.rules.shelf import CATEGORIES, HOUSES, Shelf
from jiuding.services.offers.types import Need, Profile

HOME_PURPOSES = ("home",)
FIRM_CATEGORIES = (Category.BUSINESS, Category.OVERDRAFT, Category.LEASE)
# What is bought can secure the loan that buys it.
SECURED_BY_PURCHASE = {"home": "house", "car": "car", "equipment": "equipment"}

# Why an arm or a product is turned away, in the order in which rules are tried.
STAGES = (
    "usable",
    "currency_differs",
    "purpose_not_served",
    "eligibility",
    "collateral_missing",
    "rate_not_quotable",
    "occupancy_differs",
    "term_out_of_range",
    "term_beyond_fixed_period",
    "loan_to_value",
    "amount_below_minimum",
    "limits_contradict",
    "jurisdiction",
)
(
    USABLE,
    CURRENCY,
    PURPOSE,
    ELIGIBILITY,
    COLLATERAL,
    UNQUOTABLE,
    OCCUPANCY,
    TERM,
    FIXED_PERIOD,
    LOAN_TO_VALUE,
    MINIMUM,
    LIMITS,
    JURISDICTION,
) = range(len(STAGES))


@dataclass(frozen=True, slots=True)
class Pot:
    """An amount, in units, for purposes that the same loans may pay for."""

    purposes: tuple[str, ...]
    units: int


@dataclass(frozen=True, slots=True)
class Arms:
    """Priced arms of one pot, one value each, in order of identity.

    Lending x units costs cost·x + cost_fixed and takes instalment·x + monthly each month; at the
    need's discount rate it costs present·x + present_fixed, the same where there is no such rate.
    """

    row: np.ndarray
    product: np.ndarray  # place in the shelf
    identity: np.ndarray
    term: np.ndarray
    asset: np.ndarray  # which house secures it; -1 where none must
    cost: np.ndarray
    cost_fixed: np.ndarray
    present: np.ndarray
    present_fixed: np.ndarray
    instalment: np.ndarray
    monthly: np.ndarray
    low: np.ndarray  # units
    high: np.ndarray

    def __len__(self) -> int:
        return len(self.row)

    def take(self, places: np.ndarray) -> Arms:
        """Return the arms at these places (a mask or indices), in their order."""
        return Arms(*(getattr(self, name)[places] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Filtered:
    """What a pot left of a shelf: its arms, and for each product the furthest stage it reached.

    `stage` is 0 where an arm is usable; `breaches` holds the words of rules about people or law.
    """

    arms: Arms
    stage: np.ndarray
    breaches: dict[int, Broken]


def terms_of(need: Need) -> tuple[int, ...]:
    """Return the terms that a need allows: both ends, and the multiples of 12 between."""
    low, high = need.term_months_min, need.term_months_max
    between = range(-(-low // 12) * 12, high + 1, 12)
    return tuple(sorted({low, high, *between}))


def annuity(rate: np.ndarray, term: np.ndarray) -> np.ndarray:
    """Return the equal monthly payment in arrears that repays one unit.

    `rate` is per year and a twelfth is due each month; without interest it is 1/term.
    """
    month = rate / 12.0
    growth = -np.expm1(-term * np.log1p(month))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(month > 0, month / np.where(growth > 0, growth, 1.0), 1.0 / term)


def categories_of(purpose: str) -> tuple[Category, ...]:
    """Return the kinds of loan that pay for a purpose: homes, firms' purposes, and the rest."""
    if purpose in HOME_PURPOSES:
        return (Category.MORTGAGE,)
    if purpose in FIRM_PURPOSES:
        return FIRM_CATEGORIES
    return (Category.PERSONAL,)


def serves(product: LoanProduct, purpose: str) -> bool:
    """Tell whether a product pays for a purpose: by category, and by its own list if narrowed.

    A product that lists all that its category is known for is open to any purpose of it.
    """
    if product.category not in categories_of(purpose):
        return False
    general = CATEGORY_PURPOSES.get(product.category, ())
    listed = product.purposes
    return not listed or purpose in listed or set(general) <= set(listed)


def price(stock: Shelf, need: Need, pot: Pot, profile: Profile, law: Law | None = None) -> Filtered:
    """Return the arms that a pot may use, priced, and how far each product came.

    `law` holds the rules of the products' jurisdictions; what they limit becomes bounds.
    """
    stage, breaches = _judge_products(stock, need, pot, profile, law)
    row_stage = _judge_rows(stock, stage)
    row, asset, value = _secured(stock, need, profile, np.flatnonzero(row_stage == USABLE))
    first, count, line_stage, low, high = _limits(stock, need, pot, row, value)
    furthest = np.zeros(len(stock.products), dtype=np.int64)
    np.maximum.at(furthest, stock.product, row_stage)
    np.maximum.at(furthest, stock.product[row], line_stage)
    line = np.repeat(np.arange(len(row)), count)
    turn = np.arange(len(line)) - np.repeat(np.cumsum(count) - count - first, count)
    term = np.array(terms_of(need), dtype=float)[turn]
    row, asset, low, high = row[line], asset[line], low[line], high[line]
    if law is not None and len(row):
        lawful, low, high = _within_law(stock, need, pot, law, row, term, (low, high), breaches)
        furthest[stock.product[row[~lawful]]] = JURISDICTION
        row, term, asset, low, high = (column[lawful] for column in (row, term, asset, low, high))
    stage = np.where(stage == USABLE, np.maximum(furthest, UNQUOTABLE), stage)
    stage[stock.product[row]] = USABLE
    return Filtered(_priced(stock, need, row, term, asset, low, high), stage, breaches)


def _judge_products(
    stock: Shelf, need: Need, pot: Pot, profile: Profile, law: Law | None
) -> tuple[np.ndarray, dict[int, Broken]]:
    """Return the stage of each product by its own rules, and the words of rules about people."""
    count = len(stock.products)
    stage = np.zeros(count, dtype=np.int64)
    kinds = set(CATEGORIES)
    for purpose in pot.purposes:
        kinds &= set(categories_of(purpose))
    wanted = [CATEGORIES.index(kind) for kind in kinds]
    stage[~np.isin(stock.category, wanted)] = PURPOSE
    stage[stock.currency != stock.currencies.get(need.currency, -1)] = CURRENCY
    secured = {SECURED_BY_PURCHASE.get(purpose, purpose) for purpose in pot.purposes}
    secured |= {item.kind for item in profile.collateral}
    secured |= {"house"} if secured & HOUSES else set()
    breaches: dict[int, Broken] = {}
    places = np.flatnonzero(stage == USABLE)
    asked = np.flatnonzero(np.bincount(stock.signature[places]))
    answers = np.zeros(len(stock.signed_first), dtype=np.int64)
    words: dict[int, Broken] = {}
    for number in asked.tolist():
        product = stock.products[stock.signed_first[number]]
        answers[number], told = _judge_people(product, pot, profile, secured)
        if answers[number] == USABLE and law is not None:
            told = law.limits(product, pot.purposes, need.currency).broken
            answers[number] = JURISDICTION if told else USABLE
        if told is not None:
            words[number] = told
    stage[places] = answers[stock.signature[places]]
    for place in places[stage[places] != USABLE].tolist():
        if (told := words.get(int(stock.signature[place]))) is not None:
            breaches[place] = told
    return stage, breaches


def _judge_people(
    product: LoanProduct, pot: Pot, profile: Profile, secured: set[str]
) -> tuple[int, Broken | None]:
    """Return the stage that purposes, people and collateral leave a product at, and words."""
    if not all(serves(product, purpose) for purpose in pot.purposes):
        return PURPOSE, None
    failed = eligibility_breach(product, profile)
    if failed is not None:
        return ELIGIBILITY, Broken(*failed)
    if product.collateral and not secured & set(product.collateral):
        return COLLATERAL, None
    return USABLE, None


def _judge_rows(stock: Shelf, stage: np.ndarray) -> np.ndarray:
    """Return the stage of each rate by what does not depend on term or amount."""
    result = stage[stock.product]
    free = result == USABLE
    result[free & ~stock.quotable] = UNQUOTABLE
    home = stock.category[stock.product] == CATEGORIES.index(Category.MORTGAGE)
    free = result == USABLE
    # A home is bought to live in; a rate for investors is not open to its buyer.
    result[free & home & (stock.occupancy == 2)] = OCCUPANCY
    return result


def _secured(
    stock: Shelf, need: Need, profile: Profile, row: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows once for each house that can secure them, the house, and its value.

    A house has one first lien: legs on the same house exclude one another. The home being bought
    stands in where the profile names none; its value is then not known.
    """
    unit = 10.0 ** CURRENCIES[need.currency].scale
    values = [float(item.value) * unit for item in profile.collateral if item.kind in HOUSES]
    count = np.where(stock.on_house[stock.product[row]], max(1, len(values)), 1)
    house = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    row = np.repeat(row, count)
    asset = np.where(stock.on_house[stock.product[row]], house, -1)
    known = np.array(values or [np.nan])[np.maximum(asset, 0)]
    return row, asset, np.where(asset >= 0, known, np.nan)


def _limits(
    stock: Shelf, need: Need, pot: Pot, row: np.ndarray, value: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return of each row its first term and how many it runs for, its stage, least and most units.

    `value` is what secures a row, nan if nothing does. Terms ascend, so the ones a row may run
    for stand together; a row without any has the stage at which its last term stopped.
    """
    unit = 10.0 ** CURRENCIES[need.currency].scale
    product = stock.product[row]
    asks = ~np.isnan(stock.share_low[row])
    known = ~np.isnan(value)
    safe = np.where(known, value, 0.0)
    share_low = np.where(asks, stock.share_low[row], 0.0)
    share_high = np.where(asks, stock.share_high[row], np.inf)
    share_high = np.minimum(share_high, stock.limit_share[product])
    capped = known & np.isfinite(share_high)
    most_by_share = np.where(capped, safe * np.where(capped, share_high, 0.0) / 100.0, np.inf)
    low = np.maximum(np.ceil(stock.low[row] * unit - 1e-6), 1.0)
    high = np.floor(stock.high[row] * unit + 1e-6)
    share_units = np.ceil(safe * share_low / 100.0 - 1e-6)
    share_fails = (asks & ~known) | (share_units > pot.units) | (most_by_share < low)
    most = np.minimum(high, np.floor(most_by_share + 1e-6))
    least = np.maximum(low, share_units)
    terms = np.array(terms_of(need), dtype=float)
    longest = np.minimum(stock.term_high[product], stock.months_high[row])
    shortest = np.maximum(stock.term_low[product], stock.months_low[row])
    first = np.searchsorted(terms, shortest, side="left")
    served = np.searchsorted(terms, longest, side="right") - first
    held = np.searchsorted(terms, np.minimum(longest, stock.fixed_months[row]), side="right")
    count = np.maximum(held - first, 0)
    stage = np.select(
        [served <= 0, count == 0, share_fails, low > pot.units, least > most],
        [TERM, FIXED_PERIOD, LOAN_TO_VALUE, MINIMUM, LIMITS],
        USABLE,
    )
    count[stage != USABLE] = 0
    return first, count, stage, least, np.minimum(most, float(pot.units))


def _within_law(
    stock: Shelf,
    need: Need,
    pot: Pot,
    law: Law,
    row: np.ndarray,
    term: np.ndarray,
    bounds: tuple[np.ndarray, np.ndarray],
    breaches: dict[int, Broken],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Narrow arms' bounds to what the rules allow; return a mask of those left, and the bounds.

    A leg's true rate falls as its amount rises, because fixed fees weigh less, so a greatest rate
    is a least amount: at that rate what is received must be worth at least what is paid.
    """
    low, high = bounds
    unit = 10.0 ** CURRENCIES[need.currency].scale
    signature = stock.signature[stock.product[row]]
    most, rate = (np.full(len(stock.signed_first), np.inf) for _ in range(2))
    limits: dict[int, Limits] = {}
    for number in np.flatnonzero(np.bincount(signature)).tolist():
        product = stock.products[stock.signed_first[number]]
        limits[number] = found = law.limits(product, pot.purposes, need.currency)
        most[number] = np.inf if found.amount_max is None else float(found.amount_max) * unit
        rate[number] = np.inf if found.rate_max is None else float(found.rate_max)
    most, rate = most[signature], rate[signature]
    if np.isinf(most).all() and np.isinf(rate).all():
        return np.ones(len(row), dtype=bool), low, high
    cap = np.where(np.isfinite(rate), rate, 1.0)
    worth = 1.0 / annuity(cap, term)
    margin = 1.0 - stock.upfront_fraction[row] - worth * annuity(stock.rate[row], term)
    fixed = (stock.upfront[row] + worth * stock.monthly[row]) * unit
    with np.errstate(divide="ignore", invalid="ignore"):
        least = np.where(margin > 1e-12, np.ceil(fixed / margin - 1e-6), np.inf)
    least = np.where((fixed <= 0) & (margin > -1e-12), 0.0, least)
    low = np.maximum(low, np.where(np.isfinite(rate), least, 0.0))
    dear = np.isfinite(rate) & (least > high)
    is_cut, high = high > most, np.minimum(high, most)
    lawful = low <= high
    product = stock.product[row]
    for place in np.unique(product[is_cut]).tolist():
        limit = limits[int(stock.signature[place])]
        told = {"amount_max": f"{limit.amount_max:f}", "currency": need.currency}
        words = f"at most {limit.amount_max} {need.currency}"
        breaches[place] = Broken(limit.amount_rule, words, told)
    # A product is turned away for its rate where no rate and term of it is left.
    for place in np.setdiff1d(product[dear & ~lawful], product[lawful]).tolist():
        limit = limits[int(stock.signature[place])]
        told = {"rate_max": f"{limit.rate_max:f}"}
        words = f"the true rate is above {limit.rate_max:%}"
        breaches[place] = Broken(limit.rate_rule, words, told)
    return lawful, low, high


def _priced(
    stock: Shelf,
    need: Need,
    row: np.ndarray,
    term: np.ndarray,
    asset: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> Arms:
    """Return arms in order of identity, with what they cost and take each month."""
    unit = 10.0 ** CURRENCIES[need.currency].scale
    product = stock.product[row]
    identity = stock.identity[product]
    if (identity[1:] < identity[:-1]).any():
        turn = np.argsort(identity, kind="stable")
        row, term, asset, low, high, product, identity = (
            column[turn] for column in (row, term, asset, low, high, product, identity)
        )
    payment = annuity(stock.rate[row], term)
    monthly = stock.monthly[row] * unit
    fraction, once = stock.upfront_fraction[row], stock.upfront[row] * unit
    cost, cost_fixed = term * payment - 1.0 + fraction, once + term * monthly
    present, present_fixed = cost, cost_fixed
    if need.discount_rate_pa:
        # What one unit a month is worth today: the annuity's reciprocal at the discount rate.
        worth = 1.0 / annuity(np.array(float(need.discount_rate_pa)), term)
        present, present_fixed = worth * payment - 1.0 + fraction, once + worth * monthly
    return Arms(
        row=row,
        product=product,
        identity=identity,
        term=term,
        asset=asset,
        cost=cost,
        cost_fixed=cost_fixed,
        present=present,
        present_fixed=present_fixed,
        instalment=payment,
        monthly=monthly,
        low=low,
        high=high,
    )


def decimal_units(units: float, scale: int) -> Decimal:
    """Return units of a currency as a decimal count of it."""
    return Decimal(round(units)).scaleb(-scale)
