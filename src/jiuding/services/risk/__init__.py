"""Risk: what is counted about events while they happen, and who stands on a list.

Its words: a *stream* is one kind of event with the *features* counted from it (counts, sums,
distincts, first-seen, ratios), over a *window* of time and per *key* (a party, card, device,
network, payee, or several together). The *log* holds what a stream declares of each event, in
*sequence*: the order in which events became known. *Screening* looks for a party's name on a list;
a *match* is a listed name near it, and a *clearance* remembers that it is another person.

Always true: a feature sees what was known before its event, at instants t - window < t' <= t, so
the future never leaks; the values on line and those that DuckDB counts from the log are equal to
the last unit; sums are in whole units; after a crash the log gives the same counters back; an event
that is unreadable, too late, from the future or says two things under one id is refused by a code;
screening misses no name that is as near as asked, and a clearance lapses when name or entry change.

It does not judge: decisions does, with these values as features. It does not decide what an event
is about: the caller names the stream.
"""

from __future__ import annotations

from jiuding.services.risk.errors import (
    BadFeatureEvent,
    BadList,
    BadName,
    BadStream,
    EventFromFuture,
    EventReused,
    EventTooLate,
    ListTooLong,
    MatchNotFound,
    StreamNotFound,
)
from jiuding.services.risk.operations import (
    EVENTS_MAX,
    Book,
    clear_match,
    count_in_duckdb,
    load_list,
    load_stream,
    observe,
    parity_differences,
    screen,
)
from jiuding.services.risk.rules import (
    Counters,
    Screener,
    feature_query,
    network_of,
    read_event,
    read_simple_csv,
    read_stream,
    read_xml,
    spell,
)
from jiuding.services.risk.types import (
    Feature,
    FeatureEvent,
    FieldType,
    ListEntry,
    Match,
    Measure,
    Observed,
    Screening,
    Stream,
    Where,
)

__all__ = [
    "EVENTS_MAX",
    "BadFeatureEvent",
    "BadList",
    "BadName",
    "BadStream",
    "Book",
    "Counters",
    "EventFromFuture",
    "EventReused",
    "EventTooLate",
    "Feature",
    "FeatureEvent",
    "FieldType",
    "ListEntry",
    "ListTooLong",
    "Match",
    "MatchNotFound",
    "Measure",
    "Observed",
    "Screener",
    "Screening",
    "Stream",
    "StreamNotFound",
    "Where",
    "clear_match",
    "count_in_duckdb",
    "feature_query",
    "load_list",
    "load_stream",
    "network_of",
    "observe",
    "parity_differences",
    "read_event",
    "read_simple_csv",
    "read_stream",
    "read_xml",
    "screen",
    "spell",
]
