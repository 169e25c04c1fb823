"""Verbs of risk: count events and prove the counts, screen names, learn and measure models."""

from __future__ import annotations

from jiuding.services.risk.operations.counting import (
    EVENTS_MAX,
    Book,
    count_in_duckdb,
    find_event,
    load_stream,
    observe,
    parity_differences,
    read_log,
)
from jiuding.services.risk.operations.judging import JUDGED_MAX, judge_events
from jiuding.services.risk.operations.lists import ListRoom, import_list, lists_in_force
from jiuding.services.risk.operations.screening import (
    clear_match,
    load_list,
    note_screening,
    remember_clearance,
    screen,
)

__all__ = [
    "EVENTS_MAX",
    "JUDGED_MAX",
    "Book",
    "ListRoom",
    "clear_match",
    "count_in_duckdb",
    "find_event",
    "import_list",
    "judge_events",
    "lists_in_force",
    "load_list",
    "load_stream",
    "note_screening",
    "observe",
    "parity_differences",
    "read_log",
    "remember_clearance",
    "screen",
]
