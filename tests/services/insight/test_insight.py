"""Portraits: medians over whole months, verified or not, and the signs of stress."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from jiuding.base.amounts import currency
from jiuding.services.insight import Flow, draw_portrait
from jiuding.services.insight.types import Regularity

ON = date(2026, 11, 23)
CNY = currency("CNY")


def portrait(flows, balance_units=0):
    return draw_portrait(flows, asset=CNY, on=ON, balance_units=balance_units)


def monthly(code, units, months=range(5, 11), day=10):
    return [Flow(date(2026, month, day), code, units) for month in months]


def test_a_steady_salary_is_a_regular_verified_income():
    drawn = portrait(monthly("income.salary", 1_800_000) + monthly("living.rent", -400_000))
    assert drawn.income_monthly == Decimal("18000.00")
    assert drawn.regularity is Regularity.REGULAR
    assert drawn.expenses_monthly == Decimal("4000.00")
    assert drawn.free_monthly == Decimal("14000.00")


def test_two_months_of_income_prove_nothing():
    drawn = portrait(monthly("income.salary", 1_800_000, months=(9, 10)))
    assert drawn.income_monthly is None and drawn.free_monthly is None


def test_this_months_salary_does_not_count_before_the_month_is_whole():
    with_it = portrait(monthly("income.salary", 1_800_000, months=range(5, 12)))
    assert with_it == portrait(
        [*monthly("income.salary", 1800000), Flow(date(2026, 11, 10), "income.salary", 1800000)]
    )
    assert with_it.income_monthly == Decimal("18000.00")


def test_an_irregular_income_counts_with_a_lean_month():
    flows = [
        Flow(date(2026, month, 3), "income.business", units)
        for month, units in zip(range(5, 11), (100, 900, 400, 1200, 300, 800), strict=True)
    ]
    drawn = portrait(flows)
    assert drawn.regularity is Regularity.IRREGULAR
    assert drawn.income_monthly == Decimal("3.00")


def test_missed_payments_of_the_last_year_are_counted():
    flows = [
        Flow(date(2026, 3, 1), "charge.missed_payment", -1),
        Flow(date(2025, 3, 1), "charge.missed_payment", -1),
    ]
    assert portrait(flows).missed_payments_12m == 1


def test_the_lowest_balance_looks_back_three_months_only():
    flows = [
        Flow(date(2026, 7, 1), "living.rent", -90_000),
        Flow(date(2026, 10, 1), "income.salary", 50_000),
        Flow(date(2026, 10, 5), "living.rent", -20_000),
    ]
    # Today 100,000; before the rent 120,000; before the salary 70,000.
    assert portrait(flows, balance_units=100_000).lowest_balance_3m == Decimal("700.00")


def test_an_empty_history_is_an_empty_portrait():
    drawn = portrait([])
    assert drawn.months_of_history == 0 and drawn.income_monthly is None


def test_nothing_after_the_day_is_seen():
    assert portrait([Flow(date(2026, 12, 1), "income.salary", 1)]) == portrait([])
