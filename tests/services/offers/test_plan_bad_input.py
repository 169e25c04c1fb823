"""`jiuding plan` over what nobody can mean, or nothing can meet: refused or answered by name."""

from __future__ import annotations

import json
from datetime import date

import pytest

from jiuding.services.offers import read_library
from jiuding.services.offers.commands.plans import plan_line, planner
from jiuding.services.offers.errors import LibraryTooLarge, PlanTooLarge
from jiuding.services.offers.operations import plans as operations
from jiuding.services.offers.store import library as store

ON = date(2026, 11, 23)
NEED = {"purpose": "car", "amount": 20000, "currency": "AUD", "term_months": 36}
PROFILE = {
    "age": 35, "residency": "citizen", "income_monthly": 9000, "debts_monthly": 500,
    "dsr_max": 0.45, "collateral": [],
}  # fmt: skip


def published(number, rate, fees=(), **changed):
    entry = {"lendingRateType": "VARIABLE", "rate": rate,
             "repaymentType": "PRINCIPAL_AND_INTEREST"}  # fmt: skip
    return {
        "productId": f"id-{number}", "brand": f"Bank {number}", "name": f"Loan {number}",
        "productCategory": "PERS_LOANS", "lendingRates": [entry], "fees": list(fees), **changed,
    }  # fmt: skip


def fee(amount, kind="UPFRONT", **changed):
    return {"name": "Establishment fee", "feeType": kind, "amount": amount, **changed}


def answer(tmp_path, listed, need=(), profile=()):
    path = tmp_path / "library.jsonl"
    path.write_text("\n".join(json.dumps(each) for each in listed))
    line = {"id": 1, "need": {**NEED, **dict(need)}, "profile": {**PROFILE, **dict(profile)}}
    return json.loads(json.dumps(plan_line(line, read_library(path), on=ON, deadline_seconds=20)))


def rules_of(got):
    return {each["product_id"]: each["rule"] for each in got["rejected"]}


@pytest.mark.parametrize("rate", ["0", "0.0", "-0.01", "19.0", "1900%", "about six", "", None])
def test_a_rate_that_cannot_be_meant_is_never_planned_on(tmp_path, rate):
    got = answer(tmp_path, [published(0, rate), published(1, "0.19")])
    assert [leg["product_id"] for leg in got["plans"][0]["legs"]] == ["id-1"]
    assert rules_of(got) == {"id-0": "rate_not_quotable"}
    only = answer(tmp_path, [published(0, rate)])
    assert only["plans"] == [] and rules_of(only) == {"id-0": "rate_not_quotable"}
    assert only["nearest"]["binds"] == "no_product"


def test_a_rate_with_a_written_per_cent_sign_is_read(tmp_path):
    got = answer(tmp_path, [published(0, "6.5%")])
    assert got["plans"][0]["legs"][0]["rate"] == 0.065


def test_a_negative_fee_is_no_gift(tmp_path):
    monthly = fee("-10", "PERIODIC", name="Monthly fee", additionalValue="P1M")
    generous = answer(tmp_path, [published(0, "0.08", [fee("-500"), monthly])])
    plain = answer(tmp_path, [published(0, "0.08")])
    assert generous["plans"][0]["total_cost"] == plain["plans"][0]["total_cost"] > 0
    assert generous["plans"][0]["legs"][0]["fees"] == {"upfront": 0, "monthly": 0}


def test_a_currency_without_products_is_told_product_by_product(tmp_path):
    got = answer(tmp_path, [published(0, "0.08")], need={"currency": "CNY"})
    assert got["plans"] == [] and rules_of(got) == {"id-0": "currency_differs"}
    assert got["nearest"]["binds"] == "no_product"
    unknown = answer(tmp_path, [published(0, "0.08")], need={"currency": "XAU"})
    assert unknown["problem"]["code"] == "offers.unknown_currency"
    assert unknown["problem"]["field"] == "need.currency"


