"""Nouns of offers: a need, who has it, and the ways to pay for it.

Money is a decimal count of the need's currency; rates are fractions per year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from jiuding.kernel.products import LoanProduct


class PlanKind(StrEnum):
    """What a plan makes least: cost, the instalment, the risk of a refusal, or weights of these."""

    CHEAPEST = "cheapest"
    LIGHTEST = "lightest"
    SUREST = "surest"
    WEIGHTED = "weighted"  # only where the need has weights


@dataclass(frozen=True, slots=True)
class Goal:
    """One of several aims in one sentence."""

    purpose: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Weights:
    """How much cost, the instalment and certainty count beside one another: see rules/aims.py.

    None is negative and not all are nought; only their proportions matter.
    """

    cost: Decimal = Decimal(0)
    instalment: Decimal = Decimal(0)
    certainty: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Need:
    """What is to be paid for. A single term is a range whose ends are equal.

    With `discount_rate_pa`, a fraction per year due by twelfths, least cost means least present
    cost: all payments' present value less the amount. With `weights` a fourth plan is made.
    """

    purpose: str
    amount: Decimal
    currency: str
    term_months_min: int
    term_months_max: int
    monthly_max: Decimal | None = None
    goals: tuple[Goal, ...] = ()
    discount_rate_pa: Decimal | None = None
    weights: Weights | None = None


@dataclass(frozen=True, slots=True)
class Collateral:
    """A thing that can secure a loan, and what it is worth."""

    kind: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Profile:
    """Who asks, as verified; `dsr_max` is the fraction of income that debts may take."""

    age: int
    residency: str
    income_monthly: Decimal
    debts_monthly: Decimal
    dsr_max: Decimal
    expenses_monthly: Decimal | None = None
    credit_score: int | None = None
    collateral: tuple[Collateral, ...] = ()
    existing_banks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leg:
    """One loan of a plan: equal monthly payments in arrears at one published rate."""

    product_id: str
    lender: str
    product_name: str
    product_version: str
    place: int  # the product's place in its library; ids repeat across brands
    rate_index: int
    rate: Decimal
    amount: Decimal
    term_months: int
    instalment: Decimal
    fee_upfront: Decimal
    fee_monthly: Decimal
    true_rate: Decimal
    conditions: tuple[str, ...] = ()
    instalment_exact: Decimal = Decimal(0)  # before rounding to the unit, six places
    fee_monthly_exact: Decimal = Decimal(0)
    purposes: tuple[str, ...] = ()  # which of the need's purposes it pays for


@dataclass(frozen=True, slots=True)
class Plan:
    """A way to pay: at most three legs. `gap` is (total_cost less the proven least) / amount.

    `gap_amount` is the same in money, rounded up. `gap_rate` is the same a year: the true rate
    less the rate at which this plan's months, paid in the same proportions, would cost the proven
    least. Where the need has a discount rate all three are of the present cost.
    """

    kind: PlanKind
    legs: tuple[Leg, ...]
    total_cost: Decimal
    true_rate: Decimal
    instalment: Decimal  # the first month's instalments and monthly fees, all legs together
    gap: Decimal
    proven: bool
    chance: Decimal = Decimal(0)  # a stated score of approval, 0 to 1: see rules/aims.py
    gap_amount: Decimal = Decimal(0)
    gap_rate: Decimal = Decimal(0)
    present_cost: Decimal | None = None  # only where the need has a discount rate
    objective: Decimal | None = None  # only of a weighted plan: see rules/aims.py
    objective_gap: Decimal | None = None  # no plan's objective is lower by more


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a product is in no plan: the first rule it fails, or the extra cost it brings.

    `figures` holds what `detail` says, by name, so that it can be said in any language: text of
    decimals and codes, whole numbers, and lists of text. Each rule's names are in
    rules/rejections.py.
    """

    product_id: str
    lender: str
    product_name: str
    place: int
    rule: str
    detail: str
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Nearest:
    """What would make a need feasible: the month it takes, or the amount that fits; None if none.

    `binds` is what stands in the way of the need as stated: "over_budget", "amount_above_maximum",
    "no_product", "jurisdiction", or "time": nothing was found and it is not proven that nothing
    fits. `rule` is where the products that came furthest stopped, when there was no product.
    """

    binds: str
    monthly_needed: Decimal | None
    amount_max: Decimal | None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What the plan would be if one thing were otherwise.

    `change` names the thing: "less_borrowed" (by `by`), "monthly_more", "months_fewer",
    "months_more", "one_loan"; `before` and `after` are what it was and would be. `total_cost` and
    `instalment` are None where nothing would fit; `saving` is the cost less than today's, negative
    where it would cost more, in present value where the need has a discount rate.
    """

    change: str
    by: Decimal
    total_cost: Decimal | None
    instalment: Decimal | None
    saving: Decimal | None
    before: Decimal = Decimal(0)
    after: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class FeePart:
    """One fee of a plan: what it comes to over the whole term, and what it adds to the true rate.

    `timing` is "upfront" or "monthly"; a yearly fee is counted as its twelfth each month.
    """

    lender: str
    product_id: str
    name: str
    timing: str
    amount: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a plan: the best of its kind without its largest loan's product, what would change it.

    `parts` adds up to the true rate: interest, then what each kind of fee adds to it; `fees` tells
    the same fee by fee.
    """

    plan: Plan | None
    runner_up: Plan | None
    counterfactuals: tuple[Counterfactual, ...]
    parts: tuple[tuple[str, Decimal], ...]
    fees: tuple[FeePart, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanSet:
    """The answer to a need: a plan of each kind, and why not the others.

    `rejected` is a sequence that is written out as it is read: one for each product in no plan.
    """

    plans: tuple[Plan, ...]
    rejected: Sequence[Rejection]
    ms: float
    counts: dict[str, int] = field(default_factory=dict)  # rule → how many products it turned away
    nearest: Nearest | None = None  # only where there is no plan


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A line, or a part of one, that was set aside: where it stands, why, and its code."""

    line: int  # counted from 1 in the file as read; the item's number in an array
    code: str
    reason: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Library:
    """Products in the order of their file, with what could not be quoted and what was set aside.

    `unquotable` counts rates by reason; `version` is the hash of all products' versions; `as_of` is
    the day on which what ships was published, None where nothing of it is in use.
    """

    products: tuple[LoanProduct, ...]
    unquotable: dict[str, int]
    quarantined: tuple[Quarantined, ...]
    origin: str
    licence: str
    version: str
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """Plans that were shown to a party, and until when they hold."""

    quote_id: str
    party_id: str
    market: str
    need: Need
    profile: Profile
    plan_set: PlanSet
    library_version: str
    quoted_at: datetime
    expires_at: datetime
