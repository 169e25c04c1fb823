"""Tables of risk: the log of each stream, remembered clearances, and lists of names."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from jiuding.base.database.columns import Instant, bank_column, schema

metadata = schema("risk")

streams = Table(
    "streams",
    metadata,
    bank_column(),
    Column("stream", Text, primary_key=True),
    Column("last_sequence", BigInteger, nullable=False),
)

feature_events = Table(
    "feature_events",
    metadata,
    bank_column(),
    Column("stream", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("content_hash", Text, nullable=False),
    UniqueConstraint("bank_id", "stream", "event_id", name="feature_events_id"),
)

clearances = Table(
    "clearances",
    metadata,
    bank_column(),
    Column("subject", Text, primary_key=True),
    Column("entry_id", Text, primary_key=True),
    Column("name_hash", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("cleared_at", Instant, nullable=False),
)

lists = Table(
    "lists",
    metadata,
    bank_column(),
    Column("name", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Text, nullable=False),
    Column("entry_count", Integer, nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("imported_at", Instant, nullable=False),
)

list_entries = Table(
    "list_entries",
    metadata,
    bank_column(),
    Column("version", Text, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("entry", JSONB, nullable=False),
)
