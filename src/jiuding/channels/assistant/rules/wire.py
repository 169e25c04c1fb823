"""The assistant's answers as JSON: amounts and rates are decimal text, instants RFC 3339."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from jiuding.base.amounts import Amount, Asset, currency
from jiuding.channels.assistant.types import Heard, Turn
from jiuding.kernel import ledger, products
from jiuding.services import insight, lending, offers


def plain(value: Any) -> Any:
    """Return a result as JSON: decimals and instants as text, records as objects."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return products.canonical_of(value)


def leg_body(leg: offers.Leg) -> dict[str, Any]:
    """Return one loan of a plan; amounts are decimal text."""
    return plain(leg)


def plan_body(plan: offers.Plan, need: offers.Need) -> dict[str, Any]:
    """Return a plan with its true cost."""
    return {
        **plain(plan),
        "kind": plan.kind.value,
        "currency": need.currency,
        "total_paid": str(need.amount + plan.total_cost),
    }


def quote_body(quote: offers.Quote) -> dict[str, Any]:
    """Return a quote with its plans and why the others lost."""
    return {
        "quote_id": quote.quote_id,
        "need": plain(quote.need),
        "plans": [plan_body(plan, quote.need) for plan in quote.plan_set.plans],
        "rejected": [plain(each) for each in quote.plan_set.rejected],
        "rejected_counts": quote.plan_set.counts,
        "library_version": quote.library_version,
        "expires_at": quote.expires_at.isoformat(),
    }


def turn_body(turn: Turn) -> dict[str, Any]:
    """Return the assistant's turn."""
    return {
        "conversation_id": turn.conversation_id,
        "kind": turn.kind.value,
        "lang": turn.lang,
        "intent": turn.intent,
        "confidence": turn.confidence,
        "slots": plain(turn.slots),
        "spans": {name: asdict(span) for name, span in turn.spans.items()},
        "ask": list(turn.ask),
        "say": list(turn.say),
        "reasons": [asdict(reason) for reason in turn.reasons],
        "quote": quote_body(turn.quote) if turn.quote else None,
        "steps_ms": dict(turn.steps),
    }


def heard_body(heard: Heard) -> dict[str, Any]:
    """Return what sound says: text to look at, its figures, and what is said about it."""
    return {
        "text": heard.text,
        "lang": heard.lang,
        "figures": list(heard.figures),
        "say": list(heard.say),
    }


def grant_body(
    application: lending.Application,
    plan: dict[str, Any] | None,
    steps: Iterable[tuple[str, float]],
) -> dict[str, Any]:
    """Return the answer to an acceptance."""
    return {
        "granted": application.status is lending.ApplicationStatus.GRANTED,
        "status": application.status.value,
        "application_id": application.application_id,
        "loan_id": application.loan_ids[0] if application.loan_ids else None,
        "loan_ids": list(application.loan_ids),
        "plan": plan,
        "reasons": [asdict(reason) for reason in application.reasons],
        "timeline_ms": dict(steps),
    }


def loan_body(loan: lending.Loan, agreement: products.Agreement) -> dict[str, Any]:
    """Return a loan with every row that it promises."""
    asset = loan.terms.amount.asset
    scale = asset.scale
    return {
        "loan_id": loan.loan_id,
        "application_id": loan.application_id,
        "lender": loan.terms.lender,
        "lender_name": loan.terms.lender_name,
        "product": loan.terms.product_name,
        "product_version": loan.terms.product_version,
        "purpose": loan.purpose,
        "amount": loan.terms.amount.text(),
        "currency": asset.code,
        "annual_rate": str(loan.terms.annual_rate),
        "true_rate": str(loan.terms.true_rate),
        "term_months": loan.terms.term_months,
        "agreement_id": loan.agreement_id,
        "lender_reference": loan.lender_reference,
        "granted_at": loan.granted_at.isoformat(),
        "instalments": [
            {
                "number": row.number,
                "due_on": row.due_on.isoformat(),
                "principal": str(Decimal(row.principal_units).scaleb(-scale)),
                "interest": str(Decimal(row.interest_units).scaleb(-scale)),
                "fees": str(Decimal(row.fee_units).scaleb(-scale)),
                "balance": str(Decimal(row.balance_units).scaleb(-scale)),
            }
            for row in agreement.instalments
        ],
    }


def loan_line(loan: lending.Loan) -> dict[str, Any]:
    """Return a loan as one line of a list."""
    return {
        "loan_id": loan.loan_id,
        "amount": loan.terms.amount.text(),
        "currency": loan.terms.amount.asset.code,
        "lender": loan.terms.lender_name,
        "purpose": loan.purpose,
        "granted_at": loan.granted_at.isoformat(),
    }


def account_line(account: ledger.Account, balance: ledger.Balance) -> dict[str, Any]:
    """Return an account with what is on it and what of that is available."""
    return {
        "account_id": account.account_id,
        "kind": account.kind,
        "currency": account.asset.code,
        "balance": balance.posted.text(),
        "available": None if balance.available is None else balance.available.text(),
    }


def statement_line(line: ledger.StatementLine) -> dict[str, Any]:
    """Return one line of a statement with the balance after it."""
    return {
        "transfer_id": line.transfer_id,
        "on": line.effective_on.isoformat(),
        "code": line.code,
        "about": line.about,
        "amount": line.change.text(),
        "balance": line.balance_after.text(),
    }


def outlook_body(seen: insight.Outlook | None, asset: Asset) -> dict[str, Any]:
    """Return an outlook; both chances are decimal text, and None where history is too short."""
    if seen is None:
        return {"chance": None, "common": None, "usual_monthly": None, "currency": asset.code}
    return {
        "chance": f"{seen.chance:.2f}",
        "common": f"{seen.common:.2f}",
        "usual_monthly": plain(Decimal(seen.usual_units).scaleb(-asset.scale)),
        "currency": asset.code,
    }


def telling_body(told: insight.Telling) -> dict[str, Any]:
    """Return what a customer was told of the time ahead, with what it rests on."""
    asset = currency(told.currency)
    return {
        "telling_id": told.telling_id,
        "season": told.season,
        "told_at": told.told_at.isoformat(),
        "chance": str(told.chance),
        "common": str(told.common),
        "usual": Amount(told.usual_units, asset).text(),
        "currency": told.currency,
        "window_from": plain(told.window_from),
        "window_until": plain(told.window_until),
        "windows": [Amount(units, asset).text() for units in told.windows],
        "seen_from": plain(told.seen_from),
        "seen_until": plain(told.seen_until),
        "transfer_count": told.transfer_count,
        "transfer_ids": list(told.transfer_ids),
        "model_version": told.model_version,
    }


def portrait_body(sheet: insight.Sheet) -> dict[str, Any]:
    """Return a financial portrait: each figure with its standing, days and transfers."""
    figures = [
        {
            "name": figure.name,
            "verified": plain(figure.amount),
            "basis": figure.basis,
            "seen_from": plain(figure.seen_from),
            "seen_until": plain(figure.seen_until),
            "transfer_count": figure.transfer_count,
            "transfer_ids": list(figure.transfer_ids),
            "stated": plain(figure.stated),
            "stated_on": plain(figure.stated_on),
        }
        for figure in sheet.figures
    ]
    return {
        "on": plain(sheet.on),
        "currency": sheet.currency,
        "regularity": sheet.regularity.value,
        "months_of_history": sheet.months_of_history,
        "is_deleted": sheet.is_deleted,
        "foresees": sheet.foresees,
        "figures": figures,
        "signs": [plain(sign) for sign in sheet.signs],
    }
