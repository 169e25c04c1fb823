"""Judge acts in memory: the counters and policies of a bank, without its database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from jiuding.kernel import decisions
from jiuding.services import risk, signals
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


def _thing(kind: str, value: str) -> str:
    """Return what is shared: of an address its network, as it is counted."""
    return risk.network_of(value) if kind == signals.LinkKind.ADDRESS else value


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
        self.counters = {
            gate.stream: risk.Counters(risk.load_stream(gate.stream))
            for gate in self.gates.values()
        }
        self.graphs = {
            gate.stream: signals.LinkGraph() for gate in self.gates.values() if gate.links
        }
        self.asked: dict[str, decisions.Outcome] = {}

    def judge(
        self, act_id: str, gate: str, at: int, values: Mapping[str, str | int]
    ) -> decisions.Verdict:
        """Count an act as asked and judge it by what was known before. Refuses: GateNotFound."""
        seen: dict[str, Any] = self._count(act_id, gate, at, values, Result.ASKED)
        seen |= self._linked(self.gates[gate], values)
        policy = self.policies[gate]
        event, features = inputs_of(policy, values, seen)
        inputs = decisions.read_inputs(policy, event=event, features=features, lists={})
        verdict = decisions.assess(policy, inputs)
        if verdict.outcome is decisions.Outcome.REFER:
            self.asked[act_id] = verdict.outcome
        return verdict

    def note(
        self, act_id: str, gate: str, at: int, values: Mapping[str, str | int], result: Result
    ) -> None:
        """Count what became of an act. Refuses: GateNotFound."""
        self._count(act_id, gate, at, values, result)
        self._link(self.gates[gate], values)
        was_reviewed = self.asked.pop(act_id.removesuffix(".result"), None) is not None
        if was_reviewed and result is Result.REFUSED and self.gates[gate].links:
            self.graphs[self.gates[gate].stream].mark(str(values[self.gates[gate].party]), "bad")

    def _link(self, gate: Gate, values: Mapping[str, str | int]) -> None:
        for name, kind in gate.links.items():
            if name in values:
                party, thing = str(values[gate.party]), _thing(kind, str(values[name]))
                self.graphs[gate.stream].link(party, kind, thing)

    def _linked(self, gate: Gate, values: Mapping[str, str | int]) -> dict[str, Any]:
        """Link who acts to what it shares, and return its place in the graph."""
        if not gate.links:
            return {}
        self._link(gate, values)
        return dict(self.graphs[gate.stream].features(str(values[gate.party])))

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
