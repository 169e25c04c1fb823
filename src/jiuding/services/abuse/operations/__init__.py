"""Verbs of abuse: judge what is tried at a gate, and play families against the policies."""

from __future__ import annotations

from jiuding.services.abuse.operations.books_desk import BooksDesk
from jiuding.services.abuse.operations.desk import MemoryDesk
from jiuding.services.abuse.operations.judging import (
    ACT_ID_MAX,
    Gatekeeper,
    gate_named,
    judge,
    note,
    settle,
)
from jiuding.services.abuse.operations.playing import family_of, play_family
from jiuding.services.abuse.operations.text_desk import TextDesk, read_public_text

__all__ = [
    "ACT_ID_MAX",
    "BooksDesk",
    "Gatekeeper",
    "MemoryDesk",
    "TextDesk",
    "family_of",
    "gate_named",
    "judge",
    "note",
    "play_family",
    "read_public_text",
    "settle",
]
