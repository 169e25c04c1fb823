"""Labels: what became of what was decided, and from when that was known."""

from alembic import op

revision = "0019"
down_revision = "0018"

STATEMENTS = (
    """
    CREATE TABLE decisions.labels (
        bank_id uuid NOT NULL,
        decision_id uuid NOT NULL,
        known_at timestamptz NOT NULL,
        is_good boolean NOT NULL,
        by text NOT NULL,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (bank_id, decision_id, known_at),
        CONSTRAINT labels_decision FOREIGN KEY (bank_id, decision_id)
            REFERENCES decisions.decisions (bank_id, decision_id)
    )
    """,
    """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions.labels
    FOR EACH STATEMENT EXECUTE FUNCTION decisions.refuse_change()""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
