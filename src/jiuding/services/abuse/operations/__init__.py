"""Verbs of abuse: judge what is tried at a gate, and play families against the policies."""

from __future__ import annotations

from jiuding.services.abuse.operations.desk import MemoryDesk
from jiuding.services.abuse.operations.playing import family_of, play_family

__all__ = ["MemoryDesk", "family_of", "play_family"]
