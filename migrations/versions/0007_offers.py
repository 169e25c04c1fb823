"""The offers package's schema and tables."""

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS = ("CREATE SCHEMA offers",)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
