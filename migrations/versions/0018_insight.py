"""What customers say about their financial portraits: corrections, deletion, consent to look ahead.

Rows are kept by the order of their ids; a stated figure is personal and is erased on request, so
this table is not append-only.
"""

from alembic import op

revision = "0018"
down_revision = "0015"

STATEMENTS = (
    "CREATE SCHEMA insight",
    """
    CREATE TABLE insight.wishes (
        bank_id uuid NOT NULL,
        wish_id uuid NOT NULL,
        party_id uuid NOT NULL,
        kind text NOT NULL,
        figure text,
        amount numeric,
        currency text,
        said_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, wish_id)
    )
    """,
    "CREATE INDEX wishes_of_party ON insight.wishes (bank_id, party_id, wish_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
