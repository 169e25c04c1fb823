"""Schedules in whole units: nothing left over, and the rates agree with them."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuding.base.amounts import Amount, currency
from jiuding.kernel import products
from jiuding.kernel.products.types import Repayment

CNY = currency("CNY")


def rows_of(units=10_000_000, rate="0.12", months=12, repayment="principal_and_interest", **more):
    return products.schedule(
        principal=Amount(units, CNY),
        annual_rate=Decimal(rate),
        months=months,
        repayment=Repayment(repayment),
        first_due_on=more.pop("first_due_on", date(2026, 12, 23)),
        **more,
    )


def rate_of(rows, units, fee=0) -> float:
    flows = [products.TimedFlow(0.0, Decimal(units - fee))]
    flows += [products.TimedFlow(float(row.number), Decimal(-row.total_units)) for row in rows]
    return 12 * products.rate_per_period(flows)


@settings(max_examples=200, deadline=None)
@given(
    units=st.integers(1_000, 10**11),
    rate=st.decimals("0", "0.5", places=4),
    months=st.integers(1, 120),
    repayment=st.sampled_from(list(Repayment)),
    grace=st.integers(0, 6),
    held=st.integers(0, 6),
)
def test_principal_always_adds_up_and_no_row_is_negative(
    units, rate, months, repayment, grace, held
):
    if grace + held >= months:
        grace = held = 0
    rows = rows_of(
        units, rate, months, repayment.value, grace_months=grace, interest_only_months=held
    )
    assert sum(row.principal_units for row in rows) == units
    assert rows[-1].balance_units == 0
    assert all(min(row.principal_units, row.interest_units, row.balance_units) >= 0 for row in rows)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert all(a.due_on < b.due_on for a, b in itertools.pairwise(rows))


@settings(max_examples=80, deadline=None)
@given(
    units=st.integers(10**7, 10**10),
    rate=st.decimals("0.001", "0.5", places=4),
    months=st.integers(1, 120),
    repayment=st.sampled_from(["principal_and_interest", "equal_principal", "interest_only"]),
)
def test_without_fees_the_true_rate_is_the_nominal_rate(units, rate, months, repayment):
    rows = rows_of(units, str(rate), months, repayment)
    assert rate_of(rows, units) == pytest.approx(float(rate), abs=2e-5)


@settings(max_examples=80, deadline=None)
@given(
    units=st.integers(10**7, 10**10),
    rate=st.decimals("0", "0.24", places=4),
    months=st.integers(2, 120),
)
def test_equal_payments_are_equal_but_for_the_last(units, rate, months):
    rows = rows_of(units, rate, months)
    payments = {row.total_units for row in rows[:-1]}
    assert len(payments) == 1
    # Half a unit of rounding in every payment grows with interest until the last one takes it.
    monthly = float(rate) / 12
    grown = sum((1 + monthly) ** place for place in range(months))
    assert abs(rows[-1].total_units - payments.pop()) <= grown + 1


def test_the_annuity_formula_is_met():
    # 100,000 at 12 % over 12 months: 8,884.88 a month (the textbook annuity).
    assert products.equal_payment(10_000_000, Decimal("0.12"), 12) == 888_488
    assert rows_of()[0].total_units == 888_488


def test_a_fee_raises_the_true_rate_and_is_paid_with_each_row():
    rows = rows_of(fee_monthly_units=1_000)
    assert all(row.fee_units == 1_000 for row in rows)
    assert rate_of(rows, 10_000_000) > 0.12
    assert rate_of(rows_of(), 10_000_000, fee=100_000) > 0.12


def test_a_balloon_stays_until_the_end():
    rows = rows_of(balloon_units=4_000_000)
    assert rows[-1].principal_units >= 4_000_000
    assert rate_of(rows, 10_000_000) == pytest.approx(0.12, abs=1e-5)
    assert rows[-2].balance_units > 4_000_000


def test_interest_only_months_come_before_principal():
    rows = rows_of(interest_only_months=3)
    assert [row.principal_units for row in rows[:3]] == [0, 0, 0]
    assert rows[0].interest_units == 100_000 and rows[3].principal_units > 0


def test_grace_defers_interest_and_loses_none():
    rows = rows_of(grace_months=2)
    assert [row.total_units for row in rows[:2]] == [0, 0]
    assert rows[2].interest_units == 300_000


def test_a_row_falls_due_on_the_last_day_of_a_shorter_month():
    rows = rows_of(months=3, first_due_on=date(2026, 12, 31))
    assert [row.due_on.isoformat() for row in rows] == ["2026-12-31", "2027-01-31", "2027-02-28"]


def test_day_counts_count_what_they_say():
    start, end = date(2027, 12, 1), date(2028, 3, 1)
    count = products.year_fraction
    assert count(start, end, "30/360") == Decimal(90) / 360
    assert count(start, end, "ACT/365") == Decimal(91) / 365
    assert count(start, end, "ACT/360") == Decimal(91) / 360
    assert count(start, end, "ACT/ACT") == Decimal(31) / 365 + Decimal(60) / 366
    with pytest.raises(products.BadTerms):
        count(start, end, "ACT/364")


@pytest.mark.parametrize(
    "change",
    [
        {"units": 0},
        {"rate": "-0.01"},
        {"rate": "NaN"},
        {"months": 0},
        {"months": 601},
        {"grace_months": 12},
        {"interest_only_months": -1},
        {"balloon_units": 10_000_000},
        {"repayment": "bullet", "balloon_units": 1},
        {"starts_on": date(2026, 12, 23)},
    ],
)
def test_terms_without_a_schedule_are_refused(change):
    with pytest.raises(products.BadTerms):
        rows_of(**change)
