"""A decision that refers becomes a case that two people work by command; its label comes back."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from jiuding import worker
from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.base.settings import CATALOG, read_secret
from jiuding.cli import app
from jiuding.kernel import decisions
from jiuding.services import cases


@pytest.fixture
def typed(house, tmp_path, monkeypatch):
    """Type a command of the bank that stands on the test database, as a member of staff."""
    url = house.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("JIUDING_DATABASE_URL", url.replace("postgresql+psycopg", "postgresql"))
    monkeypatch.setenv("JIUDING_HOME", str(tmp_path / "home"))

    def typing(*words: str, by: str = ""):
        if by:
            key = read_secret(tmp_path / "home", "staff")
            words = (*words, "--token", decisions.staff_token(key, by))
        return CliRunner().invoke(app, list(words))

    return typing


def lines(result) -> list[dict]:
    assert result.exit_code == 0, (result.output, result.exception)
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_referral_is_worked_by_two_people_and_labels_its_decision(house, typed):
    bank_id, subject = house.bank.bank_id, new_id("pty", clock.now())
    with transaction(house.engine) as session:
        made = decisions.decide(
            session, bank_id=bank_id, policy="credit", subject=subject, event={}, features={},
            now=clock.now(), idempotency_key=new_id("evt", clock.now()),
        )  # fmt: skip
    assert made.outcome == "refer"
    assert worker.open_cases(house) > 0
    (case,) = lines(typed("cases", "list", "--search", subject))
    assert (case["kind"], case["opened_by"]) == ("referral", "policy:credit")
    case_id = case["case_id"]
    assert lines(typed("cases", "claim", case_id, by="ann"))[0]["holder"] == "ann"
    refused = typed("cases", "claim", case_id, by="bob")
    assert isinstance(refused.exception, cases.CaseHeld)
    lines(typed("cases", "propose", case_id, "confirmed", "--reason", "income made up", by="ann"))
    assert isinstance(typed("cases", "approve", case_id, by="ann").exception, cases.SamePerson)
    lines(typed("cases", "return", case_id, "--reason", "say which income", by="bob"))
    lines(typed("cases", "claim", case_id, by="ann"))
    lines(typed("cases", "propose", case_id, "confirmed", "--reason", "no salary", by="ann"))
    (closed,) = lines(typed("cases", "approve", case_id, by="bob"))
    assert closed["status"] == "closed"
    (file,) = lines(typed("cases", "show", case_id, by="cat"))
    assert file["timeline"][-1]["name"] == "viewed"
    labelled = {each["id"]: each for each in lines(typed("cases", "labels", "--policy", "credit"))}
    assert labelled[made.decision_id]["label"] == "bad"


def test_a_case_is_opened_with_evidence_and_released_by_command(typed, tmp_path):
    file = tmp_path / "evidence.jsonl"
    piece = {
        "kind": "signal", "source": "signals", "reference": "s1",
        "happened_at": "2026-11-20T00:00:00Z", "data": {"code": "signals.shared_device"},
    }  # fmt: skip
    file.write_text(json.dumps(piece) + "\n")
    words = ("cases", "open", "ring", "pty_cmd", "--evidence", str(file), "--source", "test:cmd")
    (case,) = lines(typed(*words, by="ann"))
    assert lines(typed(*words, by="ann"))[0]["case_id"] == case["case_id"]
    lines(typed("cases", "claim", case["case_id"], by="ann"))
    assert lines(typed("cases", "release", case["case_id"], by="ann"))[0]["holder"] is None
    file.write_text("{}\n")
    wrong = typed("cases", "open", "ring", "pty_2", "--evidence", str(file), by="ann")
    assert "evidence.jsonl line 1" in str(wrong.exception)


def test_a_list_is_imported_by_command_once_for_each_content(typed):
    file = str(CATALOG / "lists" / "invented.targets.simple.csv")
    first = lines(typed("screening", "import", file, "--name", "typed", by="ann"))
    again = lines(typed("screening", "import", file, "--name", "typed", by="ann"))
    assert first == again
    shown = {each["name"]: each for each in lines(typed("screening", "lists"))}
    assert (shown["typed"]["number"], shown["typed"]["imported_by"]) == (1, "ann")
