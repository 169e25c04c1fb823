"""Nouns of products: what a lender promises, in terms that can be priced.

Money here is a decimal count of the product's currency, as published; rates are fractions per year.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Category(StrEnum):
    """What kind of loan it is."""

    MORTGAGE = "mortgage"
    PERSONAL = "personal"
    BUSINESS = "business"
    CARD = "card"
    OVERDRAFT = "overdraft"
    LEASE = "lease"
    MARGIN = "margin"
    TRADE = "trade"


class RateKind(StrEnum):
    """How a rate behaves. Only FIXED and VARIABLE are quoted; the others adjust or wait."""

    FIXED = "fixed"
    VARIABLE = "variable"
    INTRODUCTORY = "introductory"
    DISCOUNT = "discount"
    BUNDLE_DISCOUNT_FIXED = "bundle_discount_fixed"
    BUNDLE_DISCOUNT_VARIABLE = "bundle_discount_variable"
    FLOATING = "floating"
    MARKET_LINKED = "market_linked"
    PURCHASE = "purchase"
    CASH_ADVANCE = "cash_advance"
    PENALTY = "penalty"
    OTHER = "other"  # a kind that the reader does not know


class Repayment(StrEnum):
    """How principal comes back."""

    PRINCIPAL_AND_INTEREST = "principal_and_interest"
    INTEREST_ONLY = "interest_only"
    BULLET = "bullet"


class TierUnit(StrEnum):
    """What a tier's bounds count: currency, percent of the asset's value, or months."""

    MONEY = "money"
    LOAN_TO_VALUE = "loan_to_value"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Tier:
    """Bounds within which a rate holds; None is open."""

    unit: TierUnit
    minimum: Decimal | None
    maximum: Decimal | None


@dataclass(frozen=True, slots=True)
class RateTerm:
    """One published rate; `index` is its place in the product, `unquotable` the reason why not."""

    index: int
    kind: RateKind
    rate: Decimal | None
    repayment: Repayment
    fixed_months: int | None = None
    occupancy: str | None = None  # "owner_occupied" | "investment"
    tiers: tuple[Tier, ...] = ()
    published_comparison: Decimal | None = None
    unquotable: str | None = None
    note: str = ""
    is_in_advance: bool = False  # interest is paid before the period that it is for


class FeeTiming(StrEnum):
    """When a fee is due."""

    UPFRONT = "upfront"
    MONTHLY = "monthly"
    YEARLY = "yearly"
    DISCHARGE = "discharge"
    EVENT = "event"  # only when something happens that a loan need not meet


@dataclass(frozen=True, slots=True)
class Fee:
    """One fee: an amount, or a fraction of the loan; `condition` names when it applies.

    `every_months` is the period of a periodic fee; `is_certain` says that every borrower pays it.
    """

    name: str
    timing: FeeTiming
    amount: Decimal | None
    fraction: Decimal | None = None
    every_months: int | None = None
    is_certain: bool = True
    condition: str = ""
    kind: str = ""  # what it is for: "establishment", "settlement", "account_keeping", "late" …


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Who may have it: a typed rule, or a condition in words that is shown and never ignored."""

    kind: str  # age_min | age_max | residency | income_min | natural_person | business | words …
    value: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class LoanProduct:
    """A loan that a lender publishes. `version` is the hash of its content."""

    product_id: str
    lender: str
    name: str
    category: Category
    currency: str
    jurisdiction: str
    rates: tuple[RateTerm, ...]
    fees: tuple[Fee, ...]
    amount_min: Decimal | None
    amount_max: Decimal | None
    term_months_min: int | None
    term_months_max: int | None
    purposes: tuple[str, ...]
    collateral: tuple[str, ...]
    eligibility: tuple[Eligibility, ...]
    place: int
    version: str
    is_illustrative: bool = False
    names: dict[str, str] = field(default_factory=dict)  # language → name, where there are several
    source: str = ""
    lender_name: str = ""  # the name that a customer reads, where `lender` is a code
    description: str = ""
    notes: tuple[str, ...] = ()  # what the reader changed or could not place


@dataclass(frozen=True, slots=True)
class Cashflow:
    """Money on a day: received is positive, paid is negative, in one currency."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Instalment:
    """One row of a schedule, in whole units of the loan's asset."""

    number: int
    due_on: date
    principal_units: int
    interest_units: int
    fee_units: int
    balance_units: int  # principal still owed after this row

    @property
    def total_units(self) -> int:
        """What the borrower pays on this day."""
        return self.principal_units + self.interest_units + self.fee_units
