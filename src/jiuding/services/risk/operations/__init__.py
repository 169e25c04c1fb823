"""Verbs of risk: count events as they come, prove the counts, screen names."""

from __future__ import annotations

from jiuding.services.risk.operations.counting import (
    EVENTS_MAX,
    Book,
    count_in_duckdb,
    load_stream,
    observe,
    parity_differences,
)
from jiuding.services.risk.operations.screening import clear_match, load_list, screen

__all__ = [
    "EVENTS_MAX",
    "Book",
    "clear_match",
    "count_in_duckdb",
    "load_list",
    "load_stream",
    "observe",
    "parity_differences",
    "screen",
]
