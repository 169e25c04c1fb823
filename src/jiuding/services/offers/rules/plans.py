"""Plans: the cheapest, the lightest and the surest way to pay for a need, with their proof.

- *cheapest* makes the total cost least: all payments and fees less the amount, undiscounted.
- *lightest* makes the first month's instalments and monthly fees least, then the cost.
- *surest* makes the joint chance of approval greatest. The chance is a stated score, not a
  measured probability: 0.95 for a lender who knows the customer and 0.90 for one who does not,
  times 0.98 for each open condition (six at most), times 0.95 where nothing secures the loan, all
  legs multiplied; times exp(-0.5 x the share of the affordable month that the plan takes). Equal
  chances go to the cheaper.

No input of any of them is what a lender pays for being shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product as cross

import numpy as np

from jiuding.base.amounts import CURRENCIES
from jiuding.services.offers.rules import arms as pricing
from jiuding.services.offers.rules import goals as joint
from jiuding.services.offers.rules import search
from jiuding.services.offers.rules.arms import Arms, Filtered, Pot
from jiuding.services.offers.rules.combine import Found, Programme
from jiuding.services.offers.rules.eligibility import conditions
from jiuding.services.offers.rules.law import Law
from jiuding.services.offers.rules.shelf import Shelf
from jiuding.services.offers.types import Leg, Need, Plan, PlanKind, Profile

LEGS_MAX = 3
CHANCE_KNOWN, CHANCE_NEW, CHANCE_OPEN, CHANCE_UNSECURED = 0.95, 0.90, 0.98, 0.95
OPEN_MAX = 6
HEADROOM_WEIGHT = 0.5
TIE_UNITS = 0.1  # of a currency's unit: what breaking ties may add to the least month
_TIE_WEIGHT = 1e-6  # of the cost's share of the amount: only breaks ties of the chance
_PLACES = Decimal("0.000001")

IsLate = Callable[[float], bool]
ROOT_STEPS_MAX = 200


@dataclass(frozen=True, slots=True)
class Course:
    """One way to group the goals into pots, with what each pot may use.

    `arms` are the arms of all pots, one pot after another; `pot` says whose each one is.
    """

    pots: tuple[Pot, ...]
    filtered: tuple[Filtered, ...]
    arms: Arms
    pot: np.ndarray
    legs_max: int = LEGS_MAX  # of a course with one pot; several pots always have three


@dataclass(frozen=True, slots=True)
class Choice:
    """A plan as places of arms and units, with its cost, its month, and a proven least."""

    course: Course
    found: Found
    cost: float
    month: float
    bound: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What planning found: a choice for each kind, or what the least month would have been."""

    choices: dict[PlanKind, Choice]
    courses: tuple[Course, ...]
    budget: float
    least_month: float
    least_cost: float


def budget_of(need: Need, profile: Profile) -> Decimal:
    """Return what instalments and monthly fees may take: min(limit, share of income less debts)."""
    affordable = profile.dsr_max * profile.income_monthly - profile.debts_monthly
    return affordable if need.monthly_max is None else min(affordable, need.monthly_max)


def courses_of(
    stock: Shelf, need: Need, profile: Profile, law: Law | None = None
) -> tuple[Course, ...]:
    """Return the ways to group a need's goals: goals in one pot share their loans."""
    scale = CURRENCIES[need.currency].scale
    goals = [(goal.purpose, int(goal.amount.scaleb(scale))) for goal in need.goals]
    goals = goals or [(need.purpose, int(need.amount.scaleb(scale)))]
    known: dict[Pot, Filtered] = {}
    courses = []
    for grouping in _groupings(goals):
        for pot in grouping:
            if pot not in known:
                known[pot] = pricing.price(stock, need, pot, profile, law)
        courses.append(_course(grouping, tuple(known[pot] for pot in grouping)))
    return tuple(courses)


def _groupings(goals: list[tuple[str, int]]) -> list[tuple[Pot, ...]]:
    """Return every way to put the goals into at most three pots of one kind of loan each."""
    found: dict[tuple[Pot, ...], None] = {}
    for labels in cross(range(LEGS_MAX), repeat=len(goals)):
        pots: dict[int, list[tuple[str, int]]] = {}
        for label, goal in zip(labels, goals, strict=True):
            pots.setdefault(label, []).append(goal)
        kinds = [{pricing.categories_of(purpose) for purpose, _ in pot} for pot in pots.values()]
        if all(len(kind) == 1 for kind in kinds):
            grouped = (
                Pot(tuple(sorted({purpose for purpose, _ in pot})), sum(units for _, units in pot))
                for pot in pots.values()
            )
            found[tuple(sorted(grouped, key=lambda pot: (pot.purposes, pot.units)))] = None
    return list(found)


