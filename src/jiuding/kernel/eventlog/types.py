"""Nouns of the event log: what happened, and the envelope it is kept in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from jiuding.base.problems import ensure

_KIND = re.compile(r"^[a-z][a-z_]*\.[a-z][a-z0-9_]*$")
_kinds: dict[str, type[Event]] = {}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; each package declares its own in `events.py`.

    A subclass is a frozen dataclass with a `kind` (`package.noun_past_participle`) that no other
    class has. Its fields become the envelope's data: ids, codes, numbers, dates and amounts only.
    """

    kind: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # Named in full: dataclasses with slots are made twice, and a bare super() loses its class.
        super(Event, cls).__init_subclass__(**kwargs)
        if "kind" not in cls.__dict__:
            return
        ensure(_KIND.match(cls.kind), f"kind {cls.kind!r} of {cls.__name__}")
        holder = _kinds.setdefault(cls.kind, cls)
        same = (holder.__module__, holder.__qualname__) == (cls.__module__, cls.__qualname__)
        ensure(same, f"two events share the kind {cls.kind}")
        _kinds[cls.kind] = cls


def registered_events() -> dict[str, type[Event]]:
    """Return every event class that has been declared, by kind."""
    return dict(sorted(_kinds.items()))


@dataclass(frozen=True, slots=True)
class Envelope:
    """One entry of the log, in either lane.

    `subject` is the id of what it is about; `source` the package or channel that tells it;
    `position` the place in the bank's order, None until the news has been put in order.
    """

    event_id: str
    kind: str
    subject: str
    source: str
    occurred_at: datetime
    recorded_at: datetime
    data: Mapping[str, Any]
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Something a person or program did, to be written in bulk; `subject` is who did it.

    `event_id` comes from the caller, so the same row sent twice is kept once.
    """

    event_id: str
    kind: str
    subject: str
    source: str
    occurred_at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LogSeal:
    """One link of the chain over the news: positions first to last, and the seal over them.

    `leaves` holds 32 bytes for each event, in the order of `event_ids`.
    """

    number: int
    first_position: int
    last_position: int
    sealed_at: datetime
    previous: bytes
    seal: bytes
    event_ids: tuple[str, ...]
    leaves: bytes


@dataclass(frozen=True, slots=True)
class LogFinding:
    """The first thing in the log that is not as it was sealed; `ids` are events' ids."""

    code: str
    detail: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LogVerification:
    """What the chain over the news shows; without a finding all is as it was sealed."""

    seal_count: int
    sealed_count: int
    waiting_count: int
    head: str
    finding: LogFinding | None
