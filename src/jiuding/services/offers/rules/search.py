"""Search: the least of a programme, proven where time allows.

First the arms that stand alone; then dominance and Lagrange drop what no best plan needs; then
every pair and every triple that the bounds cannot exclude is tried. When all have been tried the
answer is the least there is, and its bound is its value; when the time is over before that, the
bound is what Lagrange proves, and the difference is the gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from jiuding.services.offers.rules import bounds, combine
from jiuding.services.offers.rules.combine import Found, Programme

SMALL = 24  # arms for which everything is tried at once
CHUNK = 60_000  # combinations priced together
TRIED_MAX = 8_000_000  # combinations tried at most; beyond it the bound stands
GUESSED = 18  # arms whose combinations are tried before the bounds are used
PRUNE_ABOVE = 1_600  # arms; below it dominance compares all with all
RIVALS_ABOVE = 160  # arms; above it dominance begins with the promising ones
FIRST_PRICES = 3  # prices that are asked of every arm
TIE = 1e-9  # of the value: floats differ by less, and fewer legs win
TOLERANCE = 1e-6  # units: what a bound may be below a value that it proves


@dataclass(frozen=True, slots=True)
class Least:
    """The best plan found, if any, and a value that no plan can beat (-inf: nothing known)."""

    found: Found | None
    bound: float

    @property
    def is_proven(self) -> bool:
        """Whether nothing better exists: the bound has met the value, or nothing fits."""
        return self.found is None or self.bound >= self.found.value - TOLERANCE


class _Best:
    """The best plan so far, in whole units."""

    def __init__(self, p: Programme, start: tuple[int, ...], ceiling: float) -> None:
        self.p, self.ceiling = p, ceiling
        self.found: Found | None = None
        if start:
            self.offer(start)

    @property
    def value(self) -> float:
        return self.ceiling if self.found is None else self.found.value

    @property
    def target(self) -> float:
        """What a plan must come below to be better, and not merely another rounding."""
        return self.value - TIE * abs(self.value) if np.isfinite(self.value) else np.inf

    def proven(self) -> Least:
        """The answer when all that matters has been tried."""
        return Least(self.found, np.inf if self.found is None else self.found.value)

    def offer(self, legs: tuple[int, ...]) -> None:
        settled = combine.settle(self.p, legs)
        if settled is not None and settled.value < self.target:
            self.found = settled


def least(
    p: Programme,
    term: np.ndarray,
    is_late: Callable[[], bool],
    start: tuple[int, ...] = (),
    ceiling: float = np.inf,
) -> Least:
    """Return the plan of least weight, and what is proven about it.

    The arms stand in order of identity; `term` groups those that compete alike; `is_late` tells
    when to stop looking; `start` is a plan already known; only what weighs less than `ceiling` is
    of interest. Legs are places in `p`. Where nothing fits below the ceiling there is no plan,
    and the bound is inf if that is proven.
    """
    best = _Best(p, start, ceiling)
    if len(p) == 0:
        return Least(None, np.inf)
    alone = combine.singles(p)
    if np.isfinite(alone).any():
        best.offer((int(np.argmin(alone)),))
    if p.legs_max == 1:
        return best.proven()
    if len(p) <= SMALL:
        _try_all(p, np.arange(len(p)), best)
        return best.proven()
    return _least_of_many(p, term, best, is_late)


def _least_of_many(
    p: Programme, term: np.ndarray, best: _Best, is_late: Callable[[], bool]
) -> Least:
    """Drop what is not needed, try the rest, and prove what time allows.

    Prices found on a few promising arms prove bounds for all; what they leave is priced again.
    """
    few = bounds.champions_of(p, term)
    prices = bounds.best_prices(p.take(few), zooms=1)
    _try_all(p, _guess(p, few, prices), best)
    kept, proven = bounds.needed(p, prices.first(FIRST_PRICES), best.value)
    places = np.flatnonzero(kept)
    if len(places) > RIVALS_ABOVE:
        rivals = np.flatnonzero(np.isin(places, few))
        places = places[bounds.undominated(p.take(places), rivals)]
    if SMALL < len(places) <= PRUNE_ABOVE:
        places = places[bounds.undominated(p.take(places), np.arange(len(places)))]
    if len(places) > SMALL:
        prices = bounds.best_prices(p.take(places), zooms=2)
        _try_all(p, _guess(p, places, prices), best)
        kept, closer = bounds.needed(p.take(places), prices, best.value)
        places, proven = places[kept], max(proven, min(closer, best.value))
    screen, untried = _Screen(p, places, prices), np.inf
    for legs in range(2, p.legs_max + 1):
        untried = min(untried, _try_screened(p, screen, legs, best, is_late))
    if untried == np.inf:
        return best.proven()
    # Whatever is better is among the untried, and none of those comes below its bound.
    return Least(best.found, min(max(proven, untried), best.value))


def _guess(p: Programme, places: np.ndarray, prices: bounds.Prices) -> np.ndarray:
    """Return the places that the bounds at their best prices would choose first."""
    own = bounds.reduced(p.take(places), prices.budget, prices.amount)
    rank = np.argsort(np.argsort(own, axis=1), axis=1).min(axis=0)
    return np.sort(places[np.argsort(rank, kind="stable")[:GUESSED]])


def _try_all(p: Programme, places: np.ndarray, best: _Best) -> None:
    """Offer the best pair and the best triple of a few places."""
    first, second = np.triu_indices(len(places), 1)
    for legs in range(2, p.legs_max + 1):
        after = len(places) - 1 - second
        for columns in [(first, second)] if legs == 2 else _thirds(first, second, after):
            _offer_best(p, [places[column] for column in columns], best)


def _offer_best(p: Programme, legs: list[np.ndarray], best: _Best) -> None:
    """Offer those of many combinations that promise more than the best so far."""
    if len(legs[0]) == 0:
        return
    value = combine.pairs(p, *legs)[0] if len(legs) == 2 else combine.triples(p, *legs)
    better = np.flatnonzero(value < best.target)
    for at in better[np.argsort(value[better], kind="stable")].tolist():
        if value[at] >= best.target:
            return
        best.offer(tuple(int(leg[at]) for leg in legs))


class _Screen:
    """Places in order of what they add to the best bound, to leave out combinations early."""

    def __init__(self, p: Programme, places: np.ndarray, prices: bounds.Prices) -> None:
        own = bounds.reduced(p.take(places), prices.budget, prices.amount)
        peak = int(np.argmax(prices.bound))
        turn = np.argsort(own[peak], kind="stable")
        self.places, self.own = places[turn], own[peak][turn]
        self.base = bounds.base(p, prices.budget, prices.amount)
        self.peak_base = float(self.base[peak])
        self.others = own[:, turn]

    def bound_from(self, first: int, legs: int) -> float:
        """Return what no combination begins below whose first turn is this one or a later one.

        Turns ascend in what they add, so the first ones of those left add the least.
        """
        return float(self.peak_base + self.own[first : first + legs].sum())

    def keeps(self, columns: list[np.ndarray], ceiling: float) -> np.ndarray:
        """Tell which combinations (of columns of turns) every price leaves room for."""
        kept = np.ones(len(columns[0]), dtype=bool)
        for own, base in zip(self.others, self.base, strict=True):
            kept &= sum(own[column] for column in columns) + base <= ceiling
        return kept


def _try_screened(
    p: Programme, screen: _Screen, legs: int, best: _Best, is_late: Callable[[], bool]
) -> float:
    """Offer the combinations of this many legs that the bounds leave, until it is late.

    Returns a bound on those that were not tried; inf where all were. The first chunk is tried
    always: a few milliseconds that mostly finish the pairs, and bring the bound closer.
    """
    tried = 0
    for first, second in _seconds(screen, legs, best):
        if legs == 2:
            chosen: Iterator[tuple[np.ndarray, ...]] = iter([(first, second)])
        else:
            room = best.value - screen.peak_base - screen.own[first] - screen.own[second]
            count = np.searchsorted(screen.own, room, side="right") - 1 - second
            chosen = _thirds(first, second, np.maximum(count, 0))
        for columns in chosen:
            if len(columns[0]) == 0:
                continue
            tried += len(columns[0])
            if tried > TRIED_MAX or (tried > 2 * CHUNK and is_late()):
                return screen.bound_from(int(columns[0][0]), legs)
            kept = screen.keeps(list(columns), best.value)
            _offer_best(p, [screen.places[column[kept]] for column in columns], best)
    return np.inf


def _seconds(screen: _Screen, legs: int, best: _Best) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield pairs of turns in chunks, leaving out those that no room is left for."""
    count = len(screen.own)
    for begin in range(0, count, max(1, CHUNK // max(1, count))):
        first = np.arange(begin, min(begin + max(1, CHUNK // max(1, count)), count))
        room = best.value - screen.peak_base - screen.own[first]
        # A triple's third adds at least what its second adds, for turns ascend in what they add.
        share = room if legs == 2 else room / 2.0
        until = np.searchsorted(screen.own, share, side="right")
        many = np.maximum(until - first - 1, 0)
        i = np.repeat(first, many)
        offset = np.arange(len(i)) - np.repeat(np.cumsum(many) - many, many)
        yield i, i + 1 + offset


def _thirds(
    first: np.ndarray, second: np.ndarray, count: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield each pair with `count` turns after its second, in chunks."""
    ends = np.cumsum(count)
    begin = 0
    while begin < len(count):
        done = ends[begin - 1] if begin else 0
        until = max(int(np.searchsorted(ends, done + CHUNK, side="right")), begin + 1)
        many = count[begin:until]
        i, j = np.repeat(first[begin:until], many), np.repeat(second[begin:until], many)
        offset = np.arange(len(i)) - np.repeat(np.cumsum(many) - many, many)
        if len(i):
            yield i, j, j + 1 + offset
        begin = until
