"""Tables of lending."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, Table, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB

from jiuding.base.database.columns import Id, Instant, bank_column, schema

metadata = schema("lending")

applications = Table(
    "applications",
    metadata,
    bank_column(),
    Column("application_id", Id("app"), primary_key=True),
    Column("party_id", Id("pty"), nullable=False),
    Column("quote_id", Id("quo"), nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("plan_kind", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("amount_units", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    # What the decision saw of the applicant, so that a job can go on after a crash.
    Column("facts", JSONB, nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("decision_id", Id("dec"), nullable=True),
    Column("applied_at", Instant, nullable=False),
    Column("decided_at", Instant, nullable=True),
    Unique("bank_id", "quote_id", name="applications_quote"),
    Unique("bank_id", "party_id", "idempotency_key", name="applications_key"),
)

legs = Table(
    "legs",
    metadata,
    bank_column(),
    Column("application_id", Id("app"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("lender", Text, nullable=False),
    Column("terms", JSONB, nullable=False),
    Column("answer", JSONB, nullable=True),
    ForeignKeyConstraint(
        ["bank_id", "application_id"],
        ["lending.applications.bank_id", "lending.applications.application_id"],
    ),
)

loans = Table(
    "loans",
    metadata,
    bank_column(),
    Column("loan_id", Id("ln"), primary_key=True),
    Column("application_id", Id("app"), nullable=False),
    Column("leg_number", Integer, nullable=False),
    Column("party_id", Id("pty"), nullable=False),
    Column("agreement_id", Id("agr"), nullable=False),
    Column("account_id", Id("acc"), nullable=False),
    Column("deposit_account_id", Id("acc"), nullable=False),
    Column("lender_reference", Text, nullable=True),
    Column("granted_at", Instant, nullable=False),
    Unique("bank_id", "application_id", "leg_number", name="loans_leg"),
    ForeignKeyConstraint(
        ["bank_id", "application_id", "leg_number"],
        ["lending.legs.bank_id", "lending.legs.application_id", "lending.legs.number"],
    ),
)
