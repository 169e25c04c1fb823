"""Nouns of products: what a lender promises, in terms that can be priced.

Money here is a decimal count of the product's currency, as published; rates are fractions per year.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from jiuding.base.amounts import Amount


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
    EQUAL_PRINCIPAL = "equal_principal"
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
    only_if: str = ""  # the one state in which it is due: "fixed", "investment", "package:gold" …
    waived_if: str = ""  # the state in which it is not, in the same words


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


@dataclass(frozen=True, slots=True)
class Terms:
    """What a borrower and a lender agree on: enough to rebuild every row of the schedule.

    `annual_rate` is nominal, a fraction per year; fees are amounts of the principal's asset.
    """

    principal: Amount
    annual_rate: Decimal
    term_months: int
    repayment: Repayment
    agreed_on: date
    first_due_on: date
    fee_upfront: Amount
    fee_monthly: Amount


@dataclass(frozen=True, slots=True)
class Agreement:
    """A loan as promised: the product version it was made under, its terms and every row due.

    `true_rate` is 12 x the monthly internal rate of the flows with every fee, or None where those
    have none. `version` pins the product's content.
    """

    agreement_id: str
    party_id: str
    product_id: str
    lender: str
    version: str
    rate_index: int
    purpose: str
    terms: Terms
    instalments: tuple[Instalment, ...]
    true_rate: Decimal | None
    made_at: datetime


class Confidence(StrEnum):
    """How sure we are of a rule's number: read in its source, or not yet."""

    SOURCE = "source"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a jurisdiction, as data.

    `at` is when it is asked (quote, agreement, payment …); `fact`, `test` and `number` or `values`
    say what is checked, `scope` for whom. A rule without a `test` is a figure that others read.
    """

    rule_id: str
    titles: dict[str, str]
    valid_from: date | None
    valid_until: date | None
    at: str
    scope: dict[str, tuple[str, ...]]
    fact: str | None
    test: str | None
    number: Decimal | None
    values: tuple[str, ...]
    unit: str
    source: str
    confidence: Confidence

    def is_in_force(self, on: date) -> bool:
        """Say whether the rule holds on this day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on < self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Pack:
    """The rules of one jurisdiction; `version` is the hash of the file's content."""

    jurisdiction: str
    titles: dict[str, str]
    currency: str
    version: str
    rules: tuple[Rule, ...]

    def rule(self, rule_id: str) -> Rule | None:
        """Return the rule with this id, or None."""
        return next((rule for rule in self.rules if rule.rule_id == rule_id), None)


@dataclass(frozen=True, slots=True)
class QuoteFacts:
    """What is known of a quote when its jurisdiction's rules are asked; None is not known.

    Amounts are decimal counts of `currency`, rates fractions per year. `amount` is this loan,
    `owed_already` what the borrower owes of the same kind at this lender. `daily_rate` is interest
    and charges over principal per day, `total_cost_rate` all interest and charges over principal.
    """

    jurisdiction: str
    purpose: str
    category: Category
    borrower_kind: str  # "natural_person" | "business"
    amount: Decimal
    currency: str
    term_months: int
    repayment: Repayment
    all_in_rate: Decimal | None
    lender: str = ""
    lender_kind: str = ""  # "bank" | "local_bank" | "private" …
    region: str = ""  # the borrower's
    lender_region: str = ""
    is_online: bool = True
    is_secured: bool = False
    is_joint: bool = False
    owed_already: Decimal = Decimal(0)
    partner_share: Decimal | None = None  # of each joint loan, the fraction our partner lends
    daily_rate: Decimal | None = None
    total_cost_rate: Decimal | None = None
    default_fee: Decimal | None = None
    early_repayment_fee_rate: Decimal | None = None
    shows_annual_rate: bool = True
    annual_rate_is_most_prominent: bool = True


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a quote does not meet. With `needs_person` a person signs; else it is refused."""

    rule_id: str
    detail: str
    needs_person: bool
