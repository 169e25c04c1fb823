"""Every aim against brute force: thousands of needs small enough to try every combination.

The judge shares no code with the planner. It prices the products from their published terms and
tries, for every set of one to three arms, every corner of the amounts: where limits meet each
other or the budget. A linear aim has its least at one of them. `JIUDING_PLAN_CASES` sets how many.
"""

from __future__ import annotations

import itertools
import math
import os
import random
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from jiuding.kernel.products import (
    Category,
    Eligibility,
    Fee,
    FeeTiming,
    LoanProduct,
    RateKind,
    RateTerm,
    Repayment,
    Tier,
    TierUnit,
)
from jiuding.services.offers.operations.plans import plan
from jiuding.services.offers.types import Collateral, Need, PlanKind, Profile, Weights

ON = date(2026, 11, 23)
CASES = int(os.environ.get("JIUDING_PLAN_CASES", "3600"))
BLOCKS = 12
ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True)
class PlainArms:
    """Arms as columns: money is in currency, not in its unit."""

    identity: np.ndarray
    house: np.ndarray  # which house secures it; -1 where none must
    term: np.ndarray
    rate: np.ndarray
    part: np.ndarray  # fees, as a share of the loan
    once: np.ndarray
    monthly: np.ndarray
    low: np.ndarray
    high: np.ndarray
    points: np.ndarray  # minus the logarithm of the chance, without the month's share

    @property
    def payment(self) -> np.ndarray:
        return annuity(self.rate, self.term)

    def cost(self, discount: float) -> tuple[np.ndarray, np.ndarray]:
        """Return slope and fixed part of all payments' value today less the amount."""
        worth = 1 / annuity(np.full(len(self.term), discount), self.term)
        return worth * self.payment - 1 + self.part, self.once + worth * self.monthly

    def chance(self, budget: float) -> tuple[np.ndarray, np.ndarray]:
        share = 0.5 / budget
        return share * self.payment, self.points + share * self.monthly


def annuity(rate: np.ndarray, term: np.ndarray) -> np.ndarray:
    month = np.where(rate == 0, 1e-12, rate / 12)
    return np.where(rate == 0, 1 / term, month / (1 - (1 + month) ** -term))


def random_products(rng: random.Random, count: int) -> tuple[LoanProduct, ...]:
    listed = []
    for place in range(count):
        rates = []
        for index in range(rng.choice((1, 1, 2))):
            fixed = rng.random() < 0.3
            low = rng.choice((0, 2000, 5000))
            tiers = (Tier(TierUnit.MONEY, Decimal(low), Decimal(low + 9000)),)
            rates.append(
                RateTerm(
                    index,
                    RateKind.FIXED if fixed else RateKind.VARIABLE,
                    Decimal(rng.choice((0, rng.randrange(100, 2500)))) / 10_000,
                    Repayment.PRINCIPAL_AND_INTEREST,
                    fixed_months=rng.choice((24, 60)) if fixed else None,
                    tiers=tiers if rng.random() < 0.25 else (),
                )
            )
        fees = (
            Fee("once", FeeTiming.UPFRONT, Decimal(rng.choice((0, -90, rng.randrange(600))))),
            Fee("part", FeeTiming.UPFRONT, None, Decimal(rng.choice((0, 0, 12))) / 1000),
            Fee("month", FeeTiming.MONTHLY, Decimal(rng.choice((0, 0, 9))), every_months=1),
        )
        asks = tuple(
            Eligibility("words", f"q{n}", f"question {n}") for n in range(rng.randrange(9))
        )
        listed.append(
            LoanProduct(
                product_id=f"p{place}", lender=f"Bank {place % 3}", name="Loan",
                category=Category.PERSONAL, currency="AUD", jurisdiction="au",
                rates=tuple(rates), fees=fees,
                amount_min=Decimal(rng.choice((500, 1000, 4000))),
                amount_max=Decimal(rng.choice((6000, 9000, 14000, 60000))),
                term_months_min=None, term_months_max=rng.choice((None, 36)), purposes=(),
                collateral=rng.choice(((), (), ("car",), ("house",))), eligibility=asks,
                place=place, version=f"v{place}",
            )
        )  # fmt: skip
    return tuple(listed)


