"""The offers package's schema and tables."""

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    "CREATE SCHEMA offers",
    """
    CREATE TABLE offers.quotes (
        bank_id uuid NOT NULL,
        quote_id uuid NOT NULL,
        party_id uuid NOT NULL,
        market text NOT NULL,
        need jsonb NOT NULL,
        profile jsonb NOT NULL,
        answer jsonb NOT NULL,
        library_version text NOT NULL,
        quoted_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, quote_id)
    )
    """,
    "CREATE INDEX quotes_party ON offers.quotes (bank_id, party_id, quoted_at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
