"""Goals: several aims planned together, exactly.

Each pot's amount must be met by loans of its kind; the legs of all pots together are three at
most, no product or house twice, and what they take each month shares one budget. With three legs
at most only one pot can have two: every other pot is met by one loan of its whole amount. So first
all sets of one loan a pot are compared, and then, for each loan that a pot of its own may still
have by the bounds of the others, the best two loans of the other pot are searched.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import numpy as np

from jiuding.services.offers.rules import bounds, combine, search
from jiuding.services.offers.rules.combine import SLACK, Found, Programme
from jiuding.services.offers.rules.search import Least

LEGS_MAX = 3
# Loans of a whole pot that are compared, by the number of pots; beyond it the bound stands.
SINGLES_MAX = {2: 400, 3: 120}
TIE = 1e-9  # of the value: floats differ by less, and fewer legs win


def least(
    p: Programme,
    term: np.ndarray,
    pot: np.ndarray,
    amounts: tuple[float, ...],
    is_late: Callable[[], bool],
    start: tuple[int, ...] = (),
) -> Least:
    """Return the plan of least weight that meets every pot's amount, and what is proven.

    Legs are places in `p`, whose arms stand pot by pot, in each in order of identity.
    """
    if len(np.unique(pot)) < len(amounts):
        return Least(None, math.inf)  # a pot that nothing serves
    known = settle(p, pot, amounts, start) if start else None
    singles = [_singles(p, term, pot, number, amount) for number, amount in enumerate(amounts)]
    best, done = known, True
    if all(len(places) for places in singles):
        one_each = _one_each(p, singles, amounts)
        found = settle(p, pot, amounts, one_each) if one_each else None
        best = found if _is_better(found, best) else best
        done = all(len(places) <= SINGLES_MAX[len(amounts)] for places in singles)
    if len(amounts) != 2:
        return Least(best, _value(best) if done else -math.inf)
    bound = _value(best)
    for whole, split in ((0, 1), (1, 0)):
        best, left = _with_two(p, term, pot, amounts, singles, (whole, split), best, is_late)
        bound = min(bound, left)
    proven = _value(best) if done and bound >= _value(best) else bound
    return Least(best, min(proven, _value(best)))


def _value(found: Found | None) -> float:
    return math.inf if found is None else found.value


def _is_better(found: Found | None, best: Found | None) -> bool:
    if found is None or best is None:
        return found is not None
    return found.value < best.value - TIE * abs(best.value)


def _singles(
    p: Programme, term: np.ndarray, pot: np.ndarray, number: int, amount: float
) -> np.ndarray:
    """Return the places that can meet a pot alone and that no better ones make needless."""
    places = np.flatnonzero((pot == number) & (p.low <= amount) & (p.high >= amount))
    places = places[p.instalment[places] * amount + p.monthly[places] <= p.budget + SLACK]
    if len(places) == 0:
        return places
    flat = np.full(len(places), amount)
    mine = replace(p.take(places), low=flat, high=flat, amount=amount, legs_max=LEGS_MAX)
    left = np.flatnonzero(bounds.undominated(mine, bounds.champions_of(mine, term[places])))
    if len(left) <= search.PRUNE_ABOVE:
        left = left[bounds.undominated(mine.take(left), np.arange(len(left)))]
    value = p.weight[places[left]] * amount + p.weight_fixed[places[left]]
    return places[left[np.argsort(value, kind="stable")]]


def _useful(
    p: Programme, term: np.ndarray, pot: np.ndarray, number: int, amount: float
) -> np.ndarray:
    """Return the places of a pot that dominance leaves."""
    places = np.flatnonzero(pot == number)
    mine = replace(p.take(places), amount=amount, legs_max=LEGS_MAX)
    places = places[bounds.undominated(mine, bounds.champions_of(mine, term[places]))]
    if len(places) <= search.PRUNE_ABOVE:
        mine = replace(p.take(places), amount=amount, legs_max=LEGS_MAX)
        places = places[bounds.undominated(mine, np.arange(len(places)))]
    return places


def _one_each(
    p: Programme, singles: list[np.ndarray], amounts: tuple[float, ...]
) -> tuple[int, ...] | None:
    """Return the best loans, one of a whole pot each, that may stand together."""
    grid = np.meshgrid(*(places[: SINGLES_MAX[len(amounts)]] for places in singles), indexing="ij")
    chosen = [axis.ravel() for axis in grid]
    value = sum(p.weight[c] * a + p.weight_fixed[c] for c, a in zip(chosen, amounts, strict=True))
    month = sum(p.instalment[c] * a + p.monthly[c] for c, a in zip(chosen, amounts, strict=True))
    fits = month <= p.budget + SLACK
    for one, other in combinations(chosen, 2):
        fits &= ~combine.conflict(p, one, other)
    value = np.where(fits, value, np.inf)
    at = int(np.argmin(value))
    return tuple(int(c[at]) for c in chosen) if np.isfinite(value[at]) else None


def _with_two(
    p: Programme,
    term: np.ndarray,
    pot: np.ndarray,
    amounts: tuple[float, ...],
    singles: list[np.ndarray],
    turn: tuple[int, int],
    best: Found | None,
    is_late: Callable[[], bool],
) -> tuple[Found | None, float]:
    """Return the best plan with one loan for the first pot of `turn` and two for the second.

    With it comes what is proven of all such plans that were not searched: inf where all were.
    """
    whole, split = turn
    places = _useful(p, term, pot, split, amounts[split])
    on_one_house = p.asset[places].min(initial=0) >= 0 and np.ptp(p.asset[places]) == 0
    if len(places) < 2 or len(singles[whole]) == 0 or on_one_house:
        return best, math.inf
    amount = amounts[whole]
    value = p.weight[singles[whole]] * amount + p.weight_fixed[singles[whole]]
    month = p.instalment[singles[whole]] * amount + p.monthly[singles[whole]]
    part = replace(p.take(places), amount=amounts[split], legs_max=2)
    room = replace(part, budget=p.budget - float(month.min()))
    prices = bounds.best_prices(room, zooms=1)
    lowest = bounds.lowest(room, bounds.starts_of(room), prices.budget, prices.amount)
    dearer = month[:, None] - float(month.min())
    floors = (value[:, None] + lowest[None, :] + prices.budget[None, :] * dearer).max(axis=1)
    for place in np.argsort(floors, kind="stable").tolist():
        if best is not None and floors[place] >= best.value - TIE * abs(best.value):
            break
        if is_late():
            return best, float(floors[place])
        leg = int(singles[whole][place])
        apart = ~combine.conflict(p, np.full(len(places), leg), places)
        mine = replace(part.take(apart), budget=p.budget - float(month[place]))
        found = search.least(
            mine, term[places][apart], is_late, ceiling=_value(best) - float(value[place])
        )
        if found.found is None:
            if found.bound < math.inf:
                return best, float(floors[place])
            continue
        legs = (leg, *(int(places[apart][each]) for each in found.found.legs))
        settled = settle(p, pot, amounts, legs)
        best = settled if _is_better(settled, best) else best
        if not found.is_proven:
            return best, float(floors[place])
    return best, math.inf


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
    for one, other in combinations(legs, 2):
        if combine.conflict(p, np.array([one]), np.array([other]))[0]:
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
    return Found(legs, tuple(units[leg] for leg in legs), value)
