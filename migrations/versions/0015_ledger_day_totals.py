"""Totals of each day, by kind of account and by account, made behind the hot path.

The posting function knows nothing of them: the sealer hands on what it sealed, a worker adds it up,
and whoever reads adds what still waits. The index finds the accounts of one kind in id order. And
an account remembers its grade.
"""

from alembic import op

revision = "0015"
down_revision = "0014"

CHUNK = 4096

STATEMENTS = (
    """
    CREATE TABLE ledger.unrolled (
        bank_id uuid NOT NULL,
        first_id uuid NOT NULL,
        transfer_ids uuid[] NOT NULL,
        PRIMARY KEY (bank_id, first_id)
    )
    """,
    # One account's sums fit in 64 bits, as the posting function saw to; those of a kind may not.
    """
    CREATE TABLE ledger.day_totals (
        bank_id uuid NOT NULL,
        asset_code text NOT NULL,
        class text NOT NULL,
        kind text NOT NULL,
        effective_on date NOT NULL,
        debits numeric NOT NULL,
        credits numeric NOT NULL,
        PRIMARY KEY (bank_id, asset_code, class, kind, effective_on)
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE TABLE ledger.account_days (
        bank_id uuid NOT NULL,
        account_id uuid NOT NULL,
        effective_on date NOT NULL,
        debits bigint NOT NULL,
        credits bigint NOT NULL,
        PRIMARY KEY (bank_id, account_id, effective_on)
    ) WITH (fillfactor = 70)
    """,
    # The grade under which a customer's account was opened; see catalog/account_grades.toml.
    "ALTER TABLE ledger.accounts ADD COLUMN grade text",
    "CREATE INDEX accounts_by_kind ON ledger.accounts (bank_id, kind, asset_code, account_id)",
    # What was sealed before there were totals waits to be added up like everything else.
    f"""INSERT INTO ledger.unrolled (bank_id, first_id, transfer_ids)
    SELECT bank_id, (array_agg(transfer_id))[1], array_agg(transfer_id)
    FROM (SELECT t.bank_id, t.transfer_id,
                 (row_number() OVER (PARTITION BY t.bank_id ORDER BY t.transfer_id) - 1)
                 / {CHUNK} AS chunk
          FROM ledger.transfers AS t
          LEFT JOIN (SELECT bank_id, unnest(transfer_ids) AS transfer_id FROM ledger.unsealed) AS w
              ON w.bank_id = t.bank_id AND w.transfer_id = t.transfer_id
          WHERE w.transfer_id IS NULL) AS numbered
    GROUP BY bank_id, chunk""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
