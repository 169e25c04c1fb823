"""News of risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jiuding.kernel import eventlog


@dataclass(frozen=True, slots=True)
class MatchCleared(eventlog.Event):
    """Somebody looked at a match with a list and found that it is another person."""

    kind: ClassVar[str] = "risk.match_cleared"
    subject: str
    entry_id: str
    by: str


@dataclass(frozen=True, slots=True)
class NameScreened(eventlog.Event):
    """Somebody's name was compared with the lists; the name itself is nowhere."""

    kind: ClassVar[str] = "risk.name_screened"
    list_version: str
    match_count: int
    cleared_count: int
    by: str


@dataclass(frozen=True, slots=True)
class ListImported(eventlog.Event):
    """Another version of a list is screened against."""

    kind: ClassVar[str] = "risk.list_imported"
    version: str
    entry_count: int
    by: str
