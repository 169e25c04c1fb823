"""The decisions package's schema and tables."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = ("CREATE SCHEMA decisions",)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
