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

CHAMPIONS = 168  # arms that are priced first: some of each term
_SHARES = (1.0, 0.4, 0.15)  # of the amount, at which arms are compared
PRICES = 12  # budget prices tried at once
ROUNDS = 18  # of golden section on the amount's price
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True)
class Prices:
    """Multipliers on budget and amount, one pair a column, and the bound that each proves."""

    budget: np.ndarray
    amount: np.ndarray
    bound: np.ndarray

    def first(self, count: int) -> Prices:
        """Return the prices of the highest bounds."""
        best = np.argsort(-self.bound)[:count]
        return Prices(self.budget[best], self.amount[best], self.bound[best])


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
    """Return the arms most likely to win: the best of each term at several amounts."""
    present = np.flatnonzero(np.bincount(term.astype(np.int64)))
    months = [np.flatnonzero(term == month) for month in present]
    each = max(3, CHAMPIONS // len(months) // len(_SHARES))
    chosen = []
    for share in _SHARES:
        x = np.minimum(np.maximum(p.amount * share, p.low), p.high)
        price = p.weight_fixed / x
        price += p.weight
        price[p.high < p.amount * share] += 1e6
        for places in months:
            count = min(each, len(places))
            chosen.append(places[np.argpartition(price[places], count - 1)[:count]])
    return np.unique(np.concatenate(chosen))


def starts_of(p: Programme) -> np.ndarray:
    """Return where each product starts; the arms stand in order of identity."""
    changes = np.flatnonzero(p.identity[1:] != p.identity[:-1]) + 1
    return np.concatenate((np.zeros(1, dtype=changes.dtype), changes))


def reduced(p: Programme, budget_price: np.ndarray, amount_price: np.ndarray) -> np.ndarray:
    """Return what each arm adds to each bound at its best amount: prices by arms."""
    price = budget_price[:, None]
    slope = price * p.instalment[None, :]
    slope += p.weight[None, :]
    slope -= amount_price[:, None]
    slope *= np.where(slope < 0, p.high[None, :], p.low[None, :])
    slope += price * p.monthly[None, :]
    slope += p.weight_fixed[None, :]
    return slope


def base(p: Programme, budget_price: np.ndarray, amount_price: np.ndarray) -> np.ndarray:
    """Return the part of each pair of prices' bound that no arm changes."""
    paid = budget_price * p.budget if np.isfinite(p.budget) else 0.0
    return amount_price * p.amount - paid


def lowest(
    p: Programme, starts: np.ndarray, budget_price: np.ndarray, amount_price: np.ndarray
) -> np.ndarray:
    """Return the bound that each pair of prices proves; `starts` says where products start."""
    least = np.minimum.reduceat(reduced(p, budget_price, amount_price), starts, axis=1)
    count = min(p.legs_max, least.shape[1])
    few = np.partition(least, count - 1, axis=1)[:, :count]
    first = few.min(axis=1)
    legs = np.minimum(few, 0.0).sum(axis=1) + np.maximum(first, 0.0)
    return base(p, budget_price, amount_price) + legs


def best_prices(p: Programme, zooms: int) -> Prices:
    """Return prices whose bounds are high: for each budget price the best price of the amount.

    Each zoom tries a finer grid around the best so far. Without a budget one price of nought is
    enough. `p` stands in order of identity.
    """
    starts = starts_of(p)
    if not np.isfinite(p.budget):
        return _amount_prices(p, starts, np.zeros(1))
    spread = float(np.ptp(p.weight)) / max(float(np.ptp(p.instalment)), 1e-9)
    top = max(spread, 1e-6) * 64.0
    grid = np.concatenate((np.zeros(1), np.geomspace(top / 4096.0, top, PRICES - 1)))
    found = _amount_prices(p, starts, grid)
    for _ in range(zooms):
        turn = np.argsort(found.budget, kind="stable")
        peak = int(np.argmax(found.bound[turn]))
        low = found.budget[turn][max(peak - 1, 0)]
        high = found.budget[turn][min(peak + 1, len(turn) - 1)]
        finer = _amount_prices(p, starts, np.linspace(low, high, PRICES))
        columns = (
            np.concatenate((getattr(found, name), getattr(finer, name)))
            for name in Prices.__slots__
        )
        found = Prices(*columns)
    return found.first(PRICES)


def _amount_prices(p: Programme, starts: np.ndarray, budget_price: np.ndarray) -> Prices:
    """Return the best price of the amount for each budget price, by golden section.

    The bound is concave in the price; large arms are wanted only where the amount is dear, so the
    search begins wider than any arm's own price.
    """
    price = budget_price[:, None]
    marginal = p.weight[None, :] + price * p.instalment[None, :]
    fixed = np.abs(p.weight_fixed[None, :] + price * p.monthly[None, :]) / p.high[None, :]
    low = (marginal - fixed).min(axis=1) - 1e-9
    high = (marginal + fixed).max(axis=1) + 1e-9
    high = high + 2.0 * (high - low)
    one = high - _GOLDEN * (high - low)
    two = low + _GOLDEN * (high - low)
    at_one = lowest(p, starts, budget_price, one)
    at_two = lowest(p, starts, budget_price, two)
    for _ in range(ROUNDS):
        left = at_one >= at_two
        high, low = np.where(left, two, high), np.where(left, low, one)
        new = np.where(left, high - _GOLDEN * (high - low), low + _GOLDEN * (high - low))
        value = lowest(p, starts, budget_price, new)
        one, two = np.where(left, new, two), np.where(left, one, new)
        at_one, at_two = np.where(left, value, at_two), np.where(left, at_one, value)
    amount = np.where(at_one >= at_two, one, two)
    return Prices(budget_price, amount, np.maximum(at_one, at_two))


def needed(p: Programme, prices: Prices, ceiling: float) -> tuple[np.ndarray, float]:
    """Return a mask of the arms that could be in a plan below the ceiling, and the best bound.

    `p` stands in order of identity. An arm's own bound takes it for certain, and with it the best
    of other products where they help. What one price leaves out is in no plan below the ceiling,
    so the next price need not ask it: each bound is on the plans below the ceiling.
    """
    bases = base(p, prices.budget, prices.amount)
    kept, part, bound = np.arange(len(p)), p, -np.inf
    for turn in range(len(bases)):
        if len(kept) == 0:
            break
        mine, closer = _needed_at(part, prices, turn, ceiling - float(bases[turn]))
        bound = max(bound, float(bases[turn]) + closer)
        if not mine.all():
            kept, part = kept[mine], part.take(np.flatnonzero(mine))
    keep = np.zeros(len(p), dtype=bool)
    keep[kept] = True
    return keep, float(bound)


def _needed_at(p: Programme, prices: Prices, turn: int, room: float) -> tuple[np.ndarray, float]:
    """Return a mask of the arms whose own bound at one price is within a room, and the bound."""
    own = reduced(p, prices.budget[turn : turn + 1], prices.amount[turn : turn + 1])[0]
    starts = starts_of(p)
    least = np.minimum.reduceat(own, starts)
    legs = min(p.legs_max, len(least))
    top = np.argpartition(least, legs - 1)[:legs]
    top = top[np.argsort(least[top])]
    value = np.minimum(least[top], 0.0)
    spare = value[p.legs_max - 1] if legs == p.legs_max else 0.0
    others = value[: p.legs_max - 1].sum()
    keep = own <= room - others
    ends = np.append(starts[1:], len(p))
    # The best products themselves are joined by one other instead of by themselves.
    for place, mine in zip(top[: p.legs_max - 1], value[: p.legs_max - 1], strict=True):
        arms = slice(starts[place], ends[place])
        keep[arms] = own[arms] + others + spare - mine <= room
    return keep, float(least[top[0]] + value[1:].sum())
