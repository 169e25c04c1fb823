"""Plans against brute force: an independent search over every set of one to three loans."""

from __future__ import annotations

import itertools
import random
from datetime import date
from decimal import Decimal

import pytest

from jiuding.kernel.products import (
    Category,
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
from jiuding.services.offers.types import Collateral, Goal, Need, PlanKind, Profile

ON = date(2026, 11, 23)
CENT = Decimal("0.01")


def make_product(number: int, rates: list[RateTerm], **changed) -> LoanProduct:
    """Return a plain personal loan of its own lender."""
    terms = {
        "product_id": f"p{number}",
        "lender": f"Bank {number}",
        "name": f"Loan {number}",
        "category": Category.PERSONAL,
        "currency": "AUD",
        "jurisdiction": "au",
        "rates": tuple(rates),
        "fees": (),
        "amount_min": None,
        "amount_max": None,
        "term_months_min": None,
        "term_months_max": None,
        "purposes": (),
        "collateral": (),
        "eligibility": (),
        "place": number,
        "version": f"v{number}",
    }
    return LoanProduct(**{**terms, **changed})


def make_rate(rate: str, index: int = 0, **changed) -> RateTerm:
    """Return a variable rate repaid with interest."""
    terms = {
        "index": index,
        "kind": RateKind.VARIABLE,
        "rate": Decimal(rate),
        "repayment": Repayment.PRINCIPAL_AND_INTEREST,
    }
    return RateTerm(**{**terms, **changed})


def fee(timing: FeeTiming, amount: str | None, **changed) -> Fee:
    value = None if amount is None else Decimal(amount)
    return Fee(f"{timing.value} fee", timing, value, **changed)


def make_need(amount: str = "20000", low: int = 36, high: int | None = None, **changed) -> Need:
    terms = {"purpose": "car", "currency": "AUD", "monthly_max": None}
    terms = {**terms, **changed}
    return Need(amount=Decimal(amount), term_months_min=low, term_months_max=high or low, **terms)


def make_profile(**changed) -> Profile:
    terms = {
        "age": 35,
        "residency": "citizen",
        "income_monthly": Decimal(100000),
        "debts_monthly": Decimal(0),
        "dsr_max": Decimal("0.5"),
    }
    return Profile(**{**terms, **changed})


# --- an independent planner: slow, plain, and sharing no code with the other ---------------------


def plain_arms(products, need: Need, profile: Profile):
    """Return (identity, cost per unit, fixed, instalment per unit, monthly, least, most)."""
    terms = {need.term_months_min, need.term_months_max}
    terms |= {n for n in range(need.term_months_min, need.term_months_max + 1) if n % 12 == 0}
    arms = []
    for product in products:
        upfront = sum(
            float(f.amount) for f in product.fees if f.timing is FeeTiming.UPFRONT and f.amount
        )
        part = sum(
            float(f.fraction) for f in product.fees if f.timing is FeeTiming.UPFRONT and f.fraction
        )
        monthly = sum(
            float(f.amount) / (f.every_months or 1)
            for f in product.fees
            if f.timing in (FeeTiming.MONTHLY, FeeTiming.YEARLY)
        )
        for rate in product.rates:
            if rate.kind not in (RateKind.FIXED, RateKind.VARIABLE):
                continue
            if rate.repayment is not Repayment.PRINCIPAL_AND_INTEREST:
                continue
            low, high = float(product.amount_min or "0.01"), float(product.amount_max or 1e12)
            for tier in rate.tiers:
                low = max(low, float(tier.minimum or 0))
                high = min(high, float(tier.maximum or 1e12))
            for n in terms:
                if rate.kind is RateKind.FIXED and n > rate.fixed_months:
                    continue
                if not (product.term_months_min or 1) <= n <= (product.term_months_max or 999):
                    continue
                i = float(rate.rate) / 12
                payment = 1 / n if i == 0 else i / (1 - (1 + i) ** -n)
                arms.append(
                    (
                        product.place,
                        n * payment - 1 + part,
                        upfront + n * monthly,
                        payment,
                        monthly,
                        low,
                        min(high, float(need.amount)),
                    )
                )
    return [arm for arm in arms if arm[5] <= arm[6]]


def corners(chosen, amount: float, budget: float):
    """Yield every corner of the amounts that the limits, the sum and the budget allow."""
    count = len(chosen)
    room = budget - sum(arm[4] for arm in chosen)
    planes = []
    for place, arm in enumerate(chosen):
        unit = [0.0] * count
        unit[place] = 1.0
        planes += [(unit, arm[5]), (unit, arm[6])]
    planes.append(([arm[3] for arm in chosen], room))
    for active in itertools.combinations(planes, count - 1):
        rows = [[1.0] * count + [amount], *([*row, value] for row, value in active)]
        x = solve_rows(rows)
        if x is None:
            continue
        if (
            all(
                arm[5] - 1e-7 <= value <= arm[6] + 1e-7
                for arm, value in zip(chosen, x, strict=True)
            )
            and sum(arm[3] * value for arm, value in zip(chosen, x, strict=True)) <= room + 1e-7
        ):
            yield x


def solve_rows(rows):
    """Solve a small linear system by elimination; None where it has no single solution."""
    rows = [list(row) for row in rows]
    count = len(rows)
    for place in range(count):
        pivot = max(range(place, count), key=lambda row: abs(rows[row][place]))
        if abs(rows[pivot][place]) < 1e-12:
            return None
        rows[place], rows[pivot] = rows[pivot], rows[place]
        for row in range(count):
            if row != place:
                factor = rows[row][place] / rows[place][place]
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[place], strict=True)]
    return [rows[place][count] / rows[place][place] for place in range(count)]


