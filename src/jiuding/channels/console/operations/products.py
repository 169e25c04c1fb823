"""One product of the library as a page shows it: its terms, its true cost, its past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from jiuding.base.amounts import Amount, Asset
from jiuding.base.database.engine import Session
from jiuding.channels.console.operations.walk import names
from jiuding.kernel import products
from jiuding.services import offers

RATES_SHOWN_MAX = 60
FEES_SHOWN_MAX = 60
RULES_SHOWN_MAX = 60
CHANGES_SHOWN_MAX = 12
MONTHS_MAX = 480
AMOUNT_MAX = Decimal(100_000_000)
# What a loan of a category is priced on until the reader chooses: the statutory examples.
_USUAL: dict[products.Category, tuple[Decimal, int]] = {
    products.Category.MORTGAGE: (Decimal(150_000), 300),
    products.Category.PERSONAL: (Decimal(30_000), 60),
}
_OTHERWISE = (Decimal(100_000), 36)
_PRICED_REASONS = frozenset({None, "introductory", "interest_only"})


@dataclass(frozen=True, slots=True)
class RateView:
    """One published rate; `reason` says why it is not quoted."""

    index: int
    kind: str
    repayment: str
    rate: Decimal | None
    comparison: Decimal | None
    fixed_months: int | None
    occupancy: str | None
    tiers: tuple[tuple[str, str, str], ...]  # unit, from, to; "" is open
    reason: str | None
    note: str


@dataclass(frozen=True, slots=True)
class FeeView:
    """One fee: when it is due, whether everyone pays it, and its own words."""

    name: str
    timing: str
    amount: Amount | None
    share: Decimal | None
    is_certain: bool
    condition: str


@dataclass(frozen=True, slots=True)
class PartView:
    """One bar of the waterfall: where it starts and what it adds, in hundredths of a per cent."""

    name: str  # a fee's own name; "" for the interest
    timing: str
    paid: Amount
    adds: Decimal
    starts: Decimal


@dataclass(frozen=True, slots=True)
class CostView:
    """A true cost at a stated amount and term."""

    amount: Amount
    months: int
    rate_index: int
    fixed_months: int | None  # where the rate is stated to hold for less than the whole term
    later: Decimal | None  # what it is taken to become then; None where that is not known
    instalments: tuple[tuple[int, Amount], ...]  # from which month on each is paid
    instalment: Amount
    total_cost: Amount
    true_rate: Decimal
    parts: tuple[PartView, ...]


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change between two versions, by code; `by` is the step of a rate."""

    code: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of a product, and what changed when it came."""

    version: str
    first_seen_at: datetime
    last_seen_at: datetime
    is_current: bool
    rate_from: Decimal | None
    changes: tuple[ChangeView, ...]


@dataclass(frozen=True, slots=True)
class ProductPageView:
    """A product with everything that its page shows."""

    market: str
    place: int
    lender: str
    name: str
    category: str
    is_illustrative: bool
    description: str
    version: str
    limits: tuple[Amount | None, Amount | None]
    months: tuple[int | None, int | None]
    purposes: tuple[str, ...]
    collateral: tuple[str, ...]
    rates: tuple[RateView, ...]
    rate_count: int
    fees: tuple[FeeView, ...]
    conditions: tuple[tuple[str, str, str], ...]  # kind, value, words
    notes: tuple[str, ...]
    cost: CostView | None
    priced: tuple[tuple[int, Decimal, str], ...]  # rates that can be chosen: index, rate, kind
    chosen: tuple[str, str]  # amount and months as asked for
    history: tuple[VersionView, ...]
    age_days: int | None
    is_fresh: bool


def product_view(
    session: Session, *, branch: offers.Branch, market: str, place: int, lang: str, now: datetime,
    amount: str = "", months: str = "", rate: int | None = None,
) -> ProductPageView:  # fmt: skip
    """Return a product of a market by its place in the library.

    An amount, a term or a rate that cannot be meant gives the usual one.

    Refuses: offers.MarketNotServed, offers.ProductNotFound.
    """
    held = branch.market(market)
    listed = held.library.products
    if not 0 <= place < len(listed):
        raise offers.ProductNotFound(f"the library has no place {place}")
    product = listed[place]
    lender, name = names(product, lang)
    asset = held.asset
    quoted = [each for each in product.rates if _is_priced(each)]
    cost = _cost(product, quoted, held, amount, months, rate)
    source = offers.market_source(market)
    age = offers.read_freshness(session, bank_id=branch.bank_id, source=source, now=now)
    low, high = product.amount_min, product.amount_max
    return ProductPageView(
        market=market, place=place, lender=lender, name=name, category=product.category.value,
        is_illustrative=product.is_illustrative, description=product.description,
        version=product.version, limits=(_money(low, asset), _money(high, asset)),
        months=(product.term_months_min, product.term_months_max), purposes=product.purposes,
        collateral=product.collateral, rate_count=len(product.rates),
        rates=tuple(_rate(each) for each in product.rates[:RATES_SHOWN_MAX]),
        fees=tuple(_fee(each, asset) for each in product.fees[:FEES_SHOWN_MAX]),
        conditions=tuple(
            (each.kind, each.value, each.words) for each in product.eligibility[:RULES_SHOWN_MAX]
        ),
        notes=product.notes, cost=cost,
        priced=tuple(
            (each.index, each.rate, each.kind.value) for each in quoted[:RATES_SHOWN_MAX]
        ),
        chosen=(_plain(cost.amount) if cost else "", str(cost.months) if cost else ""),
        history=_history(session, branch, source, listed, product),
        age_days=None if age is None else age.age_days, is_fresh=age is None or age.is_fresh,
    )  # fmt: skip


def _cost(
    product: products.LoanProduct, quoted: Sequence[products.RateTerm], market: offers.Market,
    amount: str, months: str, index: int | None,
) -> CostView | None:  # fmt: skip
    """Return the true cost of one rate at an amount and a term within the product's limits."""
    if not quoted:
        return None
    asset = market.asset
    rate = next((each for each in quoted if each.index == index), None)
    rate = rate or min(quoted, key=lambda each: (each.unquotable is not None, each.rate))
    usual, usual_months = _USUAL.get(product.category, _OTHERWISE)
    if asset.code == "CNY":
        usual, usual_months = _OTHERWISE
    wanted = _amount(amount) or _within(usual, product.amount_min, product.amount_max)
    term = int(months) if months.isdigit() and 0 < int(months[:4]) <= MONTHS_MAX else None
    term = term or int(
        _within(
            Decimal(usual_months), _decimal(product.term_months_min),
            _decimal(product.term_months_max),
        )
    )  # fmt: skip
    after = offers.rate_after(market.library.products, product, rate)
    later = after.rate if after is not None else None
    found = offers.true_cost(product, rate, amount=wanted, months=term, later=later)
    if found is None:
        return None
    starts, parts = Decimal(0), []
    for part in found.parts:
        parts.append(
            PartView(
                part.fee.name if part.fee else "", part.fee.timing.value if part.fee else "",
                Amount.round(part.paid, asset), part.rate, starts,
            )
        )  # fmt: skip
        starts += part.rate
    holds = rate.fixed_months if rate.fixed_months and rate.fixed_months < term else None
    return CostView(
        Amount.round(wanted, asset), term, rate.index, holds, later,
        tuple((begin, Amount.round(pay, asset)) for begin, pay in found.instalments),
        Amount.round(found.instalment, asset),
        Amount.round(found.total_cost, asset), found.true_rate, tuple(parts),
    )  # fmt: skip


