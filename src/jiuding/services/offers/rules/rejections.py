"""Rejections: why each product is in no plan, as a rule, its English words, and its figures.

The figures by rule, beside the words made of them: `costs_more` {extra, currency} (in present value
where the need has a discount rate), empty where a product alone is no measure; `over_budget`
{monthly_extra, currency}; `amount_above_maximum` and `amount_below_minimum` {amount, amount_max or
amount_min, currency}; `currency_differs` {lends, wanted}; `purpose_not_served` {category,
purposes}; `collateral_missing` {collateral}; `rate_not_quotable` {reasons}; `occupancy_differs`
{occupancy}; `term_out_of_range` {months_min, months_max, product_months_min, product_months_max};
`term_beyond_fixed_period` {months_min, months_max, fixed_months_max}; `loan_to_value` {share_max,
per cent, where the product states one}; `eligibility.…` {required, stated, words}; a jurisdiction's
rule {fact, limit}, {amount_max, currency} or {rate_max}; `limits_contradict` and `undecided` none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from jiuding.base.amounts import CURRENCIES
from jiuding.kernel.products import Eligibility, LoanProduct
from jiuding.services.offers.rules import arms as pricing
from jiuding.services.offers.rules.arms import STAGES, USABLE
from jiuding.services.offers.rules.eligibility import eligibility_breach, loan_to_value_max
from jiuding.services.offers.rules.law import Broken
from jiuding.services.offers.rules.plans import SLACK, Outcome
from jiuding.services.offers.rules.shelf import Shelf
from jiuding.services.offers.types import Need, PlanKind, Profile, Rejection

COSTS_MORE = len(STAGES)
OVER_BUDGET = COSTS_MORE + 1
ABOVE_MAXIMUM = COSTS_MORE + 2
UNDECIDED = COSTS_MORE + 3
RULES = (*STAGES, "costs_more", "over_budget", "amount_above_maximum", "undecided")
_WORDED = (pricing.ELIGIBILITY, pricing.JURISDICTION, ABOVE_MAXIMUM)
WORDS_MAX = 80  # characters of a lender's own words


class Rejections(Sequence[Rejection]):
    """Why each product is in no plan, written out as it is read.

    Products that only cost more come first, the nearest before the others; then those that fail
    a rule, in the order of the library.
    """

    def __init__(
        self,
        stock: Shelf,
        need: Need,
        profile: Profile,
        rule: np.ndarray,
        extra: np.ndarray,
        words: dict[int, Broken],
        used: frozenset[int],
    ) -> None:
        self._stock, self._need, self._profile, self._words = stock, need, profile, words
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
        if code in _WORDED and place in self._words:
            return self._words[place].rule
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
            self._figures(place),
        )

    def _detail(self, place: int) -> str:
        code, product, need = int(self._rule[place]), self._stock.products[place], self._need
        if place in self._words and code in _WORDED:
            return self._words[place].detail
        if code == COSTS_MORE and math.isnan(self._extra[place]):
            return "is in no combination that costs as little"
        if code == COSTS_MORE:
            basis = "" if need.discount_rate_pa is None else ", in present value"
            extra = f"{self._money(self._extra[place])} {need.currency}"
            return f"{extra} more than the cheapest plan{basis}"
        if code == OVER_BUDGET:
            return f"takes {self._money(self._extra[place])} {need.currency} a month more than fits"
        if code == ABOVE_MAXIMUM:
            return f"lends at most {self._money(self._extra[place])} {need.currency}"
        return _DETAILS[RULES[code]](product, need)

    def _figures(self, place: int) -> dict[str, Any]:
        """Return what the words say, by name: see the module's words."""
        code, product, need = int(self._rule[place]), self._stock.products[place], self._need
        if place in self._words and code in _WORDED:
            told = self._words[place]
            if code == pricing.ELIGIBILITY:
                return _people(product, self._profile, told.rule)
            return dict(told.figures)
        if code in (COSTS_MORE, OVER_BUDGET, ABOVE_MAXIMUM):
            extra = self._extra[place]
            if math.isnan(extra):
                return {}
            money = {_SUMS[code]: self._money(extra), "currency": need.currency}
            return {"amount": f"{need.amount:f}", **money} if code == ABOVE_MAXIMUM else money
        made = _FIGURES.get(RULES[code])
        return {} if made is None else made(product, need)

    def _money(self, units: float) -> str:
        return f"{pricing.decimal_units(units, CURRENCIES[self._need.currency].scale)}"


def _span(need: Need) -> str:
    low, high = need.term_months_min, need.term_months_max
    return f"{low} months" if low == high else f"{low} to {high} months"


def _unquotable(product, need: Need) -> str:
    reasons = sorted({rate.unquotable or "not_quoted" for rate in product.rates})
    return ", ".join(reasons[:4]) or "publishes no rate"


_DETAILS: dict[str, Callable[[LoanProduct, Need], str]] = {
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
    "undecided": lambda p, n: "the time was over before it was known whether it fits",
}

_SUMS = {COSTS_MORE: "extra", OVER_BUDGET: "monthly_extra", ABOVE_MAXIMUM: "amount_max"}


def _months(need: Need) -> dict[str, Any]:
    return {"months_min": need.term_months_min, "months_max": need.term_months_max}


