"""Let recorded decisions go when their time has passed, except those that are held."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, select, text
from sqlalchemy.dialects.postgresql import insert

from jiuding.base.database.engine import Session
from jiuding.kernel.decisions.tables import (
    decisions,
    holds,
    labels,
    policy_versions,
    shadow_verdicts,
)

_ALLOW = text("SELECT set_config('jiuding.retention', :word, true)")


def add_hold(
    session: Session, bank_id: str, decision_id: str, held_for: str, by: str, now: datetime
) -> None:
    """Keep a decision for as long as this hold stands; said again, it changes nothing."""
    row = {
        "bank_id": bank_id,
        "decision_id": decision_id,
        "held_for": held_for,
        "by": by,
        "held_at": now,
    }
    session.execute(insert(holds).values(row).on_conflict_do_nothing())


def end_hold(session: Session, bank_id: str, decision_id: str, held_for: str) -> bool:
    """End a hold; false when there was none."""
    where = (holds.c.bank_id == bank_id, holds.c.decision_id == decision_id)
    found = session.execute(delete(holds).where(*where, holds.c.held_for == held_for))
    return found.rowcount > 0


def remove_before(
    session: Session, bank_id: str, policy_name: str, before: datetime, rows_max: int
) -> int:
    """Remove a policy's oldest decisions made before an instant and not held; return how many."""
    of_policy = select(policy_versions.c.version).where(
        policy_versions.c.bank_id == bank_id, policy_versions.c.policy_name == policy_name
    )
    is_held = exists().where(
        holds.c.bank_id == decisions.c.bank_id, holds.c.decision_id == decisions.c.decision_id
    )
    chosen = (
        select(decisions.c.decision_id)
        .where(
            decisions.c.bank_id == bank_id,
            decisions.c.policy_version.in_(of_policy),
            decisions.c.decided_at < before,
            ~is_held,
        )
        .order_by(decisions.c.decided_at, decisions.c.decision_id)
        .limit(rows_max)
        # A hold that comes now waits for us, or we pass over its decision.
        .with_for_update(skip_locked=True)
    )
    ids = list(session.execute(chosen).scalars())
    if ids:
        session.execute(_ALLOW, {"word": "past"})
        for table in (shadow_verdicts, labels, decisions):
            where = (table.c.bank_id == bank_id, table.c.decision_id.in_(ids))
            session.execute(delete(table).where(*where))
        session.execute(_ALLOW, {"word": ""})
    return len(ids)
