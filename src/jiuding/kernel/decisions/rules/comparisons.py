"""Compare the outcomes of two versions over the same requests."""

from __future__ import annotations

from collections.abc import Sequence

from jiuding.kernel.decisions.types.decisions import Outcome
from jiuding.kernel.decisions.types.lives import Change, Comparison

EXAMPLES_MAX = 3


def compare(pairs: Sequence[tuple[str, Outcome, Outcome | None]]) -> Comparison:
    """Return how many requests change from which outcome to which, most frequent first.

    Each pair is a decision's id, its outcome, and the other version's, None where it refused.
    """
    found: dict[tuple[Outcome, Outcome], list[str]] = {}
    readable = [pair for pair in pairs if pair[2] is not None]
    for decision_id, was, would_be in readable:
        if was is not would_be and would_be is not None:
            found.setdefault((was, would_be), []).append(decision_id)
    changes = [
        Change(was, would_be, len(ids), tuple(ids[:EXAMPLES_MAX]))
        for (was, would_be), ids in found.items()
    ]
    changes.sort(key=lambda each: (-each.count, each.was.severity, each.would_be.severity))
    return Comparison(len(readable), len(pairs) - len(readable), tuple(changes))
