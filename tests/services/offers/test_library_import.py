"""Reading published products: each value where it belongs, and nothing lost without a word."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiuding.kernel.products import Category, FeeTiming, RateKind, Repayment, Tier, TierUnit
from jiuding.services.offers.errors import BrokenLine
from jiuding.services.offers.rules.cdr import product_from_cdr
from jiuding.services.offers.rules.eligibility import (
    conditions,
    eligibility_breach,
    loan_to_value_max,
)
from jiuding.services.offers.rules.fees import charged_fees, plan_fees
from jiuding.services.offers.rules.reading import read_months, read_number
from jiuding.services.offers.types import Profile

D = Decimal


def record(**fields):
    """A small published personal loan."""
    return {
        "productId": "p1",
        "brand": "Somebank",
        "name": "Personal Loan",
        "productCategory": "PERS_LOANS",
        "lendingRates": [{"lendingRateType": "VARIABLE", "rate": "0.0799"}],
        **fields,
    }


def rate_of(**fields):
    """The one rate of a product published with these fields."""
    entry = {"lendingRateType": "VARIABLE", "rate": "0.0799", **fields}
    return product_from_cdr(record(lendingRates=[entry]), 0).rates[0]


def fee_of(category="PERS_LOANS", **fields):
    """The one fee of a product published with these fields."""
    return product_from_cdr(record(productCategory=category, fees=[fields]), 0).fees[0]


def profile(**fields):
    """A grown-up resident with an income."""
    plain = {
        "age": 30,
        "residency": "citizen",
        "income_monthly": D(5000),
        "debts_monthly": D(0),
        "dsr_max": D("0.4"),
    }
    return Profile(**{**plain, **fields})


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("50,000", D(50000)),
        ("$1,000.00", D("1000.00")),
        ("'1000.00'", D("1000.00")),
        (0.06, D("0.06")),
        ("1E-5", D("0.00001")),
        ("-3", D(-3)),
        ("5,00", None),
        ("No Limit", None),
        ("", None),
        (True, None),
        ("٣", None),
        ([1], None),
        (float("nan"), None),
    ],
)
def test_a_number_is_read_as_files_write_it_or_not_at_all(text, number):
    assert read_number(text) == number


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("P3Y", 36),
        ("P36M", 36),
        ("P1Y6M", 18),
        ("Fixed for 2 Years", 24),
        ("Up to 7 years", 84),
        ("1 or 2 years, 3 years", None),
        ("P0D", None),
        ("At cost", None),
    ],
)
def test_a_period_is_read_from_its_code_or_its_words(text, months):
    assert read_months(text) == months


def test_a_variable_repayment_rate_can_be_quoted():
    rate = rate_of(repaymentType="PRINCIPAL_AND_INTEREST")
    assert (rate.rate, rate.kind, rate.unquotable) == (D("0.0799"), RateKind.VARIABLE, None)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"rate": None}, "rate_missing"),
        ({"rate": "on request"}, "rate_not_a_number"),
        ({"rate": "-0.01"}, "rate_negative"),
        ({"rate": "0.0000"}, "rate_zero"),
        ({"rate": "6.19"}, "rate_out_of_range"),
        ({"rate": "19.00"}, "rate_out_of_range"),
        ({"lendingRateType": "DISCOUNT"}, "discount"),
        ({"lendingRateType": "BUNDLE_DISCOUNT_FIXED"}, "discount"),
        ({"lendingRateType": "INTRODUCTORY"}, "introductory"),
        ({"lendingRateType": "PENALTY"}, "penalty"),
        ({"lendingRateType": "CASH_ADVANCE"}, "card_rate"),
        ({"lendingRateType": "SOMETHING_NEW"}, "kind_unknown"),
        ({"repaymentType": "INTEREST_ONLY"}, "interest_only"),
        (
            {
                "tiers": [
                    {"unitOfMeasure": "DOLLAR", "minimumValue": 1, "maximumValue": 2,
                     "rateApplicationMethod": "PER_TIER"}
                ]
            },
            "per_tier",
        ),
        ({"tiers": [{"unitOfMeasure": "PARSEC"}]}, "tier_unreadable"),
    ],
)  # fmt: skip
def test_a_rate_that_cannot_be_quoted_stays_with_its_reason(fields, reason):
    assert rate_of(**fields).unquotable == reason


def test_a_written_per_cent_sign_is_converted_with_a_note_and_a_bare_six_is_not():
    rate = rate_of(rate="6.19%")
    assert (rate.rate, rate.unquotable) == (D("0.0619"), None)
    assert "6.19%" in rate.note
    assert rate_of(rate="6.19").rate == D("6.19")


def test_a_fixed_rate_holds_for_its_stated_period():
    assert rate_of(lendingRateType="FIXED", additionalValue="P3Y").fixed_months == 36
    assert rate_of(lendingRateType="FIXED", additionalInfo="Fixed for 2 years").fixed_months == 24
    assert rate_of(lendingRateType="FIXED").fixed_months is None


def test_a_fixed_home_rate_without_a_period_is_not_quoted_for_thirty_years():
    entry = {"lendingRateType": "FIXED", "rate": "0.06"}
    home = product_from_cdr(
        record(productCategory="RESIDENTIAL_MORTGAGES", lendingRates=[entry]), 0
    )
    assert home.rates[0].unquotable == "fixed_period_missing"


def test_tiers_bound_money_loan_to_value_and_months():
    tiers = rate_of(
        tiers=[
            {"unitOfMeasure": "DOLLAR", "minimumValue": 150000, "maximumValue": None},
            {"unitOfMeasure": "PERCENT", "minimumValue": 0.001, "maximumValue": 0.8},
            {"unitOfMeasure": "MONTH", "minimumValue": 12.0, "maximumValue": 84.0},
        ]
    ).tiers
    assert tiers[0] == Tier(TierUnit.MONEY, D(150000), None)
    assert tiers[1] == Tier(TierUnit.LOAN_TO_VALUE, D("0.1"), D(80))
    assert tiers[2] == Tier(TierUnit.MONTHS, D(12), D(84))


def test_a_tier_whose_maximum_is_not_above_its_minimum_is_open_and_noted():
    rate = rate_of(tiers=[{"unitOfMeasure": "MONTH", "minimumValue": 84, "maximumValue": 84}])
    assert rate.tiers == (Tier(TierUnit.MONTHS, D(84), None),)
    assert "read as open" in rate.note


def test_limits_are_read_from_numbers_and_clear_words():
    product = product_from_cdr(
        record(
            constraints=[
                {"constraintType": "MIN_LIMIT", "additionalValue": "$5,000"},
                {"constraintType": "MAX_LIMIT", "additionalInfo": "Maximum amount is $75,000"},
                {"constraintType": "MAX_LIMIT", "additionalValue": "7.00",
                 "additionalInfo": "Years. Conditions apply"},
            ]
        ),
        0,
    )  # fmt: skip
    assert (product.amount_min, product.amount_max) == (D(5000), D(75000))
    assert product.term_months_max == 84


def test_several_limits_hold_together_and_contradictions_are_loosened_with_a_note():
    both = [
        {"constraintType": "MAX_LIMIT", "additionalValue": "40000", "additionalInfo": "refinance"},
        {"constraintType": "MAX_LIMIT", "additionalValue": "75000"},
    ]
    product = product_from_cdr(record(constraints=both), 0)
    assert product.amount_max == D(40000)
    assert "refinance" in conditions(product)
    torn = [
        {"constraintType": "MIN_LIMIT", "additionalValue": "90000"},
        {"constraintType": "MAX_LIMIT", "additionalValue": "10000"},
    ]
    loose = product_from_cdr(record(constraints=torn), 0)
    assert loose.notes


def test_a_limit_on_the_property_value_becomes_a_loan_to_value_limit():
    product = product_from_cdr(
        record(
            productCategory="RESIDENTIAL_MORTGAGES",
            constraints=[
                {"constraintType": "MAX_LIMIT", "additionalInfo": "95% of the property value"}
            ],
        ),
        0,
    )
    assert loan_to_value_max(product) == D(95)
    assert product.amount_max is None


def test_the_file_s_category_decides_what_a_product_pays_for():
    def purposes(category, name="Loan"):
        return product_from_cdr(record(productCategory=category, name=name), 0).purposes

    assert purposes("RESIDENTIAL_MORTGAGES") == ("home",)
    assert {"inventory", "working_capital", "equipment", "agri"} == set(purposes("BUSINESS_LOANS"))
    assert set(purposes("OVERDRAFTS")) == set(purposes("LEASES")) == set(purposes("BUSINESS_LOANS"))
    assert {"wedding", "car", "travel"} < set(purposes("PERS_LOANS"))
    assert purposes("CRED_AND_CHRG_CARDS") == ()
    assert purposes("PERS_LOANS", "New Car Loan") == ("car",)
    assert "wedding" in purposes("PERS_LOANS", "Used Car and Personal Loan")
    assert purposes("PERS_LOANS", "Debt Consolidation Loan") == ("refinance",)


@pytest.mark.parametrize(
    ("entry", "who", "rule"),
    [
        ({"eligibilityType": "MIN_AGE", "additionalValue": "18"}, {"age": 17}, "age_min"),
        ({"eligibilityType": "MIN_AGE", "additionalInfo": "over 18 years"}, {"age": 17}, "age_min"),
        ({"eligibilityType": "MAX_AGE", "additionalValue": "75"}, {"age": 76}, "age_max"),
        (
            {"eligibilityType": "MIN_INCOME", "additionalValue": "$50,000"},
            {"income_monthly": D(4000)},
            "income_min",
        ),
        (
            {"eligibilityType": "RESIDENCY_STATUS", "additionalValue": "Australian residents only"},
            {"residency": "non_resident"},
            "residency",
        ),
        (
            {"eligibilityType": "EMPLOYMENT_STATUS", "additionalValue": "Y"},
            {"income_monthly": D(0)},
            "employment",
        ),
        (
            {"eligibilityType": "OTHER", "additionalInfo": "Available to existing customers only"},
            None,
            None,
        ),
        (
            {"eligibilityType": "OTHER", "additionalInfo": "Only for existing customers"},
            {},
            "existing_customer",
        ),
        ({"eligibilityType": "STAFF"}, {}, "staff"),
    ],
)
def test_a_typed_rule_turns_away_whom_it_names(entry, who, rule):
    product = product_from_cdr(record(eligibility=[entry]), 0)
    if rule is None:
        assert conditions(product)
        return
    breach = eligibility_breach(product, profile(**who))
    assert breach is not None
    assert breach[0] == f"eligibility.{rule}"
    fits = {"age": 40, "income_monthly": D(9000), "existing_banks": ("Somebank",)}
    if rule != "staff":
        assert eligibility_breach(product, profile(**fits)) is None


def test_groups_that_are_also_welcome_turn_nobody_away():
    entry = {"eligibilityType": "STUDENT", "additionalInfo": "Student Members Are Eligible"}
    product = product_from_cdr(record(eligibility=[entry]), 0)
    assert eligibility_breach(product, profile()) is None
    assert "Student Members Are Eligible" in conditions(product)


def test_words_that_cannot_be_typed_are_shown():
    words = "Exclusively available to dentists"
    entry = {"eligibilityType": "OTHER", "additionalInfo": words}
    assert words in conditions(product_from_cdr(record(eligibility=[entry]), 0))


def test_an_upfront_fee_is_certain_and_a_late_fee_is_not():
    fee = fee_of(name="Establishment Fee", feeType="UPFRONT", amount="150.00")
    assert (fee.timing, fee.is_certain, fee.amount) == (FeeTiming.UPFRONT, True, D("150.00"))
    late = fee_of(name="Late Payment Fee", feeType="EVENT", amount="15")
    assert (late.kind, late.is_certain) == ("late", False)
    assert not fee_of(name="LOAN_TOP-UP_FEE", feeType="UPFRONT", amount="90").is_certain


@pytest.mark.parametrize(
    ("fields", "months"),
    [
        ({"name": "Fee", "additionalValue": "P1M"}, 1),
        ({"name": "Package Fee", "additionalValue": "P1Y"}, 12),
        ({"name": "Package Fee", "additionalValue": "P3M"}, 3),
        ({"name": "Service Fee", "additionalValue": "Monthly"}, 1),
        ({"name": "ANNUAL_FEE", "additionalValue": "0"}, 12),
        ({"name": "ACCOUNT_KEEPING_FEE", "accrualFrequency": "M"}, 1),
    ],
)
def test_a_periodic_fee_has_its_period(fields, months):
    fee = fee_of(feeType="PERIODIC", amount="10", **fields)
    assert (fee.every_months, fee.is_certain) == (months, True)


def test_plan_fees_are_upfront_a_fraction_and_by_the_month():
    product = product_from_cdr(
        record(
            fees=[
                {"name": "Application Fee", "feeType": "UPFRONT", "amount": "200"},
                {"name": "Origination", "feeType": "UPFRONT", "balanceRate": "0.01"},
                {"name": "Monthly Fee", "feeType": "PERIODIC", "amount": "5",
                 "additionalValue": "P1M"},
                {"name": "Annual Fee", "feeType": "PERIODIC", "amount": "60",
                 "additionalValue": "P1Y"},
                {"name": "Overdue Fee", "feeType": "PERIODIC", "amount": "35",
                 "additionalValue": "P1M"},
                {"name": "Gift", "feeType": "UPFRONT", "amount": "-500"},
            ]
        ),
        0,
    )  # fmt: skip
    assert plan_fees(product) == (D(200), D("0.01"), D(10))


def test_a_conditional_fee_is_charged_only_in_its_state():
    product = product_from_cdr(
        record(
            productCategory="RESIDENTIAL_MORTGAGES",
            lendingRates=[
                {"lendingRateType": "FIXED", "rate": "0.06", "additionalValue": "P1Y"},
                {"lendingRateType": "VARIABLE", "rate": "0.06", "loanPurpose": "INVESTMENT"},
            ],
            fees=[
                {"name": "ESTABLISHMENT_FEE_-_FIXED_RATE_HOME_LOANS", "feeType": "UPFRONT",
                 "amount": "300"},
                {"name": "INVLOAN_ADMIN_FEE", "feeType": "UPFRONT", "amount": "400"},
            ],
        ),
        0,
    )  # fmt: skip
    charged = [[fee.amount for fee in charged_fees(product, rate)] for rate in product.rates]
    assert charged == [[D(300)], [D(400)]]


def test_one_of_several_establishment_fees_is_charged():
    fees = [
        {"name": "Home Loan Establishment Fee", "feeType": "UPFRONT", "amount": "600"},
        {"name": "Personal Loan Establishment Fee", "feeType": "UPFRONT", "amount": "150"},
    ]
    product = product_from_cdr(record(fees=fees), 0)
    assert [fee.amount for fee in charged_fees(product, product.rates[0])] == [D(150)]


def test_fees_of_different_kinds_add_up_and_a_fee_listed_twice_is_charged_once():
    fees = [
        {"name": "Application Fee", "feeType": "UPFRONT", "amount": "200"},
        {"name": "Processing Fee", "feeType": "UPFRONT", "amount": "50"},
        {"name": "Application Fee", "feeType": "UPFRONT", "amount": "200"},
    ]
    product = product_from_cdr(record(fees=fees), 0)
    assert plan_fees(product, product.rates[0]) == (D(250), 0, 0)


def test_a_fee_waived_from_some_amount_on_is_not_charged_there():
    fee = {
        "name": "Establishment Fee",
        "feeType": "UPFRONT",
        "amount": "600",
        "additionalInfo": "Applies to all loans, waived for loans greater than $150,",
    }
    product = product_from_cdr(record(fees=[fee]), 0)
    assert charged_fees(product, product.rates[0], 100_000)
    assert not charged_fees(product, product.rates[0], 150_000)


def test_interest_only_and_advance_interest_are_kept_as_published():
    rate = rate_of(repaymentType="INTEREST_ONLY", interestPaymentDue="IN_ADVANCE")
    assert (rate.repayment, rate.is_in_advance) == (Repayment.INTEREST_ONLY, True)


@pytest.mark.parametrize(
    "broken", [None, [], "text", {}, {"productId": "x"}, record(productCategory="TERM_DEPOSITS")]
)
def test_what_is_no_loan_is_refused_as_a_broken_line(broken):
    with pytest.raises(BrokenLine):
        product_from_cdr(broken, 0)


def test_the_same_content_has_the_same_version_whatever_its_order():
    one = product_from_cdr(record(), 0)
    two = product_from_cdr(dict(reversed(list(record().items()))), 5)
    assert one.version == two.version
    assert one.version != product_from_cdr(record(name="Other"), 0).version
    assert one.category is Category.PERSONAL


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)
FIELDS = ("lendingRates", "fees", "constraints", "eligibility", "name", "brand", "description")
INNER = (
    *("lendingRateType", "rate", "comparisonRate", "tiers", "additionalValue", "additionalInfo"),
    *("feeType", "amount", "constraintType", "eligibilityType", "unitOfMeasure", "minimumValue"),
)
ENTRY = st.dictionaries(st.sampled_from(INNER), JSON | st.sampled_from(("FIXED", "UPFRONT", "-1")))


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(FIELDS), JSON | st.lists(ENTRY | JSON, max_size=4)))
def test_junk_in_any_field_never_raises_and_never_invents_a_price(fields):
    product = product_from_cdr(record(**fields), 3)
    for rate in product.rates:
        assert rate.unquotable or (rate.rate is not None and 0 < rate.rate <= 1)
    assert all(part >= 0 for part in plan_fees(product))
    for rate in product.rates:
        assert all(part >= 0 for part in plan_fees(product, rate))
    eligibility_breach(product, profile())
    conditions(product)


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_any_json_is_a_product_or_a_broken_line(value):
    try:
        product_from_cdr(value, 0)
    except BrokenLine as broken:
        assert broken.code == "offers.broken_line"


def test_an_end_date_a_fee_s_discount_and_an_opening_balance_are_shown_not_dropped():
    product = product_from_cdr(
        record(
            name="Green Car Loan",
            effectiveTo="2024-08-31T00:00:00Z",
            constraints=[{"constraintType": "OPENING_BALANCE", "additionalValue": "20000.00"}],
            fees=[
                {"name": "Application Fee", "feeType": "UPFRONT", "amount": "150",
                 "discounts": [{"description": "Waived online", "amount": "150"}]}
            ],
        ),
        0,
    )  # fmt: skip
    shown = conditions(product)
    assert "published as offered until 2024-08-31" in shown
    assert "opening balance: 20000.00" in shown
    assert any("electric" in words for words in shown)
    assert product.fees[0].is_certain
    assert "discount 150: Waived online" in product.fees[0].condition
