"""The log of a stream: written in sequence by one transaction at a time, read back in sequence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from jiuding.base.database.engine import Session
from jiuding.services.risk.tables import feature_events, streams
from jiuding.services.risk.types import FeatureEvent

PAGE = 5_000


def lock_stream(session: Session, bank_id: str, stream: str) -> int:
    """Return how far the log goes, and keep others from writing until the transaction ends."""
    row = {"bank_id": bank_id, "stream": stream, "last_sequence": 0}
    session.execute(insert(streams).values(row).on_conflict_do_nothing())
    where = (streams.c.bank_id == bank_id, streams.c.stream == stream)
    found = session.execute(select(streams.c.last_sequence).where(*where).with_for_update())
    return found.scalar_one()


def move_on(session: Session, bank_id: str, stream: str, last: int) -> None:
    """Say how far the log goes now."""
    where = (streams.c.bank_id == bank_id, streams.c.stream == stream)
    session.execute(update(streams).where(*where).values(last_sequence=last))


def event_id_at(session: Session, bank_id: str, stream: str, sequence: int) -> str | None:
    """Return the id of the event that stands at a sequence."""
    where = (
        feature_events.c.bank_id == bank_id,
        feature_events.c.stream == stream,
        feature_events.c.sequence == sequence,
    )
    return session.execute(select(feature_events.c.event_id).where(*where)).scalar()


def hashes_of(session: Session, bank_id: str, stream: str, ids: Sequence[str]) -> dict[str, str]:
    """Return the content hash of each event that stands already, by id."""
    where = (
        feature_events.c.bank_id == bank_id,
        feature_events.c.stream == stream,
        feature_events.c.event_id.in_(ids),
    )
    found = select(feature_events.c.event_id, feature_events.c.content_hash).where(*where)
    return {row.event_id: row.content_hash for row in session.execute(found)}


def add_events(
    session: Session, bank_id: str, stream: str, events: Sequence[tuple[FeatureEvent, str]]
) -> None:
    """Write events, each with its content hash, under their sequences."""
    rows = [
        {
            "bank_id": bank_id,
            "stream": stream,
            "sequence": event.sequence,
            "event_id": event.event_id,
            "at": event.at,
            "data": dict(event.values),
            "content_hash": content,
        }
        for event, content in events
    ]
    if rows:
        session.execute(insert(feature_events), rows)


def events_after(
    session: Session, bank_id: str, stream: str, sequence: int
) -> Iterator[FeatureEvent]:
    """Return the events after a sequence, in sequence, a page at a time."""
    while True:
        where = (
            feature_events.c.bank_id == bank_id,
            feature_events.c.stream == stream,
            feature_events.c.sequence > sequence,
        )
        columns = feature_events.c
        found = session.execute(
            select(columns.event_id, columns.at, columns.data, columns.sequence)
            .where(*where)
            .order_by(columns.sequence)
            .limit(PAGE)
        ).all()
        for row in found:
            yield FeatureEvent(row.event_id, row.at, row.data, row.sequence)
        if len(found) < PAGE:
            return
        sequence = found[-1].sequence


def event_of(session: Session, bank_id: str, stream: str, event_id: str) -> FeatureEvent | None:
    """Return the event of an id, or None."""
    columns = feature_events.c
    found = session.execute(
        select(columns.event_id, columns.at, columns.data, columns.sequence).where(
            columns.bank_id == bank_id, columns.stream == stream, columns.event_id == event_id
        )
    ).one_or_none()
    return found and FeatureEvent(found.event_id, found.at, found.data, found.sequence)
