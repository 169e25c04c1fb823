"""The decisions package's schema and tables."""

from alembic import op

revision = "0004"
down_revision = "0003"

TABLES = ("policy_versions", "list_versions", "decisions", "shadow_verdicts", "policy_steps")

STATEMENTS = (
    "CREATE SCHEMA decisions",
    """
    CREATE TABLE decisions.policy_versions (
        bank_id uuid NOT NULL,
        version text NOT NULL,
        policy_name text NOT NULL,
        number integer NOT NULL,
        content text NOT NULL,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, version)
    )
    """,
    """
    CREATE TABLE decisions.list_versions (
        bank_id uuid NOT NULL,
        version text NOT NULL,
        entries jsonb NOT NULL,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, version)
    )
    """,
    """
    CREATE TABLE decisions.decisions (
        bank_id uuid NOT NULL,
        decision_id uuid NOT NULL,
        policy_version text NOT NULL,
        model_version text,
        subject text NOT NULL,
        event jsonb NOT NULL,
        features jsonb NOT NULL,
        lists jsonb NOT NULL,
        outcome text NOT NULL,
        score integer,
        verdict jsonb NOT NULL,
        verdict_hash text NOT NULL,
        engine integer NOT NULL,
        decided_at timestamptz NOT NULL,
        idempotency_key text NOT NULL,
        request_hash text NOT NULL,
        PRIMARY KEY (bank_id, decision_id),
        CONSTRAINT decisions_idempotency_key UNIQUE (bank_id, idempotency_key),
        CONSTRAINT decisions_policy_version FOREIGN KEY (bank_id, policy_version)
            REFERENCES decisions.policy_versions (bank_id, version),
        CONSTRAINT decisions_outcome
            CHECK (outcome IN ('approve', 'step_up', 'refer', 'decline'))
    )
    """,
    "CREATE INDEX decisions_by_subject ON decisions.decisions (bank_id, subject, decided_at)",
    "CREATE INDEX decisions_by_time ON decisions.decisions (bank_id, decided_at, decision_id)",
    """
    CREATE TABLE decisions.shadow_verdicts (
        bank_id uuid NOT NULL,
        version text NOT NULL,
        decision_id uuid NOT NULL,
        outcome text,
        score integer,
        codes jsonb NOT NULL,
        PRIMARY KEY (bank_id, version, decision_id),
        CONSTRAINT shadow_verdicts_decision FOREIGN KEY (bank_id, decision_id)
            REFERENCES decisions.decisions (bank_id, decision_id),
        CONSTRAINT shadow_verdicts_version FOREIGN KEY (bank_id, version)
            REFERENCES decisions.policy_versions (bank_id, version)
    )
    """,
    """
    CREATE TABLE decisions.policy_steps (
        bank_id uuid NOT NULL,
        policy_name text NOT NULL,
        number integer NOT NULL,
        step text NOT NULL,
        version text NOT NULL,
        by text NOT NULL,
        share integer,
        at timestamptz NOT NULL,
        idempotency_key text NOT NULL,
        PRIMARY KEY (bank_id, policy_name, number),
        CONSTRAINT policy_steps_idempotency_key UNIQUE (bank_id, idempotency_key),
        CONSTRAINT policy_steps_version FOREIGN KEY (bank_id, version)
            REFERENCES decisions.policy_versions (bank_id, version),
        CONSTRAINT policy_steps_share CHECK (share BETWEEN 1 AND 100)
    )
    """,
    """
    CREATE FUNCTION decisions.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
        RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME;
    END
    $body$
    """,
    *(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions.{table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION decisions.refuse_change()"
        for table in TABLES
    ),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
