"""Goals: several aims planned together, by a mixed-integer programme over what can matter.

Each pot's amount must be met by loans of its kind; the legs of all pots together are three at
most, no product or house twice, and what they take each month shares one budget. Dominance drops
arms first, which is as safe as for one pot; HiGHS then finds the least and proves it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import numpy as np

from jiuding.services.offers.rules import bounds, combine
from jiuding.services.offers.rules.combine import Found, Programme
from jiuding.services.offers.rules.search import Least

SECONDS_MAX = 1.0
REPAIRS_MAX = 6
TIE = 1e-9  # of the value: floats differ by less, and fewer legs win
KEPT_MAX = 1_500


def least(
    p: Programme,
    term: np.ndarray,
    pot: np.ndarray,
    amounts: tuple[float, ...],
    is_late: Callable[[], bool],
    start: tuple[int, ...] = (),
) -> Least:
    """Return the plan of least weight that meets every pot's amount, and what is proven.

    Legs are places in `p`. A choice that floats allowed and whole units do not is forbidden by
    name and the programme solved again, a few times at most.
    """
    if len(np.unique(pot)) < len(amounts):
        return Least(None, math.inf)
    places = _kept(p, term, pot, amounts)
    known = settle(p, pot, amounts, start) if start else None
    forbidden: list[tuple[int, ...]] = []
    for _ in range(REPAIRS_MAX):
        if is_late():
            break
        chosen, bound, is_optimal = solve(p, pot, amounts, places, forbidden)
        if chosen is None:
            return Least(known, known.value if known and is_optimal else _none(is_optimal))
        found = _fewest(p, pot, amounts, chosen)
        if found is not None:
            best = found if known is None or found.value <= known.value else known
            return Least(best, best.value if is_optimal else min(bound, best.value))
        forbidden.append(chosen)
    return Least(known, -math.inf)


def _none(is_proven: bool) -> float:
    return math.inf if is_proven else -math.inf


def _kept(
    p: Programme, term: np.ndarray, pot: np.ndarray, amounts: tuple[float, ...]
) -> np.ndarray:
    """Return the places that dominance within each pot leaves."""
    kept = []
    for number, amount in enumerate(amounts):
        places = np.flatnonzero(pot == number)
        mine = replace(p.take(places), amount=amount)
        left = np.flatnonzero(bounds.undominated(mine, bounds.champions_of(mine, term[places])))
        if len(left) <= KEPT_MAX:
            left = left[bounds.undominated(mine.take(left), np.arange(len(left)))]
        kept.append(places[left])
    return np.concatenate(kept)


def _fewest(
    p: Programme, pot: np.ndarray, amounts: tuple[float, ...], chosen: tuple[int, ...]
) -> Found | None:
    """Return the best plan of the chosen legs or some of them: a solver's tolerance hides pence."""
    best: Found | None = None
    for count in range(len(amounts), len(chosen) + 1):
        for legs in combinations(chosen, count):
            found = settle(p, pot, amounts, legs)
            if found is None:
                continue
            if best is None or found.value < best.value - TIE * abs(best.value):
                best = found
    return best


def settle(
    p: Programme, pot: np.ndarray, amounts: tuple[float, ...], legs: tuple[int, ...]
) -> Found | None:
    """Return the best whole amounts for these legs, pot by pot; None where none fits.

    With two pots or more and three legs at most, only one pot can have two legs: the others'
    amounts are given, and what they take is no longer free.
    """
    groups = [[leg for leg in legs if pot[leg] == number] for number in range(len(amounts))]
    if not all(groups):
        return None
    units: dict[int, int] = {}
    value = spent = 0.0
    for group, amount in sorted(zip(groups, amounts, strict=True), key=lambda pair: len(pair[0])):
        part = replace(p, amount=amount, budget=p.budget - spent, legs_max=len(group))
        found = combine.settle(part, tuple(group))
        if found is None:
            return None
        value += found.value
        for leg, x in zip(found.legs, found.units, strict=True):
            units[leg] = x
            spent += float(p.instalment[leg] * x + p.monthly[leg])
    apart = {int(p.identity[leg]) for leg in legs}
    houses = [int(p.asset[leg]) for leg in legs if p.asset[leg] >= 0]
    if len(apart) < len(legs) or len(set(houses)) < len(houses):
        return None
    return Found(legs, tuple(units[leg] for leg in legs), value)


