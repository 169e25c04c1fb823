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
from collections.abc import Sequence

from jiuding.services.risk.errors import EventTooLate
from jiuding.services.risk.rules.events import LATE_SECONDS_MAX
from jiuding.services.risk.types import Feature, FeatureEvent, Measure, Stream, Where

SECOND = 1_000_000
TRIM_MIN = 512
PER_MILLION = 1_000_000


class Counters:
    """Every counter of a stream: offer an event, and what it sees comes back, then it is counted.

    Values come in the order of the stream's features; None is missing: a key that the event does
    not have, a first event, a ratio over nothing.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.newest = -(2**62)
        self.sequence = 0
        plans: dict[tuple[str, ...], _Plan] = {}
        for place, feature in enumerate(stream.features):
            if feature.measure is not Measure.RATIO:
                plans.setdefault(feature.key, _Plan(feature.key)).add(place, feature)
        self._plans = list(plans.values())
        for plan in self._plans:
            plan.close()
        places = {name: place for place, name in enumerate(stream.names)}
        self._ratios = [
            (place, places[feature.top], places[feature.under])
            for place, feature in enumerate(stream.features)
            if feature.measure is Measure.RATIO
        ]
        self._empty: list[int | None] = [None] * len(stream.features)

    def ensure_in_time(self, at: int) -> None:
        """Refuse what comes a day after a later event. Refuses: EventTooLate."""
        if at <= self.newest - LATE_SECONDS_MAX * SECOND:
            raise EventTooLate(f"more than {LATE_SECONDS_MAX} seconds behind the newest event")

    def observe(self, event: FeatureEvent) -> list[int | None]:
        """Return what the event sees, and count it. Refuses: EventTooLate."""
        at = event.at
        if at > self.newest:
            self.newest = at
        elif at < self.newest:
            self.ensure_in_time(at)
        self.sequence = event.sequence
        values, found = event.values, self._empty.copy()
        for plan in self._plans:
            field = plan.field
            key = values.get(field) if field is not None else plan.key_of(values)
            if key is None:
                continue
            state = plan.states.get(key)
            if state is None:
                state = plan.states[key] = _State(plan)
            state.observe(plan, at, values, found)
        for place, top, under in self._ratios:
            if found[under] and found[top] is not None:
                found[place] = found[top] * PER_MILLION // found[under]
        return found

    @property
    def key_count(self) -> int:
        """How many keys are remembered."""
        return sum(len(plan.states) for plan in self._plans)


class _Plan:
    """What is counted for one kind of key: columns that add up, columns of values, windows."""

    def __init__(self, key: tuple[str, ...]) -> None:
        self.key = key
        self.field = key[0] if len(key) == 1 else None
        self.states: dict[object, _State] = {}
        self.sums: list[tuple[str, Where | None]] = []
        self.texts: list[tuple[str, Where | None]] = []
        self.first: list[int] = []
        self._windows: dict[int, tuple[list, list, list]] = {}
        self.windows: list[tuple[int, list[int], list[tuple[int, int]], list[tuple[int, int]]]] = []
        self.longest = 0

    def add(self, place: int, feature: Feature) -> None:
        if feature.measure is Measure.FIRST_SEEN:
            self.first.append(place)
            return
        window = feature.window_seconds * SECOND
        counts, sums, texts = self._windows.setdefault(window, ([], [], []))
        if feature.measure is Measure.COUNT and feature.where is None:
            counts.append(place)
        elif feature.measure is Measure.DISTINCT:
            texts.append((place, _column(self.texts, (feature.field, feature.where))))
        else:
            sums.append((place, _column(self.sums, (feature.field, feature.where))))

    def close(self) -> None:
        self.windows = [(window, *parts) for window, parts in sorted(self._windows.items())]
        self.longest = max(self._windows, default=0) + LATE_SECONDS_MAX * SECOND

    def key_of(self, values) -> tuple | None:
        found = tuple([values.get(name) for name in self.key])
        return None if None in found else found


def _column(columns: list, wanted: tuple[str, Where | None]) -> int:
    if wanted not in columns:
        columns.append(wanted)
    return columns.index(wanted)


def _added(values, field: str, where: Where | None) -> int:
    if where is not None and values.get(where.field) != where.value:
        return 0
    return values.get(field, 0) if field else 1


def _named(values, field: str, where: Where | None) -> object:
    if where is not None and values.get(where.field) != where.value:
        return None
    return values.get(field)


class _State:
    """The events of one key: instants in order, running sums (one longer), values, and heads."""

    __slots__ = ("first", "heads", "seen", "sums", "texts", "times")

    def __init__(self, plan: _Plan) -> None:
        self.times: list[int] = []
        self.sums: list[list[int]] = [[0] for _ in plan.sums]
        self.texts: list[list[object]] = [[] for _ in plan.texts]
        self.heads = [0] * len(plan.windows)
        # For each window and column of values: how often each value stands in the window.
        self.seen: list[list[dict[object, int]]] = [
            [{} for _ in texts] for _, _, _, texts in plan.windows
        ]
        self.first: int | None = None

    def observe(self, plan: _Plan, at: int, values, found: list[int | None]) -> None:
        times = self.times
        if times and at < times[-1]:
            self._observe_late(plan, at, values, found)
            return
        if self.first is None:
            self.first = at
        else:
            for place in plan.first:
                found[place] = (at - self.first) // SECOND
        size, heads, sums = len(times), self.heads, self.sums
        number = 0
        for window, counts, totals, texts in plan.windows:
            since, head = at - window, heads[number]
            if head < size and times[head] <= since:
                start = head
                head += 1
                while head < size and times[head] <= since:
                    head += 1
                heads[number] = head
                if texts:
                    self._pass_by(number, texts, start, head)
            for place in counts:
                found[place] = size - head
            for place, column in totals:
                running = sums[column]
                found[place] = running[-1] - running[head]
            if texts:
                for (place, _), seen in zip(texts, self.seen[number], strict=True):
                    found[place] = len(seen)
            number += 1
        if not heads:
            self.times = [at]
            return
        times.append(at)
        self._count(plan, values)
        if heads[-1] > TRIM_MIN and heads[-1] * 2 > size:
            self._trim(plan, at)

    def _count(self, plan: _Plan, values) -> None:
        place = 0
        for field, where in plan.sums:
            running = self.sums[place]
            added = values.get(field, 0) if where is None else _added(values, field, where)
            running.append(running[-1] + added)
            place += 1
        if not plan.texts:
            return
        named = [_named(values, field, where) for field, where in plan.texts]
        for column, value in zip(self.texts, named, strict=True):
            column.append(value)
        for (_, _, _, texts), seen in zip(plan.windows, self.seen, strict=True):
            for (_, column), counts in zip(texts, seen, strict=True):
                if (value := named[column]) is not None:
                    counts[value] = counts.get(value, 0) + 1

    def _pass_by(self, number: int, texts: Sequence[tuple[int, int]], start: int, end: int) -> None:
        """Take the values between two places out of a window."""
        for (_, column), counts in zip(texts, self.seen[number], strict=True):
            for value in self.texts[column][start:end]:
                if value is not None:
                    left = counts[value] - 1
                    if left:
                        counts[value] = left
                    else:
                        del counts[value]

    def _observe_late(self, plan: _Plan, at: int, values, found: list[int | None]) -> None:
        times = self.times
        last, place_of = times[-1], bisect_right(times, at)
        if self.first is not None and self.first <= at:
            for place in plan.first:
                found[place] = (at - self.first) // SECOND
        self.first = min(at, self.first if self.first is not None else at)
        for number, (window, counts, totals, texts) in enumerate(plan.windows):
            low = bisect_right(times, at - window)
            for place in counts:
                found[place] = place_of - low
            for place, column in totals:
                found[place] = self.sums[column][place_of] - self.sums[column][low]
            for place, column in texts:
                found[place] = len(set(self.texts[column][low:place_of]) - {None})
            # The head stands where the newest event of the key left it.
            if at <= last - window:
                self.heads[number] += 1
            else:
                for (_, column), counts_of in zip(texts, self.seen[number], strict=True):
                    value = _named(values, *plan.texts[column])
                    if value is not None:
                        counts_of[value] = counts_of.get(value, 0) + 1
        if not plan.windows:
            return
        times.insert(place_of, at)
        for running, (field, where) in zip(self.sums, plan.sums, strict=True):
            added = _added(values, field, where)
            running.insert(place_of + 1, running[place_of] + added)
            if added:
                running[place_of + 2 :] = [each + added for each in running[place_of + 2 :]]
        for column, (field, where) in zip(self.texts, plan.texts, strict=True):
            column.insert(place_of, _named(values, field, where))

    def _trim(self, plan: _Plan, at: int) -> None:
        """Let go of events that no window, however late an event may come, can see again."""
        gone = min(bisect_right(self.times, at - plan.longest), self.heads[-1])
        if gone < TRIM_MIN:
            return
        del self.times[:gone]
        for running in self.sums:
            del running[:gone]
        for column in self.texts:
            del column[:gone]
        self.heads = [head - gone for head in self.heads]
