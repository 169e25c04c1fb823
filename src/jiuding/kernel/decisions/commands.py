"""The command line edge of decisions: one JSON object in, one out, without a database."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from jiuding.base.clock import elapsed_ms
from jiuding.kernel.decisions import rules
from jiuding.kernel.decisions.errors import BadInputs
from jiuding.kernel.decisions.types.policies import Policy

PARTS = ("event", "features", "lists")


def decide_line(policy: Policy, line: Mapping[str, Any]) -> dict[str, Any]:
    """Judge one line `{id, event?, features?, lists?}` and return `{id, outcome, reasons, …, ms}`.

    A line without these parts is itself the event. Numbers with a point are exact decimals, so
    read the line with `parse_float=Decimal`. Refuses: BadInputs.
    """
    started = time.perf_counter()
    if not isinstance(line, Mapping):
        raise BadInputs("a line is an object")
    if any(isinstance(line.get(part), Mapping) for part in PARTS):
        event, features, lists = (line.get(part) or {} for part in PARTS)
    else:
        event, features, lists = {k: v for k, v in line.items() if k != "id"}, {}, {}
    inputs = rules.read_inputs(
        policy,
        event=event,
        features=features,
        lists=lists,
        model_version=line.get("model_version"),
    )
    verdict = rules.plain_verdict(rules.assess(policy, inputs))
    answer = {"id": line.get("id"), "outcome": verdict["outcome"], "reasons": verdict["reasons"]}
    if verdict["score"] is not None:
        answer["score"] = verdict["score"]
    for name, found in (("not_evaluated", verdict["not_evaluated"]), ("ignored", inputs.ignored)):
        if found:
            answer[name] = list(found)
    answer["policy_version"] = policy.version
    answer["ms"] = round(elapsed_ms(started), 3)
    return answer
