"""Read card payments and labels from JSON objects, under the names of the usual data sets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from jiuding.services.risk.errors import BadPayment
from jiuding.services.risk.types.fraud import CardPayment, FraudLabel

ID_MAX = 80
CENTS_MAX = 10**12
WHOLE_MAX = 10**18
# Whole numbers from here on count milliseconds: as seconds they would be the year 5138.
MILLISECONDS_FROM = 100_000_000_000
SECONDS_MAX = 253_402_300_799
NAMES = {
    "payment": ("tx_id", "transaction_id", "payment_id"),
    "at": ("ts", "tx_datetime", "at"),
    "customer": ("customer_id", "card_id", "customer"),
    "terminal": ("terminal_id", "terminal"),
    "cents": ("amount_cents",),
    "amount": ("tx_amount", "amount"),
    "label": ("fraud", "tx_fraud", "is_fraud", "label"),
}
_PART = {name: part for part, names in NAMES.items() for name in names}


def read_line(line: Mapping[str, Any]) -> tuple[CardPayment | None, FraudLabel | None]:
    """Return the payment of a line, or the label, or both: a payment may carry its own label.

    A label of its own is heard seven days after the payment, by who feeds it; a line with a label
    and no amount is a label heard at its time. `scenario` and other names are not read.
    Refuses: BadPayment naming the part.
    """
    event = line.get("event", line)
    if not isinstance(event, Mapping):
        raise BadPayment("the event is an object")
    found: dict[str, Any] = {}
    for name, value in event.items():
        part = _PART.get(name.lower())
        if part is not None and value is not None:
            if part in found:
                raise BadPayment(f"{part} is given twice", field=part)
            found[part] = value
    for part, value in found.items():
        # Tables written with binary floats say 596.0 for 596.
        if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
            found[part] = int(value) if abs(value) <= WHOLE_MAX else value
    payment_id = _id(found.get("payment", line.get("id")), "tx_id")
    at = _instant(found.get("at"))
    is_fraud = _label(found["label"]) if "label" in found else None
    if "cents" not in found and "amount" not in found and is_fraud is not None:
        return None, FraudLabel(payment_id, at, is_fraud)
    payment = CardPayment(
        payment_id=payment_id,
        at=at,
        customer=_id(found.get("customer"), "customer_id"),
        terminal=_id(found.get("terminal"), "terminal_id"),
        cents=_cents(found),
    )
    return payment, None if is_fraud is None else FraudLabel(payment_id, at, is_fraud)


def _id(value: Any, part: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise BadPayment(f"{part} is a text or a whole number", field=part)
    found = str(value)
    if len(found) > ID_MAX:
        raise BadPayment(f"{part} has at most {ID_MAX} characters", field=part)
    return found


def _instant(value: Any) -> int:
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            raise BadPayment("ts is an instant such as 2018-08-08T09:30:00", field="ts") from None
        return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadPayment("ts is an instant, or seconds since 1970", field="ts")
    seconds = value // 1_000 if value >= MILLISECONDS_FROM else value
    if seconds > SECONDS_MAX:
        raise BadPayment("ts is an instant, or seconds since 1970", field="ts")
    return seconds


def _cents(found: Mapping[str, Any]) -> int:
    if "cents" in found and "amount" in found:
        raise BadPayment("the amount is given once, in cents or in full", field="amount")
    value = found.get("cents", found.get("amount"))
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise BadPayment("the amount is a number", field="amount")
    try:
        exact = Decimal(value) * (1 if "cents" in found else 100)
    except InvalidOperation:
        raise BadPayment("the amount is a number", field="amount") from None
    if not exact.is_finite() or not 0 <= exact <= CENTS_MAX:
        raise BadPayment("the amount is from 0 to 10 billion", field="amount")
    if exact != exact.to_integral_value():
        raise BadPayment("the amount is in whole cents", field="amount")
    return int(exact)


def _label(value: Any) -> bool:
    if value is True or value is False or (isinstance(value, int) and value in (0, 1)):
        return bool(value)
    raise BadPayment("a label is 0 or 1", field="fraud")
