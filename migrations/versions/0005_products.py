"""The products package's schema and tables."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = ("CREATE SCHEMA products",)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
