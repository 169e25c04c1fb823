"""Tables of decisions: what was decided, under which policy and lists; facts, never changed."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
)
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB

from jiuding.base.database.columns import Id, Instant, bank_column, schema

metadata = schema("decisions")

policy_versions = Table(
    "policy_versions",
    metadata,
    bank_column(),
    Column("version", Text, primary_key=True),
    Column("policy_name", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("content", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)

list_versions = Table(
    "list_versions",
    metadata,
    bank_column(),
    Column("version", Text, primary_key=True),
    Column("entries", JSONB, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    bank_column(),
    Column("decision_id", Id("dec"), primary_key=True),
    Column("policy_version", Text, nullable=False),
    Column("model_version", Text),
    Column("subject", Text, nullable=False),
    Column("event", JSONB, nullable=False),
    Column("features", JSONB, nullable=False),
    Column("lists", JSONB, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("score", Integer),
    Column("verdict", JSONB, nullable=False),
    Column("verdict_hash", Text, nullable=False),
    Column("engine", Integer, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("request_hash", Text, nullable=False),
    Unique("bank_id", "idempotency_key", name="decisions_idempotency_key"),
    ForeignKeyConstraint(
        ["bank_id", "policy_version"],
        ["decisions.policy_versions.bank_id", "decisions.policy_versions.version"],
        name="decisions_policy_version",
    ),
    CheckConstraint(
        "outcome IN ('approve', 'step_up', 'refer', 'decline')", name="decisions_outcome"
    ),
    Index("decisions_by_subject", "bank_id", "subject", "decided_at"),
    Index("decisions_by_time", "bank_id", "decided_at", "decision_id"),
)

holds = Table(
    "holds",
    metadata,
    bank_column(),
    Column("decision_id", Id("dec"), primary_key=True),
    Column("held_for", Text, primary_key=True),
    Column("by", Text, nullable=False),
    Column("held_at", Instant, nullable=False),
    ForeignKeyConstraint(
        ["bank_id", "decision_id"],
        ["decisions.decisions.bank_id", "decisions.decisions.decision_id"],
        name="holds_decision",
    ),
)

shadow_verdicts = Table(
    "shadow_verdicts",
    metadata,
    bank_column(),
    Column("version", Text, primary_key=True),
    Column("decision_id", Id("dec"), primary_key=True),
    Column("outcome", Text),
    Column("score", Integer),
    Column("codes", JSONB, nullable=False),
    ForeignKeyConstraint(
        ["bank_id", "decision_id"],
        ["decisions.decisions.bank_id", "decisions.decisions.decision_id"],
        name="shadow_verdicts_decision",
    ),
    ForeignKeyConstraint(
        ["bank_id", "version"],
        ["decisions.policy_versions.bank_id", "decisions.policy_versions.version"],
        name="shadow_verdicts_version",
    ),
)

labels = Table(
    "labels",
    metadata,
    bank_column(),
    Column("decision_id", Id("dec"), primary_key=True),
    Column("known_at", Instant, primary_key=True),
    Column("is_good", Boolean, nullable=False),
    Column("by", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    ForeignKeyConstraint(
        ["bank_id", "decision_id"],
        ["decisions.decisions.bank_id", "decisions.decisions.decision_id"],
        name="labels_decision",
    ),
)

policy_steps = Table(
    "policy_steps",
    metadata,
    bank_column(),
    Column("policy_name", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("step", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("share", Integer),
    Column("at", Instant, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Unique("bank_id", "idempotency_key", name="policy_steps_idempotency_key"),
    ForeignKeyConstraint(
        ["bank_id", "version"],
        ["decisions.policy_versions.bank_id", "decisions.policy_versions.version"],
        name="policy_steps_version",
    ),
    CheckConstraint("share BETWEEN 1 AND 100", name="policy_steps_share"),
)
