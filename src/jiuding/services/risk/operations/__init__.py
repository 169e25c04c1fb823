"""Verbs of risk: count events as they come, and prove the counts."""

from __future__ import annotations

from jiuding.services.risk.operations.counting import (
    EVENTS_MAX,
    Book,
    count_in_duckdb,
    load_stream,
    observe,
    parity_differences,
)

__all__ = ["EVENTS_MAX", "Book", "count_in_duckdb", "load_stream", "observe", "parity_differences"]
