"""Dialogue: what is known after a sentence, what is still to be asked, and what is said about it.

Every sentence comes from `words/`, written in both languages; the figures that fill it are typed
results, never text from a customer.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from jiuding.channels.assistant.errors import BadSlot
from jiuding.services import offers

WORDS = Path(__file__).resolve().parents[1] / "words"
TERM_MONTHS_MAX = 480
AMOUNT_MAX = Decimal("1e12")
# What a customer may set by hand; everything else follows from these.
EDITABLE = frozenset(
    {"purpose", "amount", "term_months", "monthly_max", "price", "down_payment", "currency"}
)
# Words of the customer's own, which may name people: heard, and not written down.
NOT_KEPT = frozenset({"payee", "applicant", "lenders", "exclude"})
_DERIVED = {"amount": ("amount_range", "amount_approx"), "term_months": ("term_months_range",)}


@cache
def words(lang: str) -> dict[str, dict[str, str]]:
    """Return the assistant's sentences in a language, "zh" or "en"."""
    return tomllib.loads((WORDS / f"{lang}.toml").read_text(encoding="utf-8"))


def say(lang: str, key: str, /, **figures: Any) -> str:
    """Return a sentence with its figures filled in."""
    return words(lang)["say"][key].format_map(figures)


def refusal(lang: str, policy: str | None) -> str:
    """Return why something is not done: the rule's own sentence, or the general one."""
    return words(lang)["policy"].get(policy or "", words(lang)["say"]["unsafe"])


def question(lang: str, slot: str) -> str:
    """Return the question that asks for a slot."""
    asks = words(lang)["ask"]
    return asks.get(slot, asks["other"]).format_map({"slot": slot})


def purpose_word(lang: str, purpose: str) -> str:
    """Return a purpose as a customer reads it."""
    return words(lang)["purpose"].get(purpose, purpose)


def money(value: Decimal | int | float) -> str:
    """Return an amount grouped by thousands, with cents only where there are any."""
    exact = Decimal(str(value)).quantize(Decimal("0.01"))
    return f"{exact:,.2f}".removesuffix(".00")


def percent(rate: Decimal) -> str:
    """Return a fraction per year as percent with two places."""
    return f"{(rate * 100).quantize(Decimal('0.01'))}"


