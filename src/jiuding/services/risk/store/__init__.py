"""Every query of risk: the log and its order, the log counted in DuckDB, clearances."""

from __future__ import annotations

from jiuding.services.risk.store.clearing import add_clearance, clearances_of
from jiuding.services.risk.store.counting import count_in_duckdb
from jiuding.services.risk.store.lists import add_list, entries_of, newest_lists
from jiuding.services.risk.store.log import (
    add_events,
    event_id_at,
    event_of,
    events_after,
    hashes_of,
    lock_stream,
    move_on,
)

__all__ = [
    "add_clearance",
    "add_events",
    "add_list",
    "clearances_of",
    "count_in_duckdb",
    "entries_of",
    "event_id_at",
    "event_of",
    "events_after",
    "hashes_of",
    "lock_stream",
    "move_on",
    "newest_lists",
]
