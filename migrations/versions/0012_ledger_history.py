"""History as a chain, indexed behind the hot path; and a short way for batches of plain transfers.

Each transfer names the transfer before it on both of its accounts, and an account its newest one.
That costs a posting two columns instead of two indexes, whose upkeep was half of its cost, and a
statement is still exact at every moment. Rows of `postings` follow when the transfers are sealed.
"""

from alembic import op

from jiuding.base.settings import MIGRATIONS

revision = "0012"
down_revision = "0011"


def _file(name: str) -> str:
    return (MIGRATIONS / "sql" / name).read_text(encoding="utf-8")


STATEMENTS = (
    "ALTER TABLE ledger.accounts ADD last_transfer_id uuid, ADD last_before_batch_id uuid",
    "ALTER TABLE ledger.transfers ADD debit_previous_id uuid, ADD credit_previous_id uuid",
    """CREATE TABLE ledger.postings (
        bank_id uuid NOT NULL,
        account_id uuid NOT NULL,
        number bigint NOT NULL,
        transfer_id uuid NOT NULL,
        change bigint NOT NULL,
        code text NOT NULL,
        effective_on date NOT NULL,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, account_id, number)
    )""",
    # What was posted until now is chained and indexed here.
    """INSERT INTO ledger.postings
    SELECT bank_id, debit_id, debit_number, transfer_id, -units, code, effective_on, recorded_at
    FROM ledger.transfers
    UNION ALL
    SELECT bank_id, credit_id, credit_number, transfer_id, units, code, effective_on, recorded_at
    FROM ledger.transfers""",
    "ALTER TABLE ledger.transfers DISABLE TRIGGER append_only",
    """UPDATE ledger.transfers AS t SET
        debit_previous_id = (SELECT p.transfer_id FROM ledger.postings AS p
            WHERE p.bank_id = t.bank_id AND p.account_id = t.debit_id
              AND p.number = t.debit_number - 1),
        credit_previous_id = (SELECT p.transfer_id FROM ledger.postings AS p
            WHERE p.bank_id = t.bank_id AND p.account_id = t.credit_id
              AND p.number = t.credit_number - 1)""",
    "ALTER TABLE ledger.transfers ENABLE TRIGGER append_only",
    """UPDATE ledger.accounts AS a SET last_transfer_id = p.transfer_id
    FROM ledger.postings AS p
    WHERE p.bank_id = a.bank_id AND p.account_id = a.account_id AND p.number = a.posting_count""",
    """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.postings
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()""",
    "DROP INDEX ledger.transfers_by_debit, ledger.transfers_by_credit",
    _file("0002_post_batch.sql").replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1),
    _file("0012_post_plain.sql"),
    _file("0012_post_one.sql"),
    _file("0012_history.sql"),
    # Ids do not compress: do not try on every batch.
    "ALTER TABLE ledger.unsealed ALTER COLUMN transfer_ids SET STORAGE EXTERNAL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
