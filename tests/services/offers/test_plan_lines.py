"""`jiuding plan`: lines in, lines out, over a published file, against an independent reading."""

from __future__ import annotations

import itertools
import json
import math
import random
from dataclasses import replace
from datetime import date

import pytest

from jiuding.base.problems import Problem
from jiuding.base.settings import CATALOG
from jiuding.kernel.products import read_packs
from jiuding.services.offers import read_library
from jiuding.services.offers.commands.plans import plan_line, planner
from jiuding.services.offers.operations.plans import lay_out

ON = date(2026, 11, 23)
NEED = {"purpose": "car", "amount": 20000, "currency": "AUD", "term_months": 36}
PROFILE = {
    "age": 35,
    "residency": "citizen",
    "income_monthly": 9000,
    "debts_monthly": 500,
    "dsr_max": 0.45,
    "collateral": [],
}


def published(number: int, rates, fees=(), constraints=(), **changed) -> dict:
    """Return a product as a bank publishes it."""
    return {
        "productId": f"id-{number}",
        "brand": f"Bank {number}",
        "name": f"Personal Loan {number}",
        "description": "",
        "productCategory": "PERS_LOANS",
        "isTailored": False,
        "lastUpdated": "2024-08-08T14:01:24Z",
        "lendingRates": list(rates),
        "fees": list(fees),
        "constraints": list(constraints),
        **changed,
    }


def variable(rate: str, **changed) -> dict:
    return {
        "lendingRateType": "VARIABLE",
        "rate": rate,
        "repaymentType": "PRINCIPAL_AND_INTEREST",
        "applicationFrequency": "P1M",
        "calculationFrequency": "P1D",
        **changed,
    }


def library_of(tmp_path, listed):
    path = tmp_path / "products.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in listed), encoding="utf-8")
    return read_library(path)


def answer(line, stock):
    return json.loads(json.dumps(plan_line(line, stock, on=ON, deadline_seconds=20)))


def random_file(rng: random.Random) -> list[dict]:
    """Return published products with rates, tiers, fees and limits at random."""
    listed = []
    for number in range(rng.randrange(1, 7)):
        rates = []
        for _ in range(rng.choice((1, 2))):
            value = f"{rng.uniform(0.03, 0.2):.4f}"
            kind = rng.choice(("VARIABLE", "FIXED", "INTRODUCTORY", "DISCOUNT"))
            rate = variable(value, lendingRateType=kind)
            if kind == "FIXED":
                rate["additionalValue"] = rng.choice(("P2Y", "P36M", "P5Y"))
            if kind in ("INTRODUCTORY",):
                rate["additionalValue"] = "P6M"
            if rng.random() < 0.2:
                rate["repaymentType"] = "INTEREST_ONLY"
            if rng.random() < 0.3:
                low = rng.choice((0, 3000, 8000))
                rate["tiers"] = [
                    {
                        "name": "Amount",
                        "unitOfMeasure": "DOLLAR",
                        "minimumValue": low,
                        "maximumValue": low + 9000,
                        "rateApplicationMethod": "WHOLE_BALANCE",
                    }
                ]
            rates.append(rate)
        fees = []
        if rng.random() < 0.7:
            amount = f"{rng.randrange(50, 500)}.00"
            fees.append({"name": "Establishment Fee", "feeType": "UPFRONT", "amount": amount})
        if rng.random() < 0.5:
            fees.append(
                {
                    "name": "Monthly Fee",
                    "feeType": "PERIODIC",
                    "amount": f"{rng.randrange(1, 15)}.00",
                    "additionalValue": "P1M",
                }
            )
        constraints = [
            {"constraintType": "MIN_LIMIT", "additionalValue": str(rng.choice((500, 4000)))},
            {"constraintType": "MAX_LIMIT", "additionalValue": str(rng.choice((9000, 50000)))},
        ]
        listed.append(published(number, rates, fees, constraints, commission=rng.random()))
    return listed


