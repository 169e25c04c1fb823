"""The assistant package's schema and tables."""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = (
    "CREATE SCHEMA assistant",
    """
    CREATE TABLE assistant.conversations (
        bank_id uuid NOT NULL,
        conversation_id uuid NOT NULL,
        party_id uuid NOT NULL,
        lang text NOT NULL,
        slots jsonb NOT NULL,
        asked text,
        quote_id uuid,
        turn_count integer NOT NULL,
        began_at timestamptz NOT NULL,
        last_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, conversation_id)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
