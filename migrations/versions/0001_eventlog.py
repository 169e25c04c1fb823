"""The eventlog package's schema and tables."""

from alembic import op

revision = "0001"
down_revision = None

ENVELOPE = """
    event_id uuid NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    source text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    data jsonb NOT NULL
"""

STATEMENTS = (
    "CREATE SCHEMA eventlog",
    f"""CREATE TABLE eventlog.events (
        bank_id uuid NOT NULL, {ENVELOPE}, PRIMARY KEY (bank_id, event_id)
    )""",
    "CREATE INDEX events_by_subject ON eventlog.events (bank_id, subject, event_id)",
    """CREATE TABLE eventlog.waiting (
        bank_id uuid NOT NULL,
        event_id uuid NOT NULL,
        horizon bigint NOT NULL,
        written_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, event_id)
    )""",
    """CREATE TABLE eventlog.positions (
        bank_id uuid NOT NULL,
        position bigint NOT NULL,
        event_id uuid NOT NULL,
        PRIMARY KEY (bank_id, position),
        CONSTRAINT positions_event UNIQUE (bank_id, event_id)
    )""",
    """CREATE TABLE eventlog.heads (
        bank_id uuid NOT NULL PRIMARY KEY,
        last_position bigint NOT NULL
    )""",
    """CREATE TABLE eventlog.cursors (
        bank_id uuid NOT NULL,
        listener text NOT NULL,
        position bigint NOT NULL,
        PRIMARY KEY (bank_id, listener)
    )""",
    f"""CREATE TABLE eventlog.behaviour (
        bank_id uuid NOT NULL, {ENVELOPE}, PRIMARY KEY (bank_id, event_id)
    )""",
    "CREATE INDEX behaviour_by_time ON eventlog.behaviour (bank_id, occurred_at)",
    """CREATE FUNCTION eventlog.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
        RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME;
    END
    $body$""",
    """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON eventlog.events
    FOR EACH STATEMENT EXECUTE FUNCTION eventlog.refuse_change()""",
    """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON eventlog.positions
    FOR EACH STATEMENT EXECUTE FUNCTION eventlog.refuse_change()""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