def raw_least(listed, amount: float, terms, budget: float) -> float | None:
    """Return the least cost by reading the file plainly and trying ends of every pair and triple.

    It shares no code with the planner: amounts are tried at every limit, and where the budget
    binds the crossing is found by halving.
    """
    arms = []
    for place, product in enumerate(listed):
        limits = {
            each["constraintType"]: float(each["additionalValue"])
            for each in product["constraints"]
        }
        once = sum(float(f["amount"]) for f in product["fees"] if f["feeType"] == "UPFRONT")
        month = sum(float(f["amount"]) for f in product["fees"] if f["feeType"] == "PERIODIC")
        for rate in product["lendingRates"]:
            if rate["lendingRateType"] not in ("FIXED", "VARIABLE"):
                continue
            if rate["repaymentType"] == "INTEREST_ONLY":
                continue
            low, high = limits["MIN_LIMIT"], min(limits["MAX_LIMIT"], amount)
            for tier in rate.get("tiers", ()):
                low, high = max(low, tier["minimumValue"]), min(high, tier["maximumValue"])
            held = {"P2Y": 24, "P36M": 36, "P5Y": 60}.get(rate.get("additionalValue"), 999)
            for n in terms:
                if n > held or low > high:
                    continue
                i = float(rate["rate"]) / 12
                a = i / (1 - (1 + i) ** -n)
                arms.append((place, n, a, once, month, low, high))

    def cost(legs, xs):
        return sum(
            n * (a * x + g) + f - x for (_, n, a, f, g, _, _), x in zip(legs, xs, strict=True)
        )

    def month(legs, xs):
        return sum(a * x + g for (_, _, a, _, g, _, _), x in zip(legs, xs, strict=True))

    best = math.inf
    for count in (1, 2, 3):
        for legs in itertools.combinations(arms, count):
            if len({leg[0] for leg in legs}) < count:
                continue
            points = []
            for order in itertools.permutations(range(count)):
                xs = [leg[5] for leg in legs]
                rest = amount - sum(xs)
                for place in order:
                    more = min(max(rest, 0.0), legs[place][6] - xs[place])
                    xs[place] += more
                    rest -= more
                if abs(rest) < 1e-9:
                    points.append(xs)
            for one, other in itertools.product(points, points):
                if month(legs, one) > budget + 1e-9:
                    continue
                low, high = 0.0, 1.0
                if month(legs, other) > budget:
                    for _ in range(60):
                        middle = (low + high) / 2
                        mixed = [p + middle * (q - p) for p, q in zip(one, other, strict=True)]
                        fits = month(legs, mixed) <= budget
                        low, high = (middle, high) if fits else (low, middle)
                    other = [p + low * (q - p) for p, q in zip(one, other, strict=True)]
                best = min(best, cost(legs, one), cost(legs, other))
    return None if best == math.inf else best


@pytest.mark.parametrize("block", range(6))
def test_a_published_file_is_planned_as_a_plain_reading_of_it_says(tmp_path, block):
    for seed in range(block * 12, block * 12 + 12):
        rng = random.Random(seed)
        listed = random_file(rng)
        low, high = rng.choice(((36, 36), (24, 36), (20, 30)))
        need = {**NEED, "amount": rng.choice((8000, 15000.5, 22000))}
        del need["term_months"]
        need["term_months_range"] = [low, high]
        if rng.random() < 0.6:
            need["monthly_max"] = rng.randrange(350, 1100)
        got = answer({"id": seed, "need": need, "profile": PROFILE}, library_of(tmp_path, listed))
        terms = {low, high, *(n for n in range(low, high + 1) if n % 12 == 0)}
        budget = min(need.get("monthly_max", 1e9), 0.45 * 9000 - 500)
        least = raw_least(listed, need["amount"], terms, budget)
        if least is None:
            assert got["plans"] == [], seed
            assert got["rejected"]
            continue
        cheapest = got["plans"][0]
        assert cheapest["kind"] == "cheapest"
        assert (cheapest["gap"], cheapest["proven"]) == (0, True)
        assert abs(cheapest["total_cost"] - least) < 0.03, seed
        used = {leg["product_id"] for each in got["plans"] for leg in each["legs"]}
        told = {each["product_id"] for each in got["rejected"]}
        assert used | told == {each["productId"] for each in listed}
        assert not used & told


