"""The event log: what happened in a bank, written once, in one order.

Its words: an *event* is something that happened; it is kept in an *envelope* (id, kind, subject,
source, two instants, data). *News* is what a package tells about its own change, written in that
change's transaction. A *listener* reads news with its own *cursor*. *Behaviour* is what people and
programs did: page views, calls, attempts; it is written in bulk and nobody listens to it.

Always true: news exists if and only if its change was committed; it cannot be altered or deleted;
every piece of news gets one *position* in its bank's order, and what happened to one subject stays
in the order in which it happened; a listener is given every piece at least once, and none is
skipped because its transaction committed late. Envelopes hold ids, codes, numbers, dates and
amounts, never personal details, so that a person can be forgotten without touching the log.

It does not call listeners (a worker does, with `read_news` and `advance`), does not keep one
transaction's news for listeners that are not yet known (a new listener starts at the first news),
and does not yet roll behaviour into Parquet files: behaviour stays in its table.
"""

from __future__ import annotations

from jiuding.kernel.eventlog.errors import BadEvent, CursorWentBack, TooManyRows
from jiuding.kernel.eventlog.operations import (
    BEHAVIOUR_ROWS_MAX,
    READ_MAX,
    advance,
    append,
    append_all,
    events_about,
    news_after,
    read_news,
    record_behaviour,
)
from jiuding.kernel.eventlog.types import Behaviour, Envelope, Event, registered_events

__all__ = [
    "BEHAVIOUR_ROWS_MAX",
    "READ_MAX",
    "BadEvent",
    "Behaviour",
    "CursorWentBack",
    "Envelope",
    "Event",
    "TooManyRows",
    "advance",
    "append",
    "append_all",
    "events_about",
    "news_after",
    "read_news",
    "record_behaviour",
    "registered_events",
]
