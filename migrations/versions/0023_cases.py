"""The cases package's schema, and the lists of names that risk screens against."""

from alembic import op

revision = "0023"
down_revision = "0022"

STATEMENTS = (
    "CREATE SCHEMA cases",
    # The state of a case can be worked out from its steps; it stands here so that the queue is one
    # look at an index.
    """
    CREATE TABLE cases.cases (
        bank_id uuid NOT NULL,
        case_id uuid NOT NULL,
        kind text NOT NULL,
        subject text NOT NULL,
        priority smallint NOT NULL,
        status text NOT NULL,
        opened_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        opened_by text NOT NULL,
        holder text,
        lease_until timestamptz,
        outcome text,
        proposed_by text,
        closed_at timestamptz,
        step_count integer NOT NULL,
        PRIMARY KEY (bank_id, case_id),
        CONSTRAINT cases_priority CHECK (priority BETWEEN 1 AND 4),
        CONSTRAINT cases_status CHECK (status IN ('open', 'proposed', 'closed')),
        CONSTRAINT cases_outcome CHECK (outcome IN ('confirmed', 'unfounded', 'inconclusive')),
        CONSTRAINT cases_lease CHECK ((holder IS NULL) = (lease_until IS NULL)),
        CONSTRAINT cases_proposal CHECK ((status = 'open') = (proposed_by IS NULL)),
        CONSTRAINT cases_closed CHECK ((status = 'closed') = (closed_at IS NOT NULL))
    )
    """,
    "CREATE INDEX cases_queue ON cases.cases (bank_id, status, priority, opened_at, case_id)",
    "CREATE INDEX cases_about ON cases.cases (bank_id, subject)",
    "CREATE INDEX cases_done ON cases.cases (bank_id, closed_at, case_id) WHERE status = 'closed'",
    "CREATE INDEX cases_held ON cases.cases (bank_id, holder) WHERE holder IS NOT NULL",
    """
    CREATE TABLE cases.sources (
        bank_id uuid NOT NULL,
        source text NOT NULL,
        case_id uuid NOT NULL,
        PRIMARY KEY (bank_id, source)
    )
    """,
    """
    CREATE TABLE cases.evidence (
        bank_id uuid NOT NULL,
        case_id uuid NOT NULL,
        number integer NOT NULL,
        kind text NOT NULL,
        source text NOT NULL,
        reference text NOT NULL,
        happened_at timestamptz NOT NULL,
        data jsonb NOT NULL,
        added_by text NOT NULL,
        added_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, case_id, number),
        CONSTRAINT evidence_once UNIQUE (bank_id, case_id, kind, reference),
        CONSTRAINT evidence_case FOREIGN KEY (bank_id, case_id)
            REFERENCES cases.cases (bank_id, case_id)
    )
    """,
    "CREATE INDEX evidence_reference ON cases.evidence (bank_id, reference)",
    """
    CREATE TABLE cases.steps (
        bank_id uuid NOT NULL,
        case_id uuid NOT NULL,
        number integer NOT NULL,
        step text NOT NULL,
        by text NOT NULL,
        at timestamptz NOT NULL,
        data jsonb NOT NULL,
        idempotency_key text NOT NULL,
        PRIMARY KEY (bank_id, case_id, number),
        CONSTRAINT steps_idempotency_key UNIQUE (bank_id, idempotency_key),
        CONSTRAINT steps_case FOREIGN KEY (bank_id, case_id)
            REFERENCES cases.cases (bank_id, case_id)
    )
    """,
    """
    CREATE FUNCTION cases.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
        RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME;
    END
    $body$
    """,
    *(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cases.{table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION cases.refuse_change()"
        for table in ("sources", "evidence", "steps")
    ),
    """
    CREATE TABLE risk.lists (
        bank_id uuid NOT NULL,
        name text NOT NULL,
        number integer NOT NULL,
        version text NOT NULL,
        entry_count integer NOT NULL,
        imported_by text NOT NULL,
        imported_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, name, number)
    )
    """,
    """
    CREATE TABLE risk.list_entries (
        bank_id uuid NOT NULL,
        version text NOT NULL,
        place integer NOT NULL,
        entry jsonb NOT NULL,
        PRIMARY KEY (bank_id, version, place)
    )
    """,
    *(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON risk.{table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION risk.refuse_change()"
        for table in ("lists", "list_entries")
    ),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
