"""The cash-flow score: stated points for what an account shows, for people and merchants."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from jiuding.base.amounts import currency
from jiuding.kernel import decisions
from jiuding.services.insight import Flow, draw_portrait, flow_facts, score_cash_flow
from jiuding.services.insight.types import Regularity

ON = date(2026, 11, 23)
CNY = currency("CNY")


def portrait(flows, balance_units=0):
    return draw_portrait(flows, asset=CNY, on=ON, balance_units=balance_units)


def monthly(code, units, months=range(5, 11), day=10):
    """Return one flow a month of 2026; `units` is one figure, or one for each month."""
    every = units if isinstance(units, list) else [units] * len(months)
    return [
        Flow(date(2026, month, day), code, each) for month, each in zip(months, every, strict=True)
    ]


def steady(debts=-100_000):
    return [
        *monthly("income.salary", 1_800_000),
        *monthly("living.rent", -800_000),
        *monthly("debt.repayment", debts),
        *[Flow(date(2025, month, 1), "living.other", -100) for month in range(11, 13)],
    ]


def codes(score):
    return [each.code for each in score.reasons]


def test_a_steady_salary_with_room_scores_high_and_needs_no_reasons():
    score = score_cash_flow(portrait(steady(), balance_units=5_000_000))
    assert score.points >= 700 and score.reasons == () and score.not_evaluated == ()
    assert score.policy_version == decisions.load_policy("cash_flow").version


def test_a_salary_that_stopped_and_missed_payments_score_low_with_reasons_in_words():
    flows = [
        *monthly("income.salary", 900_000, months=range(5, 7)),
        *monthly("living.rent", -800_000),
        *[Flow(date(2026, month, 20), "charge.missed_payment", -100) for month in (8, 9, 10)],
    ]
    score = score_cash_flow(portrait(flows, balance_units=-10_000))
    assert score.points == 300
    assert codes(score)[0] == "insight.missed_payments"
    assert "3" in score.reasons[0].text_en and "3" in score.reasons[0].text_zh


def test_a_merchant_is_allowed_twice_the_swing_of_a_salary():
    swings = [1_000_000, 1_900_000, 500_000, 1_600_000, 600_000, 1_700_000]
    drawn = portrait(monthly("income.business", swings) + monthly("living.stock", -500_000))
    facts = flow_facts(drawn)
    assert drawn.regularity is Regularity.IRREGULAR and facts["flow.is_irregular"]
    policy = decisions.load_policy("cash_flow")

    def points(is_irregular):
        given = {**facts, "flow.is_irregular": is_irregular}
        inputs = decisions.read_inputs(policy, event={}, features=given, lists={})
        return decisions.assess(policy, inputs).score

    assert points(True) > points(False)


def test_every_thing_that_gets_worse_costs_points_and_never_adds_any():
    facts = flow_facts(portrait(steady(), balance_units=5_000_000))
    policy = decisions.load_policy("cash_flow")

    def points(**changes):
        given = {**facts, **{f"flow.{name}": each for name, each in changes.items()}}
        inputs = decisions.read_inputs(policy, event={}, features=given, lists={})
        return decisions.assess(policy, inputs).score

    best = points()
    for name, ladder in {
        "income_months": [6, 5, 4, 2, 0],
        "surplus_months": [6, 5, 3, 1, 0],
        "variation": [Decimal("0.05"), Decimal("0.2"), Decimal("0.4"), Decimal(2)],
        "trend": [Decimal(1), Decimal("0.8"), Decimal("0.3")],
        "debt_share": [Decimal(0), Decimal("0.2"), Decimal("0.4"), Decimal(2)],
        "buffer_months": [Decimal(3), Decimal("0.5"), Decimal("0.1"), Decimal(-1)],
        "missed_12m": [0, 1, 2, 9],
        "history_months": [24, 8, 4, 0],
    }.items():
        found = [points(**{name: each}) for each in ladder]
        assert found == sorted(found, reverse=True) and found[-1] < best, name


def test_without_any_history_there_is_no_score():
    score = score_cash_flow(portrait([]))
    assert score.points is None and score.reasons == ()


def test_what_cannot_be_worked_out_is_said_aloud():
    score = score_cash_flow(portrait(monthly("living.rent", -800_000)))
    assert {each.rule for each in score.not_evaluated} == {"flow_swing", "flow_trend", "flow_debts"}


def credit(**features):
    policy = decisions.load_policy("credit")
    inputs = decisions.read_inputs(
        policy,
        event={
            "applicant.age": 30, "applicant.status": "active", "applicant.residency": "resident",
            "application.amount": 50_000, "application.term_months": 24,
            "application.instalment_monthly": 2_300, "application.purpose": "car",
            "application.jurisdiction": "cn", "application.category": "personal",
            "application.currency": "CNY", "application.all_in_rate": Decimal("0.06"),
        },
        features={
            "verified.income_monthly": 20_000, "verified.expenses_monthly": 8_000,
            "verified.debts_monthly": 0, "verified.months_of_history": 24,
            "verified.missed_payments_12m": 0, "verified.lowest_balance_3m": 5_000,
            "exposure.open_loans": 0, "exposure.outstanding": 0,
            "limits.amount_max": 200_000, "limits.dsr_max": Decimal("0.5"), **features,
        },
        lists={},
    )  # fmt: skip
    return decisions.assess(policy, inputs)


def test_the_credit_policy_reads_the_score_and_stands_in_the_middle_without_one():
    high, none, low = (
        credit(**{"verified.cash_flow_score": 800}),
        credit(),
        credit(**{"verified.cash_flow_score": 350}),
    )
    assert high.score - none.score == 20 and none.score - low.score == 40
    assert none.not_evaluated == ()
