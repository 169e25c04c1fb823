"""Read an event as its stream declares it, or refuse it; nothing is guessed."""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from jiuding.services.risk.errors import BadFeatureEvent, EventFromFuture
from jiuding.services.risk.types import FeatureEvent, FieldType, Stream

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FUTURE_SECONDS_MAX = 300
LATE_SECONDS_MAX = 86_400
TEXT_MAX = 200
INT_MAX = 10**15

_MICROSECOND = timedelta(microseconds=1)


def read_event(stream: Stream, given: Mapping[str, Any], *, now: datetime) -> FeatureEvent:
    """Return an event `{id, at, field…}`; fields that the stream does not declare are not kept.

    `at` is an instant with its zone. A field may be missing: what reads it does not count the
    event. Refuses: BadFeatureEvent; EventFromFuture beyond five minutes after `now`.
    """
    event_id, at = given.get("id"), given.get("at")
    if not isinstance(event_id, str) or not 0 < len(event_id) <= TEXT_MAX:
        raise BadFeatureEvent(f"an id is a text of 1 to {TEXT_MAX} characters")
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            raise BadFeatureEvent(f"{at[:40]!r} is not an instant", event_id=event_id) from None
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise BadFeatureEvent("at is an instant with its zone", event_id=event_id)
    if at > now + timedelta(seconds=FUTURE_SECONDS_MAX):
        raise EventFromFuture(f"{at.isoformat()} is still to come", event_id=event_id)
    values = {}
    for name, kind in stream.fields.items():
        value = given.get(name)
        if value is not None:
            values[name] = _value(name, kind, value, event_id)
    return FeatureEvent(event_id, (at - EPOCH) // _MICROSECOND, values)


def _value(name: str, kind: FieldType, value: Any, event_id: str) -> str | int:
    if kind is FieldType.INT:
        if type(value) is int and abs(value) <= INT_MAX:
            return value
        raise BadFeatureEvent(f"{name} is a whole number within 10^15", event_id=event_id)
    if not isinstance(value, str) or not 0 < len(value) <= TEXT_MAX or "\x00" in value:
        raise BadFeatureEvent(f"{name} is a text of 1 to {TEXT_MAX} characters", event_id=event_id)
    if kind is FieldType.NETWORK:
        return network_of(value)
    return value


def network_of(address: str) -> str:
    """Return the network that an address is counted under: /24, or /64 for IPv6.

    A network that was cut before stays as it is. Refuses: BadFeatureEvent for another text.
    """
    try:
        found = ipaddress.ip_network(address, strict=False)
    except ValueError:
        raise BadFeatureEvent(f"{address[:60]!r} is not an address") from None
    longest = 24 if found.version == 4 else 64
    return str(found if found.prefixlen <= longest else found.supernet(new_prefix=longest))


def content_hash(event: FeatureEvent) -> str:
    """Return the hash of what an event says, so that an id cannot say two things."""
    text = json.dumps([event.at, dict(event.values)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
