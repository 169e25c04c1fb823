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

from jiuding.services.risk.errors import EventTooLate
from jiuding.services.risk.rules.events import LATE_SECONDS_MAX
from jiuding.services.risk.types import Feature, FeatureEvent, Measure, Stream, Where

SECOND = 1_000_000
TRIM_MIN = 512
PER_MILLION = 1_000_000


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
        self._ratios = [(places[each.top], places[each.under]) for each in ratios]

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
        values: Mapping[str, str | int] = event.values
        found: list[int | None] = []
        for plan in self._plans:
            field = plan.field
            key = values.get(field) if field is not None else plan.key_of(values)
            if key is None:
                found += plan.nothing
                continue
            state = plan.states.get(key)
            if state is None:
                state = plan.states[key] = _State(plan)
            if plan.is_paired:
                state.observe_paired(plan, at, values, found)
            else:
                state.observe(plan, at, values, found)
        for top, under in self._ratios:
            below, above = found[under], found[top]
            found.append(above * PER_MILLION // below if below and above is not None else None)
        return found

    @property
    def key_count(self) -> int:
        """How many keys are remembered."""
        return sum(len(plan.states) for plan in self._plans)


class _Plan:
    """What is counted for one kind of key: columns that add up, columns of values, windows.

    Values come as: counts by window, then each sum by window, distincts, and first-seen last.
    """

    def __init__(self, key: tuple[str, ...], features: list[Feature]) -> None:
        self.key = key
        self.field = key[0] if len(key) == 1 else None
        self.states: dict[object, _State] = {}
        spans = sorted({each.window_seconds for each in features if each.window_seconds})
        self.windows = [span * SECOND for span in spans]
        self.longest = (spans[-1] if spans else 0) * SECOND + LATE_SECONDS_MAX * SECOND
        place_of = {span: place for place, span in enumerate(spans)}
        self.names: list[str] = []
        self.counts: list[int] = []
        sums: dict[tuple[str, Where | None], list[int]] = {}
        texts: dict[tuple[str, Where | None], list[int]] = {}
        for feature in sorted(features, key=_group):
            self.names.append(feature.name)
            place, column = place_of.get(feature.window_seconds, 0), (feature.field, feature.where)
            if feature.measure is Measure.DISTINCT:
                texts.setdefault(column, []).append(place)
            elif feature.measure is Measure.COUNT and feature.where is None:
                self.counts.append(place)
            elif feature.measure is not Measure.FIRST_SEEN:
                sums.setdefault(column, []).append(place)
        self.first_count = sum(each.measure is Measure.FIRST_SEEN for each in features)
        self.sums = [(*column, tuple(at)) for column, at in sums.items()]
        self.texts = [(*column, tuple(at)) for column, at in texts.items()]
        every = tuple(range(len(spans)))
        # How often and how much, over the same windows: one walk gives both, window by window.
        self.is_paired = (
            bool(spans) and tuple(self.counts) == every and not texts and not self.first_count
        ) and [places for *_, places in self.sums] == [every]
        if self.is_paired:
            self.names = _paired(self.names)
        # Read at once for every event: a look-up less for each part.
        self.shape = (
            tuple(self.windows),
            tuple(self.counts),
            tuple(self.sums),
            tuple(self.texts),
            self.first_count,
            self.longest,
        )
        self.nothing: list[int | None] = [None] * len(features)

    def key_of(self, values: Mapping[str, str | int]) -> tuple | None:
        """Return the values of several fields together, or None where one is missing."""
        found = tuple([values.get(name) for name in self.key])
        return None if None in found else found


def _paired(found: list) -> list:
    """Return the two halves of a list one by one in turn."""
    half = len(found) // 2
    return [each for pair in zip(found[:half], found[half:], strict=True) for each in pair]


def _group(feature: Feature) -> tuple:
    """Sort counts first, then sums and distincts by their column, first-seen last."""
    if feature.measure is Measure.FIRST_SEEN:
        return (3,)
    if feature.measure is Measure.COUNT and feature.where is None:
        return (0,)
    where = feature.where
    column = (feature.field, *((where.field, str(where.value)) if where else ("", "")))
    return (2 if feature.measure is Measure.DISTINCT else 1, column)


def _added(values: Mapping[str, str | int], field: str, where: Where | None) -> int:
    if where is not None and values.get(where.field) != where.value:
        return 0
    return values.get(field, 0) if field else 1


def _named(values: Mapping[str, str | int], field: str, where: Where | None) -> object:
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
        # For each column of values and each of its windows: how often each value stands in it.
        self.seen: list[list[dict[object, int]]] = [[{} for _ in at] for *_, at in plan.texts]
        self.first: int | None = None

    def observe(
        self, plan: _Plan, at: int, values: Mapping[str, str | int], found: list[int | None]
    ) -> None:
        """Add what the event sees to `found`, then count it."""
        times, heads = self.times, self.heads
        if times and at < times[-1]:
            self._observe_late(plan, at, values, found)
            return
        windows, counts, sums, texts, first_count, longest = plan.shape
        size = len(times)
        # Its own instant stops every head, so that no step looks past the end.
        times.append(at)
        before = heads.copy() if texts else heads
        for place, window in enumerate(windows):
            head = heads[place]
            since = at - window
            if times[head] <= since:
                head += 1
                while times[head] <= since:
                    head += 1
                heads[place] = head
        add = found.append
        for place in counts:
            add(size - heads[place])
        for running, (field, where, places) in zip(self.sums, sums, strict=True):
            last = running[-1]
            for place in places:
                add(last - running[heads[place]])
            added = values.get(field, 0) if where is None else _added(values, field, where)
            running.append(last + added)
        if texts:
            self._distinct(plan, values, found, before)
        if first_count:
            first = self.first
            if first is None:
                self.first = at
            age = None if first is None else (at - first) // SECOND
            found += [age] * first_count
        if not heads:
            self.times = [at]
        elif heads[-1] > TRIM_MIN and times[TRIM_MIN] <= at - longest:
            self._trim(plan, at)

    def observe_paired(
        self, plan: _Plan, at: int, values: Mapping[str, str | int], found: list[int | None]
    ) -> None:
        """Do the same for a plan that counts and sums over the same windows, in one walk."""
        times, heads = self.times, self.heads
        if times and at < times[-1]:
            start = len(found)
            self._observe_late(plan, at, values, found)
            found[start:] = _paired(found[start:])
            return
        running = self.sums[0]
        size, last, add = len(times), running[-1], found.append
        times.append(at)
        place = 0
        for window in plan.windows:
            head, since = heads[place], at - window
            if times[head] <= since:
                head += 1
                while times[head] <= since:
                    head += 1
                heads[place] = head
            place += 1  # noqa: SIM113 (counting by hand is the faster of the two here)
            add(size - head)
            add(last - running[head])
        field, where, _ = plan.sums[0]
        if where is None:
            running.append(last + values.get(field, 0))
        else:
            running.append(last + _added(values, field, where))
        if heads[-1] > TRIM_MIN and times[TRIM_MIN] <= at - plan.longest:
            self._trim(plan, at)

    def _distinct(
        self,
        plan: _Plan,
        values: Mapping[str, str | int],
        found: list[int | None],
        before: list[int],
    ) -> None:
        """Add how many values stand in each window, and count this event's."""
        heads = self.heads
        for column, (field, where, places) in enumerate(plan.texts):
            texts, value = self.texts[column], _named(values, field, where)
            for place, counts in zip(places, self.seen[column], strict=True):
                head = heads[place]
                for gone in texts[before[place] : head] if before[place] < head else ():
                    if gone is not None:
                        if counts[gone] == 1:
                            del counts[gone]
                        else:
                            counts[gone] -= 1
                found.append(len(counts))
                if value is not None:
                    counts[value] = counts.get(value, 0) + 1
            texts.append(value)

    def _observe_late(
        self, plan: _Plan, at: int, values: Mapping[str, str | int], found: list[int | None]
    ) -> None:
        times, last = self.times, self.times[-1]
        high = bisect_right(times, at)
        lows = [bisect_right(times, at - window) for window in plan.windows]
        found += [high - lows[place] for place in plan.counts]
        for (field, where, places), running in zip(plan.sums, self.sums, strict=True):
            found += [running[high] - running[lows[place]] for place in places]
            added = _added(values, field, where)
            running.insert(high + 1, running[high] + added)
            if added:
                running[high + 2 :] = [each + added for each in running[high + 2 :]]
        for place, (field, where, windows) in enumerate(plan.texts):
            texts, value = self.texts[place], _named(values, field, where)
            found += [len(set(texts[lows[each] : high]) - {None}) for each in windows]
            for each, counts in zip(windows, self.seen[place], strict=True):
                # Its windows end at the newest event of the key, where the heads stand.
                if value is not None and at > last - plan.windows[each]:
                    counts[value] = counts.get(value, 0) + 1
            texts.insert(high, value)
        if plan.first_count:
            first = self.first
            is_known = first is not None and first <= at
            found += [(at - first) // SECOND if is_known else None] * plan.first_count
            self.first = at if first is None else min(at, first)
        if plan.windows:
            times.insert(high, at)
        for number, window in enumerate(plan.windows):
            if at <= last - window:
                self.heads[number] += 1

    def _trim(self, plan: _Plan, at: int) -> None:
        """Let go of events that no window, however late an event may come, can see again."""
        gone = min(bisect_right(self.times, at - plan.longest), self.heads[-1])
        del self.times[:gone]
        for running in self.sums:
            del running[:gone]
        for column in self.texts:
            del column[:gone]
        self.heads = [head - gone for head in self.heads]
