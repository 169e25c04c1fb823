"""Plans: the best way to pay for a need by each aim (see `aims`), with what is proven of it.

A need's goals are grouped into pots in every way; each way is a *course*, searched on its own. The
best over all courses is the answer, and the least of their bounds is what no plan can beat.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_UP, Decimal
from itertools import product as cross

import numpy as np

from jiuding.base.amounts import CURRENCIES
from jiuding.services.offers.rules import aims, search
from jiuding.services.offers.rules import arms as pricing
from jiuding.services.offers.rules import goals as joint
from jiuding.services.offers.rules.aims import LEGS_MAX, TIE_UNITS, Aim
from jiuding.services.offers.rules.arms import Arms, Filtered, Pot
from jiuding.services.offers.rules.combine import Found, Programme
from jiuding.services.offers.rules.law import Broken, Law
from jiuding.services.offers.rules.legs import PLACES, leg_of, monthly_rate, rate_of, round_money
from jiuding.services.offers.rules.shelf import Shelf
from jiuding.services.offers.types import Leg, Need, Plan, PlanKind, Profile

SLACK = 1e-3  # units a month: what a sum of floats may add to a budget
SHARES = {PlanKind.LIGHTEST: 0.3, PlanKind.CHEAPEST: 0.6}  # of the time, by when each is done

IsLate = Callable[[float], bool]


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
    """A plan as places of arms and units, with what it costs, its month, and its present cost."""

    course: Course
    found: Found
    cost: float
    month: float
    present: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What planning found: a choice for each kind, or what the least month would have been.

    `least_cost` and `least_objective` are values that no plan's present cost and weighted
    objective can be below. Without choices, `is_certain` says whether it is proven that none fits.
    """

    choices: dict[PlanKind, Choice]
    courses: tuple[Course, ...]
    budget: float
    least_month: float
    least_cost: float
    objective: float = math.inf  # of the weighted choice, as `aims.weighted` counts
    least_objective: float = -math.inf
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class _Start:
    """A course that may have a plan within the budget, with one where it is known."""

    course: Course
    choice: Choice | None


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
    if len(filtered) == 1:
        arms = filtered[0].arms
        return Course(pots, filtered, arms, np.zeros(len(arms), dtype=np.int64))
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
    starts, least_month = _starts(courses, budget, is_late)
    light = [start.choice for start in starts if start.choice is not None]
    if not light:
        return Outcome({}, courses, budget, least_month, math.inf, is_certain=not starts)
    total = float(sum(pot.units for pot in courses[0].pots))
    rest = 1.0 if need.weights is None else 0.8
    late = (lambda: is_late(SHARES[PlanKind.CHEAPEST])), (lambda: is_late(rest))
    cheap, floor = _best(starts, aims.present, budget, late[0])

    def sure_of(arms: Arms) -> Aim:
        return aims.sure(stock, arms, profile, budget, total)

    lightest = min(light, key=lambda choice: choice.month)
    cheapest = min([*_found(cheap), lightest], key=lambda choice: choice.present)
    choices = {PlanKind.CHEAPEST: cheapest, PlanKind.LIGHTEST: lightest}
    sure, _ = _best(cheap, sure_of, budget, late[1])
    choices[PlanKind.SUREST] = _least(sure, sure_of)
    done = Outcome(choices, courses, budget, least_month, floor)
    return (
        done if need.weights is None else _with_weights(stock, need, profile, cheap, done, is_late)
    )


def _with_weights(
    stock: Shelf,
    need: Need,
    profile: Profile,
    starts: list[_Start],
    done: Outcome,
    is_late: IsLate,
) -> Outcome:
    """Return an outcome with the choice that the customer's own weights make the best."""
    total = float(sum(pot.units for pot in done.courses[0].pots))

    def aim_of(arms: Arms) -> Aim:
        return aims.weighted(stock, arms, profile, need.weights, done.budget, total)

    found, floor = _best(starts, aim_of, done.budget, lambda: is_late(1.0))
    known = [_Start(choice.course, choice) for choice in done.choices.values()]
    choice = _least([*found, *known], aim_of)
    value = _value(choice, aim_of)
    choices = {**done.choices, PlanKind.WEIGHTED: choice}
    return replace(done, choices=choices, objective=value, least_objective=floor)


def _starts(
    courses: tuple[Course, ...], budget: float, is_late: IsLate
) -> tuple[list[_Start], float]:
    """Return the courses that may fit a budget, and the least month found in all.

    Each comes with its lightest choice; without one where none was found, but one may exist.
    """
    starts, least_month = [], math.inf
    for course in courses:
        if not len(course.arms):
            continue
        late = lambda: is_late(SHARES[PlanKind.LIGHTEST])  # noqa: E731
        choice, bound = _solve(course, aims.light(course.arms), math.inf, late)
        floor = bound - TIE_UNITS
        if choice is not None and budget < choice.month <= budget + 2 * TIE_UNITS:
            # Only the weight of the cost can have put the month above the budget.
            least, floor = _solve(course, aims.month(course.arms), math.inf, late)
            choice = least or choice
        if choice is not None:
            least_month = min(least_month, choice.month)
        if choice is not None and choice.month <= budget + SLACK:
            starts.append(_Start(course, choice))
        elif floor <= budget + SLACK:
            starts.append(_Start(course, None))
    return starts, least_month


def _found(starts: list[_Start]) -> list[Choice]:
    return [start.choice for start in starts if start.choice is not None]


def _least(starts: list[_Start], aim_of: Callable[[Arms], Aim]) -> Choice:
    """Return the choice that is the least by an aim, the first of equals."""
    return min(
        _found(starts),
        key=lambda choice: _value(choice, aim_of),
    )


