"""Seals that also vouch for the tree of all seals before them, so that a proof stays short.

A seal of the form before this one was never shown to anyone (no command told it, nothing made it by
itself), so none can have been kept elsewhere: what it covered waits again, and is sealed anew.
"""

from alembic import op

revision = "0014"
down_revision = "0013"

STATEMENTS = (
    """INSERT INTO ledger.unsealed (bank_id, first_id, transfer_ids)
    SELECT bank_id, transfer_ids[1], transfer_ids FROM ledger.seals""",
    # The sealer passes over rows that are later than the note that they wait, and chaining the
    # history (0012) wrote every row anew: the notes follow.
    "UPDATE ledger.unsealed SET first_id = first_id",
    "DROP TABLE ledger.seals",
    # `leaves` holds 32 bytes for each transfer, in the order of `transfer_ids`; `nodes` holds the
    # subtrees of seals that this one completes, the smallest first, 32 bytes each.
    """
    CREATE TABLE ledger.seals (
        bank_id uuid NOT NULL,
        number bigint NOT NULL,
        sealed_at timestamptz NOT NULL,
        previous bytea NOT NULL,
        root bytea NOT NULL,
        tree bytea NOT NULL,
        seal bytea NOT NULL,
        nodes bytea NOT NULL,
        first_at timestamptz NOT NULL,
        last_at timestamptz NOT NULL,
        transfer_ids uuid[] NOT NULL,
        leaves bytea NOT NULL,
        PRIMARY KEY (bank_id, number)
    )
    """,
    # Digests do not shrink: do not try.
    "ALTER TABLE ledger.seals ALTER leaves SET STORAGE EXTERNAL",
    "ALTER TABLE ledger.seals ALTER transfer_ids SET STORAGE EXTERNAL",
    # A transfer's block is among those whose last transfer was recorded no earlier than it.
    "CREATE INDEX seals_by_last ON ledger.seals (bank_id, last_at)",
    """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.seals
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
