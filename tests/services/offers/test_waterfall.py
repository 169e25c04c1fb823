"""What makes up a true rate: parts that add up, fees in the order in which they are paid."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jiuding.services.offers.rules.cdr import product_from_cdr
from jiuding.services.offers.rules.waterfall import true_cost


def product(rate="0.06", fees=(), category="RESIDENTIAL_MORTGAGES"):
    """A published product with one variable rate."""
    return product_from_cdr(
        {
            "productId": "p1",
            "brand": "Somebank",
            "name": "Standard loan",
            "productCategory": category,
            "lendingRates": [{"lendingRateType": "VARIABLE", "rate": rate}],
            "fees": list(fees),
        },
        0,
    )


def fee(name, kind, amount, **more):
    return {"name": name, "feeType": kind, "amount": amount, **more}


FEES = (
    fee("Discharge fee", "EXIT", "300"),
    fee("Monthly fee", "PERIODIC", "10", additionalValue="P1M"),
    fee("Establishment fee", "UPFRONT", "500"),
    fee("Late payment fee", "EVENT", "25"),
)


def cost(made, amount=150_000, months=300):
    return true_cost(made, made.rates[0], amount=Decimal(amount), months=months)


def test_interest_alone_is_the_rate_itself():
    found = cost(product())
    assert found.true_rate == Decimal("0.06") and len(found.parts) == 1
    # 150,000 at 6 % over 300 months is 966.45 a month.
    assert found.instalment == Decimal("966.45")


def test_each_certain_fee_adds_its_part_in_the_order_of_payment():
    found = cost(product(fees=FEES))
    told = [part.fee.name if part.fee else "interest" for part in found.parts]
    assert told == ["interest", "Establishment fee", "Monthly fee", "Discharge fee"]
    assert all(part.rate > 0 for part in found.parts)
    assert sum(part.rate for part in found.parts) == found.true_rate
    assert sum(part.paid for part in found.parts) == found.total_cost
    assert [part.paid for part in found.parts[1:]] == [500, 3000, 300]


def test_the_true_rate_makes_the_flows_worth_nothing():
    found = cost(product(fees=FEES))
    j = float(found.true_rate) / 12
    worth = sum((float(found.instalment) + 10) * (1 + j) ** -n for n in range(1, 301))
    assert worth + 300 * (1 + j) ** -300 == pytest.approx(149_500, abs=1)


def test_a_yearly_fee_is_a_twelfth_a_month_and_a_free_loan_costs_its_fees():
    made = product("0.06", [fee("Annual fee", "PERIODIC", "120", additionalValue="P1Y")])
    assert cost(made).parts[1].paid == 3000
    assert cost(product("0")).true_rate == 0


def test_what_cannot_be_priced_is_no_price():
    assert cost(product("6.19")) is None
    assert cost(product("-0.01")) is None
    assert cost(product(), amount=0) is None
    assert cost(product(), months=0) is None
    # Fees that eat the whole loan leave nothing that a rate could describe.
    assert cost(product(fees=[fee("Establishment fee", "UPFRONT", "1000")]), amount=900) is None


def held(kind="FIXED", months="P3Y", rate="0.05", fees=FEES, **more):
    """A home loan whose rate holds for a stated period, and the variable rate of its lender."""
    rates = [
        {"lendingRateType": kind, "rate": rate, "additionalValue": months, **more},
        {"lendingRateType": "VARIABLE", "rate": "0.08"},
    ]
    return product_from_cdr(
        {"productId": "p1", "brand": "Somebank", "name": "Standard loan", "fees": list(fees),
         "productCategory": "RESIDENTIAL_MORTGAGES", "lendingRates": rates},
        0,
    )  # fmt: skip


def whole(made, months=300, later=Decimal("0.08")):
    return true_cost(made, made.rates[0], amount=Decimal(150_000), months=months, later=later)


@pytest.mark.parametrize(
    ("kind", "more", "only"),
    [
        ("FIXED", {}, 0),
        ("INTRODUCTORY", {}, 0),
        ("FIXED", {"repaymentType": "INTEREST_ONLY"}, 36),
        ("VARIABLE", {"repaymentType": "INTEREST_ONLY"}, 60),
    ],
)
def test_a_rate_that_reverts_costs_what_the_comparison_equation_says(kind, more, only):
    import numpy as np

    from jiuding.services.offers.rules.comparison import comparison_rates

    made = held(kind, **more)
    found = whole(made)
    holds = only or 36
    columns = [150_000, 300, 0.05, 0.08, holds, only, 500, 10, 0, 300]
    (theirs,) = comparison_rates(*(np.array([float(each)]) for each in columns))
    assert float(found.true_rate) == pytest.approx(theirs, abs=1e-9)
    assert sum(part.rate for part in found.parts) == found.true_rate
    assert [begin for begin, _ in found.instalments] == [1, holds + 1]
    assert found.true_rate > whole(made, later=None).true_rate


def test_the_payments_of_a_reverting_loan_repay_it_exactly():
    found = whole(held(fees=()))
    (_, first), (_, then) = found.instalments
    balance = Decimal(150_000)
    for month in range(1, 301):
        rate = Decimal("0.05") if month <= 36 else Decimal("0.08")
        balance += balance * rate / 12 - (first if month <= 36 else then)
    assert abs(balance) < 5
    assert found.total_cost == pytest.approx(first * 36 + then * 264 - 150_000, abs=3)


def test_an_interest_only_loan_pays_interest_first_and_more_later():
    found = whole(held("VARIABLE", repaymentType="INTEREST_ONLY", fees=()), later=None)
    (_, first), (begin, then) = found.instalments
    assert (first, begin) == (Decimal("625.00"), 61) and then > first
    assert found.true_rate == Decimal("0.05")


def test_a_rate_of_zero_without_fees_costs_nothing():
    found = cost(product("0"))
    assert (found.true_rate, found.total_cost) == (0, 0)
