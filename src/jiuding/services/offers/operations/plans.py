"""Planning: from a need and a library to the best ways to pay, within a stated time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from jiuding.base.clock import elapsed_ms
from jiuding.kernel.products import LoanProduct, Pack
from jiuding.services.offers.errors import PlanTooLarge, UnknownCurrency
from jiuding.services.offers.rules import law as law_rules
from jiuding.services.offers.types import (
    Explanation,
    Library,
    Need,
    Plan,
    PlanKind,
    PlanSet,
    Profile,
)

PRODUCTS_MAX = 1_000_000
GOALS_MAX = 3
SHELVES_KEPT = 4
REFUSALS_MAX = 6  # rounds in which a chosen leg turns out to break a rule

_shelves: OrderedDict[int, tuple[Any, Any]] = OrderedDict()


def lay_out(stock: Library | Sequence[LoanProduct]) -> Any:
    """Return a library as a shelf: columns ready to plan on. Some 20 µs a rate, once.

    Refuses: PlanTooLarge beyond a million products.
    """
    from jiuding.services.offers.rules import shelf

    listed = stock.products if isinstance(stock, Library) else stock
    if len(listed) > PRODUCTS_MAX:
        raise PlanTooLarge(
            f"{len(listed)} products; at most {PRODUCTS_MAX}", products_max=PRODUCTS_MAX
        )
    return shelf.shelf(listed)


def plan(
    need: Need,
    profile: Profile,
    stock: Any,
    *,
    on: date,
    pack: Pack | Mapping[str, Pack] | None = None,
    deadline_seconds: float = 1.0,
) -> PlanSet:
    """Return the cheapest, lightest and surest plan for a need, and why not the others.

    With weights in the need there is a weighted plan too. `stock` is a library, its products, or a
    shelf that `lay_out` made of them. `pack` holds the rules to enforce on the day `on`. When the
    time is over the best plan so far is returned with the gap that is proven. No plan is an answer
    too: `plans` is empty and `nearest` tells why.

    Refuses: UnknownCurrency, PlanTooLarge for too many products or goals.
    """
    from jiuding.services.offers.rules import explain, plans, rejections

    begun = time.perf_counter()
    shelf, law = _shelf_of(stock), _law(pack, on)
    _check(need)
    courses = plans.courses_of(shelf, need, profile, law)
    done = _decide(shelf, need, profile, law, courses, begun + deadline_seconds)
    found = _written(shelf, need, profile, done)
    rejected = rejections.rejections(shelf, need, profile, done)
    return PlanSet(
        plans=tuple(found.values()),
        rejected=rejected,
        ms=round(elapsed_ms(begun), 3),
        counts=rejected.counts(),
        nearest=None if found else explain.nearest(need, done),
    )


def _written(shelf: Any, need: Need, profile: Profile, done: Any) -> dict[PlanKind, Plan]:
    """Return the plans of an outcome, in the order of kinds."""
    from jiuding.services.offers.rules import plans

    return {
        kind: plans.plan_of(shelf, need, profile, kind, done)
        for kind in PlanKind
        if kind in done.choices
    }


def explain_plan(
    need: Need,
    profile: Profile,
    stock: Any,
    *,
    on: date,
    kind: PlanKind = PlanKind.CHEAPEST,
    pack: Pack | Mapping[str, Pack] | None = None,
    deadline_seconds: float = 1.0,
) -> Explanation:
    """Return what stands behind a plan: the runner-up, what would change it, what its rate is of.

    The runner-up is the best plan of the kind without the product that lends most. Each
    counterfactual is planned anew over the whole library: a tenth less borrowed, a tenth more a
    month, a year less, one or two years more, one loan only. Each of some seven plannings may take
    `deadline_seconds`. Without a plan there are counterfactuals alone.

    Refuses: as `plan` does.
    """
    explained = explain_plans(
        need, profile, stock, on=on, pack=pack, deadline_seconds=deadline_seconds
    )
    return explained.get(kind) or explained[PlanKind.CHEAPEST]


def explain_plans(
    need: Need,
    profile: Profile,
    stock: Any,
    *,
    on: date,
    found: PlanSet | None = None,
    pack: Pack | Mapping[str, Pack] | None = None,
    deadline_seconds: float = 1.0,
) -> dict[PlanKind, Explanation]:
    """Return the explanation of each kind of plan: `explain_plan` says of what.

    `found` is the answer to explain, where it is known; kinds share what is planned anew. Where
    there is no plan the explanation is of the cheapest kind.
    """
    from jiuding.base.amounts import CURRENCIES
    from jiuding.services.offers.rules import explain, plans

    _check(need)
    shelf, law = _shelf_of(stock), _law(pack, on)
    known: dict[Any, dict[PlanKind, Plan]] = {}
    if found is not None:
        known[need, ""] = {each.kind: each for each in found.plans}

    def planned(
        kind: PlanKind,
        changed: Need,
        name: Any = "",
        course_of: Callable[[Any], Any] = lambda course: course,
    ) -> Plan | None:
        if (changed, name) not in known:
            courses = plans.courses_of(shelf, changed, profile, law)
            courses = tuple(course_of(course) for course in courses)
            until = time.perf_counter() + deadline_seconds
            done = _decide(shelf, changed, profile, law, courses, until)
            known[changed, name] = _written(shelf, changed, profile, done)
        return known[changed, name].get(kind)

    def explained(kind: PlanKind, best: Plan | None) -> Explanation:
        again = partial(planned, kind)
        changes = tuple(explain.changes(need, profile, best, again))
        if best is None:
            return Explanation(None, None, changes, ())
        most = shelf.number_of(best.legs[0].place)
        runner_up = again(need, most, lambda course: plans.excluding(course, most))
        parts, fees = explain.waterfall(best, shelf, CURRENCIES[need.currency].scale)
        return Explanation(best, runner_up, changes, parts, fees)

    planned(PlanKind.CHEAPEST, need)
    best_of = dict(known[need, ""]) or {PlanKind.CHEAPEST: None}
    return {kind: explained(kind, best) for kind, best in best_of.items()}


def _decide(
    shelf: Any,
    need: Need,
    profile: Profile,
    law: law_rules.Law | None,
    courses: tuple[Any, ...],
    until: float,
) -> Any:
    """Return the outcome of courses within the law, by `until` on the performance counter.

    A chosen leg that turns out to break a rule with its own facts is taken out, and the rest is
    planned again, a stated number of times; after that nothing unlawful is returned either.
    """
    from jiuding.services.offers.rules import plans

    begun = time.perf_counter()

    def is_late(share: float) -> bool:
        return time.perf_counter() > begun + share * (until - begun)

    done = plans.outcome(shelf, need, profile, courses, is_late)
    for _ in range(REFUSALS_MAX):
        broken = plans.unlawful(shelf, need, done, law)
        if not broken:
            return done
        courses = tuple(plans.without(course, broken) for course in courses)
        done = plans.outcome(shelf, need, profile, courses, is_late)
    return plans.lawful_part(shelf, need, done, law)


def _check(need: Need) -> None:
    from jiuding.base.amounts import CURRENCIES

    if need.currency not in CURRENCIES:
        raise UnknownCurrency(
            f"{need.currency[:12]!r} is not a currency planned in; "
            f"these are: {', '.join(CURRENCIES)}",
            field="need.currency",
        )
    if len(need.goals) > GOALS_MAX:
        raise PlanTooLarge(f"{len(need.goals)} goals; at most {GOALS_MAX}", goals_max=GOALS_MAX)


def _law(pack: Pack | Mapping[str, Pack] | None, on: date) -> law_rules.Law | None:
    if pack is None:
        return None
    packs = {pack.jurisdiction: pack} if isinstance(pack, Pack) else pack
    return law_rules.Law(packs, on)


def _shelf_of(stock: Any) -> Any:
    """Return the shelf of a library, laid out once while it is in use."""
    from jiuding.services.offers.rules.shelf import Shelf

    if isinstance(stock, Shelf):
        return stock
    listed = stock.products if isinstance(stock, Library) else stock
    known = _shelves.get(id(listed))
    # The list itself is kept beside its shelf, so that its id cannot pass to another one.
    if known is not None and known[0] is listed and isinstance(listed, tuple):
        _shelves.move_to_end(id(listed))
        return known[1]
    shelf = lay_out(listed)
    _shelves[id(listed)] = (listed, shelf)
    while len(_shelves) > SHELVES_KEPT:
        _shelves.popitem(last=False)
    return shelf
