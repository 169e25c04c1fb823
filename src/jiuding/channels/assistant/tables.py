"""Tables of the assistant: where a conversation stands. What was said word for word is not kept."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from jiuding.base.database.columns import Id, Instant, bank_column, schema

metadata = schema("assistant")

conversations = Table(
    "conversations",
    metadata,
    bank_column(),
    Column("conversation_id", Id("cvs"), primary_key=True),
    Column("party_id", Id("pty"), nullable=False),
    Column("lang", Text, nullable=False),
    Column("slots", JSONB, nullable=False),
    Column("asked", Text, nullable=True),
    Column("quote_id", Id("quo"), nullable=True),
    Column("turn_count", Integer, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
)