def merged(known: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known after a sentence; what was said last wins, with all that follows it."""
    result = dict(known)
    if "amount" in said or "amount_range" in said or "price" in said:
        for name in ("amount", "amount_range", "amount_approx"):
            result.pop(name, None)
    if "term_months" in said or "term_months_range" in said:
        result.pop("term_months", None)
        result.pop("term_months_range", None)
    result.update(said)
    if "down_payment" in said and not {"price", "amount", "amount_range"} & set(said):
        _priced(result)
    return _with_derived(result)


_BOUGHT = frozenset({"home", "car", "equipment", "agri", "furniture"})


def _priced(slots: dict[str, Any]) -> None:
    """Take a sum for the price once money put down towards it is named, as in one sentence."""
    if "price" in slots or "amount" not in slots or slots.get("purpose") not in _BOUGHT:
        return
    if Decimal(str(slots["amount"])) > Decimal(str(slots["down_payment"])):
        slots["price"] = slots.pop("amount")


def _with_derived(slots: dict[str, Any]) -> dict[str, Any]:
    """Work out the amount from price and down payment, where no amount was named."""
    price = slots.get("price")
    if price is None or "amount" in slots:
        return slots
    down = slots.get("down_payment")
    if down is None and "down_payment_pct" in slots:
        down = Decimal(str(price)) * Decimal(str(slots["down_payment_pct"])) / 100
    if down is not None and Decimal(str(price)) > Decimal(str(down)):
        slots["amount"] = Decimal(str(price)) - Decimal(str(down))
    return slots


def edited(known: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the slots after a customer changed some by hand; an empty value takes a slot away.

    Refuses: BadSlot for a slot that cannot be edited or a value that cannot stand.
    """
    result = dict(known)
    for name, value in changes.items():
        if name not in EDITABLE:
            raise BadSlot(f"{str(name)[:40]!r} cannot be edited", field=str(name)[:40])
        for derived in _DERIVED.get(name, ()):
            result.pop(derived, None)
        if value in (None, ""):
            result.pop(name, None)
        else:
            result[name] = _checked(name, value)
    if {"price", "down_payment"} & set(changes) and "amount" not in changes:
        result.pop("amount", None)
    return _with_derived(result)


def _checked(name: str, value: Any) -> Any:
    if name in ("purpose", "currency"):
        text = str(value)
        if name == "purpose" and text not in words("en")["purpose"]:
            raise BadSlot(f"{text[:40]!r} is not a purpose that we know", field=name)
        return text
    try:
        number = Decimal(str(value).replace(",", "").replace(",", "").strip())
    except ArithmeticError as error:
        raise BadSlot(f"{name} must be a number, not {str(value)[:40]!r}", field=name) from error
    if not number.is_finite() or number <= 0 or number > AMOUNT_MAX:
        raise BadSlot(f"{name} must be more than nothing and can be counted", field=name)
    if name == "term_months":
        if number != int(number) or number > TERM_MONTHS_MAX:
            raise BadSlot(f"a term is 1 to {TERM_MONTHS_MAX} whole months", field=name)
        return int(number)
    return number


def amount_of(slots: Mapping[str, Any]) -> Decimal | None:
    """Return the amount to plan for: the one named, or the upper end of a range."""
    if "amount" in slots:
        return Decimal(str(slots["amount"]))
    if "amount_range" in slots:
        return Decimal(str(slots["amount_range"][1]))
    if slots.get("goals"):
        return sum((Decimal(str(goal["amount"])) for goal in slots["goals"]), Decimal(0))
    return None


def need_from(
    slots: Mapping[str, Any], *, currency: str, default_terms: Mapping[str, tuple[int, int]]
) -> offers.Need:
    """Return the need that the slots state; a missing term is a range by purpose.

    Refuses: BadSlot for an amount or term beyond what can be planned.
    """
    amount = amount_of(slots)
    if amount is None or not 0 < amount <= AMOUNT_MAX:
        raise BadSlot("the amount must be more than nothing and can be counted", field="amount")
    purpose = slots.get("purpose") or slots["goals"][0]["purpose"]
    low, high = default_terms.get(purpose, default_terms["other"])
    if "term_months" in slots:
        low = high = int(slots["term_months"])
    elif "term_months_range" in slots:
        low, high = (int(months) for months in slots["term_months_range"])
    if not 0 < low <= high <= TERM_MONTHS_MAX:
        raise BadSlot(f"a term is 1 to {TERM_MONTHS_MAX} months", field="term_months")
    monthly = slots.get("monthly_max")
    return offers.Need(
        purpose=purpose,
        amount=amount.quantize(Decimal("0.01")),
        currency=currency,
        term_months_min=low,
        term_months_max=high,
        monthly_max=None if monthly is None else Decimal(str(monthly)),
        goals=tuple(
            offers.Goal(goal["purpose"], Decimal(str(goal["amount"])))
            for goal in slots.get("goals", ())
        ),
    )


def collateral_from(slots: Mapping[str, Any]) -> tuple[offers.Collateral, ...]:
    """Return what a purchase itself secures: the home or car at its stated price."""
    if slots.get("purpose") in ("home", "car") and "price" in slots:
        return (offers.Collateral(slots["purpose"], Decimal(str(slots["price"]))),)
    return ()


def foreign_currency(slots: Mapping[str, Any], said: str, currency: str) -> str | None:
    """Return the currency that was asked for, where it is really another one than the market's.

    A bare "$" or "dollars" is the dollar of the market.
    """
    asked = slots.get("currency")
    if asked is None or asked == currency:
        return None
    if asked == "USD" and currency in ("AUD", "HKD") and "us" not in said.lower():
        return None
    return str(asked)
