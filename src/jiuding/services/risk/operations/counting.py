"""Count events as they come: log them in sequence, and say what each of them saw.

The counters live in memory and follow the log. Before anything is counted they catch up with what
others wrote; where they are ahead of the log, because a transaction was undone, or new, because the
program was started again, they are rebuilt from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

from jiuding.base.database.engine import Session
from jiuding.base.problems import Problem, ensure
from jiuding.base.settings import CATALOG
from jiuding.services.risk import rules, store
from jiuding.services.risk.errors import BadStream, EventReused, StreamNotFound
from jiuding.services.risk.types import FeatureEvent, Observed, Stream

EVENTS_MAX = 5_000
FEATURES = CATALOG / "features"


@lru_cache(maxsize=64)
def load_stream(name: str, folder: Path = FEATURES) -> Stream:
    """Return a stream of the catalogue, read once in a process.

    Refuses: StreamNotFound; BadStream naming the file and the place in it.
    """
    path = folder / f"{name}.toml"
    if not name.replace("_", "").isalnum() or not path.is_file():
        raise StreamNotFound(f"there is no stream {name[:80]!r}", stream=name[:80])
    stream = rules.read_stream(path.read_text(encoding="utf-8"), file=path.name)
    if stream.name != name:
        raise BadStream(f"{path.name}: name is {stream.name!r}, not the file's", file=path.name)
    return stream


@dataclass(slots=True)
class Book:
    """The counters of one stream of one bank in this process."""

    bank_id: str
    stream: Stream
    counters: rules.Counters | None = None
    newest_id: str = ""

    def follow(self, session: Session, last: int) -> rules.Counters:
        """Return counters that have counted the log up to `last`, and nothing else."""
        if self.counters is None or not self._is_of_the_log(session, last):
            self.counters = rules.Counters(self.stream)
        if self.counters.sequence < last:
            after = self.counters.sequence
            for event in store.events_after(session, self.bank_id, self.stream.name, after):
                self.counters.observe(event)
                self.newest_id = event.event_id
        return self.counters

    def _is_of_the_log(self, session: Session, last: int) -> bool:
        """Tell whether what was counted is what stands there: a transaction may have been undone,
        and another program may have written other events under its sequences since."""
        reached = self.counters.sequence if self.counters else 0
        if reached == 0 or reached > last:
            return reached == 0
        standing = store.event_id_at(session, self.bank_id, self.stream.name, reached)
        return standing == self.newest_id


def observe(
    session: Session, *, book: Book, events: Sequence[Mapping[str, Any]], now: datetime
) -> tuple[Observed, ...]:
    """Count up to 5,000 events in the order given; return what each saw, or why it is refused.

    An event said twice is counted once. A bad event refuses itself alone, by its code. The log is
    durable when the transaction is committed.
    """
    ensure(len(events) <= EVENTS_MAX, f"at most {EVENTS_MAX} events at a time")
    last = store.lock_stream(session, book.bank_id, book.stream.name)
    counters = book.follow(session, last)
    ids = [each["id"] for each in events if isinstance(each.get("id"), str)]
    known = store.hashes_of(session, book.bank_id, book.stream.name, ids)
    found, kept = [], []
    for given in events:
        event_id = str(given.get("id"))[: rules.TEXT_MAX]
        try:
            event = rules.read_event(book.stream, given, now=now)
            content = rules.content_hash(event)
            if _is_known(known, event, content):
                found.append(Observed(event_id, None, None, None))
                continue
            counters.ensure_in_time(event.at)
        except Problem as problem:
            found.append(Observed(event_id, None, None, problem.code))
            continue
        event = replace(event, sequence=last + len(kept) + 1)
        values = zip(counters.names, counters.observe(event), strict=True)
        seen = {name: value for name, value in values if value is not None}
        kept.append((event, content))
        known[event.event_id] = content
        book.newest_id = event.event_id
        found.append(Observed(event_id, event.sequence, seen, None, event.values))
    if kept:
        store.add_events(session, book.bank_id, book.stream.name, kept)
        store.move_on(session, book.bank_id, book.stream.name, last + len(kept))
    return tuple(found)


def _is_known(known: Mapping[str, str], event: FeatureEvent, content: str) -> bool:
    standing = known.get(event.event_id)
    if standing is not None and standing != content:
        raise EventReused("this id stands for another event", event_id=event.event_id)
    return standing is not None


def read_log(
    session: Session, *, bank_id: str, stream: Stream, after: int
) -> Iterator[FeatureEvent]:
    """Return the events of a stream's log after a sequence, in sequence."""
    return store.events_after(session, bank_id, stream.name, after)


def find_event(
    session: Session, *, bank_id: str, stream: Stream, event_id: str
) -> FeatureEvent | None:
    """Return the event of an id as the log holds it, or None."""
    return store.event_of(session, bank_id, stream.name, event_id)


def count_in_duckdb(
    stream: Stream, events: Iterable[FeatureEvent]
) -> Iterator[tuple[int, tuple[int | None, ...]]]:
    """Return the sequence of each event and its features as DuckDB counts them, by `names`.

    Events come in sequence and each once, as a log holds them; for back-tests over a history.
    """
    return store.count_in_duckdb(stream, events)


def parity_differences(session: Session, *, bank_id: str, stream: Stream) -> int:
    """Count how many values differ between the counters, fed from the log, and DuckDB. It is 0."""
    counters = rules.Counters(stream)
    order = [counters.names.index(name) for name in stream.names]
    events = list(store.events_after(session, bank_id, stream.name, 0))
    count = 0
    counted = store.count_in_duckdb(stream, events)
    for event, other in zip_longest(events, counted):
        ensure(event and other and event.sequence == other[0], "each event is counted once")
        values = counters.observe(event)
        count += sum(values[place] != theirs for place, theirs in zip(order, other[1], strict=True))
    return count
