"""The life of libraries, and watching them for customers."""

from alembic import op

revision = "0010"
down_revision = "0009"

STATEMENTS = (
    """
    CREATE TABLE offers.library_imports (
        bank_id uuid NOT NULL,
        import_id uuid NOT NULL,
        source text NOT NULL,
        number integer NOT NULL CHECK (number > 0),
        version text NOT NULL,
        origin text NOT NULL,
        licence text NOT NULL,
        imported_at timestamptz NOT NULL,
        checked_at timestamptz NOT NULL,
        product_count integer NOT NULL,
        unquotable jsonb NOT NULL,
        quarantined_count integer NOT NULL,
        quarantined jsonb NOT NULL,
        changed jsonb NOT NULL,
        changes jsonb NOT NULL,
        PRIMARY KEY (bank_id, import_id),
        CONSTRAINT library_imports_number UNIQUE (bank_id, source, number)
    )
    """,
    "CREATE INDEX library_imports_time ON offers.library_imports (bank_id, imported_at)",
    """
    CREATE TABLE offers.product_history (
        bank_id uuid NOT NULL,
        source text NOT NULL,
        lender text NOT NULL,
        product_id text NOT NULL,
        copy integer NOT NULL,
        version text NOT NULL,
        place integer NOT NULL,
        content jsonb NOT NULL,
        first_number integer NOT NULL,
        last_number integer NOT NULL CHECK (last_number >= first_number),
        first_seen_at timestamptz NOT NULL,
        last_seen_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, source, lender, product_id, copy, version)
    )
    """,
    "CREATE INDEX product_history_import"
    " ON offers.product_history (bank_id, source, last_number, place)",
    "CREATE INDEX product_history_product"
    " ON offers.product_history (bank_id, lender, product_id, copy)",
    """
    CREATE TABLE offers.watches (
        bank_id uuid NOT NULL,
        watch_id uuid NOT NULL,
        party_id uuid NOT NULL,
        loan_id uuid NOT NULL,
        idempotency_key text NOT NULL,
        began_at timestamptz NOT NULL,
        stopped_at timestamptz CHECK (stopped_at >= began_at),
        looked_at timestamptz,
        looked_version text,
        outcome text,
        PRIMARY KEY (bank_id, watch_id),
        CONSTRAINT watches_key UNIQUE (bank_id, party_id, idempotency_key)
    )
    """,
    "CREATE UNIQUE INDEX watches_live ON offers.watches (bank_id, loan_id)"
    " WHERE stopped_at IS NULL",
    "CREATE INDEX watches_party ON offers.watches (bank_id, party_id, began_at)",
    """
    CREATE TABLE offers.findings (
        bank_id uuid NOT NULL,
        finding_id uuid NOT NULL,
        watch_id uuid NOT NULL,
        loan_id uuid NOT NULL,
        party_id uuid NOT NULL,
        finding_key text NOT NULL,
        library_version text NOT NULL,
        found_at timestamptz NOT NULL,
        currency text NOT NULL,
        saved_units bigint NOT NULL CHECK (saved_units > 0),
        stay_units bigint NOT NULL,
        switch_units bigint NOT NULL,
        exit_units bigint NOT NULL,
        balance_units bigint NOT NULL,
        term_months integer NOT NULL,
        plan jsonb NOT NULL,
        PRIMARY KEY (bank_id, finding_id),
        CONSTRAINT findings_key UNIQUE (bank_id, watch_id, finding_key),
        FOREIGN KEY (bank_id, watch_id) REFERENCES offers.watches (bank_id, watch_id)
    )
    """,
    "CREATE INDEX findings_party ON offers.findings (bank_id, party_id, found_at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
