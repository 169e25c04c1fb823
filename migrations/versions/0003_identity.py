"""The identity package's schema and tables."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    "CREATE SCHEMA identity",
    """
    CREATE TABLE identity.banks (
        bank_id uuid PRIMARY KEY,
        slug text NOT NULL,
        name_zh text NOT NULL,
        name_en text NOT NULL,
        markets text[] NOT NULL,
        is_demonstration boolean NOT NULL,
        registered_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE identity.parties (
        bank_id uuid NOT NULL,
        party_id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('person', 'firm')),
        status text NOT NULL CHECK (status IN ('active', 'suspended', 'erased')),
        market text NOT NULL,
        residency text NOT NULL,
        registered_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, party_id)
    )
    """,
    """
    CREATE TABLE identity.personal (
        bank_id uuid NOT NULL,
        party_id uuid NOT NULL,
        sealed bytea NOT NULL,
        PRIMARY KEY (bank_id, party_id),
        FOREIGN KEY (bank_id, party_id) REFERENCES identity.parties (bank_id, party_id)
    )
    """,
    """
    CREATE TABLE identity.credentials (
        bank_id uuid NOT NULL,
        credential_id uuid NOT NULL,
        party_id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('pin', 'passkey')),
        secret bytea NOT NULL,
        handle bytea,
        use_count integer NOT NULL,
        wrong_count integer NOT NULL,
        wrong_at timestamptz,
        registered_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, credential_id),
        CONSTRAINT credentials_handle UNIQUE (bank_id, handle),
        FOREIGN KEY (bank_id, party_id) REFERENCES identity.parties (bank_id, party_id)
    )
    """,
    # A party has one PIN, and any number of passkeys.
    """
    CREATE UNIQUE INDEX credentials_one_pin
        ON identity.credentials (bank_id, party_id) WHERE kind = 'pin'
    """,
    """
    CREATE TABLE identity.challenges (
        bank_id uuid NOT NULL,
        challenge bytea NOT NULL,
        party_id uuid NOT NULL,
        purpose text NOT NULL,
        expires_at timestamptz NOT NULL,
        is_used boolean NOT NULL,
        PRIMARY KEY (bank_id, challenge),
        FOREIGN KEY (bank_id, party_id) REFERENCES identity.parties (bank_id, party_id)
    )
    """,
    """
    CREATE TABLE identity.logins (
        bank_id uuid NOT NULL,
        login_id uuid NOT NULL,
        party_id uuid NOT NULL,
        token_hash bytea NOT NULL,
        opened_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        is_ended boolean NOT NULL,
        PRIMARY KEY (bank_id, login_id),
        CONSTRAINT logins_token UNIQUE (bank_id, token_hash),
        FOREIGN KEY (bank_id, party_id) REFERENCES identity.parties (bank_id, party_id)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
