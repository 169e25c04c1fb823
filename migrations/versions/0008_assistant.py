"""The assistant package's schema and tables."""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = ("CREATE SCHEMA assistant",)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
