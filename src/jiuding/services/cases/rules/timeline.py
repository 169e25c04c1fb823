"""One order for everything that happened: evidence when it happened, steps when they were taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from jiuding.services.cases.types import Evidence, Moment, Step

# At one instant the cause comes before what was done about it.
_ORDER = {"news": 0, "evidence": 1, "step": 2}


def timeline(
    evidence: Sequence[Evidence], steps: Sequence[Step], news: Iterable[Any] = ()
) -> tuple[Moment, ...]:
    """Return evidence, steps and news about the subject (`eventlog.Envelope`) in one total order.

    By instant; at one instant news, then evidence, then steps, each by number.
    """
    moments = [
        Moment(each.happened_at, "evidence", each.number, each.kind.value, each.added_by, each.data)
        for each in evidence
    ]
    moments += [
        Moment(each.at, "step", each.number, each.step.value, each.by, each.data) for each in steps
    ]
    moments += [
        Moment(each.occurred_at, "news", number, each.kind, each.source, each.data)
        for number, each in enumerate(news)
    ]
    moments.sort(key=lambda each: (each.at, _ORDER[each.part], each.number))
    return tuple(moments)
