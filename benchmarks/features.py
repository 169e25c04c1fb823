"""How many events a second does the shipped stream of payments count, on one core?

Question: events a second through `risk.Counters` for `catalog/features/payments.toml`: 24 features
over six kinds of key, with distincts, ratios and first-seen, not sums and counts alone.
Load: 100,000 payments over three days, after 100,000 that are not measured. *Households*: 5,000
parties with a card and a device mostly their own, a few payees each, homes behind 200 networks.
*Strangers*: every card, device, network and payee drawn at random, which no bank sees and which
costs the most. The sums-and-counts stream of `benchmarks/decide.py` beside them in the same run.
Result: events a second of CPU time, with Python's collector as it is and paused; values that DuckDB
disputes when some events come late; keys remembered.
"""

from __future__ import annotations

import gc
import os
import platform
import random
import time
from typing import Any

from benchmarks import decide_beside as beside
from jiuding.services import risk

SEED, WARM, COUNT, PARITY, SECOND = 20261123, 100_000, 100_000, 20_000, 1_000_000
LIMIT = 60_000


def payments(
    count: int, seed: int, *, strangers: bool, late_share: float = 0.0
) -> list[risk.FeatureEvent]:
    """Return payments in sequence, the same for the same seed."""
    draw, now, found = random.Random(seed), 0, []
    for number in range(1, count + 1):
        now += int(draw.expovariate(1 / 2.6) * SECOND)
        at = now - draw.randrange(3_600) * SECOND if draw.random() < late_share else now
        party = draw.randrange(5_000)
        if strangers:
            payee, device = draw.randrange(1_000), str(draw.randrange(3_000))
            network = f"10.{draw.randrange(9)}.{draw.randrange(200)}.0/24"
        else:
            near = draw.random() < 0.8
            payee = (party * 7 + draw.randrange(6)) % 1_000 if near else draw.randrange(1_000)
            device = f"{party}.{draw.random() < 0.2}"
            home = f"10.{party % 200}.{party // 200}.0/24"
            network = home if draw.random() < 0.7 else f"10.201.{draw.randrange(40)}.0/24"
        values: dict[str, str | int] = {
            "party": f"p{party}", "payee": f"m{payee}", "card": f"c{party}", "device": f"d{device}",
            "ip": network, "tls": f"t{draw.randrange(40)}", "amount": draw.randrange(1, 10**6),
            "result": "refused" if draw.random() < 0.05 else "paid",
        }  # fmt: skip
        found.append(risk.FeatureEvent(str(number), at, values, number))
    return found


def _speed(stream: risk.Stream, events: list[risk.FeatureEvent], *, paused: bool) -> dict[str, Any]:
    best, counters = 0.0, risk.Counters(stream)
    gc.collect()
    gc.freeze()
    for _ in range(2):
        counters = risk.Counters(stream)
        for event in events[:-COUNT]:
            counters.observe(event)
        if paused:
            gc.disable()
        used = time.process_time()
        for event in events[-COUNT:]:
            counters.observe(event)
        best = max(best, COUNT / (time.process_time() - used))
        gc.enable()
    gc.unfreeze()
    return {"events_per_second_cpu": round(best), "keys": counters.key_count}


def _differences(stream: risk.Stream, events: list[risk.FeatureEvent]) -> int:
    counters = risk.Counters(stream)
    order = [counters.names.index(name) for name in stream.names]
    ours = [counters.observe(event) for event in events]
    return sum(
        mine[place] != other
        for mine, (_, row) in zip(ours, risk.count_in_duckdb(stream, events), strict=True)
        for place, other in zip(order, row, strict=True)
    )


def run() -> dict[str, Any]:
    """Measure and return the question, the load, the results, the ratios and the machine."""
    stream = risk.load_stream("payments")
    results: dict[str, Any] = {}
    for name, strangers in (("households", False), ("strangers", True)):
        events = payments(WARM + COUNT, SEED, strangers=strangers)
        late = payments(PARITY, SEED + 1, strangers=strangers, late_share=0.005)
        results[name] = {
            **_speed(stream, events, paused=False),
            "collector_paused": _speed(stream, events, paused=True)["events_per_second_cpu"],
            "parity_differences": _differences(stream, late),
        }
    plain = _speed(beside.stream(), beside.events(WARM + COUNT, SEED), paused=False)
    results["sums_and_counts"] = plain
    shipped = results["households"]["events_per_second_cpu"]
    return {
        "question": "events a second of CPU time for the shipped stream of payments, 24 features",
        "load": f"{COUNT} payments after {WARM} not measured, seed {SEED}",
        "results": results,
        "ratios": {
            "shipped_over_limit": round(shipped / LIMIT, 3),
            "shipped_over_sums_and_counts": round(shipped / plain["events_per_second_cpu"], 3),
        },
        "machine": {
            "python": platform.python_version(),
            "cpu_count": os.cpu_count(),
            "load_average": [round(each, 1) for each in os.getloadavg()],
            "machine": platform.machine(),
        },
    }
