"""What customers who allowed it were told of the time ahead: once for each party and season.

The mark of a season stays when a portrait is deleted, so that nobody is told twice; what it said is
personal and is erased, so this table is not append-only.
"""

from alembic import op

revision = "0021"
down_revision = "0020"

STATEMENTS = (
    """
    CREATE TABLE insight.tellings (
        bank_id uuid NOT NULL,
        telling_id uuid NOT NULL,
        party_id uuid NOT NULL,
        season text NOT NULL,
        told_at timestamptz NOT NULL,
        content jsonb,
        PRIMARY KEY (bank_id, telling_id),
        CONSTRAINT tellings_season UNIQUE (bank_id, party_id, season)
    )
    """,
    # Whom the worker visits: those who said something about looking ahead, by party.
    """
    CREATE INDEX wishes_about_foresight ON insight.wishes (bank_id, party_id, wish_id)
    WHERE kind IN ('foresee', 'stop_foreseeing', 'delete')
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