def _given(**figures: Any) -> dict[str, Any]:
    """Return the figures that there are; decimals as text."""
    return {
        name: f"{value:f}" if isinstance(value, Decimal) else value
        for name, value in figures.items()
        if value is not None
    }


_FIGURES: dict[str, Callable[[LoanProduct, Need], dict[str, Any]]] = {
    "currency_differs": lambda p, n: {"lends": p.currency, "wanted": n.currency},
    "purpose_not_served": lambda p, n: {
        "category": p.category.value, "purposes": _purposes(n).split(", "),
    },
    "collateral_missing": lambda p, n: {"collateral": list(p.collateral)},
    "rate_not_quotable": lambda p, n: {
        "reasons": sorted({rate.unquotable or "not_quoted" for rate in p.rates})
    },
    "occupancy_differs": lambda p, n: {"occupancy": "investment"},
    "term_out_of_range": lambda p, n: _given(
        **_months(n), product_months_min=p.term_months_min, product_months_max=p.term_months_max
    ),
    "term_beyond_fixed_period": lambda p, n: _given(
        **_months(n),
        fixed_months_max=max((rate.fixed_months or 0 for rate in p.rates), default=0) or None,
    ),
    "loan_to_value": lambda p, n: _given(share_max=loan_to_value_max(p)),
    "amount_below_minimum": lambda p, n: _given(
        amount=n.amount, amount_min=p.amount_min, currency=n.currency
    ),
}  # fmt: skip


def _people(product: LoanProduct, profile: Profile, rule_id: str) -> dict[str, Any]:
    """Return what the rule about people asks that the profile fails, and what the profile says."""
    for rule in product.eligibility:
        if f"eligibility.{rule.kind}" == rule_id and eligibility_breach(
            replace(product, eligibility=(rule,)), profile
        ):
            return _given(
                required=rule.value or None,
                stated=_stated(rule, profile),
                words=rule.words[:WORDS_MAX] or None,
            )
    return {}


def _stated(rule: Eligibility, profile: Profile) -> Any:
    if rule.kind in ("age_min", "age_max"):
        return profile.age
    if rule.kind == "income_min":
        return profile.income_monthly * 12
    return profile.residency if rule.kind == "residency" else None


def _purposes(need: Need) -> str:
    return ", ".join(dict.fromkeys(goal.purpose for goal in need.goals)) or need.purpose


def rejections(stock: Shelf, need: Need, profile: Profile, done: Outcome) -> Rejections:
    """Return why each product is in none of the plans, over all ways to group the goals.

    A product that could be used is judged alone: it cannot lend it all, it takes too much a
    month, or it costs more by the stated sum.
    """
    count = len(stock.products)
    rule = np.full(count, -1, dtype=np.int64)
    extra = np.zeros(count)
    words: dict[int, Broken] = {}
    for course in done.courses:
        for filtered in course.filtered:
            stage = filtered.stage
            rule = np.where((stage == USABLE) | (rule == USABLE), USABLE, np.maximum(rule, stage))
            words.update(filtered.breaches)
    cheapest = done.choices[PlanKind.CHEAPEST].present if done.choices else math.inf
    _judge_alone(stock, done, cheapest, rule, extra)
    wrong = {place for place in words if rule[place] not in _WORDED}
    used = frozenset(
        choice.course.arms.product[leg]
        for choice in done.choices.values()
        for leg in choice.found.legs
    )
    words = {place: pair for place, pair in words.items() if place not in wrong}
    return Rejections(
        stock, need, profile, rule, extra, words, frozenset(int(place) for place in used)
    )


def _judge_alone(
    stock: Shelf, done: Outcome, cheapest: float, rule: np.ndarray, extra: np.ndarray
) -> None:
    """Write into `rule` and `extra` how each usable product fares by itself."""
    count = len(stock.products)
    cost, month, most = np.full(count, np.inf), np.full(count, np.inf), np.zeros(count)
    for course in done.courses:
        for number, pot in enumerate(course.pots):
            arms = course.filtered[number].arms
            others = sum(other.units for other in course.pots) - pot.units
            fits = (arms.low <= pot.units) & (arms.high >= pot.units)
            takes = arms.instalment * pot.units + arms.monthly
            within = fits & (takes <= done.budget + SLACK)
            np.maximum.at(most, arms.product, arms.high)
            np.minimum.at(month, arms.product[fits], takes[fits])
            value = arms.present * pot.units + arms.present_fixed
            if others == 0:
                np.minimum.at(cost, arms.product[within], value[within])
    usable = rule == USABLE
    # Several goals, or no plan at all: alone is no measure, so nothing is said of a sum.
    rule[usable], extra[usable] = COSTS_MORE, math.nan
    if not done.choices and not done.is_certain:
        rule[usable] = UNDECIDED
    elif not done.choices and done.budget < done.least_month < math.inf:
        rule[usable], extra[usable] = OVER_BUDGET, done.least_month - done.budget
    finite = usable & np.isfinite(cost) & np.isfinite(cheapest)
    alone = usable & ~finite & np.isfinite(month) & (month > done.budget + SLACK)
    part = usable & ~finite & ~np.isfinite(month)
    extra[finite] = np.maximum(np.round(cost[finite]) - np.round(cheapest), 0.0)
    rule[alone], extra[alone] = OVER_BUDGET, month[alone] - done.budget
    rule[part], extra[part] = ABOVE_MAXIMUM, most[part]
