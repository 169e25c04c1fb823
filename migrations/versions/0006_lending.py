"""The lending package's schema and tables."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    "CREATE SCHEMA lending",
    """
    CREATE TABLE lending.applications (
        bank_id uuid NOT NULL,
        application_id uuid NOT NULL,
        party_id uuid NOT NULL,
        quote_id uuid NOT NULL,
        idempotency_key text NOT NULL,
        plan_kind text NOT NULL,
        purpose text NOT NULL,
        status text NOT NULL CHECK (status IN ('submitted', 'granted', 'declined')),
        amount_units bigint NOT NULL CHECK (amount_units > 0),
        currency text NOT NULL,
        facts jsonb NOT NULL,
        reasons jsonb NOT NULL,
        decision_id uuid,
        applied_at timestamptz NOT NULL,
        decided_at timestamptz,
        PRIMARY KEY (bank_id, application_id),
        CONSTRAINT applications_quote UNIQUE (bank_id, quote_id),
        CONSTRAINT applications_key UNIQUE (bank_id, party_id, idempotency_key)
    )
    """,
    "CREATE INDEX applications_party ON lending.applications (bank_id, party_id, applied_at)",
    # What a job has to take up again after a crash; nearly always empty.
    """
    CREATE INDEX applications_waiting ON lending.applications (bank_id, applied_at)
        WHERE status = 'submitted'
    """,
    """
    CREATE TABLE lending.legs (
        bank_id uuid NOT NULL,
        application_id uuid NOT NULL,
        number integer NOT NULL,
        lender text NOT NULL,
        terms jsonb NOT NULL,
        answer jsonb,
        PRIMARY KEY (bank_id, application_id, number),
        FOREIGN KEY (bank_id, application_id)
            REFERENCES lending.applications (bank_id, application_id)
    )
    """,
    """
    CREATE TABLE lending.loans (
        bank_id uuid NOT NULL,
        loan_id uuid NOT NULL,
        application_id uuid NOT NULL,
        leg_number integer NOT NULL,
        party_id uuid NOT NULL,
        agreement_id uuid NOT NULL,
        account_id uuid NOT NULL,
        deposit_account_id uuid NOT NULL,
        lender_reference text,
        granted_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, loan_id),
        CONSTRAINT loans_leg UNIQUE (bank_id, application_id, leg_number),
        FOREIGN KEY (bank_id, application_id, leg_number)
            REFERENCES lending.legs (bank_id, application_id, number)
    )
    """,
    "CREATE INDEX loans_party ON lending.loans (bank_id, party_id, granted_at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