def solve(
    p: Programme,
    pot: np.ndarray,
    amounts: tuple[float, ...],
    places: np.ndarray,
    forbidden: list[tuple[int, ...]],
    seconds_max: float = SECONDS_MAX,
) -> tuple[tuple[int, ...] | None, float, bool]:
    """Return the legs that HiGHS chooses, its bound, and whether it is the least.

    The first half of the columns says which arms are chosen, the second what share of the pot's
    amount each lends.
    """
    import highspy

    count = len(places)
    amount = np.array(amounts)[pot[places]]
    scale = max(1.0, float(np.abs(p.weight[places] * amount).max(initial=0.0)))
    solver = highspy.Highs()
    for name, option in (
        ("output_flag", False),
        ("threads", 1),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 1e-9),
        ("time_limit", seconds_max),
    ):
        solver.setOptionValue(name, option)
    columns = np.arange(2 * count, dtype=np.int32)
    solver.addVars(2 * count, np.zeros(2 * count), np.ones(2 * count))
    cost = np.r_[p.weight_fixed[places], p.weight[places] * amount] / scale
    solver.changeColsCost(2 * count, columns, cost)
    kinds = np.array([highspy.HighsVarType.kInteger] * count)
    solver.changeColsIntegrality(count, columns[:count], kinds)
    for low, high, where, values in _rows(p, pot, amounts, places, forbidden):
        solver.addRow(low, high, len(where), np.array(where, dtype=np.int32), np.array(values))
    solver.run()
    status = solver.getModelStatus()
    is_optimal = status == highspy.HighsModelStatus.kOptimal
    if status == highspy.HighsModelStatus.kInfeasible:
        return None, math.inf, True
    info = solver.getInfo()
    if not is_optimal and info.primal_solution_status != 2:
        return None, -math.inf, False
    solution = np.array(solver.getSolution().col_value[:count])
    chosen = tuple(int(place) for place in places[solution > 0.5])
    return chosen, float(info.mip_dual_bound) * scale, is_optimal


def _rows(p, pot, amounts, places, forbidden):
    """Yield the programme's rows: lower, upper, columns, values."""
    count, inf = len(places), math.inf
    every = np.arange(count)
    amount = np.array(amounts)[pot[places]]
    for place in range(count):
        low, high = p.low[places[place]] / amount[place], p.high[places[place]] / amount[place]
        yield -inf, 0.0, [place, count + place], [-high, 1.0]
        yield 0.0, inf, [place, count + place], [-low, 1.0]
    for number in range(len(amounts)):
        mine = every[pot[places] == number]
        yield 1.0, 1.0, count + mine, np.ones(len(mine))
        yield 1.0, p.legs_max, mine, np.ones(len(mine))
    yield 1.0, float(p.legs_max), every, np.ones(count)
    if math.isfinite(p.budget):
        spent = np.r_[p.monthly[places], p.instalment[places] * amount] / max(p.budget, 1.0)
        yield -inf, min(p.budget, 1.0), np.r_[every, count + every], spent
    for key in (p.identity[places], np.where(p.asset[places] < 0, -1, p.asset[places])):
        for one in np.unique(key[key >= 0]):
            mine = every[key == one]
            if len(mine) > 1:
                yield -inf, 1.0, mine, np.ones(len(mine))
    for legs in forbidden:
        mine = np.flatnonzero(np.isin(places, legs))
        yield -inf, len(legs) - 1.0, mine, np.ones(len(mine))
