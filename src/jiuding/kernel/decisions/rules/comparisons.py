"""Compare the outcomes of two versions over the same requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jiuding.kernel.decisions.types.decisions import Outcome
from jiuding.kernel.decisions.types.lives import BackTest, Case, Change, Comparison, Tally
from jiuding.kernel.decisions.types.policies import Policy

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


def compare_cases(
    policy: Policy,
    cases: Sequence[Case],
    would_be: Sequence[Outcome | None],
    *,
    engine: str,
    why_python: str,
) -> BackTest:
    """Return what a candidate changes over cases, and how those cases turned out.

    `would_be` is the candidate's outcome of each case, None where it refuses to read it.
    """
    pairs = [(case, other) for case, other in zip(cases, would_be, strict=True)]
    comparison = compare([(case.case_id, case.was, other) for case, other in pairs])
    refused = Outcome.DECLINE
    changed = [(case, other) for case, other in pairs if other not in (None, case.was)]
    return BackTest(
        policy_name=policy.name,
        version=policy.version,
        comparison=comparison,
        tallies=tuple(
            _tally(
                case for case, other in changed if (case.was, other) == (each.was, each.would_be)
            )
            for each in comparison.changes
        ),
        refused_more=_tally(case for case, other in changed if other is refused),
        refused_fewer=_tally(case for case, _ in changed if case.was is refused),
        engine=engine,
        why_python=why_python,
    )


def _tally(cases: Iterable[Case]) -> Tally:
    labels = [case.is_good for case in cases]
    return Tally(len(labels), labels.count(True), labels.count(False))
