"""Shelf: a library laid out once as columns, ready to plan on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jiuding.kernel.products import Category, LoanProduct, RateKind, RateTerm, Repayment, TierUnit
from jiuding.services.offers.rules.eligibility import loan_to_value_max
from jiuding.services.offers.rules.fees import plan_fees

TERM_MONTHS_MAX = 600
HOUSES = frozenset({"house", "home", "property", "apartment"})
# Rules that verified facts decide; every other one with words stays open.
DECIDED = frozenset(
    (
        *("age_min", "age_max", "income_min", "residency", "staff", "student", "pension"),
        *("existing_customer", "natural_person", "employment"),
    )
)
CATEGORIES = tuple(Category)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A library as columns: first one value a product, then one value a rate (row).

    `identity` numbers products by lender and id: the same one listed twice is one product.
    `signature` numbers what a product asks of people, so that each question is asked once.
    """

    products: tuple[LoanProduct, ...]
    identity: np.ndarray
    lender: np.ndarray  # number of each product's lender in `lenders`
    lenders: dict[str, int]  # casefolded name → number
    secured: np.ndarray
    open_count: np.ndarray  # conditions that no verified fact decides
    on_house: np.ndarray
    category: np.ndarray
    currency: np.ndarray  # number of each product's currency in `currencies`
    currencies: dict[str, int]
    signature: np.ndarray
    signed_first: np.ndarray  # of each signature, the first product that has it
    term_low: np.ndarray
    term_high: np.ndarray
    limit_share: np.ndarray  # greatest loan-to-value, per cent; inf where open
    product: np.ndarray  # of each row; rows stand in the order of products
    rate_index: np.ndarray
    rate: np.ndarray
    quotable: np.ndarray
    occupancy: np.ndarray  # 0 open, 1 owner occupied, 2 investment
    low: np.ndarray  # currency
    high: np.ndarray
    share_low: np.ndarray  # per cent of the asset's value; nan where no tier asks for it
    share_high: np.ndarray
    months_low: np.ndarray
    months_high: np.ndarray
    fixed_months: np.ndarray
    upfront: np.ndarray  # currency, not units
    upfront_fraction: np.ndarray
    monthly: np.ndarray  # currency

    def number_of(self, place: int) -> int:
        """Return the number in this shelf of the product at a place of its file."""
        if place < len(self.products) and self.products[place].place == place:
            return place
        return next(n for n, product in enumerate(self.products) if product.place == place)


def shelf(products: Sequence[LoanProduct]) -> Shelf:
    """Lay a library out as columns. Done once a library: some 10 µs a rate."""
    identities: dict[tuple[str, str], int] = {}
    signatures: dict[tuple, int] = {}
    columns: list[tuple] = []
    rows: list[tuple] = []
    for place, product in enumerate(products):
        share = loan_to_value_max(product)
        columns.append(
            (
                identities.setdefault((product.lender, product.product_id), len(identities)),
                CATEGORIES.index(product.category),
                signatures.setdefault(_signature(product), len(signatures)),
                product.term_months_min or 1,
                product.term_months_max or TERM_MONTHS_MAX,
                np.inf if share is None else float(share),
            )
        )
        rows.extend((place, *_row(product, rate)) for rate in product.rates)
    table = np.array(columns, dtype=float).reshape(-1, 6).T
    lines = np.array(rows, dtype=float).reshape(-1, 15).T
    whole = np.int64
    lenders: dict[str, int] = {}
    currencies: dict[str, int] = {}
    signature = table[2].astype(whole)
    return Shelf(
        tuple(products),
        table[0].astype(whole),
        np.array([lenders.setdefault(p.lender.casefold(), len(lenders)) for p in products], whole),
        lenders,
        np.array([bool(product.collateral) for product in products], dtype=bool),
        np.array([_open_count(product) for product in products], dtype=whole),
        np.array([bool(HOUSES & set(product.collateral)) for product in products], dtype=bool),
        table[1].astype(whole),
        np.array([currencies.setdefault(p.currency, len(currencies)) for p in products], whole),
        currencies,
        signature,
        np.unique(signature, return_index=True)[1],
        *(np.ascontiguousarray(column) for column in table[3:]),
        lines[0].astype(whole),
        lines[1].astype(whole),
        lines[2],
        lines[3].astype(bool),
        lines[4].astype(whole),
        *(np.ascontiguousarray(column) for column in lines[5:]),
    )


def _open_count(product: LoanProduct) -> int:
    """Return how many of a product's conditions stay open until somebody asks."""
    return sum(rule.kind not in DECIDED and bool(rule.words) for rule in product.eligibility)


def _signature(product: LoanProduct) -> tuple:
    """Return what decides who may have a product: equal signatures, equal answers."""
    asks = tuple((rule.kind, rule.value, rule.words) for rule in product.eligibility)
    lender = product.lender if any(kind == "existing_customer" for kind, _, _ in asks) else ""
    kind = (product.purposes, product.category, product.collateral, product.jurisdiction)
    return asks, lender, kind


def _row(product: LoanProduct, rate: RateTerm) -> tuple:
    """Return the numbers of one rate: see `Shelf` for their order and meaning."""
    low, high = _bounds(rate, TierUnit.MONEY)
    share_low, share_high = _bounds(rate, TierUnit.LOAN_TO_VALUE)
    has_share = any(tier.unit is TierUnit.LOAN_TO_VALUE for tier in rate.tiers)
    months_low, months_high = _bounds(rate, TierUnit.MONTHS)
    quotable = (
        rate.unquotable is None
        and rate.rate is not None
        and 0 <= rate.rate <= 1
        and rate.kind in (RateKind.FIXED, RateKind.VARIABLE)
        and rate.repayment is Repayment.PRINCIPAL_AND_INTEREST
    )
    fees = plan_fees(product, rate) if quotable else (0, 0, 0)
    held = rate.kind is RateKind.FIXED and rate.fixed_months is not None
    return (
        rate.index,
        float(rate.rate) if quotable else 0.0,
        quotable,
        {"owner_occupied": 1, "investment": 2}.get(rate.occupancy or "", 0),
        max(low, float(product.amount_min or 0)),
        min(high, np.inf if product.amount_max is None else float(product.amount_max)),
        share_low if has_share else np.nan,
        share_high if has_share else np.nan,
        months_low,
        months_high,
        float(rate.fixed_months) if held else np.inf,
        *(float(fee) for fee in fees),
    )


def _bounds(rate: RateTerm, unit: TierUnit) -> tuple[float, float]:
    """Return the bounds that all tiers of a unit set together; they hold together."""
    low, high = 0.0, np.inf
    for tier in rate.tiers:
        if tier.unit is unit:
            low = max(low, float(tier.minimum or 0))
            high = min(high, np.inf if tier.maximum is None else float(tier.maximum))
    return low, high