def random_case(seed: int) -> tuple[tuple[LoanProduct, ...], Need, Profile]:
    rng = random.Random(seed)
    products = random_products(rng, rng.choice((1, 2, 3, 4, 5, 6, 6, 9)))
    amount = rng.choice((7000.0, 12345.67, 20000.0))
    low = rng.choice((18, 24, 36))
    high = low + rng.choice((0, 0, 0, 12))
    weights = None
    if rng.random() < 0.6:
        weights = Weights(*(Decimal(rng.choice((0, 1, 4, 20))) for _ in range(3)))
        weights = None if weights == Weights() else weights
    need = Need(
        "car", Decimal(str(amount)), "AUD", low, high,
        Decimal(round(amount / high * rng.uniform(1.0, 1.4), 2)).quantize(Decimal("0.01"))
        if rng.random() < 0.7 else None,
        discount_rate_pa=rng.choice((None, ZERO, Decimal(rng.randrange(1, 3000)) / 10_000)),
        weights=weights,
    )  # fmt: skip
    houses = tuple(Collateral("house", Decimal(10**6)) for _ in range(rng.choice((0, 1, 2))))
    profile = Profile(
        35, "citizen", Decimal(4000), Decimal(100), Decimal("0.5"),
        collateral=houses, existing_banks=("bank 1",),
    )  # fmt: skip
    return products, need, profile


def plain_arms(products, need: Need, profile: Profile) -> PlainArms:
    """Price each product at each rate, term and house, by its own words."""
    terms = {need.term_months_min, need.term_months_max}
    terms |= {n for n in range(need.term_months_min, need.term_months_max) if n % 12 == 0}
    houses, rows = len(profile.collateral), []
    for product in products:
        once, part, monthly = product.fees
        points = -math.log(0.95 if product.lender == "Bank 1" else 0.90)
        points -= min(len(product.eligibility), 6) * math.log(0.98)
        points -= 0 if product.collateral else math.log(0.95)
        on = range(houses) if product.collateral == ("house",) else (-1,)
        for rate, term, house in itertools.product(product.rates, terms, on):
            if rate.fixed_months is not None and term > rate.fixed_months:
                continue
            if term > (product.term_months_max or 999):
                continue
            low, high = product.amount_min, min(product.amount_max, need.amount)
            for tier in rate.tiers:
                low, high = max(low, tier.minimum), min(high, tier.maximum)
            if low > high:
                continue
            fees = (part.fraction, max(once.amount, 0), monthly.amount)
            rows.append((product.place, house, term, rate.rate, *fees, low, high, points))
    table = np.array([[float(value) for value in row] for row in rows]).reshape(-1, 10).T
    return PlainArms(*table)


def corners(arms: PlainArms, legs: tuple[np.ndarray, ...], amount: float, budget: float):
    """Yield amounts of every set of legs at each corner; what is no corner may lie outside."""
    a = [arms.payment[leg] for leg in legs]
    ends = [(arms.low[leg], arms.high[leg]) for leg in legs]
    room = budget - sum(arms.monthly[leg] for leg in legs)
    if len(legs) == 1:
        yield (np.full(len(legs[0]), amount),)
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        if len(legs) == 2:
            for x in (*ends[0], *(amount - end for end in ends[1])):
                yield x, amount - x
            x = (room - a[1] * amount) / (a[0] - a[1])
            yield x, amount - x
            return
        for i, j, k in ((0, 1, 2), (0, 2, 1), (1, 2, 0)):
            for x, y in itertools.product(ends[i], ends[j]):
                found = {i: x, j: y, k: amount - x - y}
                yield found[0], found[1], found[2]
        for i, j, k in ((0, 1, 2), (1, 0, 2), (2, 0, 1)):
            for x in ends[i]:
                rest = amount - x
                y = (room - a[i] * x - a[k] * rest) / (a[j] - a[k])
                found = {i: x, j: y, k: rest - y}
                yield found[0], found[1], found[2]


