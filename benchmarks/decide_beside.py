"""What `benchmarks/decide.py` measures besides: features on line, and zen-engine on the same table.

The features are 24: how often and how much, over four windows, for three kinds of key. zen-engine
(MIT) is measured only where it is installed (`pip install zen-engine`); it answers the same table
and rules, without reasons, texts, missing fields or a record.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import random
import time
from collections.abc import Sequence
from typing import Any

from jiuding.kernel import decisions
from jiuding.services import risk

KEYS, WINDOWS = ("card", "device", "payee"), ("1min", "1h", "24h", "90d")
FEATURE_EVENTS, PARITY_EVENTS, SECOND = 100_000, 30_000, 1_000_000


def stream() -> risk.Stream:
    """Return the 24 features that are measured."""
    lines = ['name = "bench"', "[fields]", *(f'{key} = "string"' for key in KEYS)]
    lines += ['amount = "int"', "[features]"]
    for key in KEYS:
        for window in WINDOWS:
            same = f'key = "{key}", window = "{window}"'
            lines.append(f'"{key}.count_{window}" = {{ of = "count", {same} }}')
            lines.append(f'"{key}.sum_{window}" = {{ of = "sum", field = "amount", {same} }}')
    return risk.read_stream("\n".join(lines), file="bench.toml")


def events(count: int, seed: int, late_share: float = 0.0) -> list[risk.FeatureEvent]:
    """Return payments over days: 5,000 cards, 3,000 devices, 1,000 payees; some come late."""
    draw, now, found = random.Random(seed), 0, []
    for number in range(1, count + 1):
        now += int(draw.expovariate(1 / 2.6) * SECOND)
        is_late = draw.random() < late_share
        at = now - draw.randrange(3_600) * SECOND if is_late else now
        values: dict[str, str | int] = {
            "card": f"c{draw.randrange(5_000)}",
            "device": f"d{draw.randrange(3_000)}",
            "payee": f"m{draw.randrange(1_000)}",
            "amount": draw.randrange(1, 40),
        }
        found.append(risk.FeatureEvent(str(number), at, values, number))
    return found


def measure_features(seed: int) -> dict[str, Any]:
    """Return how many events a second are counted on line, and how many values DuckDB disputes."""
    declared, given = stream(), events(FEATURE_EVENTS, seed)
    best = 0.0
    # What the measurement itself keeps is no part of the cost: the collector passes it by.
    gc.collect()
    gc.freeze()
    for _ in range(3):
        counters = risk.Counters(declared)
        wall, used = time.perf_counter(), time.process_time()
        for event in given:
            counters.observe(event)
        used, wall = time.process_time() - used, time.perf_counter() - wall
        best = max(best, len(given) / used)
    gc.unfreeze()
    late = events(PARITY_EVENTS, seed + 1, late_share=0.002)
    counters = risk.Counters(declared)
    order = [counters.names.index(name) for name in declared.names]
    ours = [counters.observe(event) for event in late]
    started = time.perf_counter()
    theirs = list(risk.count_in_duckdb(declared, late))
    took = time.perf_counter() - started
    differences = sum(
        mine[place] != other
        for mine, (_, row) in zip(ours, theirs, strict=True)
        for place, other in zip(order, row, strict=True)
    )
    return {
        "feature_events_per_second": round(best, 1),
        "feature_event_us": round(1e6 / best, 2),
        "feature_parity_differences": differences,
        "feature_parity_values": len(late) * len(order),
        "feature_events_per_second_duckdb": round(len(late) / took, 1),
    }


def zen_decision(policy: decisions.Policy) -> Any | None:
    """Return the same table and rules in zen-engine, or None where it is not installed."""
    if importlib.util.find_spec("zen") is None:
        return None
    import zen

    return zen.ZenEngine().create_decision(json.dumps(_jdm(policy)))


def _jdm(policy: decisions.Policy) -> dict[str, Any]:
    table = policy.tables[0]
    names = {name: f"i{place}" for place, name in enumerate(table.inputs)}
    rows = [
        {
            "_id": str(row.number),
            "o0": f"'{row.reason.code}'",
            **{
                names[name]: f"[{cell.low}..{cell.high})" if hasattr(cell, "low") else ""
                for name, cell in zip(table.inputs, row.cells, strict=True)
            },
        }
        for row in table.rows
    ]
    expressions = [
        {
            "id": rule.id,
            "key": rule.id,
            "value": rule.source.replace("&&", "and").replace("||", "or"),
        }
        for rule in policy.rules
    ]
    inputs = [{"id": ident, "name": name, "field": name} for name, ident in names.items()]
    content = {
        "hitPolicy": "first",
        "inputs": inputs,
        "outputs": [{"id": "o0", "name": "code", "field": "code"}],
        "rules": rows,
    }
    nodes = [
        _node("in", "inputNode", None),
        _node("table", "decisionTableNode", content),
        _node("rules", "expressionNode", {"expressions": expressions}),
        _node("out", "outputNode", None),
    ]
    pairs = (("in", "table"), ("in", "rules"), ("table", "out"), ("rules", "out"))
    edges = [
        {"id": f"{one}-{two}", "sourceId": one, "targetId": two, "type": "edge"}
        for one, two in pairs
    ]
    return {"nodes": nodes, "edges": edges}


def _node(name: str, kind: str, content: Any) -> dict[str, Any]:
    found = {"id": name, "name": name, "type": kind, "position": {"x": 0, "y": 0}}
    return found if content is None else {**found, "content": content}


def zen_inputs(loads: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return requests as zen-engine reads them: nested, numbers as floats."""
    return [
        {
            "event": {name.removeprefix("event."): value for name, value in event.items()},
            "window": {
                name.removeprefix("window."): float(value) for name, value in features.items()
            },
        }
        for event, features in loads
    ]


def zen_codes(answer: dict[str, Any], policy: decisions.Policy) -> set[str]:
    """Return the codes of what zen-engine found, as our reasons have them."""
    found = answer["result"]
    codes = {rule.code for rule in policy.rules if found.get(rule.id)}
    return codes | ({found["code"]} if found.get("code") else set())
