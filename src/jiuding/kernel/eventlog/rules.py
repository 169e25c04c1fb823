"""What an event may hold, as pure functions."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from jiuding.base.amounts import Amount
from jiuding.kernel.eventlog.errors import BadEvent
from jiuding.kernel.eventlog.types import Envelope, Event, LogSeal

KIND_LENGTH_MAX = 80
TEXT_LENGTH_MAX = 128
FIELD_COUNT_MAX = 40
ITEM_COUNT_MAX = 200
HASH_BYTES = 32
NO_SEAL = bytes(HASH_BYTES)

_KIND = re.compile(r"^[a-z][a-z_]*\.[a-z][a-z0-9_]*$")
# Ids, codes, versions, content hashes and dates have no spaces and are plain ASCII; names,
# addresses, e-mail addresses and what people write do not fit.
_WORD = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.:/+=#,~-]*$")


def check_word(text: str, what: str) -> str:
    """Return the text when it can be an id or a code.

    Refuses: BadEvent.
    """
    if not isinstance(text, str) or len(text) > TEXT_LENGTH_MAX or not _WORD.match(text):
        raise BadEvent(f"{what} must be an id or a code, not free text")
    return text


def check_kind(kind: str) -> str:
    """Return the kind when it reads `package.noun_past_participle`.

    Refuses: BadEvent.
    """
    if not isinstance(kind, str) or len(kind) > KIND_LENGTH_MAX or not _KIND.match(kind):
        raise BadEvent(f"{str(kind)[:40]!r} is not a kind of event")
    return kind


def data_of(event: Event) -> dict[str, Any]:
    """Return the event's fields by name."""
    return {field.name: getattr(event, field.name) for field in fields(event)}


def plain_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data as JSON can hold it: words, whole numbers, truths, and lists of these.

    Decimals, dates and instants become text; amounts become `{"units", "asset"}`.
    Refuses: BadEvent for free text, floats, nesting, or more than the stated number of fields.
    """
    if len(data) > FIELD_COUNT_MAX:
        raise BadEvent(f"{len(data)} fields; at most {FIELD_COUNT_MAX}")
    return {check_word(name, "a field's name"): _plain(value, name) for name, value in data.items()}


def _plain(value: Any, name: str) -> Any:
    if isinstance(value, (list, tuple)):
        if len(value) > ITEM_COUNT_MAX:
            raise BadEvent(f"{name} has {len(value)} items; at most {ITEM_COUNT_MAX}")
        return [_scalar(item, name) for item in value]
    return _scalar(value, name)


def _scalar(value: Any, name: str) -> Any:
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return check_word(value, name) if value else value
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value:f}"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Amount):
        return {"units": value.units, "asset": value.asset.code}
    raise BadEvent(f"{name} is a {type(value).__name__}; events hold ids, codes and numbers")


def leaf_of(envelope: Envelope) -> bytes:
    """Return the SHA-256 of everything that an event in order says."""
    told = [
        envelope.position,
        envelope.event_id,
        envelope.kind,
        envelope.subject,
        envelope.source,
        envelope.occurred_at.astimezone(UTC).isoformat(),
        envelope.recorded_at.astimezone(UTC).isoformat(),
        envelope.data,
    ]
    written = json.dumps(told, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(written.encode()).digest()


def seal_of(
    bank: str, previous: LogSeal | None, events: Sequence[Envelope], sealed_at: datetime
) -> LogSeal:
    """Return the next seal over events that follow the previous seal's, in their order."""
    leaves = b"".join(map(leaf_of, events))
    first, last = events[0].position or 0, events[-1].position or 0
    made = LogSeal(
        number=previous.number + 1 if previous else 1,
        first_position=first,
        last_position=last,
        sealed_at=sealed_at,
        previous=previous.seal if previous else NO_SEAL,
        seal=NO_SEAL,
        event_ids=tuple(each.event_id for each in events),
        leaves=leaves,
    )
    return replace(made, seal=hash_of(bank, made))


def hash_of(bank: str, seal: LogSeal) -> bytes:
    """Return the seal that a link of the chain must carry."""
    told = [
        bank,
        seal.number,
        seal.first_position,
        seal.last_position,
        seal.sealed_at.astimezone(UTC).isoformat(),
        seal.previous.hex(),
        list(seal.event_ids),
        hashlib.sha256(seal.leaves).hexdigest(),
    ]
    return hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).digest()
