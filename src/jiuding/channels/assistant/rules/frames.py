"""Understanding a sentence: its intent, its slots, what to ask, which rule answers it.

Nothing in the text is ever carried out. An instruction to the machine, a false income, another
person's identity or data make the sentence `unsafe`; a purpose that credit may not fund is named
with its rule. The actions are chosen from a fixed list by intent, and none of them decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from jiuding.channels.assistant.errors import TextNotText
from jiuding.channels.assistant.rules import danger
from jiuding.channels.assistant.rules.intents import intent_of
from jiuding.channels.assistant.rules.numbers import numbers_in
from jiuding.channels.assistant.rules.purposes import PROHIBITED, main_purpose
from jiuding.channels.assistant.rules.slots import Frame, frame_of
from jiuding.channels.assistant.rules.text import prepare
from jiuding.channels.assistant.types import Intent, Kind, Mention, Span, Understanding

# What each intent may leave in its slots: a question about the weather has no need in it.
_LOAN_SLOTS = frozenset({
    "purpose", "amount", "amount_range", "amount_approx", "currency", "price",
    "down_payment", "down_payment_pct", "goals", "term_months", "term_months_range",
    "monthly_max", "monthly_income", "existing_monthly_debt", "rate_max_pct_pa",
    "rate_pct_pa", "current_rate_pct_pa", "repayment", "needed_within_days",
    "collateral", "prefs", "exclude", "lenders", "applicant", "age", "debt",
    "business",
})  # fmt: skip
_SUM = frozenset({"amount", "amount_range", "amount_approx", "currency"})
_ALLOWED: Mapping[Intent, frozenset[str]] = {
    Intent.LOAN_REQUEST: _LOAN_SLOTS,
    Intent.LOAN_COMPARE: _LOAN_SLOTS - {"needed_within_days"},
    Intent.LOAN_INFO: _LOAN_SLOTS - {"needed_within_days", "prefs", "business"},
    Intent.AFFORDABILITY: _LOAN_SLOTS - {"needed_within_days", "prefs"},
    Intent.REFINANCE: _LOAN_SLOTS - {"needed_within_days", "prefs"},
    Intent.PREPAY: _SUM | {"lenders"},
    Intent.HARDSHIP: frozenset({"defer_months", "debt", "currency", "monthly_income"}),
    Intent.PAYMENT: _SUM | {"payee"},
    Intent.INVEST: _SUM | {"term_months", "term_months_range"},
}
_ACTIONS: Mapping[Intent, tuple[str, ...]] = {
    Intent.LOAN_REQUEST: ("read_back", "plan"),
    Intent.LOAN_COMPARE: ("compare_products",),
    Intent.LOAN_INFO: ("explain_product",),
    Intent.AFFORDABILITY: ("calculate",),
    Intent.APPLICATION_STATUS: ("show_application_status",),
    Intent.PREPAY: ("explain_prepayment",),
    Intent.REFINANCE: ("compare_with_current_loan",),
    Intent.HARDSHIP: ("offer_relief", "hand_over"),
    Intent.CANCEL: ("confirm_cancellation",),
    Intent.CONSENT_WITHDRAW: ("confirm_consent_withdrawal",),
    Intent.HUMAN: ("hand_over",),
    Intent.DECLINE_REASON: ("explain_decision",),
    Intent.DATA_RIGHTS: ("open_data_request",),
    Intent.ACCOUNT_QUERY: ("show_account",),
    Intent.PAYMENT: ("read_back", "ask_confirmation"),
    Intent.INVEST: ("explain_savings",),
    Intent.CONFIRM: ("ask_confirmation",),
    Intent.CHITCHAT: ("greet",),
    Intent.OUT_OF_SCOPE: ("say_out_of_scope",),
    Intent.UNSAFE: ("refuse", "explain_rule"),
}
_BORROWING = frozenset({
    Intent.LOAN_REQUEST, Intent.LOAN_COMPARE, Intent.LOAN_INFO, Intent.AFFORDABILITY,
    Intent.REFINANCE,
})  # fmt: skip
_SURE = 0.45  # below this the assistant asks what is meant before anything else
_CONTEXT_KEYS_MAX = 50


def understand(
    text: str, *, lang: str | None = None, context: Mapping[str, Any] | None = None
) -> Understanding:
    """Return what a sentence asks for.

    `context` may hold `asked` (the slot that was asked for last) and `slots` (known so far); it
    completes what is asked and lets a bare figure answer a question, and changes nothing else.

    Refuses: TextEmpty, TextTooLong (over 2,000 characters), TextNotText.
    """
    asked, known = _context(context)
    reading = prepare(text, lang=lang)
    frame = frame_of(reading, asked=asked)
    _fit(frame, known)
    intent, confidence, policy = intent_of(frame, asked=asked, is_begun=bool(known))
    slots, spans = _kept(frame, intent)
    if policy is None and slots.get("purpose") in PROHIBITED:
        policy = "purpose_prohibited"
    if policy is None and intent in _BORROWING and danger.GAMBLING.search(reading.norm):
        policy = "purpose_prohibited"
    ask = asked_for(intent, {**known, **slots}, policy)
    if frame.is_vague or frame.is_doubtful:
        confidence = min(confidence, 0.9)
    return Understanding(
        intent=intent,
        slots=slots,
        spans=spans,
        ask=ask,
        policy=policy,
        confidence=round(max(0.0, min(confidence, 0.995)), 3) if math.isfinite(confidence) else 0.0,
        lang=reading.lang,
        actions=_actions(intent, ask, policy, confidence, reading.norm),
        text=text,
    )


_RESAID = re.compile(
    r"(?:(?:no|actually|sorry|wait|hmm|oh|then),?\s+)*(?:make (?:it|that)|let's (?:say|do|make it)|"
    r"i meant?|change (?:it|that) to)\s+[\w-]+(?:\s+(?:instead|please|then))?[.!]?"
)


def _fit(frame: Frame, known: Mapping[str, Any]) -> None:
    """Read a sentence as one of a conversation: what is known says what its words are about.

    A word that only hints at a purpose does not replace a purpose that was named; "make it 12"
    after ten thousand, where no term stands yet, is twelve thousand, and is read back as such.
    """
    purpose = main_purpose(frame.purposes)
    if "purpose" in known and purpose is not None and purpose.strength <= 1:
        frame.slots.pop("purpose", None)
        frame.spans.pop("purpose", None)
    if "amount" not in known or {"term_months", "term_months_range"} & set(known) or frame.slots:
        return
    numbers = numbers_in(frame.reading.norm)
    if len(numbers) == 1 and numbers[0].scale == 1 and _RESAID.fullmatch(frame.reading.norm):
        value = numbers[0].low * 1000
        if 1000 <= value <= 10 * Decimal(str(known["amount"])):
            frame.put("amount", value, (numbers[0].start, numbers[0].end))
            frame.is_doubtful = True


def _context(context: Mapping[str, Any] | None) -> tuple[str | None, dict[str, Any]]:
    if context is None:
        return None, {}
    if not isinstance(context, Mapping) or len(context) > _CONTEXT_KEYS_MAX:
        raise TextNotText("context must be an object with asked and slots")
    asked, known = context.get("asked"), context.get("slots")
    if known is not None and not isinstance(known, Mapping):
        raise TextNotText("context.slots must be an object")
    return (asked if isinstance(asked, str) else None), dict(known or {})


def _kept(frame: Frame, intent: Intent) -> tuple[dict[str, Any], dict[str, Span]]:
    allowed = _ALLOWED.get(intent, frozenset())
    slots = {name: value for name, value in frame.slots.items() if name in allowed}
    if intent is Intent.INVEST or intent is Intent.PAYMENT or intent is Intent.PREPAY:
        slots, frame = _plain_sum(frame, slots, allowed)
    if not any(name in slots for name in _MONEY):
        slots.pop("currency", None)
    if intent is Intent.REFINANCE and "rate_pct_pa" in slots and "current_rate_pct_pa" not in slots:
        slots["current_rate_pct_pa"] = slots.pop("rate_pct_pa")
        frame.spans["current_rate_pct_pa"] = frame.spans["rate_pct_pa"]
    if intent is Intent.REFINANCE and slots.get("purpose", "refinance") == "refinance":
        # The loan to be replaced says what it was for, as a product's name does elsewhere.
        product = _product(frame) or _replaced(frame.reading.norm)
        if product is None and "purpose" not in slots:
            found = _DEBTS.search(frame.reading.norm)
            if found is not None:
                slots["purpose"] = "refinance"
                frame.spans["purpose"] = frame.reading.span(*found.span())
        if product is not None:
            slots["purpose"] = product.label
            frame.spans["purpose"] = frame.reading.span(product.start, product.end)
    return slots, {name: span for name, span in frame.spans.items() if name in slots}


# Debts that name no thing bought: to replace them is the purpose.
_DEBTS = re.compile(
    r"网贷|信用卡|卡债|套路贷|花呗|借呗|白条|小贷|高利贷|债|\b(?:(?:visa|credit|store|amex|"
    r"bank) ?cards?|visa|mastercard|amex|cards|debts?|payday loans?|"
    r"personal loans?|overdrafts?|store cards?|klarna|afterpay|bnpl)\b"
)


_LOANS_BY_PRODUCT = (
    ("home", re.compile(r"房贷|按揭|\bmortgage\b|\bhome loan\b|\bhouse loan\b")),
    ("car", re.compile(r"车贷|\bcar (?:loan|finance)\b|\bauto loan\b")),
)


def _replaced(norm: str) -> Mention | None:
    """Return the loan that is to be replaced, where the words for it were read as the wish."""
    for label, pattern in _LOANS_BY_PRODUCT:
        found = pattern.search(norm)
        if found is not None:
            return Mention(Kind.PURPOSE, *found.span(), label=label)
    return None


def _product(frame: Frame) -> Mention | None:
    return next((p for p in [*frame.owed, *frame.purposes] if p.label in ("home", "car")), None)


_MONEY = ("amount", "amount_range", "price", "down_payment", "monthly_max", "monthly_income",
          "existing_monthly_debt", "debt", "goals")  # fmt: skip


def _plain_sum(
    frame: Frame, slots: dict[str, Any], allowed: frozenset[str]
) -> tuple[dict[str, Any], Frame]:
    """Outside of lending a sum is a sum: what looked like a budget or savings is the amount."""
    if "amount" not in slots and "amount_range" not in slots:
        for name in ("down_payment", "debt", "monthly_max", "price"):
            if name in frame.slots:
                slots["amount"] = frame.slots[name]
                frame.spans["amount"] = frame.spans[name]
                break
        if "amount" in slots and "currency" in frame.slots:
            slots["currency"] = frame.slots["currency"]
    return slots, frame


def asked_for(intent: Intent, slots: Mapping[str, Any], policy: str | None) -> tuple[str, ...]:
    """Return the slots to ask for before anything is quoted, the most important first."""
    has_amount = any(name in slots for name in ("amount", "amount_range", "goals"))
    if intent is Intent.LOAN_REQUEST:
        missing = [] if has_amount else ["amount"]
        if "purpose" not in slots and "goals" not in slots and policy is None:
            missing.append("purpose")
        return tuple(missing) if policy is None else ()
    if intent is Intent.AFFORDABILITY:
        has_means = any(name in slots for name in ("monthly_income", "monthly_max"))
        if not has_amount and not has_means and "price" not in slots:
            return ("monthly_income",)
        if has_amount and "term_months" not in slots and "term_months_range" not in slots:
            return () if has_means else ("term_months",)
    if intent is Intent.PAYMENT:
        return ("amount",) if "payee" in slots and "amount" not in slots else ()
    return ()


def _actions(
    intent: Intent, ask: tuple[str, ...], policy: str | None, confidence: float, norm: str
) -> tuple[str, ...]:
    actions = _ACTIONS[intent]
    if intent is Intent.UNSAFE:
        return actions
    if policy is not None:
        return ("explain_rule", "refuse")
    if intent is Intent.HARDSHIP and danger.CRISIS.search(norm):
        return ("give_crisis_help", *actions)
    if ask and intent in (Intent.LOAN_REQUEST, Intent.AFFORDABILITY, Intent.PAYMENT):
        actions = tuple(f"ask_{name}" for name in ask)
    if confidence < _SURE:
        return ("ask_meaning", *actions) if intent is not Intent.LOAN_REQUEST else actions
    return actions
