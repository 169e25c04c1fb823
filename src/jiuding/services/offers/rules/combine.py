"""Combine: the best amounts for two or three chosen arms, for many choices at once.

A `Programme` is what a plan makes least: choose one to three arms, no identity or asset twice,
and amounts within their limits that add up to the need, so that what they take each month stays
within the budget. For chosen arms that is a linear programme in two or three amounts, whose least
lies at a corner; the corners are few enough to write down.

Amounts are whole units; a pair is solved exactly in whole units, a triple by its corners and then
settled in whole units, which costs less than one unit a leg.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np

SLACK = 1e-4  # units a month: what rounding of floats may add to a budget


@dataclass(frozen=True, slots=True)
class Programme:
    """Choose arms i and amounts x to make the sum of weight·x + weight_fixed least.

    Subject to: low <= x <= high, the sum of x is `amount`, and the sum of
    instalment·x + monthly is at most `budget` (units; inf where there is none).
    """

    weight: np.ndarray
    weight_fixed: np.ndarray
    instalment: np.ndarray
    monthly: np.ndarray
    low: np.ndarray
    high: np.ndarray
    identity: np.ndarray
    asset: np.ndarray
    amount: float
    budget: float
    legs_max: int

    def __len__(self) -> int:
        return len(self.weight)

    def take(self, places: np.ndarray) -> Programme:
        """Return the programme over the arms at these places only."""
        columns = (getattr(self, name)[places] for name in self.__slots__[:8])
        return Programme(*columns, self.amount, self.budget, self.legs_max)


@dataclass(frozen=True, slots=True)
class Found:
    """The best found: arms by place, whole units of each, and what they come to."""

    legs: tuple[int, ...]
    units: tuple[int, ...]
    value: float


def conflict(p: Programme, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Tell which pairs may not stand together: the same product, or the same asset."""
    return (p.identity[i] == p.identity[j]) | ((p.asset[i] >= 0) & (p.asset[i] == p.asset[j]))


def singles(p: Programme) -> np.ndarray:
    """Return the value of each arm alone; inf where it cannot stand alone."""
    fits = (p.low <= p.amount) & (p.high >= p.amount)
    fits &= p.instalment * p.amount + p.monthly <= p.budget + SLACK
    return np.where(fits, p.weight * p.amount + p.weight_fixed, np.inf)


