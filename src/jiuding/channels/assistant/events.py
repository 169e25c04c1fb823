"""News of the assistant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jiuding.kernel import eventlog


@dataclass(frozen=True, slots=True)
class NeedStated(eventlog.Event):
    """A customer said something; `intent` and what is still to be asked, never the words."""

    kind: ClassVar[str] = "assistant.need_stated"
    conversation_id: str
    party_id: str
    intent: str
    turn_number: int
    asked: str


@dataclass(frozen=True, slots=True)
class HandedOver(eventlog.Event):
    """The assistant handed a conversation to a person; `why` is hardship or a request."""

    kind: ClassVar[str] = "assistant.handed_over"
    conversation_id: str
    party_id: str
    why: str
