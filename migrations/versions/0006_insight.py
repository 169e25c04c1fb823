"""The insight package's schema and tables."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = ("CREATE SCHEMA insight",)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
