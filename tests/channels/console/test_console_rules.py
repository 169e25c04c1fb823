"""How the console writes figures, chooses a language and tells what a plan wins."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from jiuding.base.amounts import Amount, currency
from jiuding.channels.console import rules
from jiuding.channels.console.operations import samples
from jiuding.channels.console.types import CustomerView, PeriodView

CNY = currency("CNY")


def yuan(text: str) -> Amount:
    return Amount.parse(text, CNY)


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-AU,en;q=0.9,zh;q=0.8", "en"),
        ("fr, zh;q=0.3, en;q=0.2", "zh"),
        ("zh;q=0, en;q=0.1", "en"),
        ("", "en"),
        ("*", "en"),
        ("zh;q=banana", "zh"),
        (",;=,,q", "en"),
    ],
)
def test_the_browser_chooses_the_language(header, lang):
    assert rules.choose_language(header) == lang


def test_a_remembered_choice_is_stronger_and_a_forged_one_is_ignored():
    chosen = rules.taste(cookie_lang="zh", cookie_theme="dark", accept_language="en")
    assert (chosen.lang, chosen.theme) == ("zh", "dark")
    forged = rules.taste(cookie_lang="<b>", cookie_theme="'", accept_language="zh")
    assert (forged.lang, forged.theme) == ("zh", "auto")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (yuan("1234567.5"), "1,234,567.50"),
        (yuan("-3.5"), "\N{MINUS SIGN}3.50"),
        (Amount(0, CNY), "0.00"),
        (Amount(1234567, currency("JPY")), "1,234,567"),
        (Amount(2**63 - 1, CNY), "92,233,720,368,547,758.07"),
    ],
)
def test_amounts_are_grouped_with_their_places(amount, text):
    assert rules.grouped(amount) == text


def test_rates_and_durations_are_written_short():
    assert rules.percent(Decimal("0.0412")) == "4.12%"
    assert rules.percent(Decimal("-0.001")) == "\N{MINUS SIGN}0.10%"
    assert rules.milliseconds(3.14) == "3.1 ms"
    assert rules.milliseconds(1234.5) == "1,234 ms"
    assert rules.milliseconds(12_345) == "12.3 s"


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "\\\\evil", "/\\evil", "", None, "/a\r\nb"]
)
def test_a_way_on_never_leaves_the_house(path):
    assert rules.safe_next(path) == "/"


def test_a_way_on_keeps_its_question():
    assert rules.safe_next("/?text=买车") == "/?text=买车"


def months(count: int) -> list[PeriodView]:
    return [
        PeriodView(n, yuan("100"), yuan("1"), yuan("0.5"), yuan(str(100 * (count - n))))
        for n in range(1, count + 1)
    ]


def test_short_plans_are_drawn_by_month_and_long_ones_by_year():
    assert rules.by_period(months(36))[0] == 1
    size, years = rules.by_period(months(37))
    assert (size, len(years)) == (12, 4)
    assert years[0].principal == yuan("1200") and years[0].fees == yuan("6")
    assert years[-1].principal == yuan("100") and years[-1].balance == yuan("0")
    assert sum(year.total.units for year in years) == sum(each.total.units for each in months(37))


def test_the_same_plan_is_shown_once_with_all_its_aims():
    first = samples.plans("zh")[0]
    twin = replace(first, kinds=("surest",))
    other = samples.plans("zh")[1]
    merged = rules.merge_same([first, other, twin])
    assert [plan.kinds for plan in merged] == [("cheapest", "surest"), ("lightest",)]


def test_a_plan_says_what_it_wins_in_figures_that_add_up():
    cheap, light, sure = samples.plans("zh")
    said = {why.key: why.amount for why in cheap.why}
    assert said["saves_against_dearest"] == light.total_cost - cheap.total_cost
    assert said["leaves_under_limit"] + cheap.instalment == yuan("5000")
    assert "surest_to_be_granted" in {why.key for why in sure.why}


def test_a_plan_over_the_limit_does_not_claim_to_stay_under_it():
    over = rules.with_reasons(samples.plans("zh"), yuan("1"))
    assert all(why.key != "leaves_under_limit" for plan in over for why in plan.why)


@pytest.mark.parametrize(
    ("name", "initials"), [("林晓雨", "林"), ("Grace Oduya", "GO"), ("Cher", "C"), ("", "")]
)
def test_initials_follow_the_script_of_the_name(name, initials):
    assert CustomerView("pty_1", name, "", "cn").initials == initials


def test_a_sparkline_starts_from_zero():
    points = rules.sparkline([Decimal(0), Decimal(5), Decimal(10)])
    assert points.split()[0].endswith(",34.0") and points.split()[-1].endswith(",2.0")
    assert rules.sparkline([]) == ""
