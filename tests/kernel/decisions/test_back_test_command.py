"""`jiuding decisions backtest` over a file of events, without a database."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from jiuding.base.problems import Problem
from jiuding.base.settings import CATALOG
from jiuding.cli import app

FACTS = {
    "applicant": {"age": 30, "status": "active"},
    "application": {
        "amount": "50000", "term_months": 24, "instalment_monthly": "2300.55", "purpose": "car",
        "jurisdiction": "cn", "currency": "CNY", "all_in_rate": "0.072",
    },
    "verified": {
        "income_monthly": "14000", "expenses_monthly": "6000.5", "debts_monthly": "900",
        "months_of_history": 24, "missed_payments_12m": 0, "lowest_balance_3m": "100",
    },
    "exposure": {"open_loans": 0, "outstanding": "0"},
    "limits": {"amount_max": "300000", "dsr_max": "0.5"},
}  # fmt: skip


@pytest.fixture
def files(tmp_path):
    text = (CATALOG / "policies" / "credit.toml").read_text("utf-8")
    assert 'when    = "applicant.age < 18"' in text
    stricter = text.replace('when    = "applicant.age < 18"', 'when    = "applicant.age < 25"')
    (tmp_path / "stricter.toml").write_text(stricter, "utf-8")
    lines = [
        {"id": f"e{age}", "event": {**FACTS, "applicant": {"age": age, "status": "active"}}}
        for age in range(16, 36)
    ]
    (tmp_path / "events.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    labels = ["id,label", *(f"e{age},{'bad' if age < 20 else 'good'}" for age in range(16, 30))]
    (tmp_path / "labels.csv").write_text("\n".join(labels) + "\n")
    return tmp_path


def back_test(files, *more: str):
    return CliRunner().invoke(
        app,
        ["decisions", "backtest", "--policy", "credit",
         "--candidate", str(files / "stricter.toml"),
         "--events", str(files / "events.jsonl"), *more],
    )  # fmt: skip


def test_it_says_how_many_more_and_how_many_of_them_were_good(files):
    done = back_test(files, "--labels", str(files / "labels.csv"))
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["refused_more"] == {"count": 7, "good": 5, "bad": 2, "unlabelled": 0}
    assert found["words"]["en"].startswith("It would have refused 7 more, of them 5 good")
    assert found["engine"] == "duckdb"


@pytest.mark.parametrize("bad", ["id,label\ne1,fine\n", "e1\n"])
def test_a_label_that_is_neither_good_nor_bad_is_refused_naming_the_line(files, bad):
    (files / "labels.csv").write_text(bad)
    done = back_test(files, "--labels", str(files / "labels.csv"))
    assert isinstance(done.exception, Problem)
    assert "labels.csv line" in done.exception.detail


def test_a_line_that_is_not_json_is_refused_naming_the_line(files):
    with (files / "events.jsonl").open("a") as file:
        file.write("{nonsense\n")
    done = back_test(files)
    assert isinstance(done.exception, Problem)
    assert "events.jsonl line 21: not JSON" in done.exception.detail


def test_a_candidate_of_another_policy_is_refused(files):
    text = (files / "stricter.toml").read_text("utf-8")
    (files / "stricter.toml").write_text(text.replace('"credit"', '"other"', 1), "utf-8")
    done = back_test(files)
    assert isinstance(done.exception, Problem)
    assert "is a policy 'other'" in done.exception.detail
