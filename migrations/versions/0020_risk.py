"""The risk package's schema: the log that features are counted from, and clearances."""

from alembic import op

revision = "0020"
down_revision = "0019"

STATEMENTS = (
    "CREATE SCHEMA risk",
    """
    CREATE TABLE risk.streams (
        bank_id uuid NOT NULL,
        stream text NOT NULL,
        last_sequence bigint NOT NULL,
        PRIMARY KEY (bank_id, stream)
    )
    """,
    # `at` counts microseconds since 1970, as features do.
    """
    CREATE TABLE risk.feature_events (
        bank_id uuid NOT NULL,
        stream text NOT NULL,
        sequence bigint NOT NULL,
        event_id text NOT NULL,
        at bigint NOT NULL,
        data jsonb NOT NULL,
        content_hash text NOT NULL,
        PRIMARY KEY (bank_id, stream, sequence),
        CONSTRAINT feature_events_id UNIQUE (bank_id, stream, event_id)
    )
    """,
    """
    CREATE TABLE risk.clearances (
        bank_id uuid NOT NULL,
        subject text NOT NULL,
        entry_id text NOT NULL,
        name_hash text NOT NULL,
        reason text NOT NULL,
        by text NOT NULL,
        cleared_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, subject, entry_id, name_hash)
    )
    """,
    """
    CREATE FUNCTION risk.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
        RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME;
    END
    $body$
    """,
    *(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON risk.{table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION risk.refuse_change()"
        for table in ("feature_events", "clearances")
    ),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
