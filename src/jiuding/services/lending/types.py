"""Nouns of lending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from jiuding.base.amounts import Amount


class ApplicationStatus(StrEnum):
    """Where an application stands. SUBMITTED waits for outside lenders; the others are final."""

    SUBMITTED = "submitted"
    GRANTED = "granted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies: verified facts only, never what a sentence claimed."""

    party_id: str
    status: str
    age: int
    residency: str
    market: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What account history proves, per month; income is None when nothing proves one."""

    income_monthly: Decimal | None
    expenses_monthly: Decimal
    debts_monthly: Decimal
    months_of_history: int
    missed_payments_12m: int
    lowest_balance_3m: Decimal
    cash_flow_score: int | None = None


@dataclass(frozen=True, slots=True)
class LegTerms:
    """One loan that is asked for, at terms that were quoted; rates are fractions per year.

    `forbidden_uses` is what the law lets its money not be used for.
    """

    number: int
    product_id: str
    product_version: str
    rate_index: int
    product_name: str
    lender: str
    lender_name: str
    category: str
    is_own: bool
    amount: Amount
    annual_rate: Decimal
    term_months: int
    instalment: Amount
    fee_upfront: Amount
    fee_monthly: Amount
    true_rate: Decimal
    forbidden_uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewApplication:
    """What is asked for: all legs or none. `quote_id` says what was shown before."""

    quote_id: str
    plan_kind: str
    purpose: str
    legs: tuple[LegTerms, ...]
    all_in_rate: Decimal

    @property
    def amount(self) -> Amount:
        """The sum of the legs."""
        whole = self.legs[0].amount
        for leg in self.legs[1:]:
            whole = whole + leg.amount
        return whole

    @property
    def instalment(self) -> Amount:
        """What all legs ask for in the first month, monthly fees included."""
        whole = self.legs[0].instalment + self.legs[0].fee_monthly
        for leg in self.legs[1:]:
            whole = whole + leg.instalment + leg.fee_monthly
        return whole


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, in words of both languages, and what would change the answer."""

    code: str
    text_zh: str
    text_en: str
    remedy_zh: str = ""
    remedy_en: str = ""

    def text(self, lang: str) -> str:
        """Return the reason in a language."""
        return self.text_zh if lang == "zh" else self.text_en

    def remedy(self, lang: str) -> str:
        """Return what would change the answer, or nothing."""
        return self.remedy_zh if lang == "zh" else self.remedy_en


@dataclass(frozen=True, slots=True)
class Application:
    """An application and its answer; `reasons` say why it was declined."""

    application_id: str
    party_id: str
    quote_id: str
    plan_kind: str
    purpose: str
    status: ApplicationStatus
    amount: Amount
    legs: tuple[LegTerms, ...]
    reasons: tuple[Reason, ...]
    decision_id: str | None
    loan_ids: tuple[str, ...]
    applied_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan that was granted, ours or another lender's, and where its money went."""

    loan_id: str
    application_id: str
    party_id: str
    terms: LegTerms
    purpose: str
    agreement_id: str
    account_id: str
    deposit_account_id: str
    lender_reference: str | None
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class LenderRequest:
    """What an outside lender is told: no name, no birth date; `request_id` is idempotent."""

    request_id: str
    lender: str
    product_id: str
    amount: str
    currency: str
    term_months: int
    annual_rate: str
    instalment: str
    purpose: str
    applicant_age: int
    applicant_residency: str
    income_monthly: str | None
    debts_monthly: str


@dataclass(frozen=True, slots=True)
class LenderAnswer:
    """What an outside lender answers; a refusal carries its own reason."""

    request_id: str
    is_accepted: bool
    reference: str
    reason: str = ""
    reason_zh: str = ""


@dataclass(frozen=True, slots=True)
class MarketLimits:
    """What a bank allows in a market; `dsr_max` is the fraction of income that debts may take."""

    market: str
    currency: str
    dsr_max: Decimal
    amount_max: Decimal
    own_lender: str
    quote_minutes: int
