"""The identity package's schema and tables."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = ("CREATE SCHEMA identity",)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
