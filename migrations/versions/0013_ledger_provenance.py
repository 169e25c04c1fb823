"""Provenance: marks on money that was lent for a purpose, carried by the posting function.

Accounts say what money arriving there is used for, whether marks stay on it there, and whether they
hold any now. The posting function gets one more array, the mark that a transfer starts.
"""

from alembic import op

from jiuding.base.settings import MIGRATIONS

revision = "0013"
down_revision = "0012"

TABLES = (
    "ALTER TABLE ledger.accounts ADD COLUMN use text",
    "ALTER TABLE ledger.accounts ADD COLUMN is_traced boolean NOT NULL DEFAULT false",
    "ALTER TABLE ledger.accounts ADD COLUMN is_marked boolean NOT NULL DEFAULT false",
    # As the chart of accounts says for accounts that are opened from now on.
    "UPDATE ledger.accounts SET is_traced = true WHERE kind = 'customer_deposit'",
    "UPDATE ledger.accounts SET use = 'goods' WHERE kind = 'merchant_settlement'",
    "ALTER TABLE ledger.account_changes ADD COLUMN use text",
    """INSERT INTO ledger.account_changes
        (bank_id, account_id, number, status, reason, changed_at, use)
    SELECT a.bank_id, a.account_id,
           (SELECT coalesce(max(c.number), 0) + 1 FROM ledger.account_changes AS c
            WHERE c.bank_id = a.bank_id AND c.account_id = a.account_id),
           a.status, 'ledger.use_stated', now(), a.use
    FROM ledger.accounts AS a WHERE a.use IS NOT NULL""",
    """CREATE TABLE ledger.marks (
        bank_id uuid NOT NULL,
        mark_id uuid NOT NULL,
        origin text NOT NULL,
        purpose text NOT NULL,
        forbidden_uses text[] NOT NULL,
        opened_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, mark_id)
    )""",
    # How many of an account's units carry a mark now; no row for none.
    """CREATE TABLE ledger.marked_units (
        bank_id uuid NOT NULL,
        account_id uuid NOT NULL,
        mark_id uuid NOT NULL,
        units bigint NOT NULL,
        PRIMARY KEY (bank_id, account_id, mark_id)
    ) WITH (fillfactor = 70)""",
    # What a transfer carried: how many of its units carry the mark, how many of them left the debit
    # account's marked units, and how many stay marked on the credit account.
    """CREATE TABLE ledger.transfer_marks (
        bank_id uuid NOT NULL,
        transfer_id uuid NOT NULL,
        mark_id uuid NOT NULL,
        debit_id uuid NOT NULL,
        credit_id uuid NOT NULL,
        units bigint NOT NULL,
        units_taken bigint NOT NULL,
        units_kept bigint NOT NULL,
        is_start boolean NOT NULL,
        PRIMARY KEY (bank_id, transfer_id, mark_id)
    )""",
    """CREATE INDEX transfer_marks_by_credit
    ON ledger.transfer_marks (bank_id, credit_id, mark_id, transfer_id)""",
    *(
        f"""CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.{table}
        FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()"""
        for table in ("marks", "transfer_marks")
    ),
)

# Uses with a comma on both sides of each, so that one is found by its place in the text.
USES_TEXT = """CREATE FUNCTION ledger.uses_text(uses text[]) RETURNS text
LANGUAGE sql IMMUTABLE AS $body$ SELECT ',' || array_to_string(uses, ',') || ',' $body$"""

# Without a mark the content is what it was before there were marks.
CONTENT = """CREATE FUNCTION ledger.content_of(
    debit uuid, credit uuid, units bigint, code text, about text, effective_on date,
    verb smallint, hold uuid, expires_at timestamptz, reverses uuid, is_final boolean, asset text,
    mark uuid
) RETURNS bytea LANGUAGE sql STABLE AS $body$
    SELECT CASE WHEN mark IS NULL THEN content ELSE sha256(content || uuid_send(mark)) END
    FROM ledger.content_of(debit, credit, units, code, about, effective_on, verb, hold, expires_at,
                           reverses, is_final, asset) AS content
$body$"""

OLD_TYPES = """
    uuid, timestamptz, uuid[], uuid[], int[], int[], bigint[], text[], smallint[], text[], text[],
    date[], boolean[], int[], smallint[], uuid[], int[], timestamptz[], boolean[], date[], uuid[]
"""
ARGUMENTS = """
    bank uuid, at timestamptz, ids uuid[], account_ids uuid[], d_ix int[], c_ix int[],
    amounts bigint[], assets text[], asset_ix smallint[], codes text[], abouts text[],
    days date[], links boolean[], repeats int[], verbs smallint[], hold_ids uuid[], h_ix int[],
    expiries timestamptz[], finals boolean[], out_days date[], reverses uuid[], marks uuid[]
"""
NAMES = ", ".join(part.split()[0] for part in ARGUMENTS.split(","))

FUNCTIONS = (
    f"DROP FUNCTION IF EXISTS ledger.post_transfers({OLD_TYPES})",
    f"DROP FUNCTION IF EXISTS ledger.post_batch({OLD_TYPES})",
    (MIGRATIONS / "sql" / "0002_post_batch.sql")
    .read_text(encoding="utf-8")
    .replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1),
    # As in 0002: whoever loses a race for a new id finds the first outcome when it tries again.
    f"""CREATE FUNCTION ledger.post_transfers({ARGUMENTS}) RETURNS smallint[]
    LANGUAGE plpgsql AS $body$
    DECLARE
        attempts_left int := 5;
    BEGIN
        LOOP
            BEGIN
                RETURN ledger.post_batch({NAMES});
            EXCEPTION WHEN unique_violation THEN
                attempts_left := attempts_left - 1;
                IF attempts_left = 0 THEN
                    RAISE;
                END IF;
            END;
        END LOOP;
    END
    $body$""",
)

STATEMENTS = (*TABLES, USES_TEXT, CONTENT, *FUNCTIONS)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
