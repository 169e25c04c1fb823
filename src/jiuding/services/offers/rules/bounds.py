"""Bounds: what no plan can beat, and which arms no best plan needs.

Two safe ways to drop arms. *Dominance*: an arm that is no better anywhere than arms of as many
other products as a plan may have legs, or than another arm of its own product, can always be
replaced. *Lagrange*: with a price on the amount and a price on the budget the arms fall apart, and
the sum of the best few is a bound from below; an arm whose own bound exceeds a plan already found
is in no better one. Source: Geoffrion, Lagrangean relaxation for integer programming (1974).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jiuding.services.offers.rules.combine import Programme

CHAMPIONS = 24  # arms that each term sends to the first round of dominance
PRICES = 12  # budget prices tried at once
ROUNDS = 26  # of golden section on the amount's price
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True)
class Prices:
    """Multipliers on budget and amount, one pair a column, and the bound that each proves."""

    budget: np.ndarray
    amount: np.ndarray
    bound: np.ndarray


def undominated(p: Programme, champions: np.ndarray) -> np.ndarray:
    """Return a mask of the arms that the champions (places) do not make needless.

    Arm a beats arm b when it covers b's limits and is at either end of them no worse in weight
    nor in month; ties go to the lower place, so that of equals one stays.
    """
    champions = champions[np.argsort(p.identity[champions], kind="stable")]
    starts = np.flatnonzero(np.r_[True, p.identity[champions][1:] != p.identity[champions][:-1]])
    keep = np.ones(len(p), dtype=bool)
    size = max(1, 2_000_000 // max(1, len(champions)))
    for begin in range(0, len(p), size):
        part = np.arange(begin, min(begin + size, len(p)))
        beats = _beats(p, champions[:, None], part[None, :])
        own = (beats & (p.identity[champions][:, None] == p.identity[part][None, :])).any(axis=0)
        rivals = np.logical_or.reduceat(beats, starts, axis=0).sum(axis=0)
        keep[part] = ~(own | (rivals >= p.legs_max))
    return keep


def _beats(p: Programme, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Tell for a grid of arms whether a can stand in for b wherever b stands."""
    result = (p.low[a] <= p.low[b]) & (p.high[a] >= p.high[b]) & (p.asset[a] == p.asset[b])
    equal = (p.low[a] == p.low[b]) & (p.high[a] == p.high[b])
    for slope, fixed in ((p.weight, p.weight_fixed), (p.instalment, p.monthly)):
        for end in (p.low, p.high):
            one, other = slope[a] * end[b] + fixed[a], slope[b] * end[b] + fixed[b]
            result &= one <= other
            equal &= one == other
    return result & (~equal | (a < b))


