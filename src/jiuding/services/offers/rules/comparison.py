"""Recompute published comparison rates from rates and fees, without ever seeing them.

The Australian comparison rate is n x r, with r the periodic rate at which the repayments and the
fees are worth the amount lent (National Consumer Credit Protection Regulations 2010, regulation
100). Repayments are monthly and in arrears, so n = 12; a yearly fee is paid at the start of each
year, a discharge fee with the last repayment; the result has two decimals of a per cent.

The loan that is priced is chosen by a rule that sees no published figure: `basis_of`. A fixed rate
holds for its period and then reverts (`rules/reversion.py`); an interest-only rate pays interest
only for its fixed period, or five years, and then repays over the rest of the term. A rate for
building or bridging stands only until the home is built or sold, so no other rate follows it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from jiuding.kernel.products import (
    Category,
    FeeTiming,
    LoanProduct,
    RateKind,
    RateTerm,
    Repayment,
    TierUnit,
)
from jiuding.services.offers.rules.fees import charged_fees
from jiuding.services.offers.rules.reversion import (
    Candidate,
    reversion,
    reversion_candidates,
)

INTEREST_ONLY_MONTHS = 60
UNSECURED_SMALL_MAX = Decimal(50_000)
PLACES = Decimal("0.0001")
WITHIN_BP = Decimal(5)
ITERATIONS = 60  # halvings of the bracket; 5 % a month / 2**60 is far below a hundredth of a bp
RATE_LOW, RATE_HIGH = -0.01, 0.25  # a month; a comparison rate outside is not published


@dataclass(frozen=True, slots=True)
class Basis:
    """The loan on which a comparison rate is computed; `why` names the rule that chose it."""

    amount: int
    months: int
    why: str

    @property
    def label(self) -> str:
        """The basis as it is printed: "150000 over 300 months"."""
        return f"{self.amount} over {self.months} months ({self.why})"


HOME = Basis(150_000, 300, "home")
PERSONAL = Basis(30_000, 60, "personal")
SMALL = Basis(10_000, 36, "small personal")
BUSINESS = Basis(30_000, 60, "business, no statutory basis")
_PRICES = frozenset({RateKind.FIXED, RateKind.VARIABLE, RateKind.INTRODUCTORY})
_DISCOUNTS = frozenset(
    {RateKind.DISCOUNT, RateKind.BUNDLE_DISCOUNT_FIXED, RateKind.BUNDLE_DISCOUNT_VARIABLE}
)
_COMPARED = frozenset({Category.MORTGAGE, Category.PERSONAL, Category.BUSINESS, Category.LEASE})
_STATED = re.compile(r"\$\s?(\d{1,3}),?\s?000\b.{0,60}?\b(\d{1,2}|three|five)[ -]*year")
_STATED_TERM = re.compile(r"comparison rate (?:applies|is|calculated).{0,40}?\b([35])[ -]year")
_NUMBERS = {"three": 3, "five": 5}
_STATED_LOANS = {(10, 3), (30, 5), (30, 3), (20, 5), (50, 5), (150, 25)}
_INTERIM = re.compile(r"construct|\bbuild|bridging|relocation")
_TERM_WORDS = re.compile(r"\b\d year loan term")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One rate's comparison rate as published beside ours; rates are fractions per year."""

    place: int
    product_id: str
    lender: str
    category: Category
    kind: RateKind
    repayment: Repayment
    rate_index: int
    bare: Decimal | None
    published: Decimal | None
    computed: Decimal | None
    basis: str | None
    reverts_to: Decimal | None
    fees: dict[str, Decimal]
    discounted: Decimal | None = None  # the least rate that the product's own discounts can make

    @property
    def difference_bp(self) -> Decimal | None:
        """Ours less theirs, in basis points; None where either is missing."""
        if self.computed is None or self.published is None:
            return None
        return (self.computed - self.published) * 10_000

    @property
    def is_within(self) -> bool:
        """Whether ours is within five basis points of theirs."""
        return self.difference_bp is not None and abs(self.difference_bp) <= WITHIN_BP

    @property
    def is_bare_within(self) -> bool:
        """Whether the rate alone, with no fee, is within five basis points of theirs."""
        if self.bare is None or self.published is None:
            return False
        return abs(self.bare - self.published) * 10_000 <= WITHIN_BP

    @property
    def is_dirty(self) -> bool:
        """Whether the published figure lies below the bare rate though nothing lowers the rate.

        A rate that later reverts to a lower one explains it, and so does a discount of the product
        that reaches down to the figure; fees never do.
        """
        if self.bare is None or self.published is None:
            return False
        falls = self.reverts_to is not None and self.reverts_to < self.bare
        least = self.bare if self.discounted is None else min(self.bare, self.discounted)
        return self.published < least and not falls

    @property
    def miss_reason(self) -> str | None:
        """Why ours is not within five basis points, as far as the figures tell; None if it is."""
        if self.published is None or self.is_within:
            return None
        if self.computed is None:
            return "not_computed"
        if self.is_dirty:
            return "published_below_rate"
        if self.bare is not None and self.discounted is not None and self.published < self.bare:
            return "published_with_discount"
        if self.reverts_to is not None:
            return "revert_rate_differs"
        if self.kind is RateKind.FIXED and self.category is Category.MORTGAGE:
            return "revert_rate_unknown"
        if not any(self.fees.values()):
            return "no_fee_in_file"
        return "fees_too_small" if self.computed < self.published else "fees_too_large"


