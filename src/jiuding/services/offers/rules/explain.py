"""Explain: why not the others, what binds, and what would change the answer. Codes and numbers.

The words that a customer reads are made of these by templates, in each language.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_UP, Decimal

import numpy as np

from jiuding.base.amounts import CURRENCIES
from jiuding.services.offers.rules import arms as pricing
from jiuding.services.offers.rules.arms import STAGES, USABLE
from jiuding.services.offers.rules.plans import Outcome, budget_of, monthly_rate
from jiuding.services.offers.rules.shelf import TERM_MONTHS_MAX, Shelf
from jiuding.services.offers.types import (
    Counterfactual,
    Nearest,
    Need,
    Plan,
    PlanKind,
    Profile,
    Rejection,
)

MONTHS_STEP = 12
COSTS_MORE = len(STAGES)
OVER_BUDGET = COSTS_MORE + 1
ABOVE_MAXIMUM = COSTS_MORE + 2
RULES = (*STAGES, "costs_more", "over_budget", "amount_above_maximum")


class Rejections(Sequence[Rejection]):
    """Why each product is in no plan, written out as it is read.

    Products that only cost more come first, the nearest before the others; then those that fail
    a rule, in the order of the library.
    """

    def __init__(
        self,
        stock: Shelf,
        need: Need,
        rule: np.ndarray,
        extra: np.ndarray,
        words: dict[int, tuple[str, str]],
        used: frozenset[int],
    ) -> None:
        self._stock, self._need, self._words = stock, need, words
        self._rule, self._extra = rule, extra
        places = np.delete(np.arange(len(rule)), sorted(used))
        group = np.where(rule[places] >= COSTS_MORE, rule[places], COSTS_MORE + 9)
        cost = np.where(rule[places] == COSTS_MORE, np.nan_to_num(extra[places], nan=1e18), 0.0)
        self._places = places[np.lexsort((places, cost, group))]

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return tuple(self._at(place) for place in self._places[index].tolist())
        return self._at(int(self._places[index]))

    def __iter__(self) -> Iterator[Rejection]:
        return (self._at(place) for place in self._places.tolist())

    def counts(self) -> dict[str, int]:
        """Return how many products each rule turned away."""
        found: dict[str, int] = {}
        codes, numbers = np.unique(self._rule[self._places], return_counts=True)
        for code, number in zip(codes.tolist(), numbers.tolist(), strict=True):
            if code not in (pricing.ELIGIBILITY, pricing.JURISDICTION):
                found[RULES[code]] = number
        worded = np.isin(self._rule[self._places], (pricing.ELIGIBILITY, pricing.JURISDICTION))
        for place in self._places[worded].tolist():
            rule = self._rule_of(place)
            found[rule] = found.get(rule, 0) + 1
        return found

    def sample(self, costlier_max: int, per_rule_max: int) -> tuple[Rejection, ...]:
        """Return the nearest that only cost more, and some of every other rule, written out."""
        ruled = self._rule[self._places]
        kept = [self._places[ruled == COSTS_MORE][:costlier_max]]
        for code in np.unique(ruled).tolist():
            if code != COSTS_MORE:
                kept.append(self._places[ruled == code][:per_rule_max])
        return tuple(self._at(place) for place in np.concatenate(kept).tolist())

    def _rule_of(self, place: int) -> str:
        code = int(self._rule[place])
        if code in (pricing.ELIGIBILITY, pricing.JURISDICTION, ABOVE_MAXIMUM):
            return self._words.get(place, (RULES[code], ""))[0]
        return RULES[code]

    def _at(self, place: int) -> Rejection:
        product = self._stock.products[place]
        return Rejection(
            product.product_id,
            product.lender,
            product.name,
            product.place,
            self._rule_of(place),
            self._detail(place),
        )

    def _detail(self, place: int) -> str:
        code, product, need = int(self._rule[place]), self._stock.products[place], self._need
        if place in self._words and code in (
            pricing.ELIGIBILITY, pricing.JURISDICTION, ABOVE_MAXIMUM
        ):  # fmt: skip
            return self._words[place][1]
        if code == COSTS_MORE and math.isnan(self._extra[place]):
            return "is in no combination that costs as little"
        if code == COSTS_MORE:
            return f"{self._money(self._extra[place])} {need.currency} more than the cheapest plan"
        if code == OVER_BUDGET:
            return f"takes {self._money(self._extra[place])} {need.currency} a month more than fits"
        if code == ABOVE_MAXIMUM:
            return f"lends at most {self._money(self._extra[place])} {need.currency}"
        return _DETAILS[RULES[code]](product, need)

    def _money(self, units: float) -> str:
        return f"{pricing.decimal_units(units, CURRENCIES[self._need.currency].scale)}"


def _span(need: Need) -> str:
    low, high = need.term_months_min, need.term_months_max
    return f"{low} months" if low == high else f"{low} to {high} months"


def _unquotable(product, need: Need) -> str:
    reasons = sorted({rate.unquotable or "not_quoted" for rate in product.rates})
    return ", ".join(reasons[:4]) or "publishes no rate"


_DETAILS = {
    "currency_differs": lambda p, n: f"lends {p.currency}, not {n.currency}",
    "purpose_not_served": lambda p, n: f"a {p.category.value} loan, not for {_purposes(n)}",
    "collateral_missing": lambda p, n: f"needs {' or '.join(p.collateral)} as security",
    "rate_not_quotable": _unquotable,
    "occupancy_differs": lambda p, n: "its rates are for investors",
    "term_out_of_range": lambda p, n: f"does not run for {_span(n)}",
    "term_beyond_fixed_period": lambda p, n: f"no fixed rate is stated to hold for {_span(n)}",
    "loan_to_value": lambda p, n: "no rate for this share of the home's value, as far as known",
    "amount_below_minimum": lambda p, n: f"lends from {p.amount_min or 'more'} {n.currency}",
    "limits_contradict": lambda p, n: "its limits leave no amount for this need",
}


def _purposes(need: Need) -> str:
    return ", ".join(dict.fromkeys(goal.purpose for goal in need.goals)) or need.purpose


def rejections(stock: Shelf, need: Need, done: Outcome, plans: Sequence[Plan]) -> Rejections:
    """Return why each product is in none of the plans, over all ways to group the goals.

    A product that could be used is judged alone: it cannot lend it all, it takes too much a
    month, or it costs more by the stated sum.
    """
    count = len(stock.products)
    rule = np.full(count, -1, dtype=np.int64)
    extra = np.zeros(count)
    words: dict[int, tuple[str, str]] = {}
    for course in done.courses:
        for filtered in course.filtered:
            stage = filtered.stage
            rule = np.where((stage == USABLE) | (rule == USABLE), USABLE, np.maximum(rule, stage))
            words.update(filtered.breaches)
    cheapest = done.choices[PlanKind.CHEAPEST].cost if done.choices else math.inf
    _judge_alone(stock, done, cheapest, rule, extra)
    wrong = {place for place in words if rule[place] not in _WORDED}
    used = frozenset(
        choice.course.arms.product[leg]
        for choice in done.choices.values()
        for leg in choice.found.legs
    )
    words = {place: pair for place, pair in words.items() if place not in wrong}
    return Rejections(stock, need, rule, extra, words, frozenset(int(place) for place in used))


_WORDED = (pricing.ELIGIBILITY, pricing.JURISDICTION, ABOVE_MAXIMUM)


def _judge_alone(
    stock: Shelf, done: Outcome, cheapest: float, rule: np.ndarray, extra: np.ndarray
) -> None:
    """Write into `rule` and `extra` how each usable product fares by itself."""
    count = len(stock.products)
    cost, month, most = np.full(count, np.inf), np.full(count, np.inf), np.zeros(count)
    for course in done.courses:
        for number, pot in enumerate(course.pots):
            arms = course.arms.take(course.pot == number)
            others = sum(other.units for other in course.pots) - pot.units
            fits = (arms.low <= pot.units) & (arms.high >= pot.units)
            takes = arms.instalment * pot.units + arms.monthly
            within = fits & (takes <= done.budget + 1e-3)
            np.maximum.at(most, arms.product, arms.high)
            np.minimum.at(month, arms.product[fits], takes[fits])
            value = arms.cost * pot.units + arms.cost_fixed
            if others == 0:
                np.minimum.at(cost, arms.product[within], value[within])
    usable = rule == USABLE
    # Several goals, or no plan at all: alone is no measure, so nothing is said of a sum.
    rule[usable], extra[usable] = COSTS_MORE, math.nan
    if not done.choices and math.isfinite(done.least_month):
        rule[usable], extra[usable] = OVER_BUDGET, done.least_month - done.budget
    finite = usable & np.isfinite(cost) & np.isfinite(cheapest)
    alone = usable & ~finite & np.isfinite(month) & (month > done.budget + 1e-3)
    part = usable & ~finite & ~np.isfinite(month)
    extra[finite] = np.maximum(np.round(cost[finite]) - np.round(cheapest), 0.0)
    rule[alone], extra[alone] = OVER_BUDGET, month[alone] - done.budget
    rule[part], extra[part] = ABOVE_MAXIMUM, most[part]


def nearest(need: Need, done: Outcome) -> Nearest:
    """Return what binds a need that nothing meets, and the nearest need that something meets.

    The month needed is the least that any combination takes. The amount that fits is what one
    loan can lend within the budget, at its best term.
    """
    scale = CURRENCIES[need.currency].scale
    usable = any(len(course.arms) for course in done.courses)
    months = None
    if math.isfinite(done.least_month):
        months = pricing.decimal_units(math.ceil(done.least_month), scale)
    amount = _amount_max(done)
    binds = "over_budget" if months is not None else "amount_above_maximum"
    if not usable:
        binds = "no_product"
    return Nearest(binds, months, pricing.decimal_units(amount, scale) if amount > 0 else None)


def _amount_max(done: Outcome) -> float:
    """Return the most, in units, that one loan lends within the budget, where there is one pot."""
    best = 0.0
    for course in done.courses:
        if len(course.pots) != 1 or not len(course.arms):
            continue
        arms = course.arms
        room = np.floor((done.budget - arms.monthly) / arms.instalment)
        most = np.minimum(room, arms.high)
        most = most[most >= arms.low]
        best = max(best, float(most.max(initial=0.0)))
    return best


def changes(
    need: Need, profile: Profile, best: Plan | None, cheapest: Callable[..., Plan | None]
) -> Iterator[Counterfactual]:
    """Yield what the cheapest plan would be if one thing were otherwise.

    `cheapest` plans a changed need, and takes how to change its courses. What cannot be changed
    (a budget that does not bind, a term below a month) is left out.
    """
    less = (need.amount / 10).quantize(Decimal(1), rounding=ROUND_UP)
    if not need.goals and less < need.amount:
        yield _change(
            "less_borrowed", less, replace(need, amount=need.amount - less), best, cheapest
        )
    if need.monthly_max is not None and need.monthly_max < budget_of(
        replace(need, monthly_max=None), profile
    ):
        more = (need.monthly_max / 10).quantize(Decimal(1), rounding=ROUND_UP)
        changed = replace(need, monthly_max=need.monthly_max + more)
        yield _change("monthly_more", more, changed, best, cheapest)
    low, high = need.term_months_min, need.term_months_max
    if low > MONTHS_STEP:
        shorter = replace(
            need,
            term_months_min=low - MONTHS_STEP,
            term_months_max=high if low < high else high - MONTHS_STEP,
        )
        yield _change("months_fewer", Decimal(MONTHS_STEP), shorter, best, cheapest)
    if high + MONTHS_STEP <= TERM_MONTHS_MAX:
        longer = replace(
            need,
            term_months_min=low if low < high else low + MONTHS_STEP,
            term_months_max=high + MONTHS_STEP,
        )
        yield _change("months_more", Decimal(MONTHS_STEP), longer, best, cheapest)
    if best is not None and len(best.legs) > 1 and not need.goals:
        one = cheapest(need, lambda course: replace(course, legs_max=1))
        yield _compared("one_loan", Decimal(1), one, best)


def _change(
    name: str, by: Decimal, changed: Need, best: Plan | None, cheapest: Callable[..., Plan | None]
) -> Counterfactual:
    return _compared(name, by, cheapest(changed), best)


def _compared(name: str, by: Decimal, other: Plan | None, best: Plan | None) -> Counterfactual:
    if other is None:
        return Counterfactual(name, by, None, None, None)
    saving = None if best is None else best.total_cost - other.total_cost
    return Counterfactual(name, by, other.total_cost, other.instalment, saving)


def waterfall(plan: Plan) -> tuple[tuple[str, Decimal], ...]:
    """Return what makes up a plan's true rate: interest, then what each kind of fee adds to it.

    The parts add up to the true rate; fees are taken in the order in which they are paid.
    """
    amount = float(sum((leg.amount for leg in plan.legs), Decimal(0)))
    interest = [(float(leg.instalment_exact), leg.term_months) for leg in plan.legs]
    once = float(sum((leg.fee_upfront for leg in plan.legs), Decimal(0)))
    bare = Decimal(f"{monthly_rate(amount, interest) * 12.0:.10f}")
    upfront = Decimal(f"{monthly_rate(amount - once, interest) * 12.0:.10f}")
    if not any(leg.fee_monthly for leg in plan.legs):
        upfront = plan.true_rate
    if not once:
        bare = upfront
    return (
        ("interest", bare),
        ("fee_upfront", upfront - bare),
        ("fee_monthly", plan.true_rate - upfront),
    )
