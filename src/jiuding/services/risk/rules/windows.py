"""Count on line: for each key one list of instants, and for each window a head that only moves on.

An event costs, for each kind of key, one look-up and one append to each list, and for each window
the steps of its head; a head passes each event once, so that is one step per window in the long
run, however many events a window holds. An event that comes after a later one of its key was
counted is put in its place by bisection: it costs the length of the list.

What an event sees is fixed when it becomes known: events before it in sequence, at instants
t - window < t' <= t. So the future never leaks, and counting the log again gives the same values.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from jiuding.services.risk.errors import EventTooLate
from jiuding.services.risk.rules.events import LATE_SECONDS_MAX
from jiuding.services.risk.rules.window_code import write_observer
from jiuding.services.risk.types import Feature, FeatureEvent, Measure, Stream, Where

SECOND = 1_000_000
TRIM_MIN = 512


class Counters:
    """Every counter of a stream: offer an event, and what it sees comes back, then it is counted.

    Values come in the order of `names`, which groups features by key; None is missing: a key that
    the event does not have, a first event, a ratio over nothing.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.newest = -(2**62)
        self.sequence = 0
        by_key: dict[tuple[str, ...], list[Feature]] = {}
        for feature in stream.features:
            if feature.measure is not Measure.RATIO:
                by_key.setdefault(feature.key, []).append(feature)
        self._plans = [_Plan(key, features) for key, features in by_key.items()]
        ratios = [each for each in stream.features if each.measure is Measure.RATIO]
        counted = [name for plan in self._plans for name in plan.names]
        self.names = (*counted, *(each.name for each in ratios))
        places = {name: place for place, name in enumerate(self.names)}
        self._observe = write_observer(
            self._plans, [(places[each.top], places[each.under]) for each in ratios]
        )
        self._rotate_at = 2**62

    def ensure_in_time(self, at: int) -> None:
        """Refuse what comes a day after a later event. Refuses: EventTooLate."""
        if at <= self.newest - LATE_SECONDS_MAX * SECOND:
            raise EventTooLate(f"more than {LATE_SECONDS_MAX} seconds behind the newest event")

    def observe(self, event: FeatureEvent) -> list[int | None]:
        """Return what the event sees, and count it. Refuses: EventTooLate."""
        at = event.at
        if at > self.newest:
            self.newest = at
            if at >= self._rotate_at or self.sequence == 0:
                self._rotate(at)
        elif at < self.newest:
            self.ensure_in_time(at)
        self.sequence = event.sequence
        return self._observe(at, event.values)

    def _rotate(self, at: int) -> None:
        """Let go of keys that had no event for as long as any window can look back."""
        for plan in self._plans:
            if at >= plan.rotate_at:
                plan.rotate(at)
        self._rotate_at = min((plan.rotate_at for plan in self._plans), default=2**62)

    @property
    def key_count(self) -> int:
        """How many keys are remembered with their events."""
        return sum(len(plan.young) + len(plan.old) for plan in self._plans)

    @property
    def first_count(self) -> int:
        """How many keys are remembered by their first instant alone, which is kept for good."""
        return sum(len(plan.firsts) for plan in self._plans)


State = list[Any]
"""The events of one key, as one list: it costs a look-up less for each part.

First the instants in order; then for each window its head, the first event that the window holds
when the newest event of the key comes; then columns of running sums (one longer than the instants),
and columns of values; last, for each column of values and its window, when each value in it came
last.
"""


