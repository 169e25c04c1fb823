"""A hash chain over each bank's transfers, made behind the hot path.

The posting function only notes which transfers a batch posted, in one row; a worker seals them.
"""

from alembic import op

from jiuding.base.settings import MIGRATIONS

revision = "0011"
down_revision = "0010"

CHUNK = 4096

STATEMENTS = (
    """
    CREATE TABLE ledger.unsealed (
        bank_id uuid NOT NULL,
        first_id uuid NOT NULL,
        transfer_ids uuid[] NOT NULL,
        PRIMARY KEY (bank_id, first_id)
    )
    """,
    # `leaves` holds 32 bytes for each transfer, in the order of `transfer_ids`.
    """
    CREATE TABLE ledger.seals (
        bank_id uuid NOT NULL,
        number bigint NOT NULL,
        sealed_at timestamptz NOT NULL,
        previous bytea NOT NULL,
        root bytea NOT NULL,
        seal bytea NOT NULL,
        transfer_ids uuid[] NOT NULL,
        leaves bytea NOT NULL,
        PRIMARY KEY (bank_id, number)
    )
    """,
    """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.seals
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()""",
    # What was posted before there were seals waits for its own like everything else.
    f"""INSERT INTO ledger.unsealed (bank_id, first_id, transfer_ids)
    SELECT bank_id, (array_agg(transfer_id ORDER BY recorded_at, transfer_id))[1],
           array_agg(transfer_id ORDER BY recorded_at, transfer_id)
    FROM (SELECT bank_id, transfer_id, recorded_at,
                 (row_number() OVER (PARTITION BY bank_id ORDER BY recorded_at, transfer_id) - 1)
                 / {CHUNK} AS chunk FROM ledger.transfers) AS numbered
    GROUP BY bank_id, chunk""",
    (MIGRATIONS / "sql" / "0002_post_batch.sql")
    .read_text(encoding="utf-8")
    .replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