def test_a_line_is_answered_in_the_published_shape(tmp_path):
    fees = [{"name": "Establishment Fee", "feeType": "UPFRONT", "amount": "150.00"}]
    stock = lay_out(library_of(tmp_path, [published(0, [variable("0.0999")], fees)]))
    got = answer({"id": "a1", "need": NEED, "profile": PROFILE}, stock)
    assert got["id"] == "a1"
    assert [each["kind"] for each in got["plans"]] == ["cheapest", "lightest", "surest"]
    (leg,) = got["plans"][0]["legs"]
    assert (leg["product_id"], leg["rate_index"], leg["amount"]) == ("id-0", 0, 20000)
    assert leg["fees"] == {"upfront": 150, "monthly": 0}
    assert abs(leg["instalment"] - 645.249886) < 0.001
    assert abs(got["plans"][0]["total_cost"] - (36 * leg["instalment"] + 150 - 20000)) < 0.01
    assert leg["true_rate"] > 0.0999
    assert got["ms"] > 0


def test_a_planner_reads_its_library_once_and_answers_line_after_line(tmp_path):
    stock = [published(n, [variable(f"0.{90 + n:03d}")]) for n in range(2)]
    library_of(tmp_path, stock)
    answer_line = planner(tmp_path / "products.jsonl")
    for _ in range(2):
        got = answer_line({"id": "x", "need": NEED, "profile": PROFILE})
        assert got["plans"][0]["legs"][0]["product_id"] == "id-0"
    with pytest.raises(Problem):
        planner(tmp_path / "no such file")


def test_money_may_come_as_text_and_gives_the_same_answer(tmp_path):
    stock = library_of(tmp_path, [published(0, [variable("0.0999")])])
    one = answer({"id": 1, "need": NEED, "profile": PROFILE}, stock)
    text = {**NEED, "amount": "20000.00"}, {**PROFILE, "income_monthly": "9000", "dsr_max": "0.45"}
    other = answer({"id": 1, "need": text[0], "profile": text[1]}, stock)
    assert one["plans"] == other["plans"]


@pytest.mark.parametrize(
    ("part", "field"),
    [
        *(("need", name) for name in ("purpose", "amount", "currency", "term_months")),
        *(("profile", name) for name in ("age", "residency", "income_monthly")),
        *(("profile", name) for name in ("debts_monthly", "dsr_max")),
    ],
)
def test_a_missing_field_is_asked_for_by_name(tmp_path, part, field):
    line = {"id": 7, "need": dict(NEED), "profile": dict(PROFILE)}
    del line[part][field]
    problem = answer(line, library_of(tmp_path, [published(0, [variable("0.1")])]))
    assert problem["id"] == 7
    assert problem["problem"]["code"] == "offers.missing_field"
    assert problem["problem"]["field"] == field
    assert f"{part}.{field}" in problem["problem"]["detail"]


@pytest.mark.parametrize(
    ("part", "field"), [("need", "colour"), ("profile", "commission"), (None, "hint")]
)
def test_an_unknown_field_is_refused_by_name(tmp_path, part, field):
    line = {"id": 8, "need": dict(NEED), "profile": dict(PROFILE)}
    (line[part] if part else line)[field] = 1
    problem = answer(line, library_of(tmp_path, []))["problem"]
    assert (problem["code"], problem["field"]) == ("offers.unknown_field", field)


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        ("need", {"amount": 0}),
        ("need", {"amount": -5}),
        ("need", {"amount": 1e300}),
        ("need", {"amount": "much"}),
        ("need", {"amount": True}),
        ("need", {"amount": 10.001}),
        ("need", {"currency": "XXX"}),
        ("need", {"purpose": ""}),
        ("need", {"purpose": "x" * 10000}),
        ("need", {"term_months": 0}),
        ("need", {"term_months": 12.5}),
        ("need", {"term_months_range": [36, 12]}),
        ("need", {"term_months_range": [36]}),
        ("need", {"term_months": 60, "term_months_range": [12, 36]}),
        ("need", {"monthly_max": 0}),
        ("need", {"goals": [{"purpose": "car", "amount": 1}]}),
        ("need", {"goals": [{"purpose": "car", "amount": 5000}] * 4}),
        ("profile", {"age": -1}),
        ("profile", {"dsr_max": 45}),
        ("profile", {"income_monthly": -1}),
        ("profile", {"collateral": [{"kind": "house"}]}),
        ("profile", {"collateral": "house"}),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(tmp_path, part, changed):
    line = {"id": 9, "need": dict(NEED), "profile": dict(PROFILE)}
    line[part].update(changed)
    got = answer(line, library_of(tmp_path, [published(0, [variable("0.1")])]))
    assert got["problem"]["status"] == 422
    assert got["problem"]["code"].startswith("offers.")


