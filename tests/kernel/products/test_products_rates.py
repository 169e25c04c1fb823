"""Annual rates: the public worked examples, identities between methods, and refusals."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuding.base.clock import add_months
from jiuding.kernel.products.commands import rate
from jiuding.kernel.products.rules import rates
from jiuding.kernel.products.rules.unit_periods import parse_unit_period
from jiuding.kernel.products.types import Cashflow


def flow(on: date, amount: object) -> Cashflow:
    return Cashflow(on, Decimal(str(amount)))


def months(first: date, count: int, each: int = 1) -> list[date]:
    return [add_months(first, each * place) for place in range(count)]


def days(first: date, count: int, each: int) -> list[date]:
    return [first + timedelta(each * place) for place in range(count)]


def paid(dates: list[date], amount: object) -> list[Cashflow]:
    return [flow(day, -Decimal(str(amount))) for day in dates]


SEMIMONTHS = sorted([*months(date(1978, 3, 1), 12), *months(date(1978, 3, 16), 12)])

# Regulation Z, 12 CFR 1026, Appendix J, (c): the figures the text itself discloses.
APPENDIX_J = {
    "c1i monthly, regular first period": (
        [flow(date(1978, 1, 10), 5000), *paid(months(date(1978, 2, 10), 24), 230)],
        "1 month",
        "9.69",
    ),
    "c1ii monthly, long first period": (
        [flow(date(1978, 2, 10), 6000), *paid(months(date(1978, 4, 1), 36), 200)],
        "1 month",
        "11.82",
    ),
    "c1iii semimonthly, short first period": (
        [flow(date(1978, 2, 23), 5000), *paid(SEMIMONTHS, "219.17")],
        "half month",
        "10.34",
    ),
    "c1iv quarterly, long first period": (
        [flow(date(1978, 5, 23), 10000), *paid(months(date(1978, 10, 1), 40, 3), 385)],
        "3 months",
        "8.97",
    ),
    "c1v weekly, long first period": (
        [flow(date(1978, 3, 20), 500), *paid(days(date(1978, 4, 21), 30, 7), "17.60")],
        "1 week",
        "14.96",
    ),
    "c2i monthly, irregular first payment": (
        [
            flow(date(1978, 1, 10), 5000),
            flow(date(1978, 2, 10), -250),
            *paid(months(date(1978, 3, 10), 23), 230),
        ],
        "1 month",
        "10.08",
    ),
    "c2ii every 4 weeks, long first period": (
        [
            flow(date(1978, 3, 18), 400),
            flow(date(1978, 4, 20), "-39.50"),
            *paid(days(date(1978, 5, 18), 11, 28), "38.31"),
        ],
        "4 weeks",
        "28.50",
    ),
    "c3i monthly, irregular final payment": (
        [
            flow(date(1978, 1, 10), 5000),
            *paid(months(date(1978, 2, 10), 23), 230),
            flow(date(1980, 1, 10), -280),
        ],
        "1 month",
        "10.50",
    ),
    "c3ii every 2 weeks, short first period": (
        [
            flow(date(1978, 4, 3), 200),
            *paid(days(date(1978, 4, 11), 19, 14), "9.50"),
            flow(date(1979, 1, 2), -30),
        ],
        "2 weeks",
        "12.22",
    ),
    "c4i monthly, irregular first and final payment": (
        [
            flow(date(1978, 1, 10), 5000),
            flow(date(1978, 2, 10), -250),
            *paid(months(date(1978, 3, 10), 22), 230),
            flow(date(1980, 1, 10), -280),
        ],
        "1 month",
        "10.90",
    ),
    "c4ii every two months, short first period": (
        [
            flow(date(1978, 1, 10), 8000),
            flow(date(1978, 3, 1), "-449.36"),
            *paid(months(date(1978, 5, 1), 18, 2), 465),
            flow(date(1981, 5, 1), -200),
        ],
        "2 months",
        "7.30",
    ),
    "c5i one payment after 255 days": (
        [flow(date(1978, 1, 3), 1000), flow(date(1978, 9, 15), -1080)],
        "255 days",
        "11.45",
    ),
}


@pytest.mark.parametrize("name", APPENDIX_J)
def test_appendix_j_examples_solve_to_the_disclosed_rate(name):
    flows, unit, disclosed = APPENDIX_J[name]
    stated = rates.us_reg_z(flows, parse_unit_period(unit))
    found = rates.us_reg_z(flows)
    assert f"{100 * stated:.2f}" == disclosed
    assert found == pytest.approx(stated, abs=1e-12)


def test_two_years_as_unit_periods_of_a_year():
    flows = [flow(date(1978, 1, 10), 1000), flow(date(1980, 1, 10), -1240)]
    assert rates.us_reg_z(flows) == pytest.approx(1.24**0.5 - 1, abs=1e-12)


def test_half_a_year_left_over_earns_simple_interest():
    flows = [flow(date(1978, 1, 17), 1000), flow(date(1979, 7, 17), "-1135.19")]
    found = rates.us_reg_z(flows)
    assert (1 + found) * (1 + found / 2) == pytest.approx(1.13519, abs=1e-12)


def test_eu_apr_of_one_payment_after_a_year_is_the_interest():
    # Directive 2008/48/EC knows 365 days and 12 equal months: one year is one year in both.
    for later in (date(2025, 1, 15), date(2026, 1, 15)):
        years = later.year - 2024
        flows = [flow(date(2024, 1, 15), 1000), flow(later, -1000 * Decimal("1.1") ** years)]
        assert rates.eu_apr(flows) == pytest.approx(0.1, abs=1e-12)


@pytest.mark.parametrize(
    ("flows", "disclosed"),
    [
        ([flow(date(2026, 1, 1), 950), flow(date(2027, 7, 1), -1200)], "16.85"),
        ([flow(date(2026, 1, 1), 1000), *paid(months(date(2027, 1, 1), 2, 12), 600)], "13.07"),
        (
            [
                flow(date(2026, 1, 1), 1000),
                *paid(months(date(2026, 4, 1), 2, 3), 272),
                flow(date(2027, 1, 1), -544),
            ],
            "13.19",
        ),
    ],
)
def test_the_directive_s_own_examples_solve_to_the_rates_it_prints(flows, disclosed):
    # Directive 98/7/EC, Annex II: 50 of costs kept back, two payments, three unequal payments.
    for found in (rates.eu_apr(flows), rates.uk_apr(flows)):
        assert f"{found * 100:.2f}" == disclosed


def test_eu_apr_counts_equal_months_also_in_a_leap_year():
    regular = [flow(date(2023, 2, 10), 1000), *paid(months(date(2023, 3, 10), 12), 90)]
    leap = [flow(date(2024, 2, 10), 1000), *paid(months(date(2024, 3, 10), 12), 90)]
    assert rates.eu_apr(regular) == rates.eu_apr(leap) == rates.uk_apr(leap)
    assert rates.xirr(regular) != rates.xirr(leap)


def test_eu_apr_counts_leftover_days_in_the_year_that_ends_with_them():
    # 18 months back from 2025-07-20 is 2024-01-20; 5 days remain of the 365 to that day.
    flows = [flow(date(2024, 1, 15), 1000), flow(date(2025, 7, 20), -1200)]
    assert rates.eu_apr(flows) == pytest.approx(1.2 ** (1 / (1.5 + 5 / 365)) - 1, abs=1e-12)


def test_australian_periods_are_26_09_fortnights_and_52_18_weeks():
    for each, count in ((14, 26.09), (7, 52.18)):
        flows = [flow(date(2026, 1, 5), 10000)]
        flows += paid(days(date(2026, 1, 5) + timedelta(each), 52, each), 210)
        periodic = rates.rate_per_period(
            [rates.TimedFlow(place, item.amount) for place, item in enumerate(flows)]
        )
        assert rates.au_comparison(flows) == pytest.approx(count * periodic, rel=1e-12)


def test_chinese_rate_is_twelve_times_the_monthly_rate_even_when_due_dates_shift():
    payment = Decimal(1000) * Decimal("0.01") / (1 - Decimal("1.01") ** -12)
    regular = [flow(date(2026, 1, 15), 1000), *paid(months(date(2026, 2, 15), 12), payment)]
    thirty = [flow(date(2026, 1, 15), 1000), *paid(days(date(2026, 2, 14), 12, 30), payment)]
    for flows in (regular, thirty):
        assert rates.cn_irr(flows) == pytest.approx(0.12, abs=1e-12)


def test_month_ends_are_a_month_apart():
    flows = [
        flow(date(2026, 1, 31), 1000),
        *paid([date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)], 350),
    ]
    even = [flow(date(2026, 1, 1), 1000), *paid(months(date(2026, 2, 1), 3), 350)]
    for method in (rates.cn_irr, rates.us_reg_z, rates.eu_apr, rates.au_comparison):
        assert method(flows) == pytest.approx(method(even), abs=1e-12)


def test_words_that_customers_meet_are_converted():
    assert rates.from_daily(Decimal("0.0003")) == Decimal("0.1095")
    assert rates.from_monthly(Decimal("0.008")) == Decimal("0.096")
    assert rates.from_flat(Decimal("0.005"), 12) == pytest.approx(0.10896382518501571)


def test_of_several_roots_the_least_positive_one_is_meant():
    # 100, -230, 132 has the roots 10 % and 20 %; SI 1980/51, regulation 9(3), takes the lower.
    flows = [rates.TimedFlow(at, Decimal(a)) for at, a in enumerate((100, -230, 132))]
    assert rates.rate_per_period(flows) == pytest.approx(0.1, abs=1e-12)


@pytest.mark.parametrize("amounts", [(), (5,), (100, 50), (-100, 0, -5), (0, 0), (100, -300, 250)])
def test_flows_without_a_rate_have_none(amounts):
    start = date(2026, 1, 1)
    flows = [flow(day, a) for day, a in zip(months(start, len(amounts)), amounts, strict=True)]
    for method in (rates.xirr, rates.cn_irr, rates.us_reg_z, rates.eu_apr, rates.au_comparison):
        assert method(flows) is None


def test_flows_of_one_day_have_no_rate():
    flows = [flow(date(2026, 1, 1), 100), flow(date(2026, 1, 1), -90)]
    assert rates.xirr(flows) is None


@settings(max_examples=150, deadline=None)
@given(
    annual=st.floats(-0.99, 50.0),
    gaps=st.lists(st.integers(1, 200), min_size=1, max_size=40),
    seed=st.integers(1, 10**6),
)
def test_xirr_finds_the_rate_that_made_the_flows(annual, gaps, seed):
    day, worth, flows = date(2020, 1, 1), 0.0, []
    for place, gap in enumerate(gaps):
        day += timedelta(gap)
        amount = float(seed * (place + 3) % 997 + 1)
        worth += amount * (1 + annual) ** (-(day - date(2020, 1, 1)).days / 365)
        flows.append(flow(day, -amount))
    flows.insert(0, flow(date(2020, 1, 1), worth))
    assert rates.xirr(flows) == pytest.approx(annual, rel=1e-7, abs=1e-7)
    mirrored = [Cashflow(item.on, -item.amount) for item in reversed(flows)]
    assert rates.xirr(mirrored) == pytest.approx(annual, rel=1e-7, abs=1e-7)


@settings(max_examples=60, deadline=None)
@given(
    nominal=st.floats(0.0, 3.0),
    count=st.integers(1, 120),
    start=st.dates(date(2000, 1, 1), date(2040, 1, 28)).filter(lambda day: day.day <= 28),
)
def test_monthly_methods_agree_with_each_other(nominal, count, start):
    monthly = nominal / 12
    worth = sum((1 + monthly) ** -place for place in range(1, count + 1))
    flows = [flow(start, worth), *paid(months(add_months(start, 1), count), 1)]
    assert rates.cn_irr(flows) == pytest.approx(nominal, abs=1e-8)
    assert rates.us_reg_z(flows, parse_unit_period("month")) == pytest.approx(nominal, abs=1e-8)
    assert rates.au_comparison(flows) == pytest.approx(nominal, abs=1e-8)
    assert rates.eu_apr(flows) == pytest.approx((1 + monthly) ** 12 - 1, rel=1e-7, abs=1e-7)


def test_a_payday_rate_of_many_thousand_percent_is_found():
    flows = [flow(date(2026, 1, 1), 100), flow(date(2026, 1, 8), -150)]
    assert rates.xirr(flows) == pytest.approx(1.5 ** (365 / 7) - 1, rel=1e-9)


def test_the_command_answers_text_and_numbers_dated_or_not():
    dated = [{"on": "2026-01-01", "amount": "-1000"}, {"on": "2027-01-01", "amount": 1100}]
    assert rate({"id": 1, "method": "xirr", "cashflows": dated}) == {
        "id": 1,
        "rate": pytest.approx(0.1, abs=1e-12),
    }
    plain = [{"amount": 1000}, *({"amount": "-90"} for _ in range(12))]
    numbered = [{"period": place, "amount": item["amount"]} for place, item in enumerate(plain)]
    answers = [
        rate({"id": "a", "method": "cn_irr", "cashflows": flows})["rate"]
        for flows in (plain, numbered)
    ]
    assert answers[0] == answers[1] == pytest.approx(0.1449, abs=1e-3)


def test_the_command_converts_and_gives_null_where_there_is_no_rate():
    assert rate({"id": 1, "method": "from_daily", "rate": "0.0003"})["rate"] == 0.1095
    assert rate({"id": 1, "method": "from_monthly", "rate": 0.008})["rate"] == 0.096
    flat = rate({"id": 1, "method": "from_flat", "rate": "0.06", "term_months": 12})
    monthly = {"method": "from_flat", "rate": "0.005", "period": "month", "term_months": 12}
    assert flat["rate"] == rate({"id": 1, **monthly})["rate"] == pytest.approx(0.108964, abs=1e-6)
    none = {"id": 2, "method": "xirr", "cashflows": [{"on": "2026-01-01", "amount": 1}]}
    assert rate(none) == {"id": 2, "rate": None}


@pytest.mark.parametrize(
    "line",
    [
        [],
        {"id": "x"},
        {"id": "x", "method": "apr", "cashflows": []},
        {"id": "x", "method": "xirr"},
        {"id": "x", "method": "xirr", "cashflows": [1]},
        {"id": "x", "method": "xirr", "cashflows": [{"on": "soon", "amount": 1}]},
        {"id": "x", "method": "xirr", "cashflows": [{"on": "2026-01-01", "amount": "NaN"}]},
        {"id": "x", "method": "xirr", "cashflows": [{"on": "2026-01-01", "amount": True}]},
        {"id": "x", "method": "us_reg_z", "cashflows": [], "unit_period": "a while"},
        {"id": "x", "method": "from_daily"},
        {"id": "x", "method": "from_flat", "rate": "0.06"},
        {"id": "x", "method": "from_flat", "rate": "0.06", "term_months": 12, "period": "day"},
    ],
)
def test_a_bad_line_is_a_problem_with_a_code(line):
    answer = rate(line)
    assert answer["problem"]["code"] == "products.bad_rate_request"
    assert answer["id"] == (line.get("id") if isinstance(line, dict) else None)


@pytest.mark.parametrize(
    ("method", "words", "yearly"),
    [
        ("from_daily", "日息万三", "0.1095"),
        ("from_daily", "万五", "0.1825"),
        ("from_daily", "日息万2.5", "0.09125"),
        ("from_daily", "万分之三点五", "0.12775"),
        ("from_daily", "万三五", "0.12775"),
        ("from_daily", "万三半", "0.12775"),
        ("from_daily", "0.03%", "0.1095"),
        ("from_monthly", "月息二十五厘", "0.3"),
        ("from_monthly", "月息八厘", "0.096"),
        ("from_monthly", "月息一分二", "0.144"),
        ("from_monthly", "1分半", "0.18"),
        ("from_monthly", "千分之十二", "0.144"),
        ("from_monthly", "0.8％", "0.096"),
    ],
)
def test_rates_are_read_in_the_words_that_customers_meet(method, words, yearly):
    from jiuding.kernel.products import commands

    found = commands.rate({"id": 1, "method": method, "rate": words})
    assert found == {"id": 1, "rate": pytest.approx(float(yearly), abs=1e-12)}


@pytest.mark.parametrize("words", ["日息", "万", "八", "厘", "万万", "a%", "", "万三三三三三三三"])
def test_words_that_are_no_rate_are_refused(words):
    from jiuding.kernel.products import commands

    found = commands.rate({"id": 1, "method": "from_daily", "rate": words})
    assert found["problem"]["code"] == "products.bad_rate_request"
