"""Count events and judge them in the same transaction: what an event saw is what it is judged by.

The features that the counters gave go into the decision's record with the event's own fields, so
that the decision is made again from its record alone, whatever was counted since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from jiuding.base.database.engine import Session
from jiuding.base.problems import ensure
from jiuding.kernel import decisions
from jiuding.services.risk.errors import BadStream
from jiuding.services.risk.operations.counting import Book, observe
from jiuding.services.risk.types import Judged

JUDGED_MAX = 1_000
EVENT = "event."


def judge_events(
    session: Session,
    *,
    book: Book,
    policy: decisions.Policy | str,
    events: Sequence[Mapping[str, Any]],
    now: datetime,
    more: Sequence[Mapping[str, Any]] | None = None,
) -> tuple[Judged, ...]:
    """Count up to 1,000 events in the order given and judge each by what it saw.

    A policy reads a declared field of the event as `event.NAME`, and a feature by its name. `more`
    holds further features of each event, such as signals, in the same order. The event's id within
    its stream is the decision's idempotency key: an event said twice is counted and judged once.
    A bad event refuses itself alone. Refuses: BadStream where the stream names no subject; what
    `decisions.decide` refuses.
    """
    ensure(len(events) <= JUDGED_MAX, f"at most {JUDGED_MAX} events at a time")
    ensure(more is None or len(more) == len(events), "further features are given for each event")
    subject = book.stream.subject
    if not subject:
        raise BadStream(f"the stream {book.stream.name} names no subject", stream=book.stream.name)
    observed = observe(session, book=book, events=events, now=now)
    extra = more or [{}] * len(events)
    requests = {}
    for seen, further in zip(observed, extra, strict=True):
        if seen.features is None:
            continue
        key = _key(book, seen.event_id)
        values = seen.values or {}
        kept = {EVENT + name: value for name, value in values.items()}
        about = str(values.get(subject) or seen.event_id)
        requests[key] = decisions.Request(about, kept, key, {**seen.features, **further})
    made = decisions.decide_all(
        session, bank_id=book.bank_id, policy=policy, requests=list(requests.values()), now=now
    )
    known = dict(zip(requests, made, strict=True))
    again = [_key(book, seen.event_id) for seen in observed if seen.refusal is None]
    missing = [key for key in again if key not in known]
    known |= decisions.decisions_under(session, bank_id=book.bank_id, idempotency_keys=missing)
    return tuple(
        Judged(seen, None if seen.refusal else known.get(_key(book, seen.event_id)))
        for seen in observed
    )


def _key(book: Book, event_id: str) -> str:
    return f"{book.stream.name}:{event_id}"
