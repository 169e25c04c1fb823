"""Close a day: keep its trial balance as it stands, and tell later what has changed since."""

from __future__ import annotations

from datetime import date, datetime

from jiuding.base.database.engine import Session
from jiuding.base.problems import ensure
from jiuding.kernel.ledger.errors import DayNotClosed
from jiuding.kernel.ledger.operations.reading import trial_balance
from jiuding.kernel.ledger.rules import closing as rules
from jiuding.kernel.ledger.store import closing as store
from jiuding.kernel.ledger.types import Close, CloseDifference

CLOSES_MAX = 1_000
_ATTEMPTS_MAX = 5


def close_day(session: Session, *, bank_id: str, on: date, now: datetime) -> Close:
    """Keep the trial balance at the end of a day, and return it.

    Can be run again: when nothing differs the last close is returned and nothing is written; after
    a back-dated posting a new close gets the next number, and the earlier ones stay as they were.
    Nothing is locked: what is posted for the day later is a difference, not a refusal.
    Refuses: DayNotBegun.
    """
    rules.check_begun(on, now)
    for _ in range(_ATTEMPTS_MAX):
        lines = trial_balance(session, bank_id=bank_id, on=on)
        ensure(not rules.unbalanced(lines), f"debits equal credits on {on}")
        found = store.read_closes(session, bank_id, 1, closed_on=on)
        if found and not rules.differences(found[0].lines, lines):
            return found[0]
        close = Close(on, found[0].number + 1 if found else 1, now, lines)
        # Whoever closes the same day at the same time may have taken the number.
        if store.add_close(session, bank_id, close):
            return close
    ensure(False, f"a day is closed at most {_ATTEMPTS_MAX} times in one moment")
    raise AssertionError


def read_close(session: Session, *, bank_id: str, on: date, number: int | None = None) -> Close:
    """Return a close of a day: the last one, or that of a number.

    Refuses: DayNotClosed.
    """
    where: dict[str, date | int] = {"closed_on": on}
    if number is not None:
        where["number"] = number
    found = store.read_closes(session, bank_id, 1, **where)
    if not found:
        raise DayNotClosed(f"{on} has no close{'' if number is None else f' {number}'}")
    return found[0]


def list_closes(session: Session, *, bank_id: str, limit_max: int) -> tuple[Close, ...]:
    """Return closes, the newest day and number first; at most `CLOSES_MAX`."""
    ensure(0 < limit_max <= CLOSES_MAX, f"read 1 to {CLOSES_MAX} closes at a time")
    return store.read_closes(session, bank_id, limit_max)


def close_differences(
    session: Session, *, bank_id: str, on: date, number: int | None = None
) -> tuple[CloseDifference, ...]:
    """Return what the books of a day now show otherwise than a close of it said.

    Refuses: DayNotClosed.
    """
    close = read_close(session, bank_id=bank_id, on=on, number=number)
    return rules.differences(close.lines, trial_balance(session, bank_id=bank_id, on=on))
