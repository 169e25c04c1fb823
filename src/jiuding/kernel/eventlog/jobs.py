"""What the event log does on schedule."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from jiuding.base.database.engine import transaction
from jiuding.kernel.eventlog.operations import seal_news

SEALS_PER_ROUND_MAX = 50


def seal_waiting(engine: Engine, *, bank_id: str, now: datetime) -> int:
    """Seal the news that waits, each seal in a transaction of its own; return how many."""
    for made in range(SEALS_PER_ROUND_MAX):
        with transaction(engine) as session:
            if seal_news(session, bank_id=bank_id, now=now) is None:
                return made
    return SEALS_PER_ROUND_MAX
