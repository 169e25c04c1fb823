"""Risk: what is counted about events as they happen, who stands on a list, and models that judge.

Its words: a *stream* is one kind of event with the *features* counted from it (counts, sums,
distincts, first-seen, ratios), over a *window* of time and per *key* (a party, card, device,
network, payee, or several together). The *log* holds what a stream declares of each event, in
*sequence*: the order in which events became known. *Screening* looks for a party's name on a list;
a *match* is a listed name near it, and a *clearance* remembers that it is another person. A *card
payment* is a customer paying at a *terminal*; a *label* says, days later, whether it was fraud. A
*scorecard model* is points by band from weights of evidence; *trees* are boosted decision trees;
both are `decisions.Model`s, pinned by the hash of their file.

Always true: a feature sees what was known before its event, at instants t - window < t' <= t, so
the future never leaks; the values on line and those that DuckDB counts from the log are equal to
the last unit; sums are in whole units; after a crash the log gives the same counters back; an event
that is unreadable, too late, from the future or says two things under one id is refused by a code;
screening misses no name that is as near as asked, and a clearance lapses when name or entry change.
A model learns from the features by which it judges, out of the same code; what it may not lower or
raise (monotone) it does not; sex, age and nationality are no inputs; the figures on its card were
measured on cases that it did not learn from.

It does not judge: decisions does, with these values and probabilities as inputs. It does not decide
what an event is about: the caller names the stream. It ships no data set: each model's card names
its data, with origin and licence.
"""

from __future__ import annotations

from jiuding.services.risk.errors import (
    BadClearance,
    BadFeatureEvent,
    BadList,
    BadListName,
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
    JUDGED_MAX,
    Book,
    ListRoom,
    clear_match,
    count_in_duckdb,
    find_event,
    import_list,
    judge_events,
    lists_in_force,
    load_list,
    load_stream,
    note_screening,
    observe,
    parity_differences,
    read_log,
    remember_clearance,
    screen,
)
from jiuding.services.risk.rules import (
    Counters,
    Screener,
    clearance_hash,
    feature_query,
    network_of,
    read_event,
    read_simple_csv,
    read_stream,
    read_xml,
    spell,
)
from jiuding.services.risk.types import (
    Clearance,
    Feature,
    FeatureEvent,
    FieldType,
    Judged,
    ListEntry,
    ListVersion,
    Match,
    Measure,
    Observed,
    Screening,
    Stream,
    Where,
)

__all__ = [
    "EVENTS_MAX",
    "JUDGED_MAX",
    "BadClearance",
    "BadFeatureEvent",
    "BadList",
    "BadListName",
    "BadName",
    "BadStream",
    "Book",
    "Clearance",
    "Counters",
    "EventFromFuture",
    "EventReused",
    "EventTooLate",
    "Feature",
    "FeatureEvent",
    "FieldType",
    "Judged",
    "ListEntry",
    "ListRoom",
    "ListTooLong",
    "ListVersion",
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
    "clearance_hash",
    "count_in_duckdb",
    "feature_query",
    "find_event",
    "import_list",
    "judge_events",
    "lists_in_force",
    "load_list",
    "load_stream",
    "network_of",
    "note_screening",
    "observe",
    "parity_differences",
    "read_event",
    "read_log",
    "read_simple_csv",
    "read_stream",
    "read_xml",
    "remember_clearance",
    "screen",
    "spell",
]
