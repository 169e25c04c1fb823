"""Tables of access: who works here, who is protected, who may analyse, and how far we have told."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Table, Text

from jiuding.base.database.columns import Instant, bank_column, schema

metadata = schema("access")

staff = Table(
    "staff",
    metadata,
    bank_column(),
    Column("person", Text, primary_key=True),
    Column("party_id", Text),
    Column("team", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("began_on", Date, nullable=False),
)

protected = Table(
    "protected",
    metadata,
    bank_column(),
    Column("party_id", Text, primary_key=True),
    Column("reason", Text, nullable=False),
)

analysts = Table(
    "analysts",
    metadata,
    bank_column(),
    Column("login", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("valid_until", Instant, nullable=False),
)

cursors = Table(
    "cursors",
    metadata,
    bank_column(),
    Column("name", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
