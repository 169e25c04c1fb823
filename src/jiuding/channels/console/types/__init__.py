"""Nouns of the console: what a page shows. Money is an Amount; rates are fractions per year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from jiuding.base.amounts import Amount

LANGUAGES = ("zh", "en")
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Taste:
    """How a visitor wants pages: a language, and a theme ("auto" follows the system)."""

    lang: str = "en"
    theme: str = "auto"


@dataclass(frozen=True, slots=True)
class CustomerView:
    """A customer of the demonstration bank, to be chosen or already here."""

    party_id: str
    name: str
    story: str
    market: str
    age: int | None = None

    @property
    def initials(self) -> str:
        """One character of a Chinese name, two of another."""
        parts = self.name.split()
        if self.name[:1] > "\u2e80":
            return self.name[:1]
        return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()


@dataclass(frozen=True, slots=True)
class ChipView:
    """One value that was understood.

    `kind` is money | months | choice | words; `raw` is what the field holds when it is edited;
    `said` are the customer's own words, None where we assumed or were told otherwise.
    """

    slot: str
    kind: str
    raw: str
    amount: Amount | None = None
    amount_to: Amount | None = None  # the upper end, where a range was said
    said: str | None = None
    options: tuple[str, ...] = ()
    is_missing: bool = False
    raw_from: str = ""  # the lower end of a range of months


@dataclass(frozen=True, slots=True)
class LegView:
    """One loan of a plan."""

    lender: str
    product: str
    product_id: str
    amount: Amount
    term_months: int
    rate: Decimal
    true_rate: Decimal
    instalment: Amount
    fee_upfront: Amount
    fee_monthly: Amount
    conditions: tuple[str, ...] = ()
    is_illustrative: bool = False


@dataclass(frozen=True, slots=True)
class PeriodView:
    """What is paid in one period of a plan, and what is still owed after it."""

    number: int
    principal: Amount
    interest: Amount
    fees: Amount
    balance: Amount

    @property
    def total(self) -> Amount:
        """All that is paid in the period."""
        return self.principal + self.interest + self.fees


@dataclass(frozen=True, slots=True)
class WhyView:
    """One sentence of reason: a key of `words`, and the figures that go into it."""

    key: str
    amount: Amount | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class PlanView:
    """A way to pay; `kinds` names every aim that it is best at, the first names its address."""

    quote_id: str
    kinds: tuple[str, ...]
    amount: Amount
    total_paid: Amount
    total_cost: Amount
    interest: Amount
    fees: Amount
    true_rate: Decimal
    instalment: Amount
    term_months: int
    legs: tuple[LegView, ...]
    gap: Decimal
    proven: bool
    why: tuple[WhyView, ...] = ()
    periods: tuple[PeriodView, ...] = ()
    period_months: int = 12
    above_least: Amount | None = None  # at most so much over the least possible cost

    @property
    def kind(self) -> str:
        """The aim that the plan is called by."""
        return self.kinds[0]


@dataclass(frozen=True, slots=True)
class RejectionView:
    """Why a product is in no plan."""

    lender: str
    product: str
    rule: str
    detail: str
    figures: Mapping[str, Any] = field(default_factory=dict)  # what the detail says, by name


@dataclass(frozen=True, slots=True)
class WhyNotView:
    """A page of rejections; `counts` are (rule, how many), the most frequent first."""

    quote_id: str
    rows: tuple[RejectionView, ...]
    counts: tuple[tuple[str, int], ...]
    total: int
    matching: int
    rule: str = ""
    search: str = ""
    next_after: int | None = None


@dataclass(frozen=True, slots=True)
class ReasonView:
    """Why it was declined: a code, this case in words, and what would change it."""

    code: str
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class TurnView:
    """The answer to a sentence."""

    conversation_id: str
    text: str
    chips: tuple[ChipView, ...]
    say: tuple[str, ...]
    ask: tuple[ChipView, ...] = ()
    plans: tuple[PlanView, ...] = ()
    rejected_count: int = 0
    quote_id: str | None = None
    lang: str = ""  # the language that `say` is in
    reasons: tuple[ReasonView, ...] = ()
    expires_at: datetime | None = None
    product_count: int = 0
    ms: float = 0.0
    library_as_of: date | None = None  # the day on which what ships was published
    library_days: int = 0  # from that day to the answer


@dataclass(frozen=True, slots=True)
class ReadBackView:
    """What will happen, said back before it does."""

    plan: PlanView
    purpose: str
    agree_to: str  # what a passkey signs for
    expires_at: datetime
    has_passkey: bool = False
    library_version: str = ""
    pin_hint: str | None = None  # shown in a demonstration bank only


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of the timeline and how long it took."""

    name: str
    ms: float


@dataclass(frozen=True, slots=True)
class ResultView:
    """What came of an acceptance: granted | declined | submitted (other lenders still think)."""

    status: str
    plan: PlanView
    loan_ids: tuple[str, ...] = ()
    account_id: str | None = None
    reasons: tuple[ReasonView, ...] = ()
    steps: tuple[StepView, ...] = ()
    happened_at: datetime | None = None
    receipt: tuple[tuple[str, str], ...] = ()
    means: str = ""

    @property
    def granted(self) -> bool:
        """Whether the money is there."""
        return self.status == "granted"

    @property
    def ms(self) -> float:
        """All steps together."""
        return sum(step.ms for step in self.steps)


