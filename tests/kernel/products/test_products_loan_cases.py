"""Loan cases row by row against the examples (`lending_examples.jsonl.gz`).

The examples come from the feature files of Apache Fineract (Apache License 2.0); tables were
parsed, no code was copied. The engine never sees `expected`.
"""

from __future__ import annotations

import copy
import gzip
import json
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jiuding.kernel.products.commands import schedule

with gzip.open(Path(__file__).with_name("lending_examples.jsonl.gz"), "rt") as file:
    EXAMPLES = [json.loads(line) for line in file]
QUESTIONS = [{k: v for k, v in case.items() if k != "expected"} for case in EXAMPLES]
CASES = {case["id"]: case for case in QUESTIONS}


def plain_case() -> dict:
    return copy.deepcopy(CASES["fin-0822077c3f06"])


def test_every_example_is_met_row_by_row_to_the_cent():
    met, missed = Counter(), []
    for example, question in zip(EXAMPLES, QUESTIONS, strict=True):
        if schedule(question) == {"id": example["id"], "rows": example["expected"]["rows"]}:
            met[example["tier"]] += 1
        else:
            missed.append(example["id"])
    assert missed == []
    assert met == {"plain": 27, "tranches": 1, "aged": 10, "servicing": 66}


def test_the_stated_answers_are_never_read():
    example = copy.deepcopy(EXAMPLES[0])
    honest = schedule(example)
    example["expected"] = {"rows": "nonsense"}
    assert schedule(example) == honest


def test_a_rate_for_the_whole_term_is_spread_over_it():
    case = plain_case()
    yearly = schedule(case)["rows"]
    # 12 % a year for three periods of two months is 6 % for the whole term.
    case["terms"] |= {"rate_pct": "6", "rate_period": "WHOLE_TERM"}
    assert schedule(case)["rows"] == yearly
    case["terms"] |= {"rate_pct": "1", "rate_period": "MONTH"}
    assert schedule(case)["rows"] == yearly


def test_a_weekly_loan_counts_sevens():
    case = plain_case()
    case["terms"] |= {"repay_every": 1, "repay_unit": "WEEKS", "rate_pct": "36"}
    rows = schedule(case)["rows"]
    assert [row["days"] for row in rows[1:]] == [7, 7, 7]
    assert rows[1]["interest"] == "0.7"  # 100 x 36 % x 7 / 360


def test_a_charge_after_the_last_row_stands_on_a_row_of_its_own():
    case = plain_case()
    case["events"].append(
        {"type": "charge", "due": "2024-08-01", "amount": "5", "charge": "LOAN_SNOOZE_FEE"}
    )
    last = schedule(case)["rows"][-1]
    assert (last["nr"], last["date"], last["fees"], last["principal"]) == (
        4,
        "2024-08-01",
        "5.0",
        "0.0",
    )


def test_grace_of_a_cumulative_loan_moves_principal_and_interest():
    case = copy.deepcopy(CASES[_cumulative()])
    case["terms"] |= {"grace_on_principal": 2, "grace_on_interest": 1}
    rows = schedule(case)["rows"][1:]
    assert [row["principal"] for row in rows[:2]] == ["0.0", "0.0"]
    assert rows[0]["interest"] == "0.0" and Decimal(rows[1]["interest"]) > 1
    assert sum(Decimal(row["principal"]) for row in rows) == 100


def _cumulative() -> str:
    return next(
        case["id"]
        for case in QUESTIONS
        if case["product"]["schedule_type"] == "CUMULATIVE"
        and case["terms"]["interest_method"] == "DECLINING_BALANCE"
        and case["terms"]["number_of_repayments"] == 6
        and len([e for e in case["events"] if e["type"] == "disburse"]) == 1
    )


@settings(max_examples=120, deadline=None)
@given(
    question=st.sampled_from(QUESTIONS),
    rate=st.sampled_from(["0", "7", "26"]),
    steps=st.lists(
        st.tuples(
            st.sampled_from(["repayment", "merchant_issued_refund", "charge", "payout_refund"]),
            st.integers(0, 100),
            st.sampled_from(["0.01", "0.17", "0.5", "1.2"]),
        ),
        max_size=4,
    ),
)
def test_whatever_happens_principal_due_is_what_was_paid_out(question, rate, steps):
    case = copy.deepcopy(question)
    outs = [event for event in case["events"] if event["type"] == "disburse"]
    assume(len(outs) == 1)
    case["terms"]["rate_pct"] = rate
    start, amount = date.fromisoformat(outs[0]["on"]), Decimal(outs[0]["amount"])
    for kind, days, share in sorted(steps, key=lambda step: step[1]):
        day = (start + timedelta(days)).isoformat()
        sum_ = str((amount * Decimal(share)).quantize(Decimal("0.01")))
        event = {"type": kind, "business_date": day, "amount": sum_}
        named = {"due": day, "charge": "LOAN_NSF_FEE"} if kind == "charge" else {"on": day}
        case["events"].append(event | named)
    rows = schedule(case)["rows"]
    due = [row for row in rows if row["nr"]]
    assert sum(Decimal(row["principal"]) for row in due) == amount
    for row in due:
        parts = [row[name] for name in ("principal", "interest", "fees", "penalties")]
        assert sum(map(Decimal, parts)) == Decimal(row["due"])
        assert Decimal(row["due"]) - Decimal(row["paid"]) == Decimal(row["outstanding"]) >= 0


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("terms", "principal", "much"),
        ("terms", "principal", "-1"),
        ("terms", "rate_pct", None),
        ("terms", "rate_period", "DECADE"),
        ("terms", "number_of_repayments", 0),
        ("terms", "number_of_repayments", 10**6),
        ("terms", "repay_unit", "FORTNIGHTS"),
        ("terms", "submitted_on", "soon"),
        (None, "terms", None),
        (None, "events", "none"),
        (None, "events", [7]),
        (None, "events", [{"type": "disburse", "on": "2024-01-01", "amount": "x"}]),
    ],
)
def test_a_case_that_cannot_be_read_is_a_problem_with_a_code(part, field, value):
    case = plain_case()
    (case if part is None else case[part])[field] = value
    answer = schedule(case)
    assert answer["id"] == case["id"]
    assert answer["problem"]["code"] == "products.bad_schedule_case"
    assert schedule([])["problem"]["code"] == "products.bad_schedule_case"


def test_money_paid_out_after_the_end_is_refused():
    case = plain_case()
    late = {"type": "disburse", "on": "2024-09-01", "business_date": "2024-09-01", "amount": "10"}
    case["events"].append(late)
    assert schedule(case)["problem"]["code"] == "products.bad_schedule_case"
