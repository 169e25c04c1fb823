"""The command line edge of risk: names in, matches out, without a database."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jiuding.base.clock import elapsed_ms
from jiuding.services.risk import operations
from jiuding.services.risk.errors import BadName


def screen_lines(path: Path) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return what answers one line `{id, name, born?}` with `{id, matches, list_version, ms}`."""
    screener = operations.load_list(path)

    def answer(line: Mapping[str, Any]) -> dict[str, Any]:
        started = time.perf_counter()
        name, born = line.get("name"), line.get("born") or ""
        if not isinstance(name, str) or not isinstance(born, str):
            raise BadName("name and born are texts")
        found = screener.matches(name, born=born)
        return {
            "id": line.get("id"),
            "matches": [
                {
                    "entry_id": each.entry_id,
                    "name": each.name,
                    "score": each.score,
                    "why": list(each.why),
                    "source": each.source,
                }
                for each in found
            ],
            "list_version": screener.version,
            "ms": round(elapsed_ms(started), 3),
        }

    return answer
