"""Judge acts in memory: the counters, circles and policies of a bank, without its database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from jiuding.kernel import decisions
from jiuding.services import risk
from jiuding.services.abuse.errors import GateNotFound
from jiuding.services.abuse.rules.circles import Circles
from jiuding.services.abuse.types import FOUND_BAD, Gate, Result

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RESULT_SUFFIX = ".result"


def instant(at: int) -> datetime:
    """Return an instant that is counted in microseconds since 1970."""
    return EPOCH + timedelta(microseconds=at)


def declared_inputs(
    policy: decisions.Policy, values: Mapping[str, Any], seen: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a policy declares of an act's fields, as `event.FIELD`, and of its features."""
    fields = policy.fields
    event = {name: value for key, value in values.items() if (name := f"event.{key}") in fields}
    return event, {name: value for name, value in seen.items() if name in fields}


class MemoryDesk:
    """Counts and judges acts in the order in which they come.

    Whom a review refuses is marked as known bad in the graph of what parties share.
    """

    def __init__(
        self, gates: Iterable[Gate], policies: Mapping[str, decisions.Policy] | None = None
    ) -> None:
        self.gates = {gate.name: gate for gate in gates}
        given = policies or {}
        self.policies = {
            name: given.get(name) or decisions.load_policy(name) for name in self.gates
        }
        streams = {gate.stream for gate in self.gates.values()}
        self.counters = {name: risk.Counters(risk.load_stream(name)) for name in streams}
        self.circles = {
            name: Circles(gate for gate in self.gates.values() if gate.stream == name)
            for name in streams
        }
        self.in_review: set[str] = set()

    def judge(
        self, act_id: str, gate: str, at: int, values: Mapping[str, str | int]
    ) -> decisions.Verdict:
        """Count an act as asked and judge it by what was known before.

        Refuses: GateNotFound; risk.BadFeatureEvent.
        """
        seen = self._count(act_id, gate, at, values, Result.ASKED)
        seen |= self.circles[self.gates[gate].stream].features(values)
        policy = self.policies[gate]
        event, features = declared_inputs(policy, values, seen)
        inputs = decisions.read_inputs(policy, event=event, features=features, lists={})
        verdict = decisions.assess(policy, inputs)
        if verdict.outcome is decisions.Outcome.REFER:
            self.in_review.add(act_id)
        return verdict

    def note(
        self, act_id: str, gate: str, at: int, values: Mapping[str, str | int], result: Result
    ) -> None:
        """Count what became of an act.

        Refuses: GateNotFound; risk.BadFeatureEvent.
        """
        judged = act_id.removesuffix(RESULT_SUFFIX)
        if judged in self.in_review:
            self.in_review.remove(judged)
            if result is Result.REFUSED:
                values = {**values, "found": FOUND_BAD}
        self._count(act_id, gate, at, values, result)

    def _count(
        self, act_id: str, gate: str, at: int, values: Mapping[str, str | int], result: Result
    ) -> dict[str, Any]:
        if gate not in self.gates:
            raise GateNotFound(f"there is no gate {gate[:40]!r} here", gate=gate[:40])
        stream = self.gates[gate].stream
        counters, when = self.counters[stream], instant(at)
        given = {**values, "id": act_id, "at": when, "result": f"{gate}.{result}"}
        event = risk.read_event(counters.stream, given, now=when)
        self.circles[stream].tell(event.values)
        found = zip(counters.names, counters.observe(event), strict=True)
        return {name: value for name, value in found if value is not None}