def _value(choice: Choice, aim_of: Callable[[Arms], Aim]) -> float:
    """Return what a choice comes to by an aim that judges every arm by itself."""
    legs = choice.found.legs
    return aim_of(choice.course.arms.take(list(legs))).of(range(len(legs)), choice.found.units)


def _best(
    starts: list[_Start], aim_of: Callable[[Arms], Aim], budget: float, is_late: Callable[[], bool]
) -> tuple[list[_Start], float]:
    """Return each course with its best choice by an aim, and what no plan of all can beat."""
    better, floor = [], math.inf
    for start in starts:
        aim = aim_of(start.course.arms)
        legs = start.choice.found.legs if start.choice is not None else ()
        choice, bound = _solve(start.course, aim, budget, is_late, legs)
        if choice is None and start.choice is not None:
            choice, bound = start.choice, -math.inf
        better.append(_Start(start.course, choice))
        if choice is None or bound < aim.of(choice.found.legs, choice.found.units):
            bound = max(bound, _lowest(start.course, aim))
        floor = min(floor, bound)
    return better, floor


def _lowest(course: Course, aim: Aim) -> float:
    """Return a value that no plan of a course is below: each pot at its arms' least a unit.

    On an arm a unit counts slope + fixed/x, which is least at an end of its limits.
    """
    arms, value = course.arms, 0.0
    per_unit = aim.slope + np.minimum(aim.fixed / arms.low, aim.fixed / arms.high)
    for number, pot in enumerate(course.pots):
        value += pot.units * float(per_unit[course.pot == number].min(initial=math.inf))
    return value


def _solve(
    course: Course,
    aim: Aim,
    budget: float,
    is_late: Callable[[], bool],
    start: tuple[int, ...] = (),
) -> tuple[Choice | None, float]:
    """Return the choice of least weight within a budget, and what is proven of the least.

    Without a choice the bound is inf where it is proven that nothing fits.
    """
    arms = course.arms
    amounts = tuple(float(pot.units) for pot in course.pots)
    houses = int(arms.asset.max(initial=-1)) + 1
    only_houses = len(arms) > 0 and bool((arms.asset >= 0).all())
    p = Programme(
        aim.slope,
        aim.fixed,
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
        return None, result.bound
    legs, units = result.found.legs, result.found.units
    cost, month, present = (
        each(arms).of(legs, units) for each in (aims.paid, aims.month, aims.present)
    )
    return Choice(course, result.found, cost, month, present), result.bound


def unlawful(
    stock: Shelf, need: Need, done: Outcome, law: Law | None
) -> dict[tuple[int, int], Broken]:
    """Return the chosen arms (row, term) that break a rule with their own facts, and the rule."""
    found: dict[tuple[int, int], Broken] = {}
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


def without(course: Course, broken: dict[tuple[int, int], Broken]) -> Course:
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
    above = choice.present - done.least_cost
    above = 0.0 if above < 0.5 else above
    instalment = sum((leg.instalment_exact + leg.fee_monthly_exact for leg in legs), Decimal(0))
    chance = _value(choice, lambda arms: aims.uncertainty(stock, arms, profile, done.budget))
    true_rate, gap_rate = _rates(choice, legs, need, above)
    plan = Plan(
        kind=kind,
        legs=legs,
        total_cost=pricing.decimal_units(choice.cost, scale),
        true_rate=true_rate,
        instalment=round_money(instalment, scale),
        gap=Decimal(above / total).quantize(PLACES),
        proven=above == 0.0,
        chance=rate_of(math.exp(-chance)),
        gap_amount=Decimal(above).scaleb(-scale).quantize(Decimal(1).scaleb(-scale), ROUND_UP),
        gap_rate=gap_rate,
    )
    if need.discount_rate_pa is not None:
        plan = replace(plan, present_cost=pricing.decimal_units(choice.present, scale))
    if kind is PlanKind.WEIGHTED:
        short = done.objective - done.least_objective
        short = 0.0 if short <= search.TOLERANCE + search.TIE * abs(done.objective) else short
        parts = rate_of(done.objective / total), rate_of(short / total)
        plan = replace(plan, objective=parts[0], objective_gap=parts[1])
    return plan


def _leg(stock: Shelf, course: Course, place: int, units: int, scale: int) -> Leg:
    purposes = course.pots[int(course.pot[place])].purposes
    return leg_of(stock, course.arms, place, units, scale, purposes)


def _rates(
    choice: Choice, legs: tuple[Leg, ...], need: Need, above: float
) -> tuple[Decimal, Decimal]:
    """Return twelve times the monthly internal rate of all legs' cash flow, and the gap in it.

    The gap is what the rate would fall by if every month were less, in proportion, by what the
    cost is above its proven least (`above`, units).
    """
    arms, unit = choice.course.arms, 10.0 ** CURRENCIES[need.currency].scale
    received = float(sum((leg.amount - leg.fee_upfront for leg in legs), Decimal(0)))
    streams = [
        (float(arms.instalment[place] * units + arms.monthly[place]) / unit, int(arms.term[place]))
        for place, units in zip(choice.found.legs, choice.found.units, strict=True)
    ]
    rate = monthly_rate(received, streams) * 12.0
    if above == 0.0 or not math.isfinite(rate):
        return rate_of(rate), Decimal(0) if above == 0.0 else Decimal("Infinity")
    # Cost above the least, by which each month is less, is counted as the cost itself is.
    months = np.array([term for _, term in streams], dtype=float)
    discount = np.array(float(need.discount_rate_pa or 0))
    worth = float(
        (np.array([paid for paid, _ in streams]) / pricing.annuity(discount, months)).sum()
    )
    share = max(0.0, 1.0 - above / unit / worth)
    lower = monthly_rate(received, [(paid * share, term) for paid, term in streams]) * 12.0
    return rate_of(rate), rate_of(rate - lower)
