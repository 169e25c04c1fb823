"""How many loan cases are met row by row, and how fast?

Question: of the examples with known rows (104: plain 27, tranches 1, aged 10, servicing 66), how
many does the engine reproduce exactly, every column and cent; and what does one case cost?
Load: every example once for the count, then all of them `ROUNDS` times for the time, one process.
Reached: plain 27/27, tranches 1/1, aged 10/10, servicing 66/66.
Limit, in the same run: parsing the same case from JSON; the ratio says how many parses it costs.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import time
from collections import Counter
from typing import Any

from jiuding.base.settings import ROOT
from jiuding.kernel.products.commands import schedule

EXAMPLES = ROOT / "tests" / "kernel" / "products" / "lending_examples.jsonl.gz"
ROUNDS = 3


def run() -> dict[str, Any]:
    """Return the benchmark's document: question, load, results, ratios, machine."""
    with gzip.open(EXAMPLES, "rt", encoding="utf-8") as file:
        lines = file.read().splitlines()
    cases = [json.loads(line) for line in lines]
    total = Counter(case["tier"] for case in cases)
    met: Counter[str] = Counter()
    for case in cases:
        question = {name: part for name, part in case.items() if name != "expected"}
        met[case["tier"]] += schedule(question).get("rows") == case["expected"]["rows"]
    began = time.perf_counter()
    for _ in range(ROUNDS):
        for case in cases:
            schedule(case)
    took = (time.perf_counter() - began) / ROUNDS
    began = time.perf_counter()
    for line in lines:
        json.loads(line)
    parsing = time.perf_counter() - began
    return {
        "question": "loan cases met row by row, and the time a case takes",
        "load": {"cases": len(cases), "rounds": ROUNDS},
        "results": {
            "met": {tier: f"{met[tier]}/{count}" for tier, count in sorted(total.items())},
            "ms_per_case": round(1000 * took / len(cases), 3),
        },
        "ratios": {
            "met": round(met.total() / len(cases), 4),
            "case_over_parse": round(took / parsing, 1),
        },
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.platform(terse=True),
        },
    }
