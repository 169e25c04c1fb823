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
