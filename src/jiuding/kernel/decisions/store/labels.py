"""What became of what was decided: labels, each with the instant from which it was known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from jiuding.base.database.engine import Session
from jiuding.kernel.decisions.tables import labels
from jiuding.kernel.decisions.types.decisions import Label


def add_labels(session: Session, bank_id: str, found: Sequence[Label], now: datetime) -> int:
    """Record labels; return how many are new. The same label at the same instant stands once."""
    rows = [
        {
            "bank_id": bank_id,
            "decision_id": each.decision_id,
            "known_at": each.known_at,
            "is_good": each.is_good,
            "by": each.by,
            "recorded_at": now,
        }
        for each in sorted(found, key=lambda each: (each.decision_id, each.known_at))
    ]
    if not rows:
        return 0
    statement = insert(labels).values(rows).on_conflict_do_nothing()
    return len(session.execute(statement.returning(labels.c.decision_id)).all())


def labels_of(
    session: Session, bank_id: str, decision_ids: Sequence[str], until: datetime
) -> dict[str, bool]:
    """Return whether each decision turned out well, by the latest label known before an instant."""
    where = (
        labels.c.bank_id == bank_id,
        labels.c.decision_id.in_(decision_ids),
        labels.c.known_at < until,
    )
    statement = select(labels.c.decision_id, labels.c.is_good).where(*where)
    found = session.execute(statement.order_by(labels.c.known_at))
    return {row.decision_id: row.is_good for row in found}
