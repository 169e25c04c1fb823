"""Tables of the event log.

`events` is the news, append-only. `waiting` holds what has not been put in order yet, `positions`
the order itself, `heads` each bank's last position and `cursors` how far each listener has read.
`seals` chains the news in that order. `behaviour` is the other lane.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from jiuding.base.database.columns import Id, Instant, bank_column, schema

metadata = schema("eventlog")


def _envelope() -> list[Column]:
    return [
        Column("event_id", Id("evt"), primary_key=True),
        Column("kind", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("source", Text, nullable=False),
        Column("occurred_at", Instant, nullable=False),
        Column("recorded_at", Instant, nullable=False),
        Column("data", JSONB, nullable=False),
    ]


events = Table(
    "events",
    metadata,
    bank_column(),
    *_envelope(),
    Index("events_by_subject", "bank_id", "subject", "event_id"),
)

waiting = Table(
    "waiting",
    metadata,
    bank_column(),
    Column("event_id", Id("evt"), primary_key=True),
    Column("horizon", BigInteger, nullable=False),
    Column("written_at", Instant, nullable=False),
)

positions = Table(
    "positions",
    metadata,
    bank_column(),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", Id("evt"), nullable=False),
    UniqueConstraint("bank_id", "event_id", name="positions_event"),
)

heads = Table(
    "heads",
    metadata,
    bank_column(),
    Column("last_position", BigInteger, nullable=False),
)

cursors = Table(
    "cursors",
    metadata,
    bank_column(),
    Column("listener", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

behaviour = Table(
    "behaviour",
    metadata,
    bank_column(),
    *_envelope(),
    Index("behaviour_by_time", "bank_id", "occurred_at"),
)

seals = Table(
    "seals",
    metadata,
    bank_column(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("first_position", BigInteger, nullable=False),
    Column("last_position", BigInteger, nullable=False),
    Column("sealed_at", Instant, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("seal", LargeBinary, nullable=False),
    Column("event_ids", ARRAY(Uuid), nullable=False),
    Column("leaves", LargeBinary, nullable=False),
)