def test_an_empty_library_has_no_plan_and_says_so(tmp_path):
    got = answer(tmp_path, [{"name": "no id"}])
    assert (got["plans"], got["rejected"]) == ([], [])
    assert got["nearest"]["binds"] == "no_product"


@pytest.mark.parametrize(
    ("need", "profile"),
    [
        ({"monthly_max": 500}, {}),
        ({}, {"income_monthly": 2000}),
        ({"monthly_max": 900}, {"debts_monthly": 3700}),
    ],
)
def test_what_no_plan_meets_names_what_binds_and_the_nearest_need_that_works(
    tmp_path, need, profile
):
    listed = [published(0, "0.10")]
    got = answer(tmp_path, listed, need, profile)
    assert got["plans"] == [] and rules_of(got) == {"id-0": "over_budget"}
    near = got["nearest"]
    assert near["binds"] == "over_budget"
    able = {"income_monthly": 90_000, "debts_monthly": 0}
    enough = {"monthly_max": near["monthly_needed"]}
    assert answer(tmp_path, listed, enough, able)["plans"]
    short = {"monthly_max": near["monthly_needed"] - 0.02}
    assert answer(tmp_path, listed, short, able)["plans"] == []
    less = answer(tmp_path, listed, {**need, "amount": near["amount_max"]}, profile)
    assert less["plans"]
    more = answer(tmp_path, listed, {**need, "amount": near["amount_max"] + 1}, profile)
    assert more["plans"] == []


def test_an_amount_that_nobody_lends_names_the_most_that_is_lent(tmp_path):
    limit = [{"constraintType": "MAX_LIMIT", "additionalValue": "4000"}]
    got = answer(tmp_path, [published(n, "0.10", constraints=limit) for n in range(4)])
    assert got["plans"] == []
    assert got["nearest"]["binds"] == "amount_above_maximum"
    assert got["nearest"]["amount_max"] == 4000


@pytest.mark.parametrize(
    ("need", "code"),
    [
        ({"term_months": 60, "term_months_range": [12, 36]}, "offers.bad_field"),
        ({"term_months_range": [36, 12]}, "offers.bad_field"),
        ({"goals": [{"purpose": "car", "amount": 1}]}, "offers.bad_field"),
    ],
)
def test_needs_that_contradict_themselves_are_refused_with_the_field(tmp_path, need, code):
    problem = answer(tmp_path, [published(0, "0.08")], need)["problem"]
    assert problem["code"] == code and problem["field"].startswith("need.")


def test_a_need_with_no_income_has_no_plan_and_not_an_error(tmp_path):
    got = answer(tmp_path, [published(0, "0.08")], profile={"income_monthly": 0})
    assert got["plans"] == [] and got["nearest"]["binds"] == "over_budget"


def test_a_library_beyond_its_limit_is_refused_with_the_limit_named(tmp_path, monkeypatch):
    path = tmp_path / "large.jsonl"
    path.write_text("\n".join(json.dumps(published(n, "0.08")) for n in range(6)))
    monkeypatch.setattr(store, "PRODUCTS_MAX", 5)
    with pytest.raises(LibraryTooLarge) as refused:
        planner(path)
    assert refused.value.to_dict()["limit"] == 5 and "5 products" in refused.value.detail
    monkeypatch.setattr(store, "PRODUCTS_MAX", 6)
    monkeypatch.setattr(operations, "PRODUCTS_MAX", 5)
    with pytest.raises(PlanTooLarge) as refused:
        planner(path)
    assert refused.value.to_dict()["products_max"] == 5
    assert operations.lay_out(read_library(path).products[:5])


def test_a_commission_in_a_library_never_changes_an_answer(tmp_path):
    plain = [published(n, rate) for n, rate in enumerate(("0.08", "0.07", "0.09"))]
    paid = [{**each, "commission": f"0.{9 - n}"} for n, each in enumerate(plain)]
    assert answer(tmp_path, plain)["plans"] == answer(tmp_path, paid)["plans"]
