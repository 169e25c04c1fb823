"""The search itself: corners, bounds and pruning against trying everything."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from jiuding.services.offers.rules import bounds, combine, search
from jiuding.services.offers.rules.combine import Programme


def random_programme(rng, count: int, tight: bool = True) -> tuple[Programme, np.ndarray]:
    """Return arms with small limits and a budget near the least month, so that legs must mix."""
    rate = rng.uniform(0.0, 0.3, count)
    term = rng.choice((12.0, 24.0, 36.0, 60.0), count)
    month = rate / 12
    payment = np.where(month > 0, month / -np.expm1(-term * np.log1p(month)), 1 / term)
    amount = 2_000_000.0
    low = rng.choice((1.0, 50_000.0, 300_000.0, 700_000.0), count)
    high = np.minimum(low + rng.choice((100_000.0, 600_000.0, 1_500_000.0, 2e6), count), amount)
    once, monthly = rng.uniform(0, 60_000, count), rng.choice((0.0, 500.0, 1200.0), count)
    identity = np.sort(rng.integers(0, max(4, count * 2 // 3), count))
    least = (payment * amount + monthly).min()
    budget = float(least * rng.uniform(0.95, 1.5)) if tight else np.inf
    asset = np.full(count, -1)
    weight = term * payment - 1
    programme = Programme(
        weight, once + term * monthly, payment, monthly, low, high, identity, asset,
        amount, budget, 3,
    )  # fmt: skip
    return programme, term


def least_by_corners(p: Programme, legs: tuple[int, ...]) -> float:
    """Return the least over every corner of the amounts, solved as linear systems."""
    count, best = len(legs), np.inf
    rows = [(np.ones(count), p.amount)]
    planes = [
        (np.eye(count)[n], bound[leg]) for n, leg in enumerate(legs) for bound in (p.low, p.high)
    ]
    month = np.array([p.instalment[leg] for leg in legs])
    room = p.budget - sum(p.monthly[leg] for leg in legs)
    if np.isfinite(room):
        planes.append((month, room))
    for active in itertools.combinations(planes, count - 1):
        matrix = np.array([row for row, _ in (*rows, *active)])
        if abs(np.linalg.det(matrix)) < 1e-12:
            continue
        x = np.linalg.solve(matrix, np.array([value for _, value in (*rows, *active)]))
        inside = all(
            p.low[leg] - 1e-3 <= v <= p.high[leg] + 1e-3 for leg, v in zip(legs, x, strict=True)
        )
        if inside and month @ x <= room + 1e-3:
            value = sum(
                p.weight[leg] * v + p.weight_fixed[leg] for leg, v in zip(legs, x, strict=True)
            )
            best = min(best, value)
    return best


def test_a_triple_is_priced_at_its_cheapest_corner():
    assert sum(cases_bound_by_budget(seed) for seed in range(6)) > 20


def cases_bound_by_budget(seed: int) -> int:
    """Check every triple of one programme; return for how many of them the budget binds."""
    rng = np.random.default_rng(seed)
    bound_by_budget = 0
    p, _ = random_programme(rng, 14)
    chosen = [
        legs
        for legs in itertools.combinations(range(14), 3)
        if len(set(p.identity[list(legs)])) == 3
    ]
    columns = [np.array(column) for column in zip(*chosen, strict=True)]
    values = combine.triples(p, *columns)
    for legs, value in zip(chosen, values, strict=True):
        expected = least_by_corners(p, legs)
        assert np.isfinite(value) == np.isfinite(expected), legs
        if np.isfinite(value):
            assert abs(value - expected) < 0.5
            settled = combine.settle(p, legs)
            assert settled is not None
            assert sum(settled.units) == p.amount
            assert value - 0.5 <= settled.value <= value + 2.0
            free = combine.triples(
                Programme(*(getattr(p, n) for n in p.__slots__[:8]), p.amount, np.inf, 3),
                *(np.array([leg]) for leg in legs),
            )
            bound_by_budget += int(value > free[0] + 1)
    return bound_by_budget


@pytest.mark.parametrize("seed", range(30))
def test_pruned_and_bounded_search_finds_what_trying_everything_finds(seed):
    rng = np.random.default_rng(100 + seed)
    p, term = random_programme(rng, 70, tight=seed % 5 > 0)
    found = search.least(p, term, lambda: False)
    first, second, third = (
        np.array(c) for c in zip(*itertools.combinations(range(70), 3), strict=True)
    )
    values = np.concatenate(
        (
            combine.singles(p),
            combine.pairs(p, *np.triu_indices(70, 1))[0],
            combine.triples(p, first, second, third),
        )
    )
    expected = float(values.min())
    if not np.isfinite(expected):
        assert found.found is None
        assert found.bound == np.inf
        return
    assert found.is_proven
    assert expected - 0.01 <= found.found.value <= expected + 2.0
    legs = np.array(found.found.legs)
    assert len(set(p.identity[legs])) == len(legs)
    month = (p.instalment[legs] * np.array(found.found.units) + p.monthly[legs]).sum()
    assert month <= p.budget + 0.001


@pytest.mark.parametrize("seed", range(12))
def test_no_bound_exceeds_the_least_and_no_needed_arm_is_dropped(seed):
    rng = np.random.default_rng(300 + seed)
    p, term = random_programme(rng, 40)
    found = search.least(p, term, lambda: False)
    if found.found is None:
        return
    prices = bounds.best_prices(p, zooms=2)
    assert prices.bound.max() <= found.found.value + 1e-3
    kept, bound = bounds.needed(p, prices, found.found.value + 1.0)
    assert bound <= found.found.value + 1e-3
    assert kept[list(found.found.legs)].all()
    # An arm's own bound never exceeds the best plan that is made to use it.
    columns = [np.array(c) for c in zip(*itertools.combinations(range(40), 3), strict=True)]
    values = combine.triples(p, *columns)
    for arm in range(0, 40, 5):
        uses = np.logical_or.reduce([column == arm for column in columns])
        best = values[uses].min()
        if np.isfinite(best):
            assert bounds.needed(p, prices, best + 1e-3)[0][arm]


@pytest.mark.parametrize("seed", range(20))
def test_what_one_price_leaves_out_is_in_no_combination_below_the_ceiling(seed):
    rng = np.random.default_rng(900 + seed)
    p, _ = random_programme(rng, 22, tight=seed % 4 > 0)
    pairs = [np.array(c) for c in zip(*itertools.combinations(range(22), 2), strict=True)]
    triples = [np.array(c) for c in zip(*itertools.combinations(range(22), 3), strict=True)]
    tried = (
        ([np.arange(22)], combine.singles(p)),
        (pairs, combine.pairs(p, *pairs)[0]),
        (triples, combine.triples(p, *triples)),
    )
    values = np.concatenate([value for _, value in tried])
    values = np.sort(values[np.isfinite(values)])
    if len(values) == 0:
        return
    # Prices that nobody chose well: one after another they drop arms, and never a needed one.
    budget = rng.uniform(0.0, 30.0, 5) * np.isfinite(p.budget)
    prices = bounds.Prices(budget, rng.uniform(-0.1, 0.6, 5), np.zeros(5))
    good = bounds.best_prices(p, zooms=1)
    for chosen in (prices, good):
        for ceiling in (values[0] + 1e-3, values[len(values) // 4] + 1e-3):
            kept, bound = bounds.needed(p, chosen, float(ceiling))
            assert bound <= values[0] + 1e-3
            for legs, value in tried:
                below = value <= ceiling - 2e-3
                assert all(kept[leg[below]].all() for leg in legs)


def test_a_hurried_search_gives_a_plan_and_an_honest_bound():
    rng = np.random.default_rng(7)
    p, term = random_programme(rng, 300)
    patient = search.least(p, term, lambda: False)
    hurried = search.least(p, term, lambda: True)
    assert patient.is_proven
    assert hurried.bound <= patient.found.value + 1e-3
    assert hurried.found is None or hurried.found.value >= patient.found.value - 1e-3


@pytest.mark.parametrize("seed", range(40))
def test_dominance_keeps_a_best_plan(seed):
    rng = np.random.default_rng(500 + seed)
    p, _ = random_programme(rng, 26, tight=seed % 3 > 0)
    # Alike arms make dominance bite: few rates and terms, the same limits for many.
    every = np.arange(len(p))
    p = p.take(np.sort(rng.choice(every, len(p))))
    limits = np.where(rng.random(len(p)) < 0.7, 1.0, p.low)
    p = Programme(
        p.weight, p.weight_fixed, p.instalment, p.monthly, limits,
        np.where(limits == 1.0, p.amount * rng.choice((0.4, 0.6)), p.high), np.arange(len(p)),
        p.asset, p.amount, p.budget, 3,
    )  # fmt: skip
    kept = np.flatnonzero(bounds.undominated(p, np.arange(len(p))))
    assert least_of_all(p.take(kept)) == pytest.approx(least_of_all(p), abs=1e-3)


def least_of_all(p: Programme) -> float:
    """Return the least over every single, pair and triple."""
    values = [combine.singles(p)]
    for legs, price in (
        (2, lambda *c: combine.pairs(p, *c)[0]),
        (3, lambda *c: combine.triples(p, *c)),
    ):
        chosen = list(itertools.combinations(range(len(p)), legs))
        if chosen:
            values.append(price(*(np.array(c) for c in zip(*chosen, strict=True))))
    return float(np.concatenate(values).min(initial=np.inf))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("legs", [2, 3])
def test_no_combination_that_the_bounds_leave_room_for_is_passed_over(seed, legs, monkeypatch):
    monkeypatch.setattr(search, "CHUNK", 50)
    rng = np.random.default_rng(700 + seed)
    p, _ = random_programme(rng, 18)
    prices = bounds.best_prices(p, zooms=1)
    screen = search._Screen(p, np.arange(18), prices)
    ceiling = float(screen.peak_base + np.quantile(screen.own, 0.4) * legs)
    best = search._Best(p, (), ceiling)
    tried = set()
    monkeypatch.setattr(
        search, "_offer_best", lambda p, columns, best: tried.update(zip(*columns, strict=True))
    )
    assert search._try_screened(p, screen, legs, best, lambda: False)
    tried = {tuple(sorted(map(int, each))) for each in tried}
    wanted = {
        each
        for each in itertools.combinations(range(18), legs)
        if all(
            base + sum(own[np.argsort(screen.places)[list(each)]]) <= ceiling
            for own, base in zip(screen.others, screen.base, strict=True)
        )
    }
    assert wanted <= tried
    assert wanted


@pytest.mark.parametrize("seed", range(12))
def test_the_longer_a_search_may_look_the_closer_its_bound_and_never_above_the_least(
    seed, monkeypatch
):
    # Small chunks, so that a search of this size is interrupted in the middle.
    monkeypatch.setattr(search, "CHUNK", 40)
    monkeypatch.setattr(search, "GUESSED", 3)
    rng = np.random.default_rng(seed)
    p, term = random_programme(rng, 120)
    patient = search.least(p, term, lambda: False)
    least = np.inf if patient.found is None else patient.found.value
    bounds_found = []
    for looks in (0, 1, 3, 10, 100):
        left = iter(range(looks))
        hurried = search.least(p, term, lambda left=left: next(left, None) is None)
        assert hurried.bound <= least + 1e-3
        if hurried.found is not None:
            assert hurried.bound <= hurried.found.value + 1e-3
            assert hurried.found.value >= least - 1e-3
        bounds_found.append(hurried.bound)
    assert bounds_found == sorted(bounds_found)
