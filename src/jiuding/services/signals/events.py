"""News of signals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jiuding.kernel import eventlog


@dataclass(frozen=True, slots=True)
class PartyLinked(eventlog.Event):
    """A party was seen for the first time with a thing that others may share.

    `thing` is an id, a hash or a network (`203.0.113.0/24`).
    """

    kind: ClassVar[str] = "signals.party_linked"
    link_kind: str
    thing: str


@dataclass(frozen=True, slots=True)
class PartyMarked(eventlog.Event):
    """Somebody found out what a party is (`bad`, `watched`), or took that back (`none`)."""

    kind: ClassVar[str] = "signals.party_marked"
    mark: str
    by: str
