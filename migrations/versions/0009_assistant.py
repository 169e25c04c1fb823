"""The assistant package's schema and tables."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS = ("CREATE SCHEMA assistant",)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
