"""Tables of offers: what was quoted, to whom, from which library, and until when it holds."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from jiuding.base.database.columns import Id, Instant, bank_column, schema

metadata = schema("offers")

quotes = Table(
    "quotes",
    metadata,
    bank_column(),
    Column("quote_id", Id("quo"), primary_key=True),
    Column("party_id", Id("pty"), nullable=False),
    Column("market", Text, nullable=False),
    Column("need", JSONB, nullable=False),
    Column("profile", JSONB, nullable=False),
    Column("answer", JSONB, nullable=False),
    Column("library_version", Text, nullable=False),
    Column("quoted_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
