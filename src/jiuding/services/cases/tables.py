"""Tables of cases. Steps and evidence are facts; a case's row is where they have led."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from jiuding.base.database.columns import Id, Instant, bank_column, schema

metadata = schema("cases")

_IS_CLOSED, _IS_HELD = text("status = 'closed'"), text("holder IS NOT NULL")

cases = Table(
    "cases",
    metadata,
    bank_column(),
    Column("case_id", Id("cas"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("holder", Text),
    Column("lease_until", Instant),
    Column("outcome", Text),
    Column("proposed_by", Text),
    Column("closed_at", Instant),
    Column("step_count", Integer, nullable=False),
    CheckConstraint("priority BETWEEN 1 AND 4", name="cases_priority"),
    CheckConstraint("status IN ('open', 'proposed', 'closed')", name="cases_status"),
    CheckConstraint("outcome IN ('confirmed', 'unfounded', 'inconclusive')", name="cases_outcome"),
    CheckConstraint("(holder IS NULL) = (lease_until IS NULL)", name="cases_lease"),
    CheckConstraint("(status = 'open') = (proposed_by IS NULL)", name="cases_proposal"),
    CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="cases_closed"),
    Index("cases_queue", "bank_id", "status", "priority", "opened_at", "case_id"),
    Index("cases_about", "bank_id", "subject"),
    Index("cases_done", "bank_id", "closed_at", "case_id", postgresql_where=_IS_CLOSED),
    Index("cases_held", "bank_id", "holder", postgresql_where=_IS_HELD),
)

sources = Table(
    "sources",
    metadata,
    bank_column(),
    Column("source", Text, primary_key=True),
    Column("case_id", Id("cas"), nullable=False),
)


def _case_key(name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["bank_id", "case_id"], ["cases.cases.bank_id", "cases.cases.case_id"], name=name
    )


evidence = Table(
    "evidence",
    metadata,
    bank_column(),
    Column("case_id", Id("cas"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    UniqueConstraint("bank_id", "case_id", "kind", "reference", name="evidence_once"),
    _case_key("evidence_case"),
    Index("evidence_reference", "bank_id", "reference"),
)

steps = Table(
    "steps",
    metadata,
    bank_column(),
    Column("case_id", Id("cas"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("step", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    UniqueConstraint("bank_id", "idempotency_key", name="steps_idempotency_key"),
    _case_key("steps_case"),
)
