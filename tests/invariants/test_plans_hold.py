"""What must hold of every plan, over libraries and needs at random."""

from __future__ import annotations

import dataclasses
import json
import random
from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiuding.kernel.products import (
    Category,
    Fee,
    FeeTiming,
    LoanProduct,
    RateKind,
    RateTerm,
    Repayment,
)
from jiuding.services.offers import Need, Profile, plan, read_library
from jiuding.services.offers.commands.plans import plan_line
from jiuding.services.offers.operations.plans import explain_plan

ON = date(2026, 11, 23)
FEW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

money = st.integers(50_000, 9_000_000).map(lambda cents: Decimal(cents) / 100)


@st.composite
def products(draw, place: int = 0) -> LoanProduct:
    """Draw a personal loan with fees and limits."""
    rate = RateTerm(
        0,
        draw(st.sampled_from((RateKind.FIXED, RateKind.VARIABLE))),
        Decimal(draw(st.integers(0, 3500))) / 10_000,
        Repayment.PRINCIPAL_AND_INTEREST,
        fixed_months=draw(st.sampled_from((24, 36, 60))),
    )
    fees = (
        Fee("once", FeeTiming.UPFRONT, Decimal(draw(st.integers(0, 500)))),
        Fee("share", FeeTiming.UPFRONT, None, Decimal(draw(st.integers(0, 30))) / 1000),
        Fee("monthly", FeeTiming.MONTHLY, Decimal(draw(st.integers(0, 12))), every_months=1),
    )
    low = draw(st.sampled_from((None, 500, 5000)))
    high = draw(st.sampled_from((8000, 20000, 100000, None)))
    return LoanProduct(
        product_id=f"p{place}", lender=f"Bank {place}", name="Loan", category=Category.PERSONAL,
        currency="AUD", jurisdiction="au", rates=(rate,), fees=fees,
        amount_min=None if low is None else Decimal(low),
        amount_max=None if high is None else Decimal(high),
        term_months_min=None, term_months_max=None, purposes=(), collateral=(), eligibility=(),
        place=place, version=f"v{place}",
    )  # fmt: skip


@st.composite
def libraries(draw, most: int = 45) -> tuple[LoanProduct, ...]:
    """Draw a library: some larger than what is tried in one sweep."""
    kinds = draw(st.lists(products(), min_size=1, max_size=most))
    return tuple(
        dataclasses.replace(each, product_id=f"p{n}", lender=f"Bank {n}", place=n)
        for n, each in enumerate(kinds)
    )


@st.composite
def needs(draw) -> Need:
    """Draw a need, sometimes with a monthly limit."""
    low = draw(st.sampled_from((6, 12, 24, 36)))
    high = low + draw(st.sampled_from((0, 0, 7, 24)))
    amount = draw(money)
    limit = draw(st.one_of(st.none(), st.integers(80, 200)))
    monthly = None if limit is None else (amount * limit / 100 / high).quantize(Decimal("0.01"))
    return Need("car", amount, "AUD", low, high, monthly)


PROFILE = Profile(30, "citizen", Decimal(9000), Decimal(400), Decimal("0.5"))


def least(stock, need) -> Decimal | None:
    found = plan(need, PROFILE, stock, on=ON, deadline_seconds=30)
    return found.plans[0].total_cost if found.plans else None


@FEW
@given(libraries(), needs())
def test_every_plan_keeps_its_promises(stock, need):
    found = plan(need, PROFILE, stock, on=ON, deadline_seconds=30)
    budget = PROFILE.dsr_max * PROFILE.income_monthly - PROFILE.debts_monthly
    budget = min(budget, need.monthly_max or budget)
    by_kind = {each.kind.value: each for each in found.plans}
    for each in found.plans:
        assert sum(leg.amount for leg in each.legs) == need.amount
        month = sum(leg.instalment_exact + leg.fee_monthly_exact for leg in each.legs)
        assert month <= budget + Decimal("0.00001")
        assert len({leg.product_id for leg in each.legs}) == len(each.legs) <= 3
        for leg in each.legs:
            product = stock[leg.place]
            assert (product.amount_min or 0) <= leg.amount <= (product.amount_max or leg.amount)
            fixed = product.rates[leg.rate_index]
            assert fixed.kind is RateKind.VARIABLE or leg.term_months <= fixed.fixed_months
        assert each.gap >= 0
        assert each.total_cost >= by_kind["cheapest"].total_cost
        assert each.instalment >= by_kind["lightest"].instalment
        assert each.chance <= by_kind["surest"].chance + Decimal("1e-5")
    assert len(found.rejected) == len(stock) - len(
        {leg.place for each in found.plans for leg in each.legs}
    )
    assert sum(found.counts.values()) == len(found.rejected)
    assert bool(found.plans) is (found.nearest is None)


@FEW
@given(libraries(), needs(), st.randoms(use_true_random=False))
def test_the_order_of_the_library_does_not_change_the_least_cost(stock, need, rng):
    turned = list(stock)
    rng.shuffle(turned)
    one, other = least(stock, need), least(tuple(turned), need)
    assert (one is None) == (other is None)
    assert one is None or abs(one - other) <= Decimal("0.01")


