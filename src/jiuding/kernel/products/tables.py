"""Tables of products: contents by version, and the agreements that pin them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKeyConstraint,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from jiuding.base.database.columns import Id, Instant, bank_column, schema

metadata = schema("products")

product_versions = Table(
    "product_versions",
    metadata,
    bank_column(),
    Column("version", Text, primary_key=True),
    Column("product_id", Text, nullable=False),
    Column("lender", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)

agreements = Table(
    "agreements",
    metadata,
    bank_column(),
    Column("agreement_id", Id("agr"), primary_key=True),
    Column("idempotency_key", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("party_id", Id("pty"), nullable=False),
    Column("version", Text, nullable=False),
    Column("rate_index", Integer, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("principal_units", BigInteger, nullable=False),
    Column("annual_rate", Numeric, nullable=False),
    Column("term_months", Integer, nullable=False),
    Column("repayment", Text, nullable=False),
    Column("agreed_on", Date, nullable=False),
    Column("first_due_on", Date, nullable=False),
    Column("fee_upfront_units", BigInteger, nullable=False),
    Column("fee_monthly_units", BigInteger, nullable=False),
    Column("true_rate", Numeric),
    Column("made_at", Instant, nullable=False),
    UniqueConstraint("bank_id", "idempotency_key", name="agreements_idempotency_key"),
    ForeignKeyConstraint(
        ["bank_id", "version"],
        ["products.product_versions.bank_id", "products.product_versions.version"],
    ),
)

instalments = Table(
    "instalments",
    metadata,
    bank_column(),
    Column("agreement_id", Id("agr"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("due_on", Date, nullable=False),
    Column("principal_units", BigInteger, nullable=False),
    Column("interest_units", BigInteger, nullable=False),
    Column("fee_units", BigInteger, nullable=False),
    Column("balance_units", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["bank_id", "agreement_id"],
        ["products.agreements.bank_id", "products.agreements.agreement_id"],
    ),
)
