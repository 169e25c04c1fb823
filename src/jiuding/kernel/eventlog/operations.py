"""Verbs of the event log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from jiuding.base.database.engine import Session
from jiuding.base.ids import new_id, to_uuid
from jiuding.base.problems import ensure
from jiuding.kernel.eventlog import rules, store
from jiuding.kernel.eventlog.errors import BadEvent, CursorWentBack, TooManyRows
from jiuding.kernel.eventlog.types import Behaviour, Envelope, Event

READ_MAX = 1_000
BEHAVIOUR_ROWS_MAX = 10_000


def append(
    session: Session,
    *,
    bank_id: str,
    subject: str,
    source: str,
    occurred_at: datetime,
    recorded_at: datetime,
    event: Event | None = None,
    kind: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> Envelope:
    """Tell news in the transaction of the change it tells; undone with it.

    Give an `event`, or a `kind` with its `data`. `subject` is the id of what it is about.
    Refuses: BadEvent for data that holds anything but ids, codes, numbers, dates and amounts.
    """
    if event is not None:
        kind, data = event.kind, rules.data_of(event)
    ensure(occurred_at.tzinfo and recorded_at.tzinfo, "instants carry their zone")
    envelope = Envelope(
        event_id=new_id("evt", recorded_at),
        kind=rules.check_kind(kind or ""),
        subject=rules.check_word(subject, "a subject"),
        source=rules.check_word(source, "a source"),
        occurred_at=occurred_at,
        recorded_at=recorded_at,
        data=rules.plain_data(data or {}),
    )
    store.append(session, bank_id, envelope)
    return envelope


def append_all(
    session: Session,
    *,
    bank_id: str,
    source: str,
    rows: Sequence[tuple[str, Event]],
    occurred_at: datetime,
    recorded_at: datetime,
) -> None:
    """Tell many pieces of news, each a subject and an event, as `append` tells one; in this order.

    Refuses: TooManyRows for more than `BEHAVIOUR_ROWS_MAX`; BadEvent.
    """
    if len(rows) > BEHAVIOUR_ROWS_MAX:
        raise TooManyRows(f"{len(rows)} rows; at most {BEHAVIOUR_ROWS_MAX} in one call")
    ensure(occurred_at.tzinfo and recorded_at.tzinfo, "instants carry their zone")
    told = [
        Envelope(
            event_id=new_id("evt", recorded_at),
            kind=rules.check_kind(event.kind),
            subject=rules.check_word(subject, "a subject"),
            source=rules.check_word(source, "a source"),
            occurred_at=occurred_at,
            recorded_at=recorded_at,
            data=rules.plain_data(rules.data_of(event)),
        )
        for subject, event in rows
    ]
    store.append_all(session, bank_id, told)


def read_news(
    session: Session, *, bank_id: str, listener: str, limit_max: int
) -> tuple[Envelope, ...]:
    """Return the next news for a listener, in the bank's order; nothing when there is none.

    The listener's cursor is locked until the session ends, so that two workers never read for one
    listener at a time: the second gets nothing. Until `advance` is committed, the same news is read
    again: at least once, never skipped. News of a transaction that is still open, and what
    came after it, waits until that transaction ends. At most `READ_MAX` at a time.
    """
    ensure(0 < limit_max <= READ_MAX, f"read 1 to {READ_MAX} at a time")
    position = store.lock_cursor(session, bank_id, rules.check_word(listener, "a listener"))
    if position is None:
        return ()
    store.put_in_order(session, bank_id)
    return store.read_after(session, bank_id, position, limit_max)


def news_after(
    session: Session, *, bank_id: str, position: int, limit_max: int
) -> tuple[Envelope, ...]:
    """Return the news after a position, in the bank's order, without a cursor.

    For what is kept in memory and built anew from the first news when a program starts.
    """
    ensure(0 < limit_max <= READ_MAX, f"read 1 to {READ_MAX} at a time")
    store.put_in_order(session, bank_id)
    return store.read_after(session, bank_id, position, limit_max)


def advance(session: Session, *, bank_id: str, listener: str, position: int) -> None:
    """Remember that a listener has done everything up to this position.

    Commit it together with what the listener did, and that is done exactly once.
    Refuses: CursorWentBack for a position before the cursor, or one that no news has.
    """
    if not store.set_cursor(session, bank_id, listener, position):
        raise CursorWentBack(f"{listener} cannot move to {position}", listener=listener)


def events_about(
    session: Session, *, bank_id: str, subject: str, limit_max: int, before: str | None = None
) -> tuple[Envelope, ...]:
    """Return the news about a subject, newest first; `before` is the last event id of a page.

    Refuses: BadId for a `before` that is not an event's id.
    """
    ensure(0 < limit_max <= READ_MAX, f"read 1 to {READ_MAX} at a time")
    if before is not None:
        to_uuid("evt", before)
    return store.read_about(session, bank_id, subject, limit_max, before)


def record_behaviour(
    session: Session, *, bank_id: str, rows: Sequence[Behaviour], recorded_at: datetime
) -> None:
    """Write what people and programs did, in bulk; the same row sent twice is kept once.

    Refuses: TooManyRows for more than `BEHAVIOUR_ROWS_MAX`; BadEvent for free text in a row.
    """
    if len(rows) > BEHAVIOUR_ROWS_MAX:
        raise TooManyRows(f"{len(rows)} rows; at most {BEHAVIOUR_ROWS_MAX} in one call")
    if not rows:
        return
    envelopes = [_behaviour(row, recorded_at) for row in rows]
    store.add_behaviour(session, bank_id, envelopes)


def _behaviour(row: Behaviour, recorded_at: datetime) -> Envelope:
    if row.occurred_at.tzinfo is None:
        raise BadEvent("an instant must carry its zone")
    return Envelope(
        event_id=row.event_id,
        kind=rules.check_kind(row.kind),
        subject=rules.check_word(row.subject, "a subject"),
        source=rules.check_word(row.source, "a source"),
        occurred_at=row.occurred_at,
        recorded_at=recorded_at,
        data=rules.plain_data(row.data),
    )