def brute_force(arms, amount: float, budget: float, legs_max: int = 3, lightest: bool = False):
    """Return the least cost (or month) over every set of arms of distinct products, or None."""
    best = None
    for count in range(1, legs_max + 1):
        for chosen in itertools.combinations(arms, count):
            if len({arm[0] for arm in chosen}) < count:
                continue
            for x in corners(chosen, amount, budget):
                slope, fixed = (3, 4) if lightest else (1, 2)
                value = sum(arm[slope] * v + arm[fixed] for arm, v in zip(chosen, x, strict=True))
                best = value if best is None else min(best, value)
    return best


def random_library(rng: random.Random, count: int) -> tuple[LoanProduct, ...]:
    """Return products with random rates, tiers, fees and limits."""
    listed = []
    for number in range(count):
        rates = []
        for index in range(rng.choice((1, 1, 2))):
            fixed = rng.random() < 0.3
            tiers = ()
            if rng.random() < 0.3:
                low = rng.choice((0, 2000, 5000, 9000))
                tiers = (Tier(TierUnit.MONEY, Decimal(low), Decimal(low + 8000)),)
            rates.append(
                make_rate(
                    str(round(rng.uniform(0.0, 0.25), 4)),
                    index,
                    kind=RateKind.FIXED if fixed else RateKind.VARIABLE,
                    fixed_months=rng.choice((24, 36, 60)) if fixed else None,
                    tiers=tiers,
                )
            )
        fees = []
        if rng.random() < 0.6:
            fees.append(fee(FeeTiming.UPFRONT, str(rng.randrange(0, 600))))
        if rng.random() < 0.3:
            fees.append(fee(FeeTiming.UPFRONT, None, fraction=Decimal(rng.randrange(30)) / 1000))
        if rng.random() < 0.4:
            fees.append(fee(FeeTiming.MONTHLY, str(rng.randrange(0, 15)), every_months=1))
        if rng.random() < 0.1:
            fees.append(fee(FeeTiming.YEARLY, "120", every_months=12))
        listed.append(
            make_product(
                number,
                rates,
                fees=tuple(fees),
                amount_min=Decimal(rng.choice((500, 1000, 3000, 8000))),
                amount_max=Decimal(rng.choice((6000, 9000, 12000, 25000, 60000))),
                term_months_max=rng.choice((None, None, 36, 60)),
            )
        )
    return tuple(listed)