def stated_basis(text: str) -> Basis | None:
    """Return the loan that words state a comparison rate for, or None."""
    found = _STATED.search(text.lower())
    if not found:
        term = _STATED_TERM.search(text.lower())
        return {"5": PERSONAL, "3": SMALL}.get(term[1]) if term else None
    years = _NUMBERS.get(found[2]) or int(found[2])
    if (int(found[1]), years) not in _STATED_LOANS:
        return None
    return Basis(int(found[1]) * 1000, years * 12, "stated")


def stated_bases(products: Iterable[LoanProduct]) -> dict[tuple[str, Category], Basis]:
    """Return the basis that most of a lender's rates state, by lender and category."""
    counts: dict[tuple[str, Category], Counter[Basis]] = defaultdict(Counter)
    for product in products:
        for rate in product.rates:
            if basis := stated_basis(rate.note):
                counts[product.lender, product.category][basis] += 1
    return {
        key: Basis(best.amount, best.months, "stated by the lender")
        for key, found in counts.items()
        for best, times in found.most_common(1)
        if times > 1 and times * 2 > sum(found.values())
    }


def basis_of(
    product: LoanProduct, rate: RateTerm, stated: dict[tuple[str, Category], Basis]
) -> Basis:
    """Return the loan on which this rate's comparison rate is computed.

    Homes: 150,000 over 25 years, always. Others: the loan that the rate's own words state; a term
    of up to three years that the words state, a product that lends at most 30,000, or an unsecured
    one at a variable rate that lends at most 50,000 or names no limit, is 10,000 over three years;
    else the loan that most of the lender's rates state; else 30,000 over five.
    Source: the statutory schedule prices the listed loan nearest to what the product lends.
    """
    if product.category is Category.MORTGAGE:
        return HOME
    if own := stated_basis(rate.note):
        return own
    if _TERM_WORDS.search(rate.note.lower()) and (rate.fixed_months or 99) <= SMALL.months:
        return SMALL
    tops = [tier.maximum for tier in rate.tiers if tier.unit is TierUnit.MONEY and tier.maximum]
    tops += [product.amount_max] if product.amount_max else []
    if tops and min(tops) <= PERSONAL.amount:
        return SMALL
    if _is_small_unsecured(product, rate, min(tops, default=None)):
        return SMALL
    lender = stated.get((product.lender, product.category))
    if lender:
        return lender
    return PERSONAL if product.category is Category.PERSONAL else BUSINESS


def _is_small_unsecured(product: LoanProduct, rate: RateTerm, top: Decimal | None) -> bool:
    """Tell whether a loan is unsecured, at a variable rate, for no car, and not for large sums."""
    text = f"{product.name} {rate.note}".lower()
    if product.category is not Category.PERSONAL or rate.kind is not RateKind.VARIABLE:
        return False
    if top is not None and top > UNSECURED_SMALL_MAX:
        return False
    is_unsecured = "unsecured" in text or " u/s " in text
    return is_unsecured and not re.search(r"\bcar\b|vehicle", text)


