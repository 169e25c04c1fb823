"""Keep decisions for the time that is stated for their policy, and no longer."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from jiuding.base.database.engine import Session
from jiuding.base.problems import ensure
from jiuding.base.settings import CATALOG
from jiuding.kernel import eventlog
from jiuding.kernel.decisions import store
from jiuding.kernel.decisions.errors import BadPolicy
from jiuding.kernel.decisions.events import DecisionsRemoved
from jiuding.kernel.decisions.operations.reading import recorded_decision
from jiuding.kernel.decisions.store.retention import add_hold, end_hold, remove_before

REMOVED_MAX = 1_000
DAYS_MAX = 36_500


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days a policy's decisions are kept."""

    default_days: int
    days: Mapping[str, int]

    def days_of(self, policy_name: str) -> int:
        """Return the days that decisions of a policy are kept."""
        return self.days.get(policy_name, self.default_days)


@lru_cache(maxsize=4)
def read_retention(path: Path = CATALOG / "retention.toml") -> Retention:
    """Return the stated times. Refuses: BadPolicy for days that are not 1 to 36,500."""
    found = tomllib.loads(path.read_text(encoding="utf-8"))["decisions"]
    days = found.get("policies", {})
    for each in (found["default_days"], *days.values()):
        if type(each) is not int or not 0 < each <= DAYS_MAX:
            raise BadPolicy(f"{path.name}: days are whole numbers from 1 to {DAYS_MAX}")
    return Retention(found["default_days"], days)


def hold_decision(
    session: Session, *, bank_id: str, decision_id: str, held_for: str, by: str, now: datetime
) -> None:
    """Keep a decision beyond its time, for a case or a dispute that `held_for` names.

    Refuses: DecisionNotFound.
    """
    recorded_decision(session, bank_id, decision_id)
    add_hold(session, bank_id, decision_id, held_for, by, now)


def release_decision(session: Session, *, bank_id: str, decision_id: str, held_for: str) -> bool:
    """End a hold; false when there was none."""
    return end_hold(session, bank_id, decision_id, held_for)


def remove_past_decisions(
    session: Session, *, bank_id: str, now: datetime, retention: Retention | None = None,
    removed_max: int = REMOVED_MAX,
) -> dict[str, int]:  # fmt: skip
    """Remove decisions whose time has passed and that nothing holds; return how many by policy.

    At most 1,000 in one call, the oldest first; each policy's removal is told in the news. The
    policies' content, lists and lives stay. A key whose decision is gone would be judged anew.
    """
    ensure(0 < removed_max <= REMOVED_MAX, f"remove 1 to {REMOVED_MAX} at a time")
    stated, found, left = retention or read_retention(), {}, removed_max
    for name in store.decided_policy_names(session, bank_id):
        before = now - timedelta(days=stated.days_of(name))
        count = remove_before(session, bank_id, name, before, left) if left else 0
        if count:
            found[name], left = count, left - count
            event = DecisionsRemoved(policy_name=name, count=count, decided_before=before)
            eventlog.append(
                session, bank_id=bank_id, event=event, subject=name, source="decisions",
                occurred_at=now, recorded_at=now,
            )  # fmt: skip
    return found