def random_case(seed: int):
    rng = random.Random(seed)
    products = random_library(rng, rng.randrange(1, 8))
    low = rng.choice((12, 18, 24, 36))
    need = make_need(
        str(rng.choice((7000, 12345.67, 20000, 26000))),
        low,
        low + rng.choice((0, 0, 5, 24)),
        monthly_max=None if rng.random() < 0.4 else Decimal(rng.randrange(300, 1400)),
    )
    return products, need


def assert_sound(found, need: Need, profile: Profile) -> None:
    """Check what every plan must be, from its own numbers."""
    budget = profile.dsr_max * profile.income_monthly - profile.debts_monthly
    budget = min(budget, need.monthly_max) if need.monthly_max is not None else budget
    for each in found.plans:
        assert 1 <= len(each.legs) <= 3
        assert sum(leg.amount for leg in each.legs) == need.amount
        assert all(leg.amount == leg.amount.quantize(CENT) > 0 for leg in each.legs)
        assert len({(leg.lender, leg.product_id) for leg in each.legs}) == len(each.legs)
        month = sum(leg.instalment_exact + leg.fee_monthly_exact for leg in each.legs)
        assert month <= budget + Decimal("0.00001")
        paid = sum(
            (leg.instalment_exact + leg.fee_monthly_exact) * leg.term_months + leg.fee_upfront
            for leg in each.legs
        )
        assert abs(paid - need.amount - each.total_cost) < Decimal("0.03")
        assert each.gap >= 0
        assert each.proven == (each.gap == 0)


@pytest.mark.parametrize("block", range(12))
def test_brute_force_finds_nothing_cheaper_and_nothing_lighter(block):
    for seed in range(block * 15, block * 15 + 15):
        products, need = random_case(seed)
        profile = make_profile()
        found = plan(need, profile, products, on=ON, deadline_seconds=20)
        budget = float(need.monthly_max or 50000)
        arms = plain_arms(products, need, profile)
        least = brute_force(arms, float(need.amount), budget)
        if least is None:
            assert found.plans == (), seed
            assert found.nearest is not None
            continue
        assert_sound(found, need, profile)
        cheapest = found.plans[0]
        assert cheapest.kind is PlanKind.CHEAPEST
        assert cheapest.proven, seed
        assert abs(float(cheapest.total_cost) - least) <= 0.03, seed
        lightest = next(each for each in found.plans if each.kind is PlanKind.LIGHTEST)
        month = brute_force(arms, float(need.amount), budget, lightest=True)
        assert abs(float(lightest.instalment) - month) <= 0.02, seed
        for each in found.plans:
            expected = (float(each.total_cost) - least) / float(need.amount)
            assert abs(float(each.gap) - expected) < 1e-5, seed


@pytest.mark.parametrize("seed", range(12))
def test_a_library_too_large_for_one_sweep_is_still_solved_exactly(seed):
    rng = random.Random(1000 + seed)
    products = random_library(rng, 34)
    need = make_need("24000", 24, 36, monthly_max=Decimal(rng.randrange(760, 1200)))
    profile = make_profile()
    arms = plain_arms(products, need, profile)
    found = plan(need, profile, products, on=ON, deadline_seconds=30)
    alone = brute_force(arms, 24000.0, float(need.monthly_max), legs_max=2)
    assert found.plans[0].proven
    assert alone is None or float(found.plans[0].total_cost) <= alone + 0.03
    assert_sound(found, need, profile)
    # Triples among the arms that are cheapest for their size, by brute force.
    best = sorted(arms, key=lambda arm: arm[1] + arm[2] / arm[6])[:22]
    least = brute_force(best, 24000.0, float(need.monthly_max))
    assert least is None or float(found.plans[0].total_cost) <= least + 0.03


