"""The ledger package's schema, tables and posting function.

The posting function locks the accounts of a batch in id order, decides every item in memory in the
batch's order, then writes with one insert and one update: what was measured to be fast on this
server, and the only writer of transfers, holds and account counters. Its result codes are those of
`jiuding.kernel.ledger.types.Refusal`; its rules are written a second time, in plain Python, in
`jiuding.kernel.ledger.rules.model`, and the two are compared by tests.
"""

from alembic import op

from jiuding.base.settings import MIGRATIONS

revision = "0002"
down_revision = "0001"

TABLES = (
    "CREATE SCHEMA ledger",
    """CREATE TABLE ledger.assets (
        bank_id uuid NOT NULL,
        asset_code text NOT NULL,
        scale smallint NOT NULL,
        PRIMARY KEY (bank_id, asset_code)
    )""",
    # Room is left on each page so that counters change without touching an index.
    """CREATE TABLE ledger.accounts (
        bank_id uuid NOT NULL,
        account_id uuid NOT NULL,
        kind text NOT NULL,
        class text NOT NULL,
        asset_code text NOT NULL,
        asset_scale smallint NOT NULL,
        owner_id text,
        purpose text NOT NULL,
        status smallint NOT NULL,
        is_debit_normal boolean NOT NULL,
        balance_min bigint,
        balance_max bigint,
        outflow_per_day_max bigint,
        outflow_per_year_max bigint,
        debits_posted bigint NOT NULL,
        credits_posted bigint NOT NULL,
        debits_held bigint NOT NULL,
        credits_held bigint NOT NULL,
        posting_count bigint NOT NULL,
        opened_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, account_id),
        CONSTRAINT accounts_asset FOREIGN KEY (bank_id, asset_code)
            REFERENCES ledger.assets (bank_id, asset_code)
    ) WITH (fillfactor = 50)""",
    "CREATE INDEX accounts_by_owner ON ledger.accounts (bank_id, owner_id, account_id)",
    """CREATE UNIQUE INDEX accounts_of_the_bank
    ON ledger.accounts (bank_id, kind, asset_code, purpose) WHERE owner_id IS NULL""",
    """CREATE TABLE ledger.account_changes (
        bank_id uuid NOT NULL,
        account_id uuid NOT NULL,
        number integer NOT NULL,
        status smallint NOT NULL,
        reason text NOT NULL,
        changed_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, account_id, number),
        CONSTRAINT account_changes_account FOREIGN KEY (bank_id, account_id)
            REFERENCES ledger.accounts (bank_id, account_id)
    )""",
    # No foreign keys: the posting function holds both accounts' locks, and a key check for each
    # row would cost as much as the rest. The books check proves what the keys would.
    """CREATE TABLE ledger.transfers (
        bank_id uuid NOT NULL,
        transfer_id uuid NOT NULL,
        debit_id uuid NOT NULL,
        credit_id uuid NOT NULL,
        units bigint NOT NULL,
        code text NOT NULL,
        about text,
        effective_on date NOT NULL,
        recorded_at timestamptz NOT NULL,
        debit_number bigint NOT NULL,
        credit_number bigint NOT NULL,
        debit_after bigint NOT NULL,
        credit_after bigint NOT NULL,
        hold_id uuid,
        reverses_id uuid,
        PRIMARY KEY (bank_id, transfer_id)
    )""",
    """CREATE UNIQUE INDEX transfers_by_debit
    ON ledger.transfers (bank_id, debit_id, debit_number)""",
    """CREATE UNIQUE INDEX transfers_by_credit
    ON ledger.transfers (bank_id, credit_id, credit_number)""",
    """CREATE UNIQUE INDEX transfers_reversed_once
    ON ledger.transfers (bank_id, reverses_id) WHERE reverses_id IS NOT NULL""",
    """CREATE INDEX transfers_about
    ON ledger.transfers (bank_id, about, transfer_id) WHERE about IS NOT NULL""",
    """CREATE TABLE ledger.holds (
        bank_id uuid NOT NULL,
        hold_id uuid NOT NULL,
        debit_id uuid NOT NULL,
        credit_id uuid NOT NULL,
        units bigint NOT NULL,
        units_left bigint NOT NULL,
        units_captured bigint NOT NULL,
        status smallint NOT NULL,
        code text NOT NULL,
        about text,
        effective_on date NOT NULL,
        expires_at timestamptz,
        placed_at timestamptz NOT NULL,
        ended_at timestamptz,
        PRIMARY KEY (bank_id, hold_id)
    ) WITH (fillfactor = 70)""",
    """CREATE INDEX holds_open_by_expiry
    ON ledger.holds (bank_id, expires_at) WHERE status = 0""",
    "CREATE INDEX holds_by_debit ON ledger.holds (bank_id, debit_id) WHERE status = 0",
    # What each limited account paid out by day; kept for limited accounts only.
    """CREATE TABLE ledger.outflows (
        bank_id uuid NOT NULL,
        account_id uuid NOT NULL,
        effective_on date NOT NULL,
        units bigint NOT NULL,
        PRIMARY KEY (bank_id, account_id, effective_on)
    )""",
    # First outcomes that were refusals, so that the same id gets the same answer again.
    """CREATE TABLE ledger.refusals (
        bank_id uuid NOT NULL,
        id uuid NOT NULL,
        outcome smallint NOT NULL,
        content bytea NOT NULL,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, id)
    )""",
)

APPEND_ONLY = (
    """CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
        RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME;
    END
    $body$""",
    *(
        f"""CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.{table}
        FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()"""
        for table in ("transfers", "refusals", "account_changes")
    ),
)

# What an id stands for, beyond the id: the same id with other content is another instruction. The
# accounts of a capture are its hold's, which may not have been there the first time.
CONTENT = """CREATE FUNCTION ledger.content_of(
    debit uuid, credit uuid, units bigint, code text, about text, effective_on date,
    verb smallint, hold uuid, expires_at timestamptz, reverses uuid, is_final boolean, asset text
) RETURNS bytea LANGUAGE sql STABLE AS $body$
    SELECT sha256(convert_to(jsonb_build_array(
        CASE WHEN verb < 2 THEN debit END, CASE WHEN verb < 2 THEN credit END, asset, units, code,
        about, effective_on, verb, hold, extract(epoch FROM expires_at), reverses,
        coalesce(is_final, false))::text, 'UTF8'))
$body$"""

ARGUMENTS = """
    bank uuid, at timestamptz, ids uuid[], account_ids uuid[], d_ix int[], c_ix int[],
    amounts bigint[], assets text[], asset_ix smallint[], codes text[], abouts text[],
    days date[], links boolean[], repeats int[], verbs smallint[], hold_ids uuid[], h_ix int[],
    expiries timestamptz[], finals boolean[], out_days date[], reverses uuid[]
"""
NAMES = ", ".join(part.split()[0] for part in ARGUMENTS.split(","))

# Two clients that send one new id at the same time: the second waits for the first to commit, its
# insert fails, and its second attempt finds the first outcome.
POST_TRANSFERS = f"""CREATE FUNCTION ledger.post_transfers({ARGUMENTS}) RETURNS smallint[]
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
$body$"""

POST_BATCH = (MIGRATIONS / "sql" / "0002_post_batch.sql").read_text(encoding="utf-8")

STATEMENTS = (*TABLES, *APPEND_ONLY, CONTENT, POST_BATCH, POST_TRANSFERS)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