def _is_priced(rate: products.RateTerm) -> bool:
    """Tell whether a page works out what a rate costs: quoted, introductory or interest-only."""
    return rate.rate is not None and rate.unquotable in _PRICED_REASONS


def _amount(text: str) -> Decimal | None:
    """Return the amount that a reader typed, or None."""
    try:
        value = Decimal(text.replace(",", "").strip()[:20]).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    return value if 1 <= value <= AMOUNT_MAX else None


def _decimal(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _within(value: Decimal, low: Decimal | None, high: Decimal | None) -> Decimal:
    value = value if high is None or high <= 0 else min(value, high)
    return value if low is None else max(value, low)


def _money(value: Decimal | None, asset: Asset) -> Amount | None:
    return None if value is None else Amount.round(value, asset)


def _plain(amount: Amount) -> str:
    whole = amount.decimal
    return f"{whole:.0f}" if whole == whole.to_integral_value() else f"{whole:f}"


def _rate(rate: products.RateTerm) -> RateView:
    tiers = tuple(
        (tier.unit.value, _bound(tier.minimum), _bound(tier.maximum)) for tier in rate.tiers
    )
    return RateView(
        rate.index, rate.kind.value, rate.repayment.value, rate.rate, rate.published_comparison,
        rate.fixed_months, rate.occupancy, tiers, rate.unquotable, rate.note,
    )  # fmt: skip


def _bound(value: Decimal | None) -> str:
    return "" if value is None else f"{value:,.2f}".removesuffix(".00")


def _fee(fee: products.Fee, asset: Asset) -> FeeView:
    return FeeView(
        fee.name, fee.timing.value, _money(fee.amount, asset), fee.fraction, fee.is_certain,
        fee.condition,
    )  # fmt: skip


def _history(
    session: Session, branch: offers.Branch, source: str,
    listed: Sequence[products.LoanProduct], product: products.LoanProduct,
) -> tuple[VersionView, ...]:  # fmt: skip
    """Return the versions that imports showed, newest first, each with what it changed."""
    copy = sum(
        each.product_id == product.product_id and each.lender == product.lender
        for each in listed[: product.place]
    )
    seen = offers.product_history(
        session, bank_id=branch.bank_id, source=source, lender=product.lender,
        product_id=product.product_id, copy=copy,
    )  # fmt: skip
    found = []
    for place, each in enumerate(seen):
        older = seen[place + 1] if place + 1 < len(seen) else None
        changes = offers.product_changes(older.product, each.product) if older else ()
        found.append(
            VersionView(
                each.product.version, each.first_seen_at, each.last_seen_at, each.is_current,
                min((r.rate for r in each.product.rates if r.rate and not r.unquotable),
                    default=None),
                tuple(ChangeView(c.code, c.before, c.after) for c in changes[:CHANGES_SHOWN_MAX]),
            )
        )  # fmt: skip
    return tuple(found)