def test_a_leg_at_its_bare_rate_has_that_true_rate():
    found = plan(make_need(), make_profile(), (make_product(0, [make_rate("0.12")]),), on=ON)
    (leg,) = found.plans[0].legs
    assert abs(leg.true_rate - Decimal("0.12")) < Decimal("1e-9")
    assert abs(found.plans[0].true_rate - Decimal("0.12")) < Decimal("1e-9")
    assert leg.instalment == Decimal("664.29")
    assert found.plans[0].total_cost == Decimal("3914.30")


def test_without_interest_the_cost_is_the_fees():
    product = make_product(0, [make_rate("0")], fees=(fee(FeeTiming.UPFRONT, "99.50"),))
    found = plan(make_need("7200"), make_profile(), (product,), on=ON)
    assert found.plans[0].total_cost == Decimal("99.50")
    assert found.plans[0].legs[0].instalment == Decimal("200.00")


def test_rates_that_do_not_hold_for_the_term_are_not_quoted():
    fixed = make_rate("0.01", kind=RateKind.FIXED, fixed_months=24)
    only = make_rate("0.01", repayment=Repayment.INTEREST_ONLY, unquotable="interest_only")
    cut = make_rate("0.01", kind=RateKind.DISCOUNT, unquotable="discount")
    listed = (make_product(0, [fixed]), make_product(1, [only, cut]))
    found = plan(make_need(low=36), make_profile(), listed, on=ON)
    assert found.plans == ()
    assert [each.rule for each in found.rejected] == [
        "term_beyond_fixed_period",
        "rate_not_quotable",
    ]
    found = plan(make_need(low=24), make_profile(), listed, on=ON)
    assert found.plans[0].legs[0].product_id == "p0"


def test_terms_are_both_ends_and_the_multiples_of_twelve_between():
    rates = [make_rate("0.10")]
    found = plan(
        make_need(low=7, high=29, monthly_max=Decimal(850)),
        make_profile(),
        tuple(make_product(n, rates) for n in range(2)),
        on=ON,
    )
    assert {leg.term_months for each in found.plans for leg in each.legs} <= {7, 12, 24, 29}
    assert found.plans[1].legs[0].term_months == 29


@pytest.mark.parametrize(
    ("purpose", "category", "serves"),
    [
        ("home", Category.MORTGAGE, True),
        ("home", Category.PERSONAL, False),
        ("car", Category.PERSONAL, True),
        ("car", Category.MORTGAGE, False),
        ("working_capital", Category.BUSINESS, True),
        ("equipment", Category.LEASE, True),
        ("inventory", Category.OVERDRAFT, True),
        ("inventory", Category.PERSONAL, False),
        ("a boat", Category.PERSONAL, True),
        ("car", Category.CARD, False),
    ],
)
def test_each_purpose_has_its_own_kind_of_loan(purpose, category, serves):
    product = make_product(0, [make_rate("0.05")], category=category)
    found = plan(make_need(purpose=purpose), make_profile(), (product,), on=ON)
    assert bool(found.plans) is serves
    if not serves:
        assert found.rejected[0].rule == "purpose_not_served"


def test_a_home_carries_one_first_lien():
    share = Tier(TierUnit.LOAN_TO_VALUE, Decimal(0), Decimal(60))
    cheap = make_product(
        0, [make_rate("0.03", tiers=(share,))], category=Category.MORTGAGE, collateral=("house",)
    )
    dear = make_product(1, [make_rate("0.06")], category=Category.MORTGAGE, collateral=("house",))
    need = make_need("500000", 240, purpose="home")
    one = make_profile(collateral=(Collateral("house", Decimal(625000)),))
    found = plan(need, one, (cheap, dear), on=ON)
    assert [leg.product_id for leg in found.plans[0].legs] == ["p1"]
    assert found.rejected[0].product_id == "p0"
    two = make_profile(collateral=(*one.collateral, Collateral("house", Decimal(400000))))
    found = plan(need, two, (cheap, dear), on=ON)
    assert [(leg.product_id, leg.amount) for leg in found.plans[0].legs] == [
        ("p0", Decimal(375000)),
        ("p1", Decimal(125000)),
    ]


