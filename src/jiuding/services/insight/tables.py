"""Tables of insight: what parties said about their portraits, and what they were told.

Portraits themselves are not kept.
"""

from __future__ import annotations

from sqlalchemy import Column, Numeric, Table, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB

from jiuding.base.database.columns import Id, Instant, bank_column, schema

metadata = schema("insight")

wishes = Table(
    "wishes",
    metadata,
    bank_column(),
    Column("wish_id", Id("wsh"), primary_key=True),
    Column("party_id", Id("pty"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("figure", Text, nullable=True),
    Column("amount", Numeric, nullable=True),
    Column("currency", Text, nullable=True),
    Column("said_at", Instant, nullable=False),
)

tellings = Table(
    "tellings",
    metadata,
    bank_column(),
    Column("telling_id", Id("tel"), primary_key=True),
    Column("party_id", Id("pty"), nullable=False),
    Column("season", Text, nullable=False),
    Column("told_at", Instant, nullable=False),
    # None once its party had the portrait deleted: the season's mark stays.
    Column("content", JSONB(none_as_null=True), nullable=True),
    Unique("bank_id", "party_id", "season", name="tellings_season"),
)