def _course(pots: tuple[Pot, ...], filtered: tuple[Filtered, ...]) -> Course:
    columns = (
        np.concatenate([getattr(part.arms, name) for part in filtered]) for name in Arms.__slots__
    )
    sizes = [len(part.arms) for part in filtered]
    return Course(pots, filtered, Arms(*columns), np.repeat(np.arange(len(pots)), sizes))


def outcome(
    stock: Shelf,
    need: Need,
    profile: Profile,
    courses: tuple[Course, ...],
    is_late: IsLate,
) -> Outcome:
    """Return the best choice of each kind over all courses.

    `is_late` tells whether a share of the time allowed is over: most of it proves the cheapest.
    """
    scale = CURRENCIES[need.currency].scale
    budget = float(budget_of(need, profile).scaleb(scale))
    light = [choice for course in courses if (choice := _light(course, is_late)) is not None]
    light = [
        (_least_month(choice.course, is_late) or choice) if _is_near(choice, budget) else choice
        for choice in light
    ]
    months = [choice.month for choice in light]
    fitting = [choice for choice in light if choice.month <= budget + 1e-3]
    if not fitting:
        return Outcome({}, courses, budget, min(months, default=math.inf), math.inf)
    cheap = [_cheap(choice.course, choice, budget, is_late, 0.6) for choice in fitting]
    floor = min(choice.bound for choice in cheap)
    lightest = min(fitting, key=lambda choice: choice.month)
    sure = [_sure(stock, profile, choice, budget, is_late) for choice in cheap]
    choices = {
        PlanKind.CHEAPEST: min([*cheap, lightest], key=lambda choice: choice.cost),
        PlanKind.LIGHTEST: lightest,
        PlanKind.SUREST: min(sure, key=lambda pair: pair[0])[1],
    }
    return Outcome(choices, courses, budget, min(months), floor)


def _is_near(choice: Choice, budget: float) -> bool:
    """Tell whether only the weight of the cost can have put the month above the budget."""
    return budget < choice.month <= budget + 2 * TIE_UNITS


def _light(course: Course, is_late: IsLate) -> Choice | None:
    """Return the choice with the least first month, then the least cost; None where none fits.

    The cost is weighed so little that it moves the month by a tenth of a unit at most.
    """
    arms = course.arms
    if not len(arms):
        return None
    most = float((np.abs(arms.cost) * arms.high + np.abs(arms.cost_fixed)).max())
    tie = TIE_UNITS / max(LEGS_MAX * most, 1.0)
    weight = arms.instalment + tie * arms.cost
    fixed = arms.monthly + tie * arms.cost_fixed
    return _solve(course, weight, fixed, math.inf, lambda: is_late(0.3))


def _least_month(course: Course, is_late: IsLate) -> Choice | None:
    """Return the choice with the least first month, to the last fraction of a unit."""
    arms = course.arms
    return _solve(course, arms.instalment, arms.monthly, math.inf, lambda: is_late(0.3))


def _cheap(course: Course, start: Choice, budget: float, is_late: IsLate, share: float) -> Choice:
    """Return the choice of least cost within a budget, from one that is known to fit."""
    arms = course.arms
    choice = _solve(
        course, arms.cost, arms.cost_fixed, budget, lambda: is_late(share), start.found.legs
    )
    return choice or replace(start, bound=-math.inf)


def _sure(
    stock: Shelf, profile: Profile, start: Choice, budget: float, is_late: IsLate
) -> tuple[float, Choice]:
    """Return the choice with the greatest chance of approval, and its weight."""
    arms, total = start.course.arms, sum(pot.units for pot in start.course.pots)
    points = leg_points(stock, arms, profile)
    share = HEADROOM_WEIGHT / max(budget, 1.0)
    tie = _TIE_WEIGHT / total
    weight = share * arms.instalment + tie * arms.cost
    fixed = points + share * arms.monthly + tie * arms.cost_fixed
    found = _solve(start.course, weight, fixed, budget, lambda: is_late(1.0), start.found.legs)
    choice = found or start
    places = list(choice.found.legs)
    units = np.array(choice.found.units, dtype=float)
    return float((weight[places] * units + fixed[places]).sum()), choice


def leg_points(stock: Shelf, arms: Arms, profile: Profile) -> np.ndarray:
    """Return minus the logarithm of each arm's chance of approval: see the module's words."""
    banks = {bank.casefold() for bank in profile.existing_banks}
    known = np.array([lender in banks for lender in stock.lenders], dtype=bool)
    known = known[stock.lender[arms.product]]
    secured, opened = stock.secured[arms.product], stock.open_count[arms.product]
    points = np.where(known, -math.log(CHANCE_KNOWN), -math.log(CHANCE_NEW))
    points = points - math.log(CHANCE_OPEN) * np.minimum(opened, OPEN_MAX)
    return points - math.log(CHANCE_UNSECURED) * ~secured