def test_a_tier_by_value_is_closed_to_a_profile_without_the_value():
    share = Tier(TierUnit.LOAN_TO_VALUE, Decimal(0), Decimal(80))
    product = make_product(
        0, [make_rate("0.03", tiers=(share,))], category=Category.MORTGAGE, collateral=("house",)
    )
    need = make_need("500000", 240, purpose="home")
    found = plan(need, make_profile(), (product,), on=ON)
    assert (found.plans, found.rejected[0].rule) == ((), "loan_to_value")
    known = make_profile(collateral=(Collateral("house", Decimal(625000)),))
    assert plan(need, known, (product,), on=ON).plans
    small = make_profile(collateral=(Collateral("house", Decimal(624999)),))
    assert plan(need, small, (product,), on=ON).plans == ()


def test_the_same_product_listed_twice_is_used_once():
    twins = tuple(make_product(n, [make_rate("0.05")], amount_max=Decimal(10000)) for n in range(2))
    same = (
        twins[0],
        make_product(
            1, twins[1].rates, amount_max=Decimal(10000), lender="Bank 0", product_id="p0"
        ),
    )
    assert plan(make_need(), make_profile(), twins, on=ON).plans
    assert plan(make_need(), make_profile(), same, on=ON).plans == ()


def test_two_goals_are_planned_together_within_one_budget():
    home = make_product(0, [make_rate("0.05")], category=Category.MORTGAGE, collateral=("house",))
    car = [make_product(n, [make_rate(rate)]) for n, rate in ((1, "0.07"), (2, "0.09"))]
    need = make_need(
        "330000",
        120,
        purpose="home",
        goals=(Goal("home", Decimal(300000)), Goal("car", Decimal(30000))),
    )
    found = plan(need, make_profile(), (home, *car), on=ON, deadline_seconds=10)
    assert_sound(found, need, make_profile())
    assert [(leg.product_id, leg.amount) for leg in found.plans[0].legs] == [
        ("p0", Decimal(300000)),
        ("p1", Decimal(30000)),
    ]
    assert found.plans[0].proven
    month = found.plans[0].instalment
    tight = make_need(
        "330000", 120, purpose="home", goals=need.goals, monthly_max=month - Decimal("0.01")
    )
    found = plan(tight, make_profile(), (home, *car), on=ON, deadline_seconds=10)
    assert found.plans == ()
    assert month <= found.nearest.monthly_needed <= month + CENT


def test_two_goals_of_one_kind_may_share_a_loan():
    one = make_product(0, [make_rate("0.07")])
    need = make_need(
        "30000",
        goals=(Goal("car", Decimal(20000)), Goal("wedding", Decimal(10000))),
    )
    found = plan(need, make_profile(), (one,), on=ON)
    assert [leg.amount for leg in found.plans[0].legs] == [Decimal(30000)]
    narrow = make_product(1, [make_rate("0.01")], purposes=("car",))
    found = plan(need, make_profile(), (one, narrow), on=ON, deadline_seconds=10)
    assert [(leg.product_id, leg.amount, leg.purposes) for leg in found.plans[0].legs] == [
        ("p1", Decimal(20000), ("car",)),
        ("p0", Decimal(10000), ("wedding",)),
    ]


