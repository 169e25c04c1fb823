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
from jiuding.kernel.eventlog.types import (
    Behaviour,
    Envelope,
    Event,
    LogFinding,
    LogSeal,
    LogVerification,
)

READ_MAX = 1_000
BEHAVIOUR_ROWS_MAX = 10_000
SEAL_EVENTS_MAX = 4_096
_SEALS_PER_READ = 4


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


def seal_news(session: Session, *, bank_id: str, now: datetime) -> LogSeal | None:
    """Seal the next news in the bank's order, and return the seal; None when nothing waits.

    A seal covers up to `SEAL_EVENTS_MAX` events. A worker calls this until nothing waits.
    """
    store.put_in_order(session, bank_id)
    if not store.lock_head(session, bank_id):
        return None
    last = store.last_seal(session, bank_id)
    after = last.last_position if last else 0
    read = store.read_after(session, bank_id, after, SEAL_EVENTS_MAX)
    # Positions are dense; where one is gone nothing after it is sealed, and verify_news names it.
    found = [each for place, each in enumerate(read, after + 1) if each.position == place]
    if not found:
        return None
    seal = rules.seal_of(bank_id, last, found, now)
    store.add_seal(session, bank_id, seal)
    return seal


def verify_news(session: Session, *, bank_id: str, head: str | None = None) -> LogVerification:
    """Recompute the chain over the news and tell the first event that is not as it was sealed.

    `head` is a seal, in hex, that was kept elsewhere: without it, someone who may write everything
    could have made a whole new chain. Give a session with a snapshot. Reads all news, block by
    block.
    """
    last: LogSeal | None = None
    sealed, is_seen, finding = 0, head is None, None
    while finding is None:
        blocks = store.seals_after(session, bank_id, last.number if last else 0, _SEALS_PER_READ)
        if not blocks:
            break
        for block in blocks:
            finding = _broken(bank_id, last, block) or _touched(session, bank_id, block)
            if finding is not None:
                break
            last, sealed = block, sealed + len(block.event_ids)
            is_seen = is_seen or block.seal.hex() == (head or "").lower()
    if finding is None and not is_seen:
        words = "the chain does not lead to the seal that is known"
        finding = LogFinding("eventlog.seal_unknown", words)
    stray = store.out_of_order(session, bank_id) if finding is None else None
    if stray is not None:
        finding = LogFinding("eventlog.event_unordered", "gone before it was sealed", (stray,))
    waiting = store.count_after(session, bank_id, last.last_position if last else 0)
    shown = last.seal.hex() if last else rules.NO_SEAL.hex()
    return LogVerification(last.number if last else 0, sealed, waiting, shown, finding)


def _broken(bank_id: str, last: LogSeal | None, block: LogSeal) -> LogFinding | None:
    """Return what is wrong with a seal as it is written, taken by itself."""
    follows = (last.number, last.last_position, last.seal) if last else (0, 0, rules.NO_SEAL)
    is_next = (block.number - 1, block.first_position - 1, block.previous) == follows
    count = block.last_position - block.first_position + 1
    is_whole = len(block.leaves) == rules.HASH_BYTES * count and len(block.event_ids) == count
    if is_next and is_whole and block.seal == rules.hash_of(bank_id, block):
        return None
    return LogFinding("eventlog.seal_broken", f"seal {block.number} is not that of its block")


def _touched(session: Session, bank_id: str, block: LogSeal) -> LogFinding | None:
    """Return the first event of a block that is not as it was sealed."""
    found = store.read_after(session, bank_id, block.first_position - 1, len(block.event_ids))
    now = {each.position: each for each in found}
    for place, event_id in enumerate(block.event_ids):
        here = now.get(block.first_position + place)
        if here is None or here.event_id != event_id:
            words = f"deleted after seal {block.number}"
            return LogFinding("eventlog.event_missing", words, (event_id,))
        first = place * rules.HASH_BYTES
        if rules.leaf_of(here) != block.leaves[first : first + rules.HASH_BYTES]:
            words = f"changed after seal {block.number}"
            return LogFinding("eventlog.event_touched", words, (event_id,))
    return None
