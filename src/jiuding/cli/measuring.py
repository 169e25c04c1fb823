"""`jiuding bench NAME`: run one of the benchmarks that stand in `benchmarks/`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from jiuding.base.problems import BadInput
from jiuding.base.settings import ROOT, read_settings

NAMES = (
    "comparison", "crash", "decide", "families", "features", "fraud", "grant", "intents", "ledger",
    "plan", "schedule", "screen", "speech", "start",
)  # fmt: skip


def bench(
    name: str,
    *,
    train: Path | None,
    test: Path | None,
    data: Path | None,
    seed: int | None = None,
    only: str = "",
) -> dict[str, Any]:
    """Run a benchmark and return its document: question, load, results, ratios, machine.

    Refuses: BadInput for a benchmark that is not there, or one without the files it needs.
    """
    if name not in NAMES:
        raise BadInput(f"there is no benchmark {name[:40]!r}; there are: {', '.join(NAMES)}")
    if name == "intents" and (train or test):
        from jiuding.channels.assistant.commands import bench_intents

        if train is None or test is None:
            raise BadInput("bench intents wants both --train and --test")
        return bench_intents(train, test, home=read_settings().home)
    sys.path.insert(0, str(ROOT))
    if name == "fraud":
        if data is None:
            raise BadInput("bench fraud wants --data FOLDER with the card payments")
        return importlib.import_module("benchmarks.fraud").run(data)
    if name == "families":
        return importlib.import_module("benchmarks.families").run(seed=seed, only=only)
    if seed is not None or only:
        raise BadInput("only bench families takes --seed and --only")
    return importlib.import_module(f"benchmarks.{name}").run()
