"""The products that we declare: invented, marked so, within the law, and checked when read."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jiuding.kernel.products import Category, FeeTiming
from jiuding.services.offers.errors import BadDeclaration
from jiuding.services.offers.rules.fees import plan_fees
from jiuding.services.offers.store import library as store

D = Decimal
GOOD = (store.DECLARED / "jiuding_demo_consumer.toml").read_text()


@pytest.fixture(scope="module")
def declared():
    """Every product of the catalogue."""
    return store.read_declared()


def all_in(product, rate, amount, months):
    """The yearly internal rate of a loan with every certain fee, times twelve."""
    upfront, fraction, monthly = (float(part) for part in plan_fees(product, rate))
    j = float(rate.rate) / 12
    payment = amount * j / (1 - (1 + j) ** -months) + monthly
    received = amount - upfront - fraction * amount
    low, high = 0.0, 0.5
    for _ in range(80):
        middle = (low + high) / 2
        worth = payment * (1 - (1 + middle) ** -months) / middle
        low, high = (middle, high) if worth > received else (low, middle)
    return 12 * low


def test_twenty_four_products_of_eight_invented_lenders_serve_china(declared):
    chinese = [product for product in declared if product.currency == "CNY"]
    assert len(chinese) == 24
    assert len({product.lender for product in chinese}) == 8
    assert {"car", "renovation", "home", "travel", "working_capital", "equipment"} <= {
        purpose for product in chinese for purpose in product.purposes
    }


def test_the_demonstration_bank_serves_every_group_and_both_markets(declared):
    own = [product for product in declared if product.lender == "jiuding_demo"]
    served = {purpose for p in own if p.currency == "CNY" for purpose in p.purposes}
    assert {"home", "car", "renovation", "consumption", "working_capital", "equipment"} <= served
    assert {p.lender_name for p in own} == {"九鼎示范银行", "Jiuding Demonstration Bank"}
    australian = [p for p in own if p.currency == "AUD"]
    assert {p.jurisdiction for p in australian} == {"au"}
    assert len(australian) == 4


def test_every_product_says_in_both_languages_that_it_is_illustrative(declared):
    for product in declared:
        assert product.is_illustrative
        assert "示例" in product.names["zh"]
        assert "illustrative" in product.names["en"]


def test_no_product_exceeds_the_law_of_its_market(declared):
    for product in declared:
        for rate in product.rates:
            months = rate.fixed_months or product.term_months_max
            least = [int(t.minimum) for t in rate.tiers if t.unit.value == "months" and t.minimum]
            shortest = max([product.term_months_min, *least])
            for amount in (float(product.amount_min), float(product.amount_max)):
                for term in {shortest, months}:
                    assert all_in(product, rate, amount, term) <= 0.24, product.product_id
        is_unsecured_credit = product.category is Category.PERSONAL and not product.collateral
        if product.currency == "CNY" and is_unsecured_credit:
            assert product.amount_max <= 200_000
        assert not {"securities", "home_deposit"} & set(product.purposes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("rate = 0.0360", "rate = 0.9"), "is not from 0"),
        (("rate = 0.0360", 'rate = "low"'), "must be a number"),
        (("rate = 0.0360", "rate = nan"), "is not from"),
        (("fixed_months = 12\n", ""), "states its months"),
        (('kind = "fixed"', 'kind = "discount"'), "is fixed or variable"),
        (('currency        = "CNY"', 'currency        = "XXX"'), "is not served"),
        (("（示例）", ""), "says so in each language"),
        (("is_illustrative = true", ""), "true or false"),
        (("version         = 1", "version         = 0"), "whole number"),
        (('"education", ', '"securities", '), "must be of"),
        (("from = 1000\n", "from = 900000\n"), "is not from"),
        (('lender          = "jiuding_demo"', 'lander = "x"'), "unknown keys"),
        (("[amount]", "[amounts]"), "unknown keys"),
        (("[[rates]]", "[[eligibility]]"), "at least one rate"),
        (('[name]\nzh', '[name]\nfr = "x"\nzh'), "zh and en"),
        (("= ", "= = "), "not TOML"),
    ],
)  # fmt: skip
def test_a_wrong_declaration_is_refused_by_name(tmp_path, change, words):
    path = tmp_path / "jiuding_demo_consumer.toml"
    assert change[0] in GOOD
    path.write_text(GOOD.replace(*change))
    with pytest.raises(BadDeclaration, match=words) as refused:
        store.read_declared(tmp_path)
    assert refused.value.code == "offers.bad_declaration"
    assert "jiuding_demo_consumer" in refused.value.detail


@pytest.mark.parametrize(
    "fee",
    [
        'name = "x"\ntiming = "upfront"',
        'name = "x"\ntiming = "upfront"\namount = 5\nfraction = 0.01',
        'name = "x"\ntiming = "monthly"\nfraction = 0.01',
        'name = "x"\ntiming = "upfront"\namount = -5',
        'name = "x"\ntiming = "upfront"\nfraction = 0.5',
        'name = "x"\ntiming = "event"\namount = 5',
        'name = "x"\ntiming = "some day"\namount = 5',
    ],
)
def test_a_fee_that_makes_no_sense_is_refused(tmp_path, fee):
    path = tmp_path / "jiuding_demo_consumer.toml"
    path.write_text(f"{GOOD}\n[[fees]]\n{fee}\n")
    with pytest.raises(BadDeclaration, match="fees"):
        store.read_declared(tmp_path)


def test_a_declared_fee_is_counted_as_it_is_due(tmp_path):
    fees = '[[fees]]\nname = "a"\ntiming = "yearly"\namount = 120\n'
    fees += '[[fees]]\nname = "b"\ntiming = "upfront"\nfraction = 0.01\n'
    (tmp_path / "jiuding_demo_consumer.toml").write_text(f"{GOOD}\n{fees}")
    (product,) = store.read_declared(tmp_path)
    assert plan_fees(product) == (D(0), D("0.01"), D(10))
    assert product.fees[0].timing is FeeTiming.YEARLY


def test_a_file_is_named_like_its_product(tmp_path):
    (tmp_path / "other_name.toml").write_text(GOOD)
    with pytest.raises(BadDeclaration, match="name of its file"):
        store.read_declared(tmp_path)


def test_numbers_are_read_as_exact_decimals(declared):
    product = next(p for p in declared if p.product_id == "jiuding_demo_consumer")
    assert product.rates[0].rate == D("0.0360")
