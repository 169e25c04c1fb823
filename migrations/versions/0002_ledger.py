"""The ledger package's schema and tables."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = ("CREATE SCHEMA ledger",)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