def pairs(
    p: Programme,
    i: np.ndarray,
    j: np.ndarray,
    amount: np.ndarray | float | None = None,
    budget: np.ndarray | float | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return value and first amount of each pair at its best; the value is inf where none fits.

    With x on the first arm and the rest on the second everything is linear in x, so the best x
    is an end of the interval that the limits and the budget leave. `amount` and `budget` may be
    given for each pair; elsewhere they are the programme's.
    """
    amount = p.amount if amount is None else amount
    budget = p.budget if budget is None else budget
    low = np.maximum(p.low[i], amount - p.high[j])
    high = np.minimum(p.high[i], amount - p.low[j])
    fits = ~conflict(p, i, j)
    if np.isfinite(p.budget):
        steepness = p.instalment[i] - p.instalment[j]
        room = budget + SLACK - p.monthly[i] - p.monthly[j] - p.instalment[j] * amount
        with np.errstate(divide="ignore", invalid="ignore"):
            edge = room / steepness
        high = np.where(steepness > 0, np.minimum(high, np.floor(edge)), high)
        low = np.where(steepness < 0, np.maximum(low, np.ceil(edge)), low)
        fits &= (steepness != 0) | (room >= 0)
    fits &= low <= high
    x = np.where(p.weight[i] < p.weight[j], high, low)
    value = p.weight[i] * x + p.weight[j] * (amount - x) + p.weight_fixed[i] + p.weight_fixed[j]
    return np.where(fits, value, np.inf), x


def triples(p: Programme, i: np.ndarray, j: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Return the value of each triple at its best, amounts not yet whole; inf where none fits.

    The amounts form a polygon whose corners fill the arms one after another; the budget cuts
    it, and the least is a corner within the budget or where a line between two corners meets it.
    """
    values, months = [], []
    for order in permutations((i, j, k)):
        value, month = _corner(p, *order)
        values.append(value)
        months.append(month)
    apart = ~(conflict(p, i, j) | conflict(p, i, k) | conflict(p, j, k))
    within = [month <= p.budget + SLACK for month in months]
    best = np.full(len(i), np.inf)
    for value, fits in zip(values, within, strict=True):
        best = np.where(fits & (value < best), value, best)
    if np.isfinite(p.budget):
        for a, b in combinations(range(6), 2):
            crossing = within[a] != within[b]
            crossing &= np.isfinite(values[a]) & np.isfinite(values[b])
            with np.errstate(divide="ignore", invalid="ignore"):
                part = (p.budget + SLACK - months[a]) / (months[b] - months[a])
                value = values[a] + part * (values[b] - values[a])
            best = np.where(crossing & (value < best), value, best)
    return np.where(apart, best, np.inf)


def _corner(
    p: Programme, a: np.ndarray, b: np.ndarray, c: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return value and month of filling a, then b, then c; inf where the amount does not fit."""
    rest = p.amount - p.low[a] - p.low[b] - p.low[c]
    impossible = rest < 0
    value = p.weight_fixed[a] + p.weight_fixed[b] + p.weight_fixed[c]
    month = p.monthly[a] + p.monthly[b] + p.monthly[c]
    for arm in (a, b, c):
        more = np.minimum(np.maximum(rest, 0.0), p.high[arm] - p.low[arm])
        rest = rest - more
        x = p.low[arm] + more
        value = value + p.weight[arm] * x
        month = month + p.instalment[arm] * x
    impossible |= rest > 0
    return np.where(impossible, np.inf, value), np.where(impossible, np.inf, month)


def settle(p: Programme, legs: tuple[int, ...]) -> Found | None:
    """Return the best whole amounts for these arms, or None where no whole amounts fit.

    A triple tries each leg at the whole units around the corners of its polygon, and solves the
    other two exactly; what that can miss is less than a unit.
    """
    if len(legs) == 1:
        place = np.array(legs)
        value = float(singles(p.take(place))[0])
        return Found(legs, (int(p.amount),), value) if np.isfinite(value) else None
    if len(legs) == 2:
        value, x = pairs(p, np.array(legs[:1]), np.array(legs[1:]))
        if not np.isfinite(value[0]):
            return None
        return Found(legs, (int(x[0]), int(p.amount - x[0])), float(value[0]))
    best: Found | None = None
    corners = _corner_amounts(p, legs)
    for turn in range(3):
        fixed, first, second = (legs[(turn + step) % 3] for step in range(3))
        x = np.array(_whole_choices(p, legs[turn], corners, turn))
        if len(x) == 0:
            continue
        i, j = np.full(len(x), first), np.full(len(x), second)
        left = p.budget - p.monthly[fixed] - p.instalment[fixed] * x
        value, y = pairs(p, i, j, p.amount - x, left)
        total = value + p.weight[fixed] * x + p.weight_fixed[fixed]
        at = int(np.argmin(total))
        if np.isfinite(total[at]) and (best is None or total[at] < best.value):
            rest = p.amount - x[at] - y[at]
            amounts = {fixed: int(x[at]), first: int(y[at]), second: int(rest)}
            best = Found(legs, tuple(amounts[leg] for leg in legs), float(total[at]))
    return best


def _whole_choices(
    p: Programme, leg: int, corners: list[tuple[tuple[float, ...], float]], turn: int
) -> list[float]:
    """Return whole amounts worth trying for one leg of a triple: near every corner."""
    found = {point[turn] for point, _ in corners}
    for (one, month_one), (other, month_other) in combinations(corners, 2):
        if (month_one <= p.budget) != (month_other <= p.budget):
            part = (p.budget - month_one) / (month_other - month_one)
            found.add(one[turn] + part * (other[turn] - one[turn]))
    low, high = float(p.low[leg]), float(p.high[leg])
    near = {float(math.floor(x)) + step for x in found for step in (-2, -1, 0, 1, 2)}
    return sorted(x for x in near if low <= x <= high)


def _corner_amounts(p: Programme, legs: tuple[int, ...]) -> list[tuple[tuple[float, ...], float]]:
    """Return the corners of a triple's amounts, each with what it takes a month."""
    places = list(legs)
    low, high, instalment, monthly = (
        column[places].tolist() for column in (p.low, p.high, p.instalment, p.monthly)
    )
    corners: dict[tuple[float, ...], float] = {}
    for order in permutations(range(3)):
        rest, amounts = p.amount - sum(low), list(low)
        for turn in order:
            more = min(max(rest, 0.0), high[turn] - low[turn])
            amounts[turn] += more
            rest -= more
        if rest == 0:
            taken = zip(instalment, amounts, monthly, strict=True)
            corners[tuple(amounts)] = sum(each * x + fee for each, x, fee in taken)
    return list(corners.items())
