"""Accounts without key checks on the hot path; batches whose rows are not stored on their way.

A foreign key from or to a table makes each update of its rows fetch the old row again, to see
whether a key changed: a fifth of what a posting cost an account. An account's keys never change,
and its asset is written by the statement that opens it; `check_books` proves what the keys did.
"""

from alembic import op

from jiuding.base.settings import MIGRATIONS

revision = "0027"
down_revision = "0026"

STATEMENTS = (
    "ALTER TABLE ledger.account_changes DROP CONSTRAINT account_changes_account",
    "ALTER TABLE ledger.accounts DROP CONSTRAINT accounts_asset",
    (MIGRATIONS / "sql" / "0012_post_plain.sql").read_text(encoding="utf-8"),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
