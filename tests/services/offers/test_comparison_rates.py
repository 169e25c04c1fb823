"""Comparison rates: the equation, the loan that is priced, and the banks' own figures."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from jiuding.kernel import products
from jiuding.kernel.products import Category, RateKind, Repayment
from jiuding.services.offers.commands.library import check
from jiuding.services.offers.operations.library import shares
from jiuding.services.offers.rules.cdr import product_from_cdr
from jiuding.services.offers.rules.comparison import (
    HOME,
    PERSONAL,
    SMALL,
    basis_of,
    compare,
    comparison_rates,
    stated_bases,
    stated_basis,
)
from jiuding.services.offers.store import library as store

D = Decimal


def product(place=0, category="RESIDENTIAL_MORTGAGES", **fields):
    """A published product of one lender."""
    record = {
        "productId": f"p{place}",
        "brand": "Somebank",
        "name": "Home Loan",
        "productCategory": category,
        "lendingRates": [{"lendingRateType": "VARIABLE", "rate": "0.06"}],
        **fields,
    }
    return product_from_cdr(record, place)


def solve(**loan):
    """The comparison rate of one loan; what is not named is nothing."""
    import numpy as np

    plain = {
        "amount": 150_000, "months": 300, "rate": 0.06, "later_rate": 0.06, "fixed_months": 300,
        "interest_only_months": 0, "upfront": 0, "monthly": 0, "yearly": 0, "discharge": 0,
    }  # fmt: skip
    columns = {name: np.array([float(value)]) for name, value in {**plain, **loan}.items()}
    return comparison_rates(**columns)[0]


def test_without_fees_the_comparison_rate_is_the_rate():
    assert solve() == pytest.approx(0.06, abs=1e-12)
    assert solve(rate=0.0001, later_rate=0.0001) == pytest.approx(0.0001, abs=1e-9)


def test_the_equation_agrees_with_the_products_package():
    payment = 30_000 * 0.005 / (1 - 1.005**-60)
    flows = [products.Cashflow(date(2024, 1, 1), D(30_000 - 250))]
    for month in range(1, 61):
        on = date(2024 + month // 12, month % 12 + 1, 1)
        flows.append(products.Cashflow(on, -D(str(payment + 10))))
    theirs = products.au_comparison(flows)
    ours = solve(amount=30_000, months=60, fixed_months=60, upfront=250, monthly=10)
    assert ours == pytest.approx(theirs, abs=1e-7)


def test_each_fee_raises_the_rate_and_a_later_one_raises_it_less():
    assert solve(upfront=600) > solve(discharge=600) > solve()
    assert solve(yearly=120) > solve(monthly=10) > solve()


def test_a_fixed_rate_reverts_and_an_interest_only_one_repays_later():
    assert 0.05 < solve(rate=0.05, later_rate=0.07, fixed_months=36) < 0.07
    late = solve(rate=0.07, later_rate=0.06, fixed_months=60, interest_only_months=60)
    assert 0.06 < late < 0.07


def test_interest_only_months_leave_the_whole_balance_to_be_repaid():
    import numpy as np

    j, months = 0.005, 300
    payment = 150_000 * j / (1 - (1 + j) ** -240)
    flows = [-150_000 + 900.0] + [750.0] * 60 + [payment] * 240
    rate = solve(fixed_months=60, interest_only_months=60, upfront=900) / 12
    worth = sum(np.array(flows) / (1 + rate) ** np.arange(months + 1))
    assert abs(worth) < 0.01


@pytest.mark.parametrize(
    ("words", "loan"),
    [
        ("Comparison rate is based on a loan of $30,000 over 5 years", (30_000, 60)),
        ("calculated on a loan amount of $10,000 for a term of 3 years", (10_000, 36)),
        ("based on a $30,000 Personal Loan for a five year term", (30_000, 60)),
        ("secured loan of $150,000 over a term of 25 years", (150_000, 300)),
        ("minimum $5,000 over 7 years", None),
        ("", None),
    ],
)
def test_a_stated_loan_is_read_from_the_words(words, loan):
    basis = stated_basis(words)
    assert (basis and (basis.amount, basis.months)) == loan


def test_the_loan_priced_is_chosen_by_a_rule_that_sees_no_published_rate():
    home = product()
    assert basis_of(home, home.rates[0], {}) == HOME
    personal = product(category="PERS_LOANS")
    assert basis_of(personal, personal.rates[0], {}) == PERSONAL
    small = product(
        category="PERS_LOANS",
        constraints=[{"constraintType": "MAX_LIMIT", "additionalValue": "25000"}],
    )
    assert basis_of(small, small.rates[0], {}) == SMALL
    named = product(category="PERS_LOANS", name="Unsecured Personal Loan")
    assert basis_of(named, named.rates[0], {}) == SMALL
    entry = {
        "lendingRateType": "VARIABLE",
        "rate": "0.09",
        "additionalInfo": "Comparison rate on a loan amount of $10,000 for a term of 3 years",
    }
    stated = product(category="PERS_LOANS", lendingRates=[entry, entry])
    assert basis_of(stated, stated.rates[0], {}).why == "stated"
    elsewhere = basis_of(personal, personal.rates[0], stated_bases([stated]))
    assert (elsewhere.amount, elsewhere.why) == (10_000, "stated by the lender")


def test_a_published_rate_never_changes_ours():
    def ours(published):
        entry = {"lendingRateType": "VARIABLE", "rate": "0.06", "comparisonRate": published}
        fees = [{"name": "Annual Fee", "feeType": "PERIODIC", "amount": "395",
                 "additionalValue": "P1Y"}]  # fmt: skip
        (row,) = compare([product(lendingRates=[entry], fees=fees)])
        return row

    assert ours("0.0635").computed == ours("0.09").computed == ours("junk").computed
    assert ours("0.0635").is_within
    assert ours("junk").published is None


def test_a_published_rate_below_the_bare_rate_is_dirty_unless_the_rate_falls_later():
    dirty = {"lendingRateType": "VARIABLE", "rate": "0.06", "comparisonRate": "0.05"}
    (row,) = compare([product(lendingRates=[dirty])])
    assert (row.is_dirty, row.miss_reason) == (True, "published_below_rate")
    falling = {**dirty, "lendingRateType": "FIXED", "additionalValue": "P2Y", "rate": "0.08"}
    low = {"lendingRateType": "VARIABLE", "rate": "0.05"}
    row = compare([product(lendingRates=[falling, low])])[0]
    assert (row.is_dirty, row.reverts_to) == (False, D("0.05"))


def test_a_discount_that_reaches_down_to_the_published_figure_explains_it():
    low = {"lendingRateType": "VARIABLE", "rate": "0.06", "comparisonRate": "0.055"}
    for written in ("0.054", "0.006"):  # the rate that is left, or what is taken off
        discount = {"lendingRateType": "DISCOUNT", "rate": written}
        row = compare([product(lendingRates=[low, discount])])[0]
        assert (row.is_dirty, row.miss_reason) == (False, "published_with_discount")
        assert row.computed == D("0.0600"), "nothing is priced at a discount"
    small = {"lendingRateType": "DISCOUNT", "rate": "0.001"}
    assert compare([product(lendingRates=[low, small])])[0].is_dirty


@pytest.mark.parametrize(
    ("name", "kind", "is_charged"),
    [
        ("Arrangement Fee", "UPFRONT", True),
        ("Commencement fee", "EVENT", True),
        ("Credit Fee", "EVENT", True),
        ("Novation fee", "UPFRONT", False),
        ("Deed of priority", "UPFRONT", False),
        ("Returned payment", "UPFRONT", False),
        ("Site visit", "UPFRONT", False),
        ("Overseas payment fee", "EVENT", False),
    ],
)
def test_fee_names_that_no_shipped_bank_uses_are_read_by_what_they_mean(name, kind, is_charged):
    fees = [{"name": name, "feeType": kind, "amount": "300"}]
    (row,) = compare([product(fees=fees)])
    assert (row.computed > row.bare) is is_charged


def test_a_fixed_rate_reverts_to_the_variable_rate_that_is_most_alike():
    def variable(rate, **fields):
        return {"lendingRateType": "VARIABLE", "rate": rate, **fields}

    fixed = {"lendingRateType": "FIXED", "rate": "0.05", "additionalValue": "P3Y"}
    rates = [
        {**fixed, "loanPurpose": "INVESTMENT"},
        variable("0.06", loanPurpose="OWNER_OCCUPIED"),
        variable("0.07", loanPurpose="INVESTMENT"),
        variable("0.01", loanPurpose="INVESTMENT", repaymentType="INTEREST_ONLY"),
    ]
    assert compare([product(lendingRates=rates)])[0].reverts_to == D("0.07")
    named = {**fixed, "additionalInfo": "Reverts to the Ocean Home Loan at the end."}
    library = [
        product(0, lendingRates=[named]),
        product(1, name="Standard Home Loan", lendingRates=[variable("0.08")]),
        product(2, name="Ocean Home Loan", lendingRates=[variable("0.09")]),
    ]
    assert compare(library)[0].reverts_to == D("0.09")
    assert compare(library[:1])[0].reverts_to is None


def test_a_fixed_rate_reverts_to_the_full_product_and_not_to_a_cut_down_one():
    fixed = {"lendingRateType": "FIXED", "rate": "0.05", "additionalValue": "P3Y"}
    variable = {"lendingRateType": "VARIABLE"}
    library = [
        product(0, name="Fixed Rate Home Loan", lendingRates=[fixed]),
        product(1, name="Basic Variable Home Loan", lendingRates=[{**variable, "rate": "0.06"}]),
        product(2, name="Variable Loan with Offset", lendingRates=[{**variable, "rate": "0.08"}]),
        product(3, name="Basic Fixed Home Loan", lendingRates=[fixed]),
    ]
    found = compare(library)
    assert (found[0].reverts_to, found[3].reverts_to) == (D("0.08"), D("0.06"))


@pytest.mark.parametrize(
    ("name", "later"),
    [
        ("Investor Loan", D("0.06")),
        ("Construction Loan", None),
        ("Bridging Loan", None),
        ("Relocation Loan", None),
    ],
)
def test_a_rate_for_building_or_bridging_is_followed_by_no_other(name, later):
    only = {"lendingRateType": "VARIABLE", "rate": "0.07", "repaymentType": "INTEREST_ONLY"}
    library = [
        product(0, name=name, lendingRates=[only]),
        product(
            1, name="Home Loan", lendingRates=[{"lendingRateType": "VARIABLE", "rate": "0.06"}]
        ),
    ]
    found = compare(library)[0]
    assert found.reverts_to == later
    # Interest alone for five years and the same rate after them costs the rate itself.
    assert (found.computed == D("0.07")) is (later is None)


@pytest.fixture(scope="module")
def found():
    """Every rate of the shipped library, recomputed."""
    return compare(store.read_library().products)


def test_the_banks_own_figures_are_met(found):
    named = {share.group: share for share in shares(found)}
    homes = named["mortgage.variable.principal_and_interest"]
    assert homes.count == 1404
    assert homes.within / homes.count >= 0.88
    assert homes.clean_within / (homes.count - homes.dirty) >= 0.90
    personal = named["personal.variable.principal_and_interest"]
    assert personal.count == 206
    assert personal.within / personal.count >= 0.55
    fixed = named["mortgage.fixed.principal_and_interest"]
    assert fixed.within / fixed.count >= 0.66
    for kind, least in (("variable", 0.56), ("fixed", 0.55)):
        only = named[f"mortgage.{kind}.interest_only"]
        assert only.within / only.count >= least
    assert homes.bare_within < homes.within
    for share in named.values():
        assert sum(share.reasons.values()) == share.count - share.within


def test_the_command_writes_a_line_a_rate_in_order_and_then_the_summary(tmp_path):
    lines = [
        {"productId": "a", "productCategory": "PERS_LOANS", "brand": "B", "lendingRates": [
            {"lendingRateType": "VARIABLE", "rate": "0.08", "comparisonRate": "0.0821"},
            {"lendingRateType": "DISCOUNT", "rate": "0.01"}],
         "fees": [{"name": "Application", "feeType": "UPFRONT", "amount": "150"}]},
        {"productId": "b", "productCategory": "RESIDENTIAL_MORTGAGES", "lendingRates": [
            {"lendingRateType": "VARIABLE", "rate": "junk", "comparisonRate": "0.06"}]},
    ]  # fmt: skip
    path = tmp_path / "file.jsonl"
    path.write_text("\n".join([json.dumps(lines[0]), "broken", json.dumps(lines[1])]))
    out = list(check(path))
    assert [(row.get("product_id"), row.get("rate_index")) for row in out[:3]] == [
        ("a", 0),
        ("a", 1),
        ("b", 0),
    ]
    assert out[0]["published"] == 0.0821
    assert out[0]["computed"] == 0.0821
    assert out[0]["difference_bp"] == 0.0
    assert "30000 over 60 months" in out[0]["basis"]
    assert out[1]["computed"] is None
    assert out[2]["computed"] is None
    assert out[3]["problem"]["code"] == "offers.broken_line"
    assert out[3]["line"] == 2
    summary = out[-1]["summary"]
    assert summary["rates"] == 3
    assert summary["within_5bp"]["personal_variable"] == 1.0
    assert summary["within_5bp_without_dirty"]["personal_variable"] == 1.0
    assert summary["misses_by_reason"] == {"not_computed": 1}
    headlines = {"home_fixed", "home_variable_interest_only", "business_variable"}
    assert headlines <= set(summary["within_5bp_without_dirty"])
    assert summary["unquotable_rates"] == {"discount": 1, "rate_not_a_number": 1}
    json.dumps(out)


def test_the_command_refuses_a_file_that_is_not_there(tmp_path):
    (only,) = check(tmp_path / "none.jsonl")
    assert only["problem"]["code"] == "offers.library_not_found"


def test_the_whole_library_is_in_the_file_s_order(found):
    places = [(row.place, row.rate_index) for row in found]
    assert places == sorted(places)
    assert len(places) == 8739
    kinds = {(row.category, row.kind, row.repayment) for row in found if row.computed is not None}
    assert (Category.MORTGAGE, RateKind.FIXED, Repayment.INTEREST_ONLY) in kinds
    assert not any(row.computed for row in found if row.kind is RateKind.DISCOUNT)
