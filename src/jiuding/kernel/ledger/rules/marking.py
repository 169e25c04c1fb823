"""How marks move with money: pro rata within an account, in whole units, losing nothing.

The posting function does the same in the database; the reference model uses these. Marks are in the
order of their ids, which is the order in which they were opened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

USES_MAX = 32

_USE = re.compile(r"^[a-z][a-z0-9_]{0,62}$")


def is_use(text: str) -> bool:
    """Return whether a text names a use or a purpose: one word in small letters."""
    return _USE.match(text) is not None


def spread(parts: Mapping[str, int], share: int, pool: int) -> dict[str, int]:
    """Return of each part its `share` of every `pool` units, rounded so that nothing is lost.

    A part moves what the parts up to it move together, rounded down, less what those before it
    moved: so their sum is the exact sum rounded down, and none moves more than it has. The odd
    unit is the pool's own, which for a balance is its unmarked money.
    """
    whole = before = 0
    moved = {}
    for mark_id in sorted(parts):
        whole += parts[mark_id]
        until = whole if share == pool else whole * share // pool
        moved[mark_id] = until - before
        before = until
    return moved


def carried(marked: Mapping[str, int], balance: int, units: int) -> dict[str, int]:
    """Return how many of the units that leave a balance carry each mark: pro rata."""
    if not any(marked.values()):
        return {}
    return spread(marked, min(units, balance), balance)


def brought_back(
    marked: Mapping[str, int], balance: int, units: int, recorded: Mapping[str, int]
) -> dict[str, int]:
    """Return how many units that a reversal takes from a balance carry each mark.

    First what arrived by the transfer that is reversed, as far as it is there; the rest is taken
    from unmarked money, and pro rata from the other marks when there is not enough of that.
    """
    first = {mark_id: min(held, recorded.get(mark_id, 0)) for mark_id, held in marked.items()}
    rest = units - sum(first.values()) - (balance - sum(marked.values()))
    others = {mark_id: held - first[mark_id] for mark_id, held in marked.items()}
    pool = sum(others.values())
    more = spread(others, min(max(rest, 0), pool), pool)
    return {mark_id: first[mark_id] + more[mark_id] for mark_id in marked}


def keep(arriving: Mapping[str, int], room: int) -> dict[str, int]:
    """Return how many units stay marked where they arrive: in their order, while there is room."""
    kept = {}
    for mark_id, units in arriving.items():
        kept[mark_id] = min(units, room)
        room -= kept[mark_id]
    return kept