def chance_of(stock: Shelf, choice: Choice, profile: Profile, budget: float) -> float:
    """Return the score of approval of a choice, between 0 and 1."""
    points = leg_points(stock, choice.course.arms.take(np.array(choice.found.legs)), profile)
    share = HEADROOM_WEIGHT * choice.month / max(budget, 1.0)
    return math.exp(-float(points.sum()) - share)


def _solve(
    course: Course,
    weight: np.ndarray,
    fixed: np.ndarray,
    budget: float,
    is_late: Callable[[], bool],
    start: tuple[int, ...] = (),
) -> Choice | None:
    """Return the choice of least weight within a budget, or None where nothing fits."""
    arms = course.arms
    amounts = tuple(float(pot.units) for pot in course.pots)
    houses = int(arms.asset.max(initial=-1)) + 1
    only_houses = len(arms) > 0 and bool((arms.asset >= 0).all())
    p = Programme(
        weight,
        fixed,
        arms.instalment,
        arms.monthly,
        arms.low,
        arms.high,
        arms.identity,
        arms.asset,
        amounts[0],
        budget,
        min(course.legs_max, houses) if only_houses else course.legs_max,
    )
    if len(amounts) == 1:
        result = search.least(p, arms.term, is_late, start)
    else:
        result = joint.least(p, arms.term, course.pot, amounts, is_late, start)
    if result.found is None:
        return None
    places = list(result.found.legs)
    units = np.array(result.found.units, dtype=float)
    cost = float((arms.cost[places] * units + arms.cost_fixed[places]).sum())
    month = float((arms.instalment[places] * units + arms.monthly[places]).sum())
    return Choice(course, result.found, cost, month, result.bound)


def unlawful(
    stock: Shelf, need: Need, done: Outcome, law: Law | None
) -> dict[tuple[int, int], tuple[str, str]]:
    """Return the chosen arms (row, term) that break a rule with their own facts, and the rule."""
    found: dict[tuple[int, int], tuple[str, str]] = {}
    if law is None:
        return found
    scale = CURRENCIES[need.currency].scale
    for choice in done.choices.values():
        arms = choice.course.arms
        for place, units in zip(choice.found.legs, choice.found.units, strict=True):
            leg = _leg(stock, choice.course, place, units, scale)
            product = stock.products[int(arms.product[place])]
            for purpose in leg.purposes:
                broken = law.broken(
                    product, purpose, need.currency, leg.amount, leg.term_months, leg.true_rate
                )
                if broken is not None:
                    found[int(arms.row[place]), leg.term_months] = broken
    return found


def lawful_part(stock: Shelf, need: Need, done: Outcome, law: Law | None) -> Outcome:
    """Return an outcome without the choices that have a leg that breaks a rule."""
    broken = unlawful(stock, need, done, law)
    kept = {
        kind: choice
        for kind, choice in done.choices.items()
        if not any(
            (int(choice.course.arms.row[leg]), int(choice.course.arms.term[leg])) in broken
            for leg in choice.found.legs
        )
    }
    return replace(done, choices=kept if PlanKind.CHEAPEST in kept else {})


def without(course: Course, broken: dict[tuple[int, int], tuple[str, str]]) -> Course:
    """Return a course without the arms that break a rule; their products say which."""
    filtered = []
    for part in course.filtered:
        arms, stage, breaches = part.arms, part.stage.copy(), dict(part.breaches)
        keep = np.ones(len(arms), dtype=bool)
        for (row, term), rule in broken.items():
            hit = (arms.row == row) & (arms.term == term)
            keep &= ~hit
            for place in np.unique(arms.product[hit]).tolist():
                if not (keep & (arms.product == place)).any():
                    stage[place], breaches[place] = pricing.JURISDICTION, rule
        filtered.append(Filtered(arms.take(keep), stage, breaches))
    return _course(course.pots, tuple(filtered))


def excluding(course: Course, product: int) -> Course:
    """Return a course without any arm of one product, by its place in the shelf."""
    filtered = tuple(
        replace(part, arms=part.arms.take(part.arms.product != product)) for part in course.filtered
    )
    return replace(_course(course.pots, filtered), legs_max=course.legs_max)


