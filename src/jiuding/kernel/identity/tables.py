"""Tables of identity. Personal details stand alone in `personal`, sealed, so they can be erased."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY

from jiuding.base.database.columns import Id, Instant, bank_column, schema

metadata = schema("identity")


def _of_party() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["bank_id", "party_id"], ["identity.parties.bank_id", "identity.parties.party_id"]
    )


banks = Table(
    "banks",
    metadata,
    bank_column(),
    Column("slug", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("markets", ARRAY(Text), nullable=False),
    Column("is_demonstration", Boolean, nullable=False),
    Column("registered_at", Instant, nullable=False),
)

parties = Table(
    "parties",
    metadata,
    bank_column(),
    Column("party_id", Id("pty"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("market", Text, nullable=False),
    Column("residency", Text, nullable=False),
    Column("registered_at", Instant, nullable=False),
)

personal = Table(
    "personal",
    metadata,
    bank_column(),
    Column("party_id", Id("pty"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    _of_party(),
)

credentials = Table(
    "credentials",
    metadata,
    bank_column(),
    Column("credential_id", Id("crd"), primary_key=True),
    Column("party_id", Id("pty"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("handle", LargeBinary, nullable=True),
    Column("use_count", Integer, nullable=False),
    Column("wrong_count", Integer, nullable=False),
    Column("wrong_at", Instant, nullable=True),
    Column("registered_at", Instant, nullable=False),
    UniqueConstraint("bank_id", "handle", name="credentials_handle"),
    _of_party(),
)

challenges = Table(
    "challenges",
    metadata,
    bank_column(),
    Column("challenge", LargeBinary, primary_key=True),
    Column("party_id", Id("pty"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("is_used", Boolean, nullable=False),
    _of_party(),
)

logins = Table(
    "logins",
    metadata,
    bank_column(),
    Column("login_id", Id("ses"), primary_key=True),
    Column("party_id", Id("pty"), nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("is_ended", Boolean, nullable=False),
    UniqueConstraint("bank_id", "token_hash", name="logins_token"),
    _of_party(),
)
