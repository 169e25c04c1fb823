"""The command line edge: one object in, one out, the same figures as on record."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from jiuding.kernel import decisions
from jiuding.kernel.decisions.commands import decide_line

POLICY = decisions.load_policy("credit")
LINE = """{"id": "a-1", "event": {"applicant": {"age": 34, "status": "active"},
 "application": {"amount": 150000.00, "term_months": 36, "instalment_monthly": "4597.29",
  "purpose": "car", "jurisdiction": "cn", "currency": "CNY", "all_in_rate": 0.065, "note": "x"}},
 "features": {"verified": {"income_monthly": %s, "expenses_monthly": 6000, "debts_monthly": 0,
  "months_of_history": 24, "missed_payments_12m": 0, "lowest_balance_3m": 5200.5},
  "exposure": {"open_loans": 0, "outstanding": 0},
  "limits": {"amount_max": 200000, "dsr_max": 0.5}}}"""


def line(income: str = "14000") -> dict:
    return json.loads(LINE % income, parse_float=Decimal)


def test_a_line_is_judged_without_a_database():
    answer = decide_line(POLICY, line())
    assert answer["id"] == "a-1"
    assert (answer["outcome"], answer["reasons"], answer["score"]) == ("approve", [], 785)
    assert answer["ignored"] == ["application.note"]
    assert answer["policy_version"] == POLICY.version
    assert 0 <= answer["ms"] < 1000
    json.dumps(answer)


def test_a_decline_carries_its_reasons_and_what_was_not_evaluated():
    answer = decide_line(POLICY, line("null"))
    assert answer["outcome"] == "decline"
    assert answer["reasons"][0]["code"] == "lending.income_unverified"
    assert answer["reasons"][0]["remedy"]["en"].startswith("Have your salary paid")
    assert {each["rule"] for each in answer["not_evaluated"]} == {
        "unaffordable_share", "unaffordable_cash", "score_burden",
    }  # fmt: skip


def test_a_line_without_parts_is_itself_the_event():
    given = line()
    flat = {"id": 7, **given["event"], **given["features"]}
    answer = decide_line(POLICY, flat)
    assert (answer["id"], answer["outcome"], answer["score"]) == (7, "approve", 785)


@pytest.mark.parametrize("bad", [[], "x", {"event": {"applicant": {"age": "old"}}}])
def test_a_bad_line_is_refused(bad):
    with pytest.raises(decisions.BadInputs):
        decide_line(POLICY, bad)


def test_a_binary_float_is_refused_because_it_is_not_what_was_written():
    with pytest.raises(decisions.BadInputs, match="float"):
        decide_line(POLICY, json.loads(LINE % "14000.10"))