def compare(products: Sequence[LoanProduct]) -> tuple[Comparison, ...]:
    """Compute the comparison rate of every rate of a library, in the order of its file.

    What is no price of its own (a discount, a penalty, a margin) or has no believable number is
    listed with `computed` None.
    """
    stated = stated_bases(products)
    candidates = reversion_candidates(products)
    found: list[_Case] = [
        _case(product, rate, stated, candidates) for product in products for rate in product.rates
    ]
    solved = _solve([case for case in found if case.is_solvable])
    return tuple(_comparison(case, solved) for case in found)


def below_their_rate(products: Sequence[LoanProduct]) -> tuple[Comparison, ...]:
    """Return the rates whose published comparison rate is dirty, in the order of the library.

    The rest of `compare` is left out: nothing is solved, and `computed` is None.
    """
    below = [
        (product, rate)
        for product in products
        for rate in product.rates
        if rate.published_comparison is not None
        and rate.rate is not None
        and rate.published_comparison < rate.rate
    ]
    lenders = {product.lender for product, _ in below}
    candidates = reversion_candidates(each for each in products if each.lender in lenders)
    found = (_comparison(_case(product, rate, {}, candidates), {}) for product, rate in below)
    return tuple(row for row in found if row.is_dirty)


@dataclass(frozen=True, slots=True)
class _Case:
    """One rate with all that its equation needs; money in whole currency."""

    product: LoanProduct
    rate: RateTerm
    basis: Basis
    reverts_to: Candidate | None
    fixed: int  # months at the rate itself before it reverts
    interest_only: int
    fees: dict[str, Decimal]

    @property
    def is_solvable(self) -> bool:
        """Whether the rate is a price of its own with a believable number."""
        rate = self.rate
        if self.product.category not in _COMPARED or rate.kind not in _PRICES:
            return False
        return rate.rate is not None and 0 < rate.rate <= 1


def _case(
    product: LoanProduct,
    rate: RateTerm,
    stated: dict[tuple[str, Category], Basis],
    candidates: dict[str, list[Candidate]],
) -> _Case:
    """Return what the equation of one rate needs."""
    basis = basis_of(product, rate, stated)
    is_interest_only = rate.repayment is Repayment.INTEREST_ONLY
    fixed = basis.months
    is_held = rate.kind in (RateKind.FIXED, RateKind.INTRODUCTORY)
    if is_held and product.category is Category.MORTGAGE:
        fixed = min(rate.fixed_months or basis.months, basis.months)
    elif is_interest_only:
        fixed = min(INTEREST_ONLY_MONTHS, basis.months)
    is_interim = is_interest_only and not is_held
    is_interim = is_interim and bool(_INTERIM.search(f"{product.name} {rate.note}".lower()))
    is_followed = fixed < basis.months and not is_interim
    reverts = reversion(product, rate, candidates) if is_followed else None
    return _Case(
        product=product,
        rate=rate,
        basis=basis,
        reverts_to=reverts,
        fixed=fixed if reverts or is_interest_only else basis.months,
        interest_only=min(fixed, INTEREST_ONLY_MONTHS) if is_interest_only else 0,
        fees=_fees(product, rate, basis),
    )


def _fees(product: LoanProduct, rate: RateTerm, basis: Basis) -> dict[str, Decimal]:
    """Return the certain fees of a rate: upfront, monthly, yearly and at discharge.

    Registering a security is a charge of the state's, which a comparison rate leaves out.
    """
    sums = dict.fromkeys(("upfront", "monthly", "yearly", "discharge"), Decimal(0))
    for fee in charged_fees(product, rate, basis.amount):
        amount = max(fee.amount or Decimal(0), Decimal(0))
        match fee.timing:
            case FeeTiming.UPFRONT if fee.kind == "security":
                continue
            case FeeTiming.UPFRONT:
                sums["upfront"] += amount + (fee.fraction or Decimal(0)) * basis.amount
            case FeeTiming.MONTHLY:
                sums["monthly"] += amount / (fee.every_months or 1)
            case FeeTiming.YEARLY:
                sums["yearly"] += amount
            case FeeTiming.DISCHARGE:
                sums["discharge"] += amount
    return sums