@dataclass(frozen=True, slots=True)
class ScheduleRowView:
    """One due day of a loan."""

    number: int
    due_on: date
    principal: Amount
    interest: Amount
    fees: Amount
    total: Amount
    balance: Amount
    is_paid: bool = False


@dataclass(frozen=True, slots=True)
class LoanView:
    """A loan: its terms, its schedule, what happened."""

    loan_id: str
    lender: str
    product: str
    purpose: str
    state: str
    amount: Amount
    outstanding: Amount
    rate: Decimal
    true_rate: Decimal
    instalment: Amount
    total_cost: Amount
    term_months: int
    granted_at: datetime
    rows: tuple[ScheduleRowView, ...]
    periods: tuple[PeriodView, ...]
    account_id: str | None = None
    receipt: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MoveView:
    """One line of a statement; `amount` is signed as the holder sees it."""

    transfer_id: str
    on: date
    code: str
    text: str
    amount: Amount
    balance: Amount


@dataclass(frozen=True, slots=True)
class StatementView:
    """A page of an account's statement, newest first."""

    account_id: str
    title: str
    balance: Amount
    available: Amount
    rows: tuple[MoveView, ...]
    next_after: str | None = None
    is_first_page: bool = True


@dataclass(frozen=True, slots=True)
class HoldingView:
    """One account or loan in a customer's list."""

    id: str
    title: str
    balance: Amount
    note: str = ""


@dataclass(frozen=True, slots=True)
class YouView:
    """What a customer has here."""

    accounts: tuple[HoldingView, ...] = ()
    loans: tuple[HoldingView, ...] = ()


@dataclass(frozen=True, slots=True)
class ProductView:
    """One product of the library."""

    product_id: str
    place: int
    lender: str
    name: str
    category: str
    currency: str
    rate_from: Decimal | None
    is_illustrative: bool
    unquotable: str | None = None


@dataclass(frozen=True, slots=True)
class LibraryView:
    """A page of the product library; `counts` are (reason, how many rates cannot be quoted)."""

    rows: tuple[ProductView, ...]
    product_count: int
    lender_count: int
    matching: int
    version: str
    counts: tuple[tuple[str, int], ...] = ()
    search: str = ""
    category: str = ""
    categories: tuple[tuple[str, int], ...] = ()
    next_after: int | None = None
    market: str = ""
    markets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProblemView:
    """A refusal as a page shows it. `title` and `detail` are the problem's own words."""

    code: str
    status: int
    title: str
    detail: str
    trace_id: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PolicyStepView:
    """One step of a policy's life."""

    number: int
    step: str
    version: str
    by: str
    share: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ComparedView:
    """What another version decides otherwise: was, would be, how often, good, bad."""

    compared_count: int
    changes: tuple[tuple[str, str, int, int | None, int | None], ...]
    words: str = ""


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version of a policy: who drafted it, how far it has come, and what may come next.

    `states` are drafted, checked, approved, shadowed; `share` is what it judges in percent.
    """

    version: str
    drafted_by: str
    states: tuple[str, ...]
    share: int | None
    may: tuple[str, ...]
    share_max: int  # that a publication may give it now


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A policy: its rules in words, who judges with which share, its versions, its steps.

    `rules` are id, what the condition says, and the outcome; `parts` what else judges, and how
    many of each: rules, table rows, scorecard lines, models, versions in shadow.
    """

    name: str
    title: str
    parts: tuple[tuple[str, int], ...]
    live: tuple[tuple[str, int], ...]
    shadows: tuple[tuple[str, ComparedView], ...]
    rules: tuple[tuple[str, str, str], ...]
    steps: tuple[PolicyStepView, ...]
    versions: tuple[VersionView, ...]
    can_roll_back: bool


@dataclass(frozen=True, slots=True)
class VersionPageView:
    """One version on a page: its rules, what the checks find, and what it would have decided."""

    name: str
    title: str
    version: VersionView
    rules: tuple[tuple[str, str, str], ...]
    findings: tuple[tuple[str, str, bool, tuple[tuple[str, str], ...]], ...]
    shadow: ComparedView | None
    back_test: ComparedView | None


@dataclass(frozen=True, slots=True)
class FigureView:
    """One figure of a portrait; `amount` is None where history proves nothing."""

    name: str
    amount: Amount | None
    basis: str
    seen_from: date | None
    seen_until: date | None
    transfer_count: int
    transfer_ids: tuple[str, ...]
    stated: Amount | None
    stated_on: date | None
    can_state: bool


@dataclass(frozen=True, slots=True)
class SignView:
    """One sign of stress and the transfers that show it."""

    name: str
    count: int
    last_on: date
    transfer_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToldView:
    """What a customer was told of the time ahead, and what it rests on."""

    told_on: date
    window_from: date
    window_until: date
    chance_percent: int
    common_percent: int
    windows: tuple[Amount, ...]
    seen_from: date
    seen_until: date
    transfer_count: int
    transfer_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PortraitView:
    """A customer's own financial portrait."""

    on: date
    regularity: str
    months_of_history: int
    is_deleted: bool
    foresees: bool
    figures: tuple[FigureView, ...]
    signs: tuple[SignView, ...]
    chance_percent: int | None = None
    common_percent: int | None = None
    usual: Amount | None = None
    told: tuple[ToldView, ...] = ()
