"""The clock, read only at the edges: everywhere else time is an argument."""

from __future__ import annotations

import calendar
import time
from datetime import UTC, date, datetime


def now() -> datetime:
    """Return this instant in UTC. Only edges (HTTP, commands, workers) call it."""
    return datetime.now(UTC)


def elapsed_ms(since: float) -> float:
    """Return the milliseconds since a `time.perf_counter()` reading."""
    return (time.perf_counter() - since) * 1000.0


def add_months(day: date, months: int) -> date:
    """Return the same day of a later (or earlier) month, or that month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


class Stopwatch:
    """Measure the steps of one piece of work, in milliseconds since the step before."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.laps: list[tuple[str, float]] = []

    def lap(self, name: str) -> None:
        """Note that a step has ended."""
        now = time.perf_counter()
        self.laps.append((name, round((now - self._last) * 1000.0, 3)))
        self._last = now