def joint_least(first, second, amounts, budget: float):
    """Return the least cost of one loan for one pot and one or two for the other, or None."""
    best = None
    for (whole, a), (split, b) in (
        ((first, amounts[0]), (second, amounts[1])),
        ((second, amounts[1]), (first, amounts[0])),
    ):
        for arm in whole:
            if not arm[5] <= a <= arm[6]:
                continue
            month = arm[3] * a + arm[4]
            others = [other for other in split if other[0] != arm[0]]
            rest = brute_force(others, b, budget - month, legs_max=2)
            if rest is not None:
                value = arm[1] * a + arm[2] + rest
                best = value if best is None else min(best, value)
    return best


@pytest.mark.parametrize("seed", range(60))
def test_two_goals_cost_no_more_than_brute_force_finds(seed):
    rng = random.Random(seed)
    products = random_library(rng, rng.randrange(3, 8))
    kinds = (Category.PERSONAL, Category.BUSINESS)
    products = tuple(
        make_product(
            each.place,
            list(each.rates),
            fees=each.fees,
            amount_min=each.amount_min,
            amount_max=each.amount_max,
            category=kinds[each.place % 2],
        )
        for each in products
    )
    one, two = Decimal(rng.choice((6000, 11000))), Decimal(rng.choice((5000, 14000)))
    limit = None if rng.random() < 0.3 else Decimal(rng.randrange(400, 1500))
    need = make_need(
        str(one + two),
        24,
        36,
        monthly_max=limit,
        goals=(Goal("car", one), Goal("inventory", two)),
    )
    found = plan(need, make_profile(), products, on=ON, deadline_seconds=20)
    pots = [
        plain_arms(
            [each for each in products if each.category is kind],
            make_need(str(amount), 24, 36),
            make_profile(),
        )
        for kind, amount in zip(kinds, (one, two), strict=True)
    ]
    least = joint_least(*pots, (float(one), float(two)), float(limit or 50000))
    if least is None:
        assert found.plans == ()
        return
    assert_sound(found, need, make_profile())
    assert found.plans[0].proven
    assert abs(float(found.plans[0].total_cost) - least) <= 0.03


def test_without_a_plan_the_nearest_need_that_works_is_named():
    product = make_product(0, [make_rate("0.10")])
    need = make_need("20000", 36, monthly_max=Decimal(500))
    found = plan(need, make_profile(), (product,), on=ON)
    assert found.plans == ()
    assert found.rejected[0].rule == "over_budget"
    near = found.nearest
    assert near.binds == "over_budget"
    assert plan(make_need(monthly_max=near.monthly_needed), make_profile(), (product,), on=ON).plans
    less = make_need(str(near.amount_max), monthly_max=Decimal(500))
    assert plan(less, make_profile(), (product,), on=ON).plans


def test_every_product_in_no_plan_is_told_why():
    listed = (
        make_product(0, [make_rate("0.05")]),
        make_product(1, [make_rate("0.06")]),
        make_product(2, [make_rate("0.05")], currency="CNY"),
        make_product(3, [make_rate("0.05")], amount_min=Decimal(20001)),
        make_product(4, [make_rate("0.5")], amount_max=Decimal(19999)),
        make_product(5, [make_rate("0.05")], term_months_min=48),
        make_product(6, []),
        make_product(7, [make_rate("0.9")]),
        make_product(8, [make_rate("0.05")], collateral=("land",)),
    )
    need = make_need(monthly_max=Decimal(700))
    found = plan(need, make_profile(), listed, on=ON)
    rules = {each.product_id: each.rule for each in found.rejected}
    assert rules == {
        "p1": "costs_more",
        "p2": "currency_differs",
        "p3": "amount_below_minimum",
        "p4": "amount_above_maximum",
        "p5": "term_out_of_range",
        "p6": "rate_not_quotable",
        "p7": "over_budget",
        "p8": "collateral_missing",
    }
    assert sum(found.counts.values()) == len(found.rejected) == 8
    more = next(each for each in found.rejected if each.product_id == "p1")
    alone = plan(need, make_profile(), listed[1:2], on=ON).plans[0].total_cost
    assert str(alone - found.plans[0].total_cost) in more.detail
