"""The eventlog package's schema and tables."""

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = ("CREATE SCHEMA eventlog",)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
