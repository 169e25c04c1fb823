"""The trial balance of each day as it was closed: kept for ever, also when it is closed again."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS = (
    """
    CREATE TABLE ledger.closes (
        bank_id uuid NOT NULL,
        closed_on date NOT NULL,
        number integer NOT NULL,
        closed_at timestamptz NOT NULL,
        lines jsonb NOT NULL,
        PRIMARY KEY (bank_id, closed_on, number)
    )
    """,
    """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.closes
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