def champions_of(p: Programme, term: np.ndarray) -> np.ndarray:
    """Return the arms most likely to beat others: the best of each term at several amounts."""
    chosen: set[int] = set()
    for months in np.unique(term):
        places = np.flatnonzero(term == months)
        for share in (1.0, 0.5, 0.2):
            x = np.clip(p.amount * share, p.low[places], p.high[places])
            price = (p.weight[places] * x + p.weight_fixed[places]) / x
            price = price + (p.high[places] < p.amount * share) * 1e6
            count = min(CHAMPIONS // 3, len(places))
            chosen.update(places[np.argpartition(price, count - 1)[:count]].tolist())
    return np.array(sorted(chosen))


def by_identity(p: Programme) -> tuple[np.ndarray, np.ndarray]:
    """Return an order of the arms by product, and where each product starts in it."""
    order = np.argsort(p.identity, kind="stable")
    sorted_identity = p.identity[order]
    return order, np.flatnonzero(np.r_[True, sorted_identity[1:] != sorted_identity[:-1]])


def reduced(p: Programme, budget_price: np.ndarray, amount_price: np.ndarray) -> np.ndarray:
    """Return what each arm adds to each bound at its best amount: prices by arms."""
    price = budget_price[:, None]
    slope = p.weight[None, :] + price * p.instalment[None, :] - amount_price[:, None]
    x = np.where(slope < 0, p.high[None, :], p.low[None, :])
    return slope * x + p.weight_fixed[None, :] + price * p.monthly[None, :]


def base(p: Programme, budget_price: np.ndarray, amount_price: np.ndarray) -> np.ndarray:
    """Return the part of each pair of prices' bound that no arm changes."""
    paid = budget_price * p.budget if np.isfinite(p.budget) else 0.0
    return amount_price * p.amount - paid


def lowest(p: Programme, budget_price: np.ndarray, amount_price: np.ndarray) -> np.ndarray:
    """Return the bound that each pair of prices proves; `p` stands in order of identity."""
    _, starts = by_identity(p)
    least = np.minimum.reduceat(reduced(p, budget_price, amount_price), starts, axis=1)
    count = min(p.legs_max, least.shape[1])
    few = np.sort(np.partition(least, count - 1, axis=1)[:, :count], axis=1)
    legs = few[:, 0] + np.minimum(few[:, 1:], 0.0).sum(axis=1)
    return base(p, budget_price, amount_price) + legs


def best_prices(p: Programme) -> Prices:
    """Return prices whose bounds are high: for each budget price the best price of the amount.

    Without a budget that binds, one price of nought is enough. `p` stands in order of identity.
    """
    if not np.isfinite(p.budget):
        return _amount_prices(p, np.zeros(1))
    spread = float(np.ptp(p.weight)) / max(float(np.ptp(p.instalment)), 1e-9)
    top = max(spread, 1.0) * 64.0
    first = _amount_prices(p, np.r_[0.0, np.geomspace(top / 4096.0, top, PRICES - 1)])
    peak = int(np.argmax(first.bound))
    low = first.budget[max(peak - 1, 0)]
    high = first.budget[min(peak + 1, PRICES - 1)]
    second = _amount_prices(p, np.linspace(low, high, PRICES))
    peak = int(np.argmax(second.bound))
    low = second.budget[max(peak - 1, 0)]
    high = second.budget[min(peak + 1, PRICES - 1)]
    third = _amount_prices(p, np.linspace(low, high, PRICES))
    keep = np.r_[first.bound, second.bound, third.bound]
    best = np.argsort(-keep)[:PRICES]
    join = (np.r_[first.budget, second.budget, third.budget][best],)
    return Prices(join[0], np.r_[first.amount, second.amount, third.amount][best], keep[best])


def _amount_prices(p: Programme, budget_price: np.ndarray) -> Prices:
    """Return the best price of the amount for each budget price; the bound is concave in it."""
    price = budget_price[:, None]
    marginal = p.weight[None, :] + price * p.instalment[None, :]
    fixed = np.abs(p.weight_fixed[None, :] + price * p.monthly[None, :]) / np.maximum(
        np.minimum(p.high, p.amount), 1.0
    )
    low = (marginal - fixed).min(axis=1) - 1e-9
    high = (marginal + fixed).max(axis=1) + 1e-9
    high = high + 2.0 * (high - low)  # large arms are wanted only where the amount is dear
    one = high - _GOLDEN * (high - low)
    two = low + _GOLDEN * (high - low)
    at_one, at_two = lowest(p, budget_price, one), lowest(p, budget_price, two)
    for _ in range(ROUNDS):
        left = at_one >= at_two
        high, low = np.where(left, two, high), np.where(left, low, one)
        new = np.where(left, high - _GOLDEN * (high - low), low + _GOLDEN * (high - low))
        value = lowest(p, budget_price, new)
        one, two = np.where(left, new, two), np.where(left, one, new)
        at_one, at_two = np.where(left, value, at_two), np.where(left, at_one, value)
    amount = np.where(at_one >= at_two, one, two)
    return Prices(budget_price, amount, np.maximum(at_one, at_two))


def needed(p: Programme, prices: Prices, ceiling: float) -> np.ndarray:
    """Return a mask of the arms that could be in a plan below the ceiling.

    `p` stands in order of identity. An arm's own bound takes it for certain, and with it the best
    of other products where they help.
    """
    _, starts = by_identity(p)
    own = reduced(p, prices.budget, prices.amount)
    least = np.minimum.reduceat(own, starts, axis=1)
    count = min(p.legs_max, least.shape[1])
    order = np.argpartition(least, count - 1, axis=1)[:, :count]
    few = np.take_along_axis(least, order, axis=1)
    turn = np.argsort(few, axis=1)
    few, order = np.take_along_axis(few, turn, axis=1), np.take_along_axis(order, turn, axis=1)
    negative = np.minimum(few, 0.0)
    group = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(p)]))
    others = negative[:, : p.legs_max - 1].sum(axis=1)[:, None] * np.ones((1, len(p)))
    for place in range(min(p.legs_max - 1, count)):
        mine = group[None, :] == order[:, place][:, None]
        spare = negative[:, p.legs_max - 1] if count == p.legs_max else 0.0
        instead = others - negative[:, place][:, None]
        instead = instead + (spare[:, None] if count == p.legs_max else 0.0)
        others = np.where(mine, instead, others)
    bound = base(p, prices.budget, prices.amount)[:, None] + own + others
    return (bound <= ceiling).all(axis=0)
