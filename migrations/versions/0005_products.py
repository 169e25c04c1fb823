"""The products package's schema and tables."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    "CREATE SCHEMA products",
    """
    CREATE TABLE products.product_versions (
        bank_id uuid NOT NULL,
        version text NOT NULL CHECK (version ~ '^sha256:[0-9a-f]{64}$'),
        product_id text NOT NULL,
        lender text NOT NULL,
        content jsonb NOT NULL,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, version)
    )
    """,
    """
    CREATE TABLE products.agreements (
        bank_id uuid NOT NULL,
        agreement_id uuid NOT NULL,
        idempotency_key text NOT NULL,
        content_hash text NOT NULL,
        party_id uuid NOT NULL,
        version text NOT NULL,
        rate_index integer NOT NULL,
        purpose text NOT NULL,
        currency text NOT NULL,
        principal_units bigint NOT NULL CHECK (principal_units > 0),
        annual_rate numeric NOT NULL CHECK (annual_rate >= 0),
        term_months integer NOT NULL CHECK (term_months > 0),
        repayment text NOT NULL,
        agreed_on date NOT NULL,
        first_due_on date NOT NULL CHECK (first_due_on > agreed_on),
        fee_upfront_units bigint NOT NULL CHECK (fee_upfront_units >= 0),
        fee_monthly_units bigint NOT NULL CHECK (fee_monthly_units >= 0),
        true_rate numeric,
        made_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, agreement_id),
        CONSTRAINT agreements_idempotency_key UNIQUE (bank_id, idempotency_key),
        FOREIGN KEY (bank_id, version) REFERENCES products.product_versions (bank_id, version)
    )
    """,
    """
    CREATE TABLE products.instalments (
        bank_id uuid NOT NULL,
        agreement_id uuid NOT NULL,
        number integer NOT NULL CHECK (number > 0),
        due_on date NOT NULL,
        principal_units bigint NOT NULL CHECK (principal_units >= 0),
        interest_units bigint NOT NULL CHECK (interest_units >= 0),
        fee_units bigint NOT NULL CHECK (fee_units >= 0),
        balance_units bigint NOT NULL CHECK (balance_units >= 0),
        PRIMARY KEY (bank_id, agreement_id, number),
        FOREIGN KEY (bank_id, agreement_id) REFERENCES products.agreements (bank_id, agreement_id)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
