"""News of insight: ids only, for figures are personal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jiuding.kernel import eventlog


@dataclass(frozen=True, slots=True)
class FigureStated(eventlog.Event):
    """A customer said another figure than the portrait shows, or took that back."""

    kind: ClassVar[str] = "insight.figure_stated"
    party_id: str
    figure: str
    is_taken_back: bool


@dataclass(frozen=True, slots=True)
class PortraitRemoved(eventlog.Event):
    """A customer had the portrait deleted; nothing is drawn of them until they want it again."""

    kind: ClassVar[str] = "insight.portrait_removed"
    party_id: str


@dataclass(frozen=True, slots=True)
class PortraitRestored(eventlog.Event):
    """A customer wants the portrait drawn again."""

    kind: ClassVar[str] = "insight.portrait_restored"
    party_id: str


@dataclass(frozen=True, slots=True)
class ForesightAllowed(eventlog.Event):
    """A customer allowed, or no longer allows, that we look ahead for them."""

    kind: ClassVar[str] = "insight.foresight_allowed"
    party_id: str
    is_allowed: bool


@dataclass(frozen=True, slots=True)
class ForesightTold(eventlog.Event):
    """A customer who allows it was told, once this season, that money may soon be needed."""

    kind: ClassVar[str] = "insight.foresight_told"
    party_id: str
    telling_id: str
    season: str