@FEW
@given(libraries(most=30), products(), needs())
def test_another_product_never_makes_the_least_cost_more(stock, more, need):
    more = dataclasses.replace(more, product_id="more", lender="More", place=len(stock))
    one, other = least(stock, need), least((*stock, more), need)
    assert one is None or other <= one + Decimal("0.01")


@FEW
@given(libraries(most=30), needs())
def test_a_larger_budget_never_makes_the_least_cost_more(stock, need):
    if need.monthly_max is None:
        return
    roomy = dataclasses.replace(need, monthly_max=need.monthly_max + 50)
    one, other = least(stock, need), least(stock, roomy)
    assert one is None or other <= one + Decimal("0.01")


@FEW
@given(needs(), st.randoms(use_true_random=False))
def test_commission_never_changes_an_answer(tmp_path, need, rng):
    listed = [
        {
            "productId": f"p{n}",
            "brand": f"Bank {n}",
            "name": "Loan",
            "productCategory": "PERS_LOANS",
            "lendingRates": [
                {"lendingRateType": "VARIABLE", "rate": f"0.{rng.randrange(100, 3000):04d}"}
            ],
            "fees": [{"name": "Fee", "feeType": "UPFRONT", "amount": str(rng.randrange(1, 400))}],
            "constraints": [
                {"constraintType": "MAX_LIMIT", "additionalValue": str(rng.randrange(5, 90) * 1000)}
            ],
        }
        for n in range(rng.randrange(1, 20))
    ]
    line = {
        "id": 1,
        "need": {
            "purpose": need.purpose,
            "amount": str(need.amount),
            "currency": need.currency,
            "term_months_range": [need.term_months_min, need.term_months_max],
        },
        "profile": {
            "age": 30,
            "residency": "citizen",
            "income_monthly": 9000,
            "debts_monthly": 0,
            "dsr_max": 0.5,
        },
    }
    answers = []
    for paid in (lambda: None, rng.random, lambda: rng.choice((-1, 0, 1e9, "much", {"a": 1}))):
        path = tmp_path / "library.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for each in listed:
                extra = {"commission": paid()}
                file.write(json.dumps({**each, **extra}) + "\n")
        answer = plan_line(line, read_library(path), on=ON, deadline_seconds=30)
        answers.append({name: answer[name] for name in ("plans", "rejected")})
    assert answers[0] == answers[1] == answers[2]


@settings(FEW, max_examples=12)
@given(libraries(most=25), needs())
def test_an_explanation_agrees_with_the_plan_it_explains(stock, need):
    found = plan(need, PROFILE, stock, on=ON, deadline_seconds=30)
    told = explain_plan(need, PROFILE, stock, on=ON, deadline_seconds=30)
    assert (told.plan is None) == (not found.plans)
    if told.plan is None:
        return
    assert told.plan.total_cost == found.plans[0].total_cost
    assert sum(part for _, part in told.parts) == told.plan.true_rate
    if told.runner_up is not None:
        largest = told.plan.legs[0].product_id
        assert all(leg.product_id != largest for leg in told.runner_up.legs)
        assert told.runner_up.total_cost >= told.plan.total_cost
    for each in told.counterfactuals:
        if each.saving is not None:
            assert each.saving == told.plan.total_cost - each.total_cost
        if each.change == "monthly_more":
            assert each.saving >= Decimal("-0.01")
        if each.change == "one_loan" and each.saving is not None:
            assert each.saving <= Decimal("0.01")


def test_an_unproven_answer_says_how_far_it_can_be_from_the_least():
    rng = random.Random(5)
    stock = []
    for place in range(400):
        rate = RateTerm(0, RateKind.VARIABLE, Decimal(rng.randrange(300, 2500)) / 10_000,
                        Repayment.PRINCIPAL_AND_INTEREST)  # fmt: skip
        fees = (Fee("once", FeeTiming.UPFRONT, Decimal(rng.randrange(0, 400))),)
        stock.append(
            LoanProduct(
                f"p{place}",
                f"Bank {place}",
                "Loan",
                Category.PERSONAL,
                "AUD",
                "au",
                (rate,),
                fees,
                Decimal(rng.randrange(1, 9) * 500),
                Decimal(rng.randrange(8, 30) * 500),
                None,
                None,
                (),
                (),
                (),
                place,
                f"v{place}",
            )
        )
    need = Need("car", Decimal(21000), "AUD", 12, 60, Decimal(700))
    hurried = plan(need, PROFILE, tuple(stock), on=ON, deadline_seconds=0.0)
    patient = plan(need, PROFILE, tuple(stock), on=ON, deadline_seconds=60)
    assert patient.plans[0].proven
    assert hurried.plans[0].total_cost >= patient.plans[0].total_cost
    if not hurried.plans[0].proven:
        floor = hurried.plans[0].total_cost - hurried.plans[0].gap * need.amount
        assert floor <= patient.plans[0].total_cost + Decimal("0.05")
