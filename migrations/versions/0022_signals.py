"""The signals package's schema; and decisions that are let go when their stated time has passed."""

from alembic import op

revision = "0022"
down_revision = "0021"

STATEMENTS = (
    "CREATE SCHEMA signals",
    """
    CREATE TABLE signals.devices (
        bank_id uuid NOT NULL,
        device_id uuid NOT NULL,
        traits text NOT NULL,
        is_automated boolean NOT NULL,
        first_seen_at timestamptz NOT NULL,
        last_seen_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, device_id)
    )
    """,
    """
    CREATE TABLE signals.heads (
        bank_id uuid NOT NULL,
        last_sequence bigint NOT NULL,
        PRIMARY KEY (bank_id)
    )
    """,
    # `at` counts microseconds since 1970, as features do. An address is kept as its network.
    """
    CREATE TABLE signals.login_attempts (
        bank_id uuid NOT NULL,
        sequence bigint NOT NULL,
        at bigint NOT NULL,
        account text NOT NULL,
        device_id uuid,
        network text,
        address_class text NOT NULL,
        fingerprint text,
        means text NOT NULL,
        is_breached boolean NOT NULL,
        is_good boolean NOT NULL,
        PRIMARY KEY (bank_id, sequence)
    )
    """,
    """
    CREATE TABLE signals.links (
        bank_id uuid NOT NULL,
        party_id text NOT NULL,
        kind text NOT NULL,
        thing text NOT NULL,
        first_seen_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, party_id, kind, thing)
    )
    """,
    """
    CREATE FUNCTION signals.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
        RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME;
    END
    $body$
    """,
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON signals.login_attempts"
    " FOR EACH STATEMENT EXECUTE FUNCTION signals.refuse_change()",
    """
    CREATE TABLE decisions.holds (
        bank_id uuid NOT NULL,
        decision_id uuid NOT NULL,
        held_for text NOT NULL,
        by text NOT NULL,
        held_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, decision_id, held_for),
        CONSTRAINT holds_decision FOREIGN KEY (bank_id, decision_id)
            REFERENCES decisions.decisions (bank_id, decision_id)
    )
    """,
    # Records go by the one way that says so, and only whole decisions with what hangs on them.
    """
    CREATE OR REPLACE FUNCTION decisions.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
        IF TG_OP = 'DELETE' AND current_setting('jiuding.retention', true) = 'past'
            AND TG_TABLE_NAME IN ('decisions', 'shadow_verdicts', 'labels') THEN
            RETURN NULL;
        END IF;
        RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME;
    END
    $body$
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
