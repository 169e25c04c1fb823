"""Every query of the event log; nouns in, nouns out.

How the order comes about. Two transactions that are open at the same time may commit in either
order, so a number taken while writing can appear after a larger one and be skipped. Here a row is
numbered only when no open transaction could still come before it:

- `append` writes the row with its *horizon*: the larger of its own transaction's number and of the
  last transaction known to have ended. Whatever is still open can only write horizons at or above
  the smallest open transaction number (`pg_snapshot_xmin`).
- `put_in_order` gives the next positions to rows whose horizon lies below that number, by
  (horizon, server's clock, id). If one event's transaction ended before another event was appended,
  its horizon is not the larger one: what one subject went through stays in order.

Positions are dense, so a cursor is one number, and survives a dump and restore, in which
transaction numbers start again; rows from an earlier life carry horizons that this server has not
reached, which no visible row of its own can.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select, text, update
from sqlalchemy.dialects import postgresql

from jiuding.base.database.engine import Session
from jiuding.base.ids import to_uuid
from jiuding.kernel.eventlog.tables import behaviour, cursors, events, heads, positions
from jiuding.kernel.eventlog.types import Envelope

ORDERED_PER_READ_MAX = 10_000

_APPEND = text(
    """
    WITH new AS (
        INSERT INTO eventlog.events
            (bank_id, event_id, kind, subject, source, occurred_at, recorded_at, data)
        VALUES (:bank_id, :event_id, :kind, :subject, :source, :occurred_at, :recorded_at,
                CAST(:data AS jsonb))
        RETURNING bank_id, event_id
    )
    INSERT INTO eventlog.waiting (bank_id, event_id, horizon, written_at)
    SELECT bank_id, event_id,
           greatest(pg_current_xact_id()::text::bigint,
                    pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1),
           clock_timestamp()
    FROM new
    """
).bindparams(
    *(
        # The columns' own types turn printed ids into uuids.
        bindparam(name, type_=events.c[name].type)
        for name in ("bank_id", "event_id", "occurred_at", "recorded_at")
    )
)

_APPEND_ALL = text(
    """
    WITH given AS (
        SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS g (
            event_id uuid, kind text, subject text, data jsonb
        )
    ), new AS (
        INSERT INTO eventlog.events
            (bank_id, event_id, kind, subject, source, occurred_at, recorded_at, data)
        SELECT :bank_id, event_id, kind, subject, :source, :occurred_at, :recorded_at, data
        FROM given
        RETURNING bank_id, event_id
    )
    INSERT INTO eventlog.waiting (bank_id, event_id, horizon, written_at)
    SELECT bank_id, event_id,
           greatest(pg_current_xact_id()::text::bigint,
                    pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1),
           clock_timestamp()
    FROM new
    """
).bindparams(
    *(
        bindparam(name, type_=events.c[name].type)
        for name in ("bank_id", "occurred_at", "recorded_at")
    )
)

_ORDER = text(
    """
    WITH snapshot AS (
        SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS open_from,
               greatest(pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
                        coalesce(pg_current_xact_id_if_assigned()::text::bigint, 0) + 1) AS unused
    ), ready AS (
        SELECT bank_id, event_id,
               row_number() OVER (ORDER BY horizon, written_at, event_id) AS place
        FROM eventlog.waiting, snapshot
        WHERE bank_id = :bank_id AND (horizon < open_from OR horizon >= unused)
        ORDER BY horizon, written_at, event_id
        LIMIT :count_max
    ), gone AS (
        DELETE FROM eventlog.waiting AS w USING ready AS r
        WHERE w.bank_id = r.bank_id AND w.event_id = r.event_id
    ), placed AS (
        INSERT INTO eventlog.positions (bank_id, position, event_id)
        SELECT bank_id, :after + place, event_id FROM ready
        RETURNING position
    )
    SELECT count(*) FROM placed
    """
).bindparams(bindparam("bank_id", type_=events.c.bank_id.type))


def append(session: Session, bank_id: str, envelope: Envelope) -> None:
    """Write one piece of news, not yet in order."""
    session.execute(_APPEND, {"bank_id": bank_id, **_row(envelope)})


def append_all(session: Session, bank_id: str, envelopes: Sequence[Envelope]) -> None:
    """Write news of one source and one instant by one statement, not yet in order.

    Its order is that of the ids, which one process makes in the order of the list.
    """
    if not envelopes:
        return
    rows = [
        {
            "event_id": str(to_uuid("evt", each.event_id)),
            "kind": each.kind,
            "subject": each.subject,
            "data": dict(each.data),
        }
        for each in envelopes
    ]
    first = envelopes[0]
    given = {
        "rows": json.dumps(rows, separators=(",", ":")),
        "bank_id": bank_id,
        "source": first.source,
        "occurred_at": first.occurred_at,
        "recorded_at": first.recorded_at,
    }
    session.execute(_APPEND_ALL, given)


def _row(envelope: Envelope) -> dict[str, Any]:
    return {
        "event_id": envelope.event_id,
        "kind": envelope.kind,
        "subject": envelope.subject,
        "source": envelope.source,
        "occurred_at": envelope.occurred_at,
        "recorded_at": envelope.recorded_at,
        "data": json.dumps(envelope.data, separators=(",", ":"), sort_keys=True),
    }


def put_in_order(session: Session, bank_id: str) -> None:
    """Give positions to the news that nothing can come before any more.

    One reader at a time does it for a bank; the others do not wait, they read what is in order.
    """
    session.execute(
        postgresql.insert(heads).values(bank_id=bank_id, last_position=0).on_conflict_do_nothing()
    )
    last = session.execute(
        select(heads.c.last_position)
        .where(heads.c.bank_id == bank_id)
        .with_for_update(skip_locked=True)
    ).scalar()
    if last is None:
        return
    # A later statement than the lock, so that it sees what the last holder of the lock did.
    count = session.execute(
        _ORDER, {"bank_id": bank_id, "after": last, "count_max": ORDERED_PER_READ_MAX}
    ).scalar_one()
    if count:
        session.execute(
            update(heads).where(heads.c.bank_id == bank_id).values(last_position=last + count)
        )


def lock_cursor(session: Session, bank_id: str, listener: str) -> int | None:
    """Return the listener's cursor, locked until the end; None when another reader holds it.

    Only the very first read of a listener waits for another's first read, which makes the row.
    """
    session.execute(
        postgresql.insert(cursors)
        .values(bank_id=bank_id, listener=listener, position=0)
        .on_conflict_do_nothing()
    )
    return session.execute(
        select(cursors.c.position)
        .where(cursors.c.bank_id == bank_id, cursors.c.listener == listener)
        .with_for_update(skip_locked=True)
    ).scalar()


def set_cursor(session: Session, bank_id: str, listener: str, position: int) -> bool:
    """Move a cursor forward to a position that exists; False when it cannot go there."""
    known = select(heads.c.last_position).where(heads.c.bank_id == bank_id).scalar_subquery()
    moved = session.execute(
        update(cursors)
        .where(
            cursors.c.bank_id == bank_id,
            cursors.c.listener == listener,
            cursors.c.position <= position,
            known >= position,
        )
        .values(position=position)
    )
    return moved.rowcount == 1


def read_after(
    session: Session, bank_id: str, position: int, limit_max: int
) -> tuple[Envelope, ...]:
    """Return the next news in the bank's order."""
    query = (
        select(events, positions.c.position)
        .join_from(
            positions,
            events,
            (positions.c.bank_id == events.c.bank_id) & (positions.c.event_id == events.c.event_id),
        )
        .where(positions.c.bank_id == bank_id, positions.c.position > position)
        .order_by(positions.c.position)
        .limit(limit_max)
    )
    return tuple(_envelope(row, row.position) for row in session.execute(query))


def read_about(
    session: Session, bank_id: str, subject: str, limit_max: int, before: str | None
) -> tuple[Envelope, ...]:
    """Return the newest news about a subject, newest first, older than `before`."""
    query = select(events).where(events.c.bank_id == bank_id, events.c.subject == subject)
    if before is not None:
        query = query.where(events.c.event_id < before)
    query = query.order_by(events.c.event_id.desc()).limit(limit_max)
    return tuple(_envelope(row, None) for row in session.execute(query))


def _envelope(row: Row, position: int | None) -> Envelope:
    return Envelope(
        event_id=row.event_id,
        kind=row.kind,
        subject=row.subject,
        source=row.source,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        data=row.data,
        position=position,
    )


def add_behaviour(session: Session, bank_id: str, rows: Sequence[Envelope]) -> None:
    """Write behaviour in bulk; a row whose id is there already is left as it is."""
    values = [{"bank_id": bank_id, **_row(row), "data": row.data} for row in rows]
    session.execute(postgresql.insert(behaviour).on_conflict_do_nothing(), values)
