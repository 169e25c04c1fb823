"""Explain: what binds, what would change the answer, and what a plan's rate is made of.

The words that a customer reads are made of these codes and numbers by templates, in each language.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import ROUND_UP, Decimal

import numpy as np

from jiuding.base.amounts import CURRENCIES
from jiuding.kernel.products import Fee, FeeTiming, LoanProduct
from jiuding.services.offers.rules import arms as pricing
from jiuding.services.offers.rules.arms import STAGES
from jiuding.services.offers.rules.fees import charged_fees
from jiuding.services.offers.rules.legs import monthly_rate, round_money
from jiuding.services.offers.rules.plans import Outcome, budget_of
from jiuding.services.offers.rules.shelf import TERM_MONTHS_MAX, Shelf
from jiuding.services.offers.types import (
    Counterfactual,
    FeePart,
    Leg,
    Nearest,
    Need,
    Plan,
    Profile,
)

MONTHS_STEP = 12
MONTHS_MORE = (12, 24)

# Plans a changed need, and takes how to change its courses and a name for that.
Planner = Callable[..., Plan | None]


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
    elif not done.is_certain:
        binds = "time"
    elif done.least_month <= done.budget:
        binds = "jurisdiction"  # what fits breaks a rule with its own facts
    return Nearest(
        binds,
        months,
        pricing.decimal_units(amount, scale) if amount > 0 else None,
        "" if usable else _furthest(done),
    )


def _furthest(done: Outcome) -> str:
    """Return the rule at which the products that came furthest stopped."""
    stages = [part.stage for course in done.courses for part in course.filtered]
    return STAGES[max((int(stage.max(initial=0)) for stage in stages), default=0)]


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
    need: Need, profile: Profile, best: Plan | None, planned: Planner
) -> Iterator[Counterfactual]:
    """Yield what the best plan of a kind would be if one thing were otherwise.

    What cannot be changed (a budget that does not bind, a term below a month) is left out.
    """
    less = (need.amount / 10).quantize(Decimal(1), rounding=ROUND_UP)
    if not need.goals and less < need.amount:
        left = need.amount - less
        other = planned(replace(need, amount=left))
        yield _compared("less_borrowed", less, need.amount, left, other, best)
    if need.monthly_max is not None and need.monthly_max < budget_of(
        replace(need, monthly_max=None), profile
    ):
        more = (need.monthly_max / 10).quantize(Decimal(1), rounding=ROUND_UP)
        limit = need.monthly_max + more
        other = planned(replace(need, monthly_max=limit))
        yield _compared("monthly_more", more, need.monthly_max, limit, other, best)
    yield from _other_terms(need, best, planned)
    if best is not None and len(best.legs) > 1 and not need.goals:
        one = planned(need, "one loan", lambda course: replace(course, legs_max=1))
        yield _compared("one_loan", Decimal(1), Decimal(len(best.legs)), Decimal(1), one, best)


def _other_terms(need: Need, best: Plan | None, planned: Planner) -> Iterator[Counterfactual]:
    """Yield the same need a year shorter, and one and two years longer.

    A range of terms is opened at that end; a single term is moved. `before` and `after` are that
    end of the range.
    """
    low, high = need.term_months_min, need.term_months_max
    if low > MONTHS_STEP:
        least = low - MONTHS_STEP
        most = high if low < high else least
        other = planned(replace(need, term_months_min=least, term_months_max=most))
        by, before, after = (Decimal(each) for each in (MONTHS_STEP, low, least))
        yield _compared("months_fewer", by, before, after, other, best)
    for step in MONTHS_MORE:
        most = high + step
        if most > TERM_MONTHS_MAX:
            return
        least = low if low < high else most
        other = planned(replace(need, term_months_min=least, term_months_max=most))
        by, before, after = (Decimal(each) for each in (step, high, most))
        yield _compared("months_more", by, before, after, other, best)


def _compared(
    name: str, by: Decimal, before: Decimal, after: Decimal, other: Plan | None, best: Plan | None
) -> Counterfactual:
    if other is None:
        return Counterfactual(name, by, None, None, None, before, after)
    saving = None if best is None else _cost(best) - _cost(other)
    return Counterfactual(name, by, other.total_cost, other.instalment, saving, before, after)


def _cost(plan: Plan) -> Decimal:
    return plan.total_cost if plan.present_cost is None else plan.present_cost


def waterfall(
    plan: Plan, stock: Shelf, scale: int
) -> tuple[tuple[tuple[str, Decimal], ...], tuple[FeePart, ...]]:
    """Return what makes up a plan's true rate: interest and each kind of fee, and fee by fee.

    The parts add up to the true rate, and the fees to their parts; what a fee adds is what the
    rate rises by when it is counted after those before it: paid once first, then monthly ones.
    """
    received = float(sum((leg.amount for leg in plan.legs), Decimal(0)))
    paid = [float(leg.instalment_exact) for leg in plan.legs]
    months = [leg.term_months for leg in plan.legs]

    def rate() -> Decimal:
        return Decimal(
            f"{monthly_rate(received, list(zip(paid, months, strict=True))) * 12.0:.10f}"
        )

    last = bare = rate()
    parts = {"upfront": Decimal(0), "monthly": Decimal(0)}
    found: list[FeePart] = []
    listed = _fees(plan, stock)
    for number, (place, fee, timing, amount) in enumerate(listed):
        leg = plan.legs[place]
        if timing == "upfront":
            received -= float(amount)
        else:
            paid[place] += float(amount)
        # The last takes what rounding to the unit left, so that all add up to the true rate.
        now = plan.true_rate if number == len(listed) - 1 else rate()
        whole = amount if timing == "upfront" else amount * leg.term_months
        whole = round_money(whole, scale)
        # Once fees have eaten all that was received the rate is infinite, and no fee adds to it.
        adds = now - last if last.is_finite() else Decimal(0)
        found.append(FeePart(leg.lender, leg.product_id, fee.name, timing, whole, adds))
        parts[timing] += adds
        last = now
    if not listed:
        bare = plan.true_rate
    fees = (("fee_upfront", parts["upfront"]), ("fee_monthly", parts["monthly"]))
    return (("interest", bare), *fees), tuple(found)


def _fees(plan: Plan, stock: Shelf) -> list[tuple[int, Fee, str, Decimal]]:
    """Return the fees of each leg (by its place), its timing and amount, in order of payment."""
    once, later = [], []
    by_place = {leg.place: _charged(stock, leg) for leg in plan.legs}
    for place, leg in enumerate(plan.legs):
        for fee in by_place[leg.place]:
            amount = max(fee.amount or Decimal(0), Decimal(0))
            if fee.timing is FeeTiming.UPFRONT:
                amount += max(fee.fraction or Decimal(0), Decimal(0)) * leg.amount
                once.append((place, fee, "upfront", amount))
            elif fee.timing in (FeeTiming.MONTHLY, FeeTiming.YEARLY):
                later.append((place, fee, "monthly", amount / (fee.every_months or 1)))
    return [each for each in (*once, *later) if each[3] > 0]


def _charged(stock: Shelf, leg: Leg) -> tuple[Fee, ...]:
    product: LoanProduct = stock.products[stock.number_of(leg.place)]
    rate = next(rate for rate in product.rates if rate.index == leg.rate_index)
    return tuple(charged_fees(product, rate))
