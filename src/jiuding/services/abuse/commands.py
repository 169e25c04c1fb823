"""`jiuding decide --policy GATE`: acts in time order in, decisions out, no database."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from jiuding.base import clock
from jiuding.kernel import decisions
from jiuding.services.abuse import rules
from jiuding.services.abuse.errors import BadAct
from jiuding.services.abuse.operations import MemoryDesk, gate_named
from jiuding.services.abuse.operations.desk import EPOCH, RESULT_SUFFIX
from jiuding.services.abuse.types import Result

KEPT_MAX = 200_000  # acts whose result may still be told


def gate_lines(name: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return what answers one line at a gate, remembering the lines before it.

    A line `{id, at, field…}` is an act to judge; `{id, of, at, result}` says what became of the act
    `of`; with `gate` a line belongs to another gate of the same stream. Refuses: GateNotFound.
    """
    return _Lines(name).answer


class _Lines:
    def __init__(self, name: str) -> None:
        self.gate = gate_named(name)
        self.desk = MemoryDesk(rules.gates_of(self.gate.stream))
        self.acts: dict[str, tuple[str, dict[str, Any]]] = {}
        self.latest = 0

    def answer(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """Judge or note one line. Refuses: BadAct; a refused line changes nothing."""
        started = time.perf_counter()
        name = line.get("id")
        if not isinstance(name, str) or not name:
            raise BadAct("an act has an id")
        at = self._instant(line.get("at"))
        if "of" in line:
            return self._note(name, line, at)
        gate = gate_named(str(line.get("gate", self.gate.name)))
        if gate.stream != self.gate.stream or name in self.acts:
            raise BadAct("an id comes once, at a gate of the same stream")
        values = {k: v for k, v in line.items() if k not in ("id", "at", "gate", "result")}
        verdict = self.desk.judge(name, gate.name, at, values)
        self.latest = at
        self.acts[name] = (gate.name, values)
        if len(self.acts) > KEPT_MAX:
            self.acts.pop(next(iter(self.acts)))
        said = decisions.plain_verdict(verdict)
        answer = {"id": name, "outcome": said["outcome"], "reasons": said["reasons"]}
        for key in ("score", "not_evaluated"):
            if said[key]:
                answer[key] = said[key]
        answer["policy_version"] = self.desk.policies[gate.name].version
        answer["ms"] = round(clock.elapsed_ms(started), 3)
        return answer

    def _note(self, name: str, line: Mapping[str, Any], at: int) -> dict[str, Any]:
        of, result = line.get("of"), line.get("result")
        if of not in self.acts or result not in (*Result,) or result == Result.ASKED:
            raise BadAct("say of which act, and passed, proved, failed or refused")
        gate, values = self.acts.pop(of)
        self.desk.note(of + RESULT_SUFFIX, gate, at, values, Result(result))
        self.latest = at
        return {"id": name, "noted": of}

    def _instant(self, text: Any) -> int:
        try:
            found = datetime.fromisoformat(text)
            at = (found - EPOCH) // (EPOCH.resolution)
        except (TypeError, ValueError):
            raise BadAct("at is an instant with its zone") from None
        if at < self.latest or found > clock.now():
            raise BadAct("acts come in time order, and none is still to come")
        return at
