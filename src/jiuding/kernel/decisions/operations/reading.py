"""Read decisions back."""

from __future__ import annotations

from collections.abc import Sequence

from jiuding.base.database.engine import Session
from jiuding.base.ids import to_uuid
from jiuding.base.problems import ensure
from jiuding.kernel.decisions import store
from jiuding.kernel.decisions.errors import DecisionNotFound
from jiuding.kernel.decisions.types.decisions import Decision

READ_MAX = 1_000


def read_decision(session: Session, *, bank_id: str, decision_id: str) -> Decision:
    """Return a recorded decision.

    Refuses: DecisionNotFound when it is not here, or another bank's.
    """
    return recorded_decision(session, bank_id, decision_id).decision


def decisions_under(
    session: Session, *, bank_id: str, idempotency_keys: Sequence[str]
) -> dict[str, Decision]:
    """Return the decisions that stand under idempotency keys, by key; at most 1,000 keys."""
    ensure(len(idempotency_keys) <= READ_MAX, f"at most {READ_MAX} keys at a time")
    found = store.by_keys(session, bank_id, idempotency_keys) if idempotency_keys else {}
    return {key: recorded.decision for key, recorded in found.items()}


def decisions_about(
    session: Session, *, bank_id: str, subject: str, limit_max: int
) -> tuple[Decision, ...]:
    """Return the newest decisions about a subject, newest first; at most 1,000."""
    ensure(0 < limit_max <= READ_MAX, f"read 1 to {READ_MAX} at a time")
    found = store.about(session, bank_id, subject, limit_max)
    return tuple(recorded.decision for recorded in found)


def recorded_decision(session: Session, bank_id: str, decision_id: str) -> store.Recorded:
    """Return a decision with what a replay needs.

    Refuses: DecisionNotFound.
    """
    to_uuid("dec", decision_id)
    recorded = store.by_id(session, bank_id, decision_id)
    if recorded is None:
        raise DecisionNotFound(f"there is no decision {decision_id}", decision_id=decision_id)
    return recorded
