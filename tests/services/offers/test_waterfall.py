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