def plan_of(stock: Shelf, need: Need, profile: Profile, kind: PlanKind, done: Outcome) -> Plan:
    """Return the plan that a choice is, in the need's currency, with what is proven of it."""
    scale = CURRENCIES[need.currency].scale
    choice = done.choices[kind]
    legs = tuple(
        _leg(stock, choice.course, place, units, scale)
        for place, units in zip(choice.found.legs, choice.found.units, strict=True)
    )
    legs = tuple(sorted(legs, key=lambda leg: (-leg.amount, leg.place)))
    total = sum(pot.units for pot in choice.course.pots)
    # Whole units of each leg cost less than one unit a leg more than amounts that are not whole.
    above = choice.cost - done.least_cost
    gap = 0.0 if above < 0.5 else above / total
    instalment = sum((leg.instalment_exact + leg.fee_monthly_exact for leg in legs), Decimal(0))
    return Plan(
        kind=kind,
        legs=legs,
        total_cost=pricing.decimal_units(choice.cost, scale),
        true_rate=_rate(_joint_rate(choice, legs, scale)),
        instalment=round_money(instalment, scale),
        gap=Decimal(gap).quantize(_PLACES) if math.isfinite(gap) else Decimal(1),
        proven=gap == 0.0,
        chance=_rate(chance_of(stock, choice, profile, done.budget)),
    )


def _leg(stock: Shelf, course: Course, place: int, units: int, scale: int) -> Leg:
    """Return one leg from its arm and its whole units."""
    arms = course.arms
    row, where = int(arms.row[place]), int(arms.product[place])
    product = stock.products[where]
    index, term = int(stock.rate_index[row]), int(arms.term[place])
    published = next(rate for rate in product.rates if rate.index == index)
    amount = pricing.decimal_units(units, scale)
    instalment = Decimal(float(arms.instalment[place]) * units).scaleb(-scale)
    monthly = Decimal(float(arms.monthly[place])).scaleb(-scale)
    upfront = stock.upfront[row] + stock.upfront_fraction[row] * float(amount)
    once = round_money(Decimal(float(upfront)), scale)
    paid = float(instalment + monthly)
    return Leg(
        product_id=product.product_id,
        lender=product.lender,
        product_name=product.name,
        product_version=product.version,
        place=product.place,
        rate_index=index,
        rate=published.rate or Decimal(0),
        amount=amount,
        term_months=term,
        instalment=round_money(instalment, scale),
        fee_upfront=once,
        fee_monthly=round_money(monthly, scale),
        true_rate=_rate(monthly_rate(float(amount - once), [(paid, term)]) * 12.0),
        conditions=conditions(product),
        instalment_exact=instalment.quantize(_PLACES),
        fee_monthly_exact=monthly.quantize(_PLACES),
        purposes=course.pots[int(course.pot[place])].purposes,
    )


def _joint_rate(choice: Choice, legs: tuple[Leg, ...], scale: int) -> float:
    """Return twelve times the monthly internal rate of all legs' cash flow together."""
    arms, unit = choice.course.arms, 10.0**scale
    received = float(sum((leg.amount - leg.fee_upfront for leg in legs), Decimal(0)))
    streams = [
        (float(arms.instalment[place] * units + arms.monthly[place]) / unit, int(arms.term[place]))
        for place, units in zip(choice.found.legs, choice.found.units, strict=True)
    ]
    return monthly_rate(received, streams) * 12.0


def monthly_rate(received: float, streams: list[tuple[float, int]]) -> float:
    """Return the monthly rate at which level payments (each, months) are worth what is received.

    The value falls as the rate rises, so bisection finds the one root. It is inf where nothing
    is received, and -1 where nothing is paid.
    """
    if received <= 0:
        return math.inf
    low, high = -0.5, 1.0

    def worth(rate: float) -> float:
        if abs(rate) < 1e-12:
            return sum(paid * months for paid, months in streams)
        return sum(
            paid * -math.expm1(-months * math.log1p(rate)) / rate for paid, months in streams
        )

    while worth(high) > received and high < 1e6:
        low, high = high, high * 4.0
    return _root(worth, received, low, high)


def _root(worth: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Return where a falling function meets a target between two bounds, to the last bit or so.

    Regula falsi with Illinois' halving: as sure as bisection, some ten steps instead of ninety.
    """
    above, below, side = worth(low) - target, worth(high) - target, 0
    for _ in range(ROOT_STEPS_MAX):
        middle = (low * below - high * above) / (below - above) if below != above else low
        if not low < middle < high:
            middle = (low + high) / 2.0
        value = worth(middle) - target
        if abs(value) <= 1e-13 * abs(target) or high - low <= 1e-15 * max(1.0, abs(high)):
            return middle
        if value > 0:
            low, above = middle, value
            below, side = (below / 2.0 if side > 0 else below), 1
        else:
            high, below = middle, value
            above, side = (above / 2.0 if side < 0 else above), -1
    return (low + high) / 2.0


def _rate(value: float) -> Decimal:
    """Return a rate as a decimal with ten places; nothing received has no rate."""
    return Decimal(f"{value:.10f}") if math.isfinite(value) else Decimal("Infinity")


def round_money(value: Decimal, scale: int) -> Decimal:
    """Return money to the currency's unit, half to even."""
    return value.quantize(Decimal(1).scaleb(-scale))
