"""Tables of the ledger; written by the posting function, except for opening and status."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from jiuding.base.database.columns import Id, Instant, bank_column, schema

metadata = schema("ledger")

assets = Table(
    "assets",
    metadata,
    bank_column(),
    Column("asset_code", Text, primary_key=True),
    Column("scale", SmallInteger, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    bank_column(),
    Column("account_id", Id("acc"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("class", Text, nullable=False, key="account_class"),
    Column("asset_code", Text, nullable=False),
    Column("asset_scale", SmallInteger, nullable=False),
    Column("owner_id", Text),
    Column("purpose", Text, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("is_debit_normal", Boolean, nullable=False),
    Column("balance_min", BigInteger),
    Column("balance_max", BigInteger),
    Column("outflow_per_day_max", BigInteger),
    Column("outflow_per_year_max", BigInteger),
    Column("debits_posted", BigInteger, nullable=False),
    Column("credits_posted", BigInteger, nullable=False),
    Column("debits_held", BigInteger, nullable=False),
    Column("credits_held", BigInteger, nullable=False),
    Column("posting_count", BigInteger, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("last_transfer_id", Id("trf")),
    Column("last_before_batch_id", Id("trf")),
    Column("use", Text),
    Column("is_traced", Boolean, nullable=False),
    Column("is_marked", Boolean, nullable=False),
    Column("grade", Text),
    Index("accounts_by_owner", "bank_id", "owner_id", "account_id"),
    Index("accounts_by_kind", "bank_id", "kind", "asset_code", "account_id"),
    Index(
        "accounts_of_the_bank",
        "bank_id",
        "kind",
        "asset_code",
        "purpose",
        unique=True,
        postgresql_where=text("owner_id IS NULL"),
    ),
)

account_changes = Table(
    "account_changes",
    metadata,
    bank_column(),
    Column("account_id", Id("acc"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("status", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("use", Text),
)

transfers = Table(
    "transfers",
    metadata,
    bank_column(),
    Column("transfer_id", Id("trf"), primary_key=True),
    Column("debit_id", Id("acc"), nullable=False),
    Column("credit_id", Id("acc"), nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("about", Text),
    Column("effective_on", Date, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("debit_number", BigInteger, nullable=False),
    Column("credit_number", BigInteger, nullable=False),
    Column("debit_after", BigInteger, nullable=False),
    Column("credit_after", BigInteger, nullable=False),
    Column("hold_id", Id("hld")),
    Column("reverses_id", Id("trf")),
    Column("debit_previous_id", Id("trf")),
    Column("credit_previous_id", Id("trf")),
    Index(
        "transfers_reversed_once",
        "bank_id",
        "reverses_id",
        unique=True,
        postgresql_where=text("reverses_id IS NOT NULL"),
    ),
    Index(
        "transfers_about",
        "bank_id",
        "about",
        "transfer_id",
        postgresql_where=text("about IS NOT NULL"),
    ),
)

postings = Table(
    "postings",
    metadata,
    bank_column(),
    Column("account_id", Id("acc"), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("transfer_id", Id("trf"), nullable=False),
    Column("change", BigInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)

holds = Table(
    "holds",
    metadata,
    bank_column(),
    Column("hold_id", Id("hld"), primary_key=True),
    Column("debit_id", Id("acc"), nullable=False),
    Column("credit_id", Id("acc"), nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("units_left", BigInteger, nullable=False),
    Column("units_captured", BigInteger, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("about", Text),
    Column("effective_on", Date, nullable=False),
    Column("expires_at", Instant),
    Column("placed_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index(
        "holds_open_by_expiry",
        "bank_id",
        "expires_at",
        postgresql_where=text("status = 0"),
    ),
    Index("holds_by_debit", "bank_id", "debit_id", postgresql_where=text("status = 0")),
)

outflows = Table(
    "outflows",
    metadata,
    bank_column(),
    Column("account_id", Id("acc"), primary_key=True),
    Column("effective_on", Date, primary_key=True),
    Column("units", BigInteger, nullable=False),
)

refusals = Table(
    "refusals",
    metadata,
    bank_column(),
    Column("id", Uuid, primary_key=True),
    Column("outcome", SmallInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    bank_column(),
    Column("mark_id", Id("mrk"), primary_key=True),
    Column("origin", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("forbidden_uses", ARRAY(Text), nullable=False),
    Column("opened_at", Instant, nullable=False),
)

marked_units = Table(
    "marked_units",
    metadata,
    bank_column(),
    Column("account_id", Id("acc"), primary_key=True),
    Column("mark_id", Id("mrk"), primary_key=True),
    Column("units", BigInteger, nullable=False),
)

transfer_marks = Table(
    "transfer_marks",
    metadata,
    bank_column(),
    Column("transfer_id", Id("trf"), primary_key=True),
    Column("mark_id", Id("mrk"), primary_key=True),
    Column("debit_id", Id("acc"), nullable=False),
    Column("credit_id", Id("acc"), nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("units_taken", BigInteger, nullable=False),
    Column("units_kept", BigInteger, nullable=False),
    Column("is_start", Boolean, nullable=False),
    Index("transfer_marks_by_credit", "bank_id", "credit_id", "mark_id", "transfer_id"),
)

closes = Table(
    "closes",
    metadata,
    bank_column(),
    Column("closed_on", Date, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("closed_at", Instant, nullable=False),
    Column("lines", JSONB, nullable=False),
)

unsealed = Table(
    "unsealed",
    metadata,
    bank_column(),
    Column("first_id", Id("trf"), primary_key=True),
    Column("transfer_ids", ARRAY(Uuid), nullable=False),
)

unrolled = Table(
    "unrolled",
    metadata,
    bank_column(),
    Column("first_id", Id("trf"), primary_key=True),
    Column("transfer_ids", ARRAY(Uuid), nullable=False),
)

day_totals = Table(
    "day_totals",
    metadata,
    bank_column(),
    Column("asset_code", Text, primary_key=True),
    Column("class", Text, primary_key=True, key="account_class"),
    Column("kind", Text, primary_key=True),
    Column("effective_on", Date, primary_key=True),
    Column("debits", Numeric, nullable=False),
    Column("credits", Numeric, nullable=False),
)

account_days = Table(
    "account_days",
    metadata,
    bank_column(),
    Column("account_id", Id("acc"), primary_key=True),
    Column("effective_on", Date, primary_key=True),
    Column("debits", BigInteger, nullable=False),
    Column("credits", BigInteger, nullable=False),
)

seals = Table(
    "seals",
    metadata,
    bank_column(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("sealed_at", Instant, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("tree", LargeBinary, nullable=False),
    Column("seal", LargeBinary, nullable=False),
    Column("nodes", LargeBinary, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("transfer_ids", ARRAY(Uuid), nullable=False),
    Column("leaves", LargeBinary, nullable=False),
    Index("seals_by_last", "bank_id", "last_at"),
)
