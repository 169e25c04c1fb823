"""The shipped credit policy: each decline says why and what would change the answer."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jiuding.kernel import decisions

POLICY = decisions.load_policy("credit")
EVENT = {
    "applicant.age": 34,
    "applicant.status": "active",
    "applicant.residency": "resident",
    "application.amount": Decimal("150000.00"),
    "application.term_months": 36,
    "application.instalment_monthly": Decimal("4597.29"),
    "application.purpose": "car",
    "application.jurisdiction": "cn",
    "application.category": "personal",
    "application.currency": "CNY",
    "application.all_in_rate": Decimal("0.065"),
}
FEATURES = {
    "verified.income_monthly": Decimal("14000.00"),
    "verified.expenses_monthly": Decimal("6000.00"),
    "verified.debts_monthly": Decimal("0.00"),
    "verified.months_of_history": 24,
    "verified.missed_payments_12m": 0,
    "verified.lowest_balance_3m": Decimal("5200.50"),
    "exposure.open_loans": 0,
    "exposure.outstanding": Decimal(0),
    "limits.amount_max": Decimal(200000),
    "limits.dsr_max": Decimal("0.5"),
}


def judge(**changes):
    known = {**EVENT, **FEATURES}
    for name, value in changes.items():
        full = next(each for each in known if each.endswith("." + name))
        known[full] = value
    event = {name: value for name, value in known.items() if name in EVENT}
    features = {name: value for name, value in known.items() if name in FEATURES}
    inputs = decisions.read_inputs(POLICY, event=event, features=features, lists={})
    return decisions.assess(POLICY, inputs)


def test_a_sound_application_is_approved_with_a_score_and_nothing_left_out():
    verdict = judge()
    assert verdict.outcome == "approve"
    assert verdict.reasons == ()
    assert verdict.not_evaluated == ()
    assert verdict.score == 600 + 60 + 60 + 20 + 25 + 20


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"purpose": "securities"}, "lending.purpose_prohibited"),
        ({"purpose": "home_deposit"}, "lending.purpose_prohibited"),
        ({"status": "suspended"}, "lending.customer_suspended"),
        ({"age": 17}, "lending.under_age"),
        ({"income_monthly": None}, "lending.income_unverified"),
        ({"amount": Decimal("200000.01")}, "lending.over_limit"),
        ({"outstanding": Decimal("50000.01")}, "lending.over_limit"),
        ({"income_monthly": Decimal(9000)}, "lending.unaffordable"),
        ({"expenses_monthly": Decimal(9500)}, "lending.unaffordable"),
        ({"open_loans": 5}, "lending.too_many_loans"),
        ({"missed_payments_12m": 3}, "lending.recent_arrears"),
    ],
)
def test_each_decline_has_its_code_and_says_what_would_change_it(changes, code):
    verdict = judge(**changes)
    assert verdict.outcome == "decline"
    reason = verdict.reasons[0]
    assert reason.code == code
    for text in (reason.text_zh, reason.text_en, reason.remedy_zh, reason.remedy_en):
        assert text and "{" not in text and "unknown" not in text and "未知" not in text


@pytest.mark.parametrize(
    "changes",
    [
        {"age": 18},
        {"amount": Decimal("200000.00")},
        {"outstanding": Decimal("50000.00")},
        {"open_loans": 4},
        {"missed_payments_12m": 2},
        {"purpose": "securities", "jurisdiction": "au"},
    ],
)
def test_just_within_a_line_is_approved(changes):
    assert judge(**changes).outcome == "approve"


def test_the_remedy_of_an_unaffordable_loan_is_itself_affordable():
    reason = judge(income_monthly=Decimal(9000), expenses_monthly=Decimal(3000)).reasons[0]
    assert reason.rule == "unaffordable_share"
    assert "超过了 50% 的上限" in reason.text_zh
    assert "CNY 4,597.29 a month" in reason.text_en
    assert "最多可以借 146,800 元" in reason.remedy_zh
    most = Decimal(reason.values["most"])
    rate = EVENT["application.all_in_rate"] / 12
    payment = most * rate / (1 - (1 + rate) ** -36)
    assert payment <= Decimal(4500)
    assert judge(
        income_monthly=Decimal(9000),
        expenses_monthly=Decimal(3000),
        amount=most,
        instalment_monthly=payment.quantize(Decimal("0.01")),
    ).outcome == "approve"  # fmt: skip


def test_an_unverified_income_leaves_affordability_not_evaluated_and_says_so():
    verdict = judge(income_monthly=None)
    listed = {each.rule: each for each in verdict.not_evaluated}
    assert listed["unaffordable_share"].fields == ("verified.income_monthly",)
    assert listed["unaffordable_cash"].why == "missing"
    assert verdict.outcome == "decline"


def test_a_missing_fact_refers_and_never_approves():
    verdict = judge(missed_payments_12m=None)
    assert verdict.outcome == "refer"
    assert verdict.score is None
    (reason,) = verdict.reasons
    assert reason.code == "decisions.not_evaluated"
    assert "近12个月逾期次数" in reason.text_zh
    assert "missed payments in 12 months" in reason.text_en


def test_a_question_about_a_purpose_alone_is_answered_without_an_application():
    event = {
        "applicant.age": 30,
        "applicant.status": "active",
        "application.jurisdiction": "cn",
        "application.purpose": "securities",
    }
    inputs = decisions.read_inputs(POLICY, event=event, features={}, lists={})
    assert decisions.assess(POLICY, inputs).reasons[0].code == "lending.purpose_prohibited"
    allowed = decisions.read_inputs(POLICY, event=event | {"application.purpose": "car"},
                                    features={}, lists={})  # fmt: skip
    assert decisions.assess(POLICY, allowed).outcome == "refer"


def test_all_reasons_are_given_at_once_by_weight():
    verdict = judge(age=17, status="suspended", purpose="securities")
    assert [reason.code for reason in verdict.reasons] == [
        "lending.purpose_prohibited",
        "lending.customer_suspended",
        "lending.under_age",
    ]


def test_a_low_score_declines_with_the_lines_that_lost_most():
    verdict = judge(
        months_of_history=3,
        missed_payments_12m=2,
        lowest_balance_3m=Decimal(-5),
        open_loans=4,
    )
    assert verdict.score == 600 - 70 - 90 - 60 + 25 - 40
    assert verdict.outcome == "decline"
    assert [reason.code for reason in verdict.reasons] == [
        "lending.score_missed_payments",
        "lending.score_short_history",
        "lending.score_low_balance",
    ]
