"""A day's trial balance as it is kept, and what differs from it later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from jiuding.base.amounts import Amount, Asset
from jiuding.kernel.ledger.errors import DayNotBegun
from jiuding.kernel.ledger.types import AccountClass, CloseDifference, TrialLine

# A day begins first at UTC+14 (Kiritimati), so there it is called by its name first.
_EARLIEST_ZONE = timedelta(hours=14)


def check_begun(on: date, now: datetime) -> None:
    """Check that a day has begun somewhere; whose evening ends it is the caller's calendar.

    Refuses: DayNotBegun.
    """
    if on > (now + _EARLIEST_ZONE).date():
        raise DayNotBegun(f"{on} is still to come")


def unbalanced(lines: Iterable[TrialLine]) -> list[str]:
    """Return the codes of the assets whose debits are not their credits."""
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        sums[line.asset.code] += line.debits.units - line.credits.units
    return sorted(code for code, units in sums.items() if units)


def records(lines: Iterable[TrialLine]) -> list[dict[str, Any]]:
    """Return the lines as they are kept, in a stated order."""
    kept = [
        {
            "kind": line.kind,
            "class": line.account_class.value,
            "asset": line.asset.code,
            "scale": line.asset.scale,
            "debits": line.debits.units,
            "credits": line.credits.units,
            "balance": line.balance.units,
        }
        for line in lines
    ]
    return sorted(kept, key=lambda record: (record["asset"], record["class"], record["kind"]))


def lines_of(kept: Sequence[dict[str, Any]]) -> tuple[TrialLine, ...]:
    """Return the lines that were kept."""
    lines = []
    for record in kept:
        asset = Asset(record["asset"], record["scale"])
        lines.append(
            TrialLine(
                kind=record["kind"],
                account_class=AccountClass(record["class"]),
                asset=asset,
                debits=Amount(record["debits"], asset),
                credits=Amount(record["credits"], asset),
                balance=Amount(record["balance"], asset),
            )
        )
    return tuple(lines)


def differences(
    closed: Iterable[TrialLine], current: Iterable[TrialLine]
) -> tuple[CloseDifference, ...]:
    """Return what differs between two trial balances of one day, by asset and kind."""
    before = {(line.asset.code, line.kind): line for line in closed}
    now = {(line.asset.code, line.kind): line for line in current}
    found = []
    for key in sorted(before.keys() | now.keys()):
        old, new = before.get(key), now.get(key)
        asset = (old or new).asset  # type: ignore[union-attr]
        nothing = Amount(0, asset)
        difference = CloseDifference(
            kind=key[1],
            asset=asset,
            debits_closed=old.debits if old else nothing,
            debits_now=new.debits if new else nothing,
            credits_closed=old.credits if old else nothing,
            credits_now=new.credits if new else nothing,
        )
        is_same = (
            difference.debits_closed == difference.debits_now
            and difference.credits_closed == difference.credits_now
        )
        if not is_same:
            found.append(difference)
    return tuple(found)
