"""How often is a sentence understood, and how fast?

Question: on the hand-written sentences kept with the tests, how many intents and how many whole
frames (intent and every slot exact) are right in each language; what does one sentence cost.
Load: `tests/channels/assistant/data/*.jsonl`, five times over, one core, model loaded.
Result: shares, slot precision and recall by exact value, p50 and p99 in milliseconds, and how the
stated confidence compares with being right.

The sentences were mended for after their first reading; the first readings are in the model card.
"""

from __future__ import annotations

import json
import platform
import resource
import time
from collections import Counter
from typing import Any

from jiuding.base.settings import ROOT
from jiuding.channels.assistant.commands import understand_line

DATA = ROOT / "tests" / "channels" / "assistant" / "data"
ROUNDS = 5


def run(*, rounds: int = ROUNDS) -> dict[str, Any]:
    """Measure and return the question, the load, the results, the ratios and the machine."""
    rows = [
        json.loads(line)
        for path in sorted(DATA.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    started = time.perf_counter()
    understand_line({"text": "借5万买车"})
    load_ms = (time.perf_counter() - started) * 1000
    tally: Counter[str] = Counter()
    sure: dict[str, list[bool]] = {}
    for row in rows:
        _score(row, understand_line(row), tally, sure)
    spent = sorted(understand_line(row)["ms"] for _ in range(rounds) for row in rows)
    ratios = {
        f"{what}_{lang}": round(tally[f"{what}_{lang}"] / tally[f"rows_{lang}"], 4)
        for what in ("intent", "frame")
        for lang in ("zh", "en")
    }
    ratios["slot_precision"] = round(tally["slots_right"] / tally["slots_said"], 4)
    ratios["slot_recall"] = round(tally["slots_right"] / tally["slots_expected"], 4)
    return {
        "question": "how often is a sentence understood, and how fast",
        "load": {"sentences": len(rows), "rounds": rounds, "cores": 1},
        "results": {
            "p50_ms": spent[len(spent) // 2],
            "p99_ms": spent[int(len(spent) * 0.99)],
            "first_ms": round(load_ms, 1),
            "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "right_when_confidence": {
                band: {"sentences": len(right), "right": round(sum(right) / len(right), 4)}
                for band, right in sorted(sure.items())
            },
        },
        "ratios": ratios,
        "machine": {"python": platform.python_version(), "system": platform.machine()},
    }


def _score(
    row: dict[str, Any], said: dict[str, Any], tally: Counter[str], sure: dict[str, list[bool]]
) -> None:
    lang, expect = row["lang"], row["expect"]
    slots = expect["slots"]
    right = said["intent"] == expect["intent"]
    matching = sum(said["slots"].get(name) == value for name, value in slots.items())
    tally.update(
        {
            f"rows_{lang}": 1,
            f"intent_{lang}": right,
            f"frame_{lang}": right and said["slots"] == slots,
            "slots_right": matching,
            "slots_said": len(said["slots"]),
            "slots_expected": len(slots),
        }
    )
    band = "0.9-1.0" if said["confidence"] >= 0.9 else "0.6-0.9"
    band = "0.0-0.6" if said["confidence"] < 0.6 else band
    sure.setdefault(band, []).append(right)