def _comparison(case: _Case, solved: dict[int, float]) -> Comparison:
    """Return the published rate beside ours, rounded as the law rounds."""
    found = solved.get(id(case.rate))
    computed = None
    if found is not None:
        computed = Decimal(repr(found)).quantize(PLACES, rounding=ROUND_HALF_UP)
    reverts = case.reverts_to.rate.rate if case.reverts_to else None
    return Comparison(
        place=case.product.place,
        product_id=case.product.product_id,
        lender=case.product.lender,
        category=case.product.category,
        kind=case.rate.kind,
        repayment=case.rate.repayment,
        rate_index=case.rate.index,
        bare=case.rate.rate,
        published=case.rate.published_comparison,
        computed=computed,
        basis=None if computed is None else case.basis.label,
        reverts_to=reverts,
        fees=case.fees,
        discounted=discounted(case.product, case.rate),
    )


def discounted(product: LoanProduct, rate: RateTerm) -> Decimal | None:
    """Return the least rate that the product's own discounts make of a rate; None without one.

    Files write a discount as what is taken off (0.005) or as the rate that is left (0.0599): below
    half of the rate it is taken off. It only explains a published figure; nothing is priced at it.
    """
    if rate.rate is None or rate.kind not in _PRICES:
        return None
    left = [
        other.rate if other.rate * 2 > rate.rate else rate.rate - other.rate
        for other in product.rates
        if other.kind in _DISCOUNTS and other.rate is not None and other.rate > 0
    ]
    return min(left, default=None)


def _solve(cases: Sequence[_Case]) -> dict[int, float]:
    """Return the yearly comparison rate of each case, by the identity of its rate."""
    if not cases:
        return {}
    import numpy as np

    columns = np.array([_numbers(case) for case in cases], dtype=float).T
    return dict(zip((id(case.rate) for case in cases), comparison_rates(*columns), strict=True))


def _numbers(case: _Case) -> tuple[float, ...]:
    """Return a case as the numbers that `comparison_rates` takes, in its order."""
    rate = float(case.rate.rate or 0)
    later = case.reverts_to.rate.rate if case.reverts_to else None
    fees = [float(case.fees[key]) for key in ("upfront", "monthly", "yearly", "discharge")]
    return (
        *(float(case.basis.amount), float(case.basis.months)),
        *(rate, rate if later is None else float(later)),
        *(float(case.fixed), float(case.interest_only)),
        *fees,
    )


def comparison_rates(
    amount: Any,
    months: Any,
    rate: Any,
    later_rate: Any,
    fixed_months: Any,
    interest_only_months: Any,
    upfront: Any,
    monthly: Any,
    yearly: Any,
    discharge: Any,
) -> list[float]:
    """Return comparison rates per year of many loans at once; each argument is one array.

    A loan pays at `rate` for `fixed_months` and at `later_rate` after them, interest only at first
    and then equal repayments that end the loan with its term. Solved by halving a bracket: the
    present value of what is paid falls as the rate rises, so there is one root.
    """
    import numpy as np

    ends = (
        np.minimum(interest_only_months, fixed_months),
        np.minimum(fixed_months, months),
        np.asarray(months, dtype=float),
    )
    phases, balance, start = [], np.asarray(amount, dtype=float), np.zeros(len(amount))
    for place, end in enumerate(ends):
        j = np.where(start < fixed_months, rate, later_rate) / 12
        length, left = np.maximum(end - start, 0), np.maximum(months - start, 1)
        growth = (1 + j) ** length
        payment = balance * j if place == 0 else balance * j / (1 - (1 + j) ** -left)
        after = balance if place == 0 else balance * growth - payment * (growth - 1) / j
        phases.append((start, start + length, payment))
        balance, start = np.where(length > 0, after, balance), start + length
    low, high = np.full(len(amount), RATE_LOW), np.full(len(amount), RATE_HIGH)
    for _ in range(ITERATIONS):
        j = (low + high) / 2
        j = np.where(np.abs(j) < 1e-12, 1e-12, j)
        v = 1 / (1 + j)
        worth = sum(payment * (v**begin - v**end) / j for begin, end, payment in phases)
        worth += monthly * (1 - v**months) / j + discharge * v**months
        worth += yearly * (1 - v**months) / (1 - v**12)
        is_low = worth > amount - upfront
        low, high = np.where(is_low, j, low), np.where(is_low, high, j)
    return (6 * (low + high)).tolist()
