"""Tables of signals: devices, attempts to come in, and what parties share."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Table, Text

from jiuding.base.database.columns import Id, Instant, bank_column, schema

metadata = schema("signals")

devices = Table(
    "devices",
    metadata,
    bank_column(),
    Column("device_id", Id("dev"), primary_key=True),
    Column("traits", Text, nullable=False),
    Column("is_automated", Boolean, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
)

heads = Table(
    "heads",
    metadata,
    bank_column(),
    Column("last_sequence", BigInteger, nullable=False),
)

login_attempts = Table(
    "login_attempts",
    metadata,
    bank_column(),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    Column("device_id", Id("dev")),
    Column("network", Text),
    Column("address_class", Text, nullable=False),
    Column("fingerprint", Text),
    Column("means", Text, nullable=False),
    Column("is_breached", Boolean, nullable=False),
    Column("is_good", Boolean, nullable=False),
)

links = Table(
    "links",
    metadata,
    bank_column(),
    Column("party_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("thing", Text, primary_key=True),
    Column("first_seen_at", Instant, nullable=False),
)