class _Plan:
    """What is counted for one kind of key: windows, columns that add up, columns of values.

    Keys live in two generations. A key that is met moves to the young one; every `longest` the old
    one, which nobody met since the last change, is let go as a whole: it costs nothing by key, and
    no event that may still come can see an event of a key that went.
    """

    trim_min = TRIM_MIN

    def __init__(self, key: tuple[str, ...], features: list[Feature]) -> None:
        self.key = key
        self.young: dict[object, State] = {}
        self.old: dict[object, State] = {}
        self.firsts: dict[object, int] = {}
        self.rotate_at = -(2**62)
        spans = sorted({each.window_seconds for each in features if each.window_seconds})
        self.windows = [span * SECOND for span in spans]
        self.longest = (spans[-1] if spans else 0) * SECOND + LATE_SECONDS_MAX * SECOND
        self.names = [each.name for each in features]
        self.sums: list[tuple[str, Where | None]] = []
        self.texts: list[tuple[str, Where | None]] = []
        # Which column of values is held over which window.
        self.seen: list[tuple[int, int]] = []
        # Each feature as: measure, column, window (by place).
        self.features: list[tuple[Measure, int, int]] = []
        for feature in features:
            measure, column = feature.measure, 0
            if measure is Measure.DISTINCT:
                column = _place_of(self.texts, (feature.field, feature.where))
            elif measure is Measure.SUM or feature.where is not None:
                measure = Measure.SUM
                column = _place_of(self.sums, (feature.field, feature.where))
            window = spans.index(feature.window_seconds) if feature.window_seconds else 0
            if measure is Measure.DISTINCT:
                _place_of(self.seen, (column, window))
            self.features.append((measure, column, window))
        # Where each part of a state stands; see `State`.
        self.sums_at = 1 + len(self.windows)
        self.texts_at = self.sums_at + len(self.sums)
        self.seen_at = self.texts_at + len(self.texts)
        self.has_first = any(each.measure is Measure.FIRST_SEEN for each in features)

    def rotate(self, at: int) -> None:
        """Let the old generation go; what is young is old from now on."""
        self.old, self.young = self.young, {}
        self.rotate_at = at + self.longest

    def observe_late(
        self, state: State, key: object, at: int, values: Mapping[str, str | int]
    ) -> list[int | None]:
        """Return what an event sees that comes after a later one of its key, and count it."""
        times: list[int] = state[0]
        high = bisect_right(times, at)
        lows = [bisect_right(times, at - window) for window in self.windows]
        found: list[int | None] = []
        for measure, column, window in self.features:
            if measure is Measure.COUNT:
                found.append(high - lows[window])
            elif measure is Measure.SUM:
                running = state[self.sums_at + column]
                found.append(running[high] - running[lows[window]])
            elif measure is Measure.DISTINCT:
                found.append(len(set(state[self.texts_at + column][lows[window] : high]) - {None}))
            else:
                first = self.firsts.get(key)
                is_known = first is not None and first <= at
                found.append((at - first) // SECOND if is_known else None)
        self._put_in(state, at, high, values)
        if self.has_first:
            self.firsts[key] = min(at, self.firsts.get(key, at))
        return found

    def _put_in(self, state: State, at: int, high: int, values: Mapping[str, str | int]) -> None:
        times: list[int] = state[0]
        last = times[-1]
        for running, (field, where) in zip(
            state[self.sums_at : self.texts_at], self.sums, strict=True
        ):
            added = _added(values, field, where)
            running.insert(high + 1, running[high] + added)
            if added:
                running[high + 2 :] = [each + added for each in running[high + 2 :]]
        named = [_named(values, field, where) for field, where in self.texts]
        for texts, value in zip(state[self.texts_at : self.seen_at], named, strict=True):
            texts.insert(high, value)
        for seen, (column, window) in zip(state[self.seen_at :], self.seen, strict=True):
            value = named[column]
            # Its windows end at the newest event of the key, where the heads stand.
            if value is not None and at > last - self.windows[window]:
                seen[value] = max(at, seen.get(value, at))
        times.insert(high, at)
        for place, window in enumerate(self.windows):
            if at <= last - window:
                state[1 + place] += 1

    def trim(self, state: State, since: int) -> None:
        """Let go of events that no window, however late an event may come, can see again."""
        gone = min(bisect_right(state[0], since), state[self.sums_at - 1])
        for column in (state[0], *state[self.sums_at : self.seen_at]):
            del column[:gone]
        for place in range(1, self.sums_at):
            state[place] -= gone


def _place_of(found: list, column: object) -> int:
    """Return the place of a column, which is added where it is new."""
    if column not in found:
        found.append(column)
    return found.index(column)


def _added(values: Mapping[str, str | int], field: str, where: Where | None) -> int:
    if where is not None and values.get(where.field) != where.value:
        return 0
    return values.get(field, 0) if field else 1


def _named(values: Mapping[str, str | int], field: str, where: Where | None) -> object:
    if where is not None and values.get(where.field) != where.value:
        return None
    return values.get(field)
