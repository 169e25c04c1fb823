"""Judge acts in memory: the counters and policies of a bank, without its database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from jiuding.kernel import decisions
from jiuding.services import risk
from jiuding.services.abuse.errors import GateNotFound
from jiuding.services.abuse.types import Gate, Result

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(at: int) -> datetime:
    """Return an instant that is counted in microseconds since 1970."""
    return EPOCH + timedelta(microseconds=at)


def inputs_of(
    policy: decisions.Policy, values: Mapping[str, Any], seen: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a policy declares of an act's fields, as `event.FIELD`, and of its features."""
    fields = policy.fields
    event = {name: value for key, value in values.items() if (name := f"event.{key}") in fields}
    return event, {name: value for name, value in seen.items() if name in fields}


class MemoryDesk:
    """Counts and judges acts in the order in which they come."""

    def __init__(
        self, gates: Iterable[Gate], policies: Mapping[str, decisions.Policy] | None = None
    ) -> None:
        self.gates = {gate.name: gate for gate in gates}
        given = policies or {}
        self.policies = {
            name: given.get(name) or decisions.load_policy(name) for name in self.gates
        }
        self.counters = {
            gate.stream: risk.Counters(risk.load_stream(gate.stream))
            for gate in self.gates.values()
        }

    def judge(
        self, act_id: str, gate: str, at: int, values: Mapping[str, str | int]
    ) -> decisions.Verdict:
        """Count an act as asked and judge it by what was known before. Refuses: GateNotFound."""
        seen = self._count(act_id, gate, at, values, Result.ASKED)
        policy = self.policies[gate]
        event, features = inputs_of(policy, values, seen)
        inputs = decisions.read_inputs(policy, event=event, features=features, lists={})
        return decisions.assess(policy, inputs)

    def note(
        self, act_id: str, gate: str, at: int, values: Mapping[str, str | int], result: Result
    ) -> None:
        """Count what became of an act. Refuses: GateNotFound."""
        self._count(act_id, gate, at, values, result)

    def _count(
        self, act_id: str, gate: str, at: int, values: Mapping[str, str | int], result: Result
    ) -> dict[str, int]:
        if gate not in self.gates:
            raise GateNotFound(f"there is no gate {gate[:40]!r} here", gate=gate[:40])
        counters = self.counters[self.gates[gate].stream]
        when = instant(at)
        given = {**values, "id": act_id, "at": when, "result": f"{gate}.{result}"}
        event = risk.read_event(counters.stream, given, now=when)
        found = zip(counters.names, counters.observe(event), strict=True)
        return {name: value for name, value in found if value is not None}
