"""What insight does on schedule: tell those who allowed it that money may soon be needed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from jiuding.base.database.engine import transaction
from jiuding.services.insight import operations
from jiuding.services.insight.types import Telling


def tell_waiting(
    engine: Engine, *, bank_id: str, now: datetime, after: str | None = None, limit_max: int
) -> tuple[tuple[Telling, ...], str | None]:
    """Visit parties that allow a look ahead, and tell each what is worth telling, once a season.

    Each is told in a transaction of its own, in which its consent is read again. Returns what was
    told, and after whom to go on: None once everyone was visited. Said again, or by two workers at
    once, it tells nothing twice.
    """
    with transaction(engine) as session:
        page = operations.parties_to_tell(
            session, bank_id=bank_id, on=now.date(), after=after, limit_max=limit_max
        )
    told = []
    for party_id in page:
        with transaction(engine) as session:
            found = operations.tell_ahead(session, bank_id=bank_id, party_id=party_id, now=now)
        if found is not None:
            told.append(found)
    return tuple(told), page[-1] if len(page) == limit_max else None
