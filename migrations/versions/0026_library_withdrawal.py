"""An import can be taken back: what each one showed is kept whole, and when it was withdrawn.

`shown` lists [lender, product id, copy, version, place]. The newest import of each source is
filled in exactly; of older ones only the dates on which a version was seen are known, so they stay
null and are never planned on again.
"""

from alembic import op

revision = "0026"
down_revision = "0023"

STATEMENTS = (
    """
    ALTER TABLE offers.library_imports
        ADD COLUMN shown jsonb,
        ADD COLUMN withdrawn_at timestamptz,
        ADD COLUMN withdrawn_reason text
    """,
    """
    UPDATE offers.library_imports AS i SET shown = coalesce(
        (
            SELECT jsonb_agg(
                jsonb_build_array(h.lender, h.product_id, h.copy, h.version, h.place)
                ORDER BY h.place
            )
            FROM offers.product_history AS h
            WHERE h.bank_id = i.bank_id AND h.source = i.source AND h.last_number = i.number
        ),
        '[]'::jsonb
    )
    WHERE i.number = (
        SELECT max(n.number) FROM offers.library_imports AS n
        WHERE n.bank_id = i.bank_id AND n.source = i.source
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
