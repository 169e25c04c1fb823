"""Read how cases are worked from what the catalogue declares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jiuding.services.cases.errors import BadDeclaration
from jiuding.services.cases.types import PRIORITIES, Declared, Kind

_NAME = re.compile(r"[a-z][a-z_]{0,39}")


def read_declared(given: Mapping[str, Any]) -> Declared:
    """Return how cases are worked.

    Refuses: BadDeclaration, naming the part, for a number that is not whole and positive, another
    priority, or a kind without both titles.
    """
    lease = _whole(given, "lease_minutes")
    hours = given.get("due_hours", {})
    due = {number: _whole(hours, name) * 3600 for number, name in enumerate(PRIORITIES, 1)}
    kinds = {}
    for name, stated in given.get("kinds", {}).items():
        title = stated.get("title", {})
        if not _NAME.fullmatch(name) or not title.get("zh") or not title.get("en"):
            raise BadDeclaration(f"kinds.{name[:40]}: a name in small letters and both titles")
        if stated.get("priority") not in PRIORITIES:
            raise BadDeclaration(f"kinds.{name}.priority is one of {', '.join(PRIORITIES)}")
        place = PRIORITIES.index(stated["priority"]) + 1
        kinds[name] = Kind(name, place, title["zh"], title["en"])
    if not kinds:
        raise BadDeclaration("kinds: at least one is declared")
    return Declared(lease * 60, due, kinds)


def _whole(given: Mapping[str, Any], name: str) -> int:
    found = given.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise BadDeclaration(f"{name} is a whole number from 1")
    return found
