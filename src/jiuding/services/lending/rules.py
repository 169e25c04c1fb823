"""Rules of lending: what a decision is told, and how terms are written down. Pure functions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from jiuding.base.amounts import Amount, currency
from jiuding.services.lending.types import (
    Applicant,
    LegTerms,
    LenderAnswer,
    LenderRequest,
    MarketLimits,
    NewApplication,
    Reason,
    Verified,
)


def event_facts(applicant: Applicant, application: NewApplication) -> dict[str, Any]:
    """Return the event that a credit decision judges: who applies, and for what."""
    longest = max(leg.term_months for leg in application.legs)
    return {
        "applicant.age": applicant.age,
        "applicant.status": applicant.status,
        "applicant.residency": applicant.residency,
        "application.amount": application.amount.decimal,
        "application.term_months": longest,
        "application.instalment_monthly": application.instalment.decimal,
        "application.purpose": application.purpose,
        "application.jurisdiction": applicant.market,
        "application.category": application.legs[0].category,
        "application.currency": application.amount.asset.code,
        "application.all_in_rate": application.all_in_rate,
    }


def feature_facts(
    verified: Verified, open_loan_count: int, outstanding: Decimal, limits: MarketLimits
) -> dict[str, Any]:
    """Return the features that a credit decision weighs; an unverified income is left out."""
    facts: dict[str, Any] = {
        "verified.expenses_monthly": verified.expenses_monthly,
        "verified.debts_monthly": verified.debts_monthly,
        "verified.months_of_history": verified.months_of_history,
        "verified.missed_payments_12m": verified.missed_payments_12m,
        "verified.lowest_balance_3m": verified.lowest_balance_3m,
        "exposure.open_loans": open_loan_count,
        "exposure.outstanding": outstanding,
        "limits.amount_max": limits.amount_max,
        "limits.dsr_max": limits.dsr_max,
    }
    if verified.income_monthly is not None:
        facts["verified.income_monthly"] = verified.income_monthly
    if verified.cash_flow_score is not None:
        facts["verified.cash_flow_score"] = verified.cash_flow_score
    return facts


def terms_to_record(terms: LegTerms) -> dict[str, Any]:
    """Return a leg's terms as plain JSON; amounts are whole units."""
    return {
        "number": terms.number,
        "product_id": terms.product_id,
        "product_version": terms.product_version,
        "rate_index": terms.rate_index,
        "product_name": terms.product_name,
        "lender": terms.lender,
        "lender_name": terms.lender_name,
        "category": terms.category,
        "is_own": terms.is_own,
        "currency": terms.amount.asset.code,
        "amount_units": terms.amount.units,
        "annual_rate": str(terms.annual_rate),
        "term_months": terms.term_months,
        "instalment_units": terms.instalment.units,
        "fee_upfront_units": terms.fee_upfront.units,
        "fee_monthly_units": terms.fee_monthly.units,
        "true_rate": str(terms.true_rate),
        "forbidden_uses": list(terms.forbidden_uses),
    }


def terms_from_record(record: Mapping[str, Any]) -> LegTerms:
    """Read what `terms_to_record` wrote."""
    asset = currency(record["currency"])
    return LegTerms(
        number=record["number"],
        product_id=record["product_id"],
        product_version=record["product_version"],
        rate_index=record["rate_index"],
        product_name=record["product_name"],
        lender=record["lender"],
        lender_name=record["lender_name"],
        category=record["category"],
        is_own=record["is_own"],
        amount=Amount(record["amount_units"], asset),
        annual_rate=Decimal(record["annual_rate"]),
        term_months=record["term_months"],
        instalment=Amount(record["instalment_units"], asset),
        fee_upfront=Amount(record["fee_upfront_units"], asset),
        fee_monthly=Amount(record["fee_monthly_units"], asset),
        true_rate=Decimal(record["true_rate"]),
        # Terms that were written before money was marked say nothing of it.
        forbidden_uses=tuple(record.get("forbidden_uses", ())),
    )


def reason_to_record(reason: Reason) -> dict[str, str]:
    """Return a reason as plain JSON."""
    return {
        "code": reason.code,
        "text_zh": reason.text_zh,
        "text_en": reason.text_en,
        "remedy_zh": reason.remedy_zh,
        "remedy_en": reason.remedy_en,
    }


def same_terms(first: tuple[LegTerms, ...], second: tuple[LegTerms, ...]) -> bool:
    """Say whether two applications ask for the same loans."""
    return [terms_to_record(leg) for leg in first] == [terms_to_record(leg) for leg in second]


def request_of(
    terms: LegTerms, facts: Mapping[str, Any], application_id: str, purpose: str
) -> LenderRequest:
    """Return what an outside lender is asked about a leg, from the facts that were written down."""
    return LenderRequest(
        request_id=f"{application_id}-{terms.number}",
        lender=terms.lender,
        product_id=terms.product_id,
        amount=terms.amount.text(),
        currency=terms.amount.asset.code,
        term_months=terms.term_months,
        annual_rate=str(terms.annual_rate),
        instalment=terms.instalment.text(),
        purpose=purpose,
        applicant_age=facts["age"],
        applicant_residency=facts["residency"],
        income_monthly=facts["income_monthly"],
        debts_monthly=facts["debts_monthly"],
    )


def lender_word(lender: str) -> str:
    """Return a lender as one word that owns accounts: readable, and never two lenders' own.

    Letters and digits of the name are kept; a short hash of the whole name tells apart what they
    leave alike.
    """
    told = re.sub(r"[^a-z0-9]+", "_", lender.lower()).strip("_")[:32]
    mark = hashlib.sha256(lender.encode()).hexdigest()[:8]
    return f"lender_{told}_{mark}" if told else f"lender_{mark}"


def refusal_of(terms: LegTerms, answer: LenderAnswer) -> Reason:
    """Return an outside lender's refusal as a reason in both languages."""
    return Reason(
        code="lending.lender_refused",
        text_zh=f"{terms.lender_name}没有批准：{answer.reason_zh or answer.reason}",
        text_en=f"{terms.lender_name} did not approve: {answer.reason or answer.reason_zh}",
        remedy_zh="换一个方案再试，其他机构的条件不同；什么都没有发生，也没有扣款。",
        remedy_en="Try another plan: other lenders ask for other things. Nothing was charged.",
    )