def brute_force(arms: PlainArms, amount: float, budget: float, aims) -> list[float]:
    """Return the least of each aim (slope, fixed) over every set of arms; inf where none fits."""
    best = [math.inf] * len(aims)
    for count in (1, 2, 3):
        if len(arms.term) < count:
            break
        sets = np.array(list(itertools.combinations(range(len(arms.term)), count))).T
        apart = np.ones(sets.shape[1], dtype=bool)
        for one, other in itertools.combinations(sets, 2):
            apart &= arms.identity[one] != arms.identity[other]
            apart &= (arms.house[one] < 0) | (arms.house[one] != arms.house[other])
        legs = tuple(leg[apart] for leg in sets)
        if not len(legs[0]):
            continue
        for x in corners(arms, legs, amount, budget):
            lent = list(zip(legs, x, strict=True))
            month = sum(arms.payment[leg] * v + arms.monthly[leg] for leg, v in lent)
            fits = month <= budget + 1e-6
            for leg, v in lent:
                fits &= (v >= arms.low[leg] - 1e-7) & (v <= arms.high[leg] + 1e-7)
            if not fits.any():
                continue
            for number, (slope, fixed) in enumerate(aims):
                value = sum(slope[leg] * v + fixed[leg] for leg, v in lent)
                best[number] = min(best[number], float(value[fits].min()))
    return best


def check(seed: int) -> set[PlanKind]:
    """Compare every plan of one case with the best there is; return the kinds that there were."""
    products, need, profile = random_case(seed)
    found = plan(need, profile, products, on=ON, deadline_seconds=60)
    arms, amount = plain_arms(products, need, profile), float(need.amount)
    budget = float(min(need.monthly_max or 1900, 1900))
    cost = arms.cost(float(need.discount_rate_pa or 0))
    month, chance = (arms.payment, arms.monthly), arms.chance(budget)
    aims = [cost, month, chance]
    if need.weights is not None:
        parts = [float(each) for each in (need.weights.cost, need.weights.instalment)]
        parts += [float(need.weights.certainty)]
        c, i, s = (each / sum(parts) for each in parts)
        aims.append(
            tuple(c / amount * cost[n] + i / budget * month[n] + s * chance[n] for n in (0, 1))
        )
    least = brute_force(arms, amount, budget, aims)
    if least[0] == math.inf:
        assert found.plans == (), seed
        assert found.nearest.binds != "time", seed
        return set()
    plans = {each.kind: each for each in found.plans}
    assert list(plans) == list(PlanKind)[: len(aims)], seed
    assert plans[PlanKind.CHEAPEST].proven, seed
    for each in found.plans:
        paid = each.total_cost if need.discount_rate_pa is None else each.present_cost
        above = float(paid) - least[0]
        assert above >= -0.03, (seed, each.kind)
        assert abs(float(each.gap_amount) - above) < 0.04, (seed, each.kind)
        assert abs(float(each.gap) * amount - float(each.gap_amount)) < 0.03, (seed, each.kind)
        assert (each.gap_rate == 0) == each.proven, (seed, each.kind)
    paid = plans[PlanKind.CHEAPEST]
    paid = paid.total_cost if need.discount_rate_pa is None else paid.present_cost
    assert abs(float(paid) - least[0]) <= 0.03, seed
    assert abs(float(plans[PlanKind.LIGHTEST].instalment) - least[1]) <= 0.02, seed
    assert abs(-math.log(plans[PlanKind.SUREST].chance) - least[2]) < 1e-5, seed
    if need.weights is not None:
        own = plans[PlanKind.WEIGHTED]
        assert abs(float(own.objective) - least[3]) < 1e-5, seed
        assert own.objective_gap == 0, seed
    return set(plans)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_aim_is_met_as_well_as_trying_everything_meets_it(block):
    each = CASES // BLOCKS
    kinds = [check(seed) for seed in range(block * each, (block + 1) * each)]
    assert sum(PlanKind.WEIGHTED in found for found in kinds) > each // 5
    assert sum(not found for found in kinds) > each // 20