@pytest.mark.parametrize("line", [None, 5, [], "text", {}, {"id": 1}, {"id": 1, "need": 3}])
def test_a_line_that_is_no_request_is_refused_and_keeps_its_id(tmp_path, line):
    got = answer(line, library_of(tmp_path, []))
    assert set(got) == {"id", "problem"}


def test_products_of_one_id_and_two_brands_are_two_products(tmp_path):
    listed = [
        published(
            n,
            [variable("0.1")],
            productId="same",
            constraints=[{"constraintType": "MAX_LIMIT", "additionalValue": "12000"}],
        )
        for n in range(2)
    ]
    got = answer({"id": 1, "need": NEED, "profile": PROFILE}, library_of(tmp_path, listed))
    legs = got["plans"][0]["legs"]
    assert sorted((leg["product_id"], leg["place"]) for leg in legs) == [("same", 0), ("same", 1)]


def test_the_law_is_enforced_by_rule_id(tmp_path):
    packs = read_packs(CATALOG / "jurisdictions")
    stock = library_of(tmp_path, [published(0, [variable("0.1")])])
    chinese = tuple(
        type(each)(**{**{n: getattr(each, n) for n in each.__slots__}, **changed})
        for each in stock.products
        for changed in ({"currency": "CNY", "jurisdiction": "cn"},)
    )
    for purpose, amount, rule in (
        ("securities", 20000, "cn.purpose_prohibited"),
        ("car", 200001, "cn.consumer_online_amount"),
    ):
        need = {**NEED, "purpose": purpose, "amount": amount, "currency": "CNY"}
        rich = {**PROFILE, "income_monthly": 1e6}
        line = {"id": 1, "need": need, "profile": rich}
        got = plan_line(line, chinese, on=ON, pack=packs)
        assert got["plans"] == []
        assert got["rejected"][0]["rule"] == rule
        assert plan_line(
            {**line, "need": {**need, "purpose": "car", "amount": 200000}},
            chinese,
            on=ON,
            pack=packs,
        )["plans"]


def test_a_product_that_lends_too_little_is_not_said_to_cost_too_much(tmp_path):
    # The market has a greatest rate too; it turns away only what is dearer than it.
    packs = read_packs(CATALOG / "jurisdictions")
    small = [{"constraintType": "MAX_LIMIT", "additionalValue": "5000"}]
    listed = [
        published(0, [variable("0.15")], constraints=small),
        published(1, [variable("0.9")]),
        published(2, [variable("0.12")]),
    ]
    chinese = tuple(
        replace(each, currency="CNY", jurisdiction="cn")
        for each in library_of(tmp_path, listed).products
    )
    need = {**NEED, "purpose": "car", "amount": 20000, "currency": "CNY"}
    line = {"id": 1, "need": need, "profile": {**PROFILE, "income_monthly": 1e6}}
    told = {each["place"]: each for each in plan_line(line, chinese, on=ON, pack=packs)["rejected"]}
    assert told[1]["rule"] == "cn.all_in_rate_max" and "24" in told[1]["detail"]
    assert (told[0]["rule"], told[0]["detail"]) == (
        "amount_above_maximum",
        "lends at most 5000.00 CNY",
    )
