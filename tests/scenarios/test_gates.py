"""Gates live: programs ask over HTTP, and a sign-in with stolen words is stopped at the door."""

from __future__ import annotations

import io
import json
import secrets
import sys

import pytest
from fastapi.testclient import TestClient

from jiuding.api import create_app
from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.bootstrap import demonstration
from jiuding.cli import answer_lines
from jiuding.cli.deciding import decider
from jiuding.kernel.identity import store as identity_store


@pytest.fixture(scope="module")
def app(house):
    return create_app(house)


def from_address(app, address):
    return TestClient(app, base_url="http://localhost:8000", client=(address, 50_000))


@pytest.fixture
def operator(app):
    client = from_address(app, "127.0.0.1")
    client.headers["Authorization"] = f"Bearer {app.state.operator_token}"
    return client


def enter(client, person, pin=demonstration.PIN):
    form = {"party_id": person.party.party_id, "pin": pin}
    return client.post("/enter", data=form, follow_redirects=False)


def give_passkey(house, party_id):
    with transaction(house.engine) as session:
        row = {"credential_id": new_id("crd", clock.now()), "party_id": party_id,
               "kind": "passkey", "secret": b"key", "handle": secrets.token_bytes(16),
               "registered_at": clock.now()}  # fmt: skip
        identity_store.add_credential(session, house.bank.bank_id, row)


def test_a_right_pin_from_a_strange_device_and_place_is_asked_for_the_passkey(app, house, people):
    person = people["cn", "steady"][-2]
    assert enter(from_address(app, "203.0.113.20"), person).status_code == 303
    # Who has nothing stronger to show is not shut out.
    assert enter(from_address(app, "192.0.2.44"), person).status_code == 303
    give_passkey(house, person.party.party_id)
    thief = from_address(app, "198.51.100.20")
    answer = enter(thief, person)
    assert answer.status_code == 403 and "abuse.proof_required" in answer.text
    assert "jiuding_login" not in thief.cookies
    over_http = thief.post(
        "/v1/logins", json={"party_id": person.party.party_id, "pin": demonstration.PIN}
    )
    assert over_http.status_code == 403
    assert over_http.json()["code"] == "abuse.proof_required"
    # At a place where they were before the PIN is enough.
    assert enter(from_address(app, "203.0.113.99"), person).status_code == 303


def test_a_wrong_pin_is_counted_as_failed_and_still_refused_as_before(app, people, operator):
    person = people["cn", "steady"][-3]
    answer = enter(from_address(app, "203.0.113.21"), person, pin="000000")
    assert "identity.pin_refused" in answer.text
    assert enter(from_address(app, "203.0.113.21"), person).status_code == 303


def test_programs_judge_acts_and_say_what_became_of_them(operator):
    gates = {each["gate"]: each for each in operator.get("/v1/gates").json()["gates"]}
    assert gates["mule_account"]["stream"] == "flows"
    account = {"account": "acc_mule"}

    def came_in(number, amount):
        fields = {**account, "side": "in", "payer": f"p{number}", "payer_is": "stranger",
                  "amount_in": amount}  # fmt: skip
        body = {"act_id": f"in{number}", "gate": "mule_account", "fields": fields}
        return operator.post("/v1/acts/notes", json=body)

    for number in range(3):
        assert came_in(number, 1_500_000).status_code == 201
    assert came_in(0, 1_500_000).status_code == 201
    assert came_in(0, 7).json()["code"] == "abuse.bad_act"
    out = {**account, "side": "out", "payee": "somebody", "payee_kind": "person",
           "amount_out": 4_400_000, "share": 97, "device": "d1"}  # fmt: skip
    body = {"act_id": "out1", "gate": "mule_account", "fields": out}
    found = operator.post("/v1/acts", json=body).json()
    assert found["outcome"] == "refer"
    codes = [each["code"] for each in found["reasons"]]
    assert "abuse.passes_through" in codes and "abuse.payee_unknown" in codes
    assert operator.post("/v1/acts", json=body).json() == found
    result = {"gate": "mule_account", "result": "refused"}
    for _ in range(2):
        assert operator.post("/v1/acts/out1/results", json=result).status_code == 201
    other = operator.post("/v1/acts/out1/results", json={**result, "result": "passed"})
    assert other.json()["code"] == "abuse.bad_act"
    assert operator.post("/v1/acts/out9/results", json=result).status_code == 404
    again = {**body, "act_id": "out2", "fields": {**out, "payee": "another"}}
    score = operator.post("/v1/acts", json=again).json()["score"]
    assert score < found["score"]


def test_gates_answer_the_operator_only(app):
    client = from_address(app, "127.0.0.1")
    assert client.get("/v1/gates").json()["code"] == "ledger.operator_required"
    assert client.post("/v1/acts", json={}).status_code == 401


def answered(monkeypatch, capsys, lines):
    text = "\n".join(json.dumps(line) for line in lines)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    answer_lines(decider("sign_in", None))
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_command_judges_acts_as_a_stream_and_refuses_what_it_cannot_read(monkeypatch, capsys):
    own = {"account": "a", "device": "d1", "ip": "203.0.113.7", "bank": "all"}
    other = {**own, "device": "d2", "ip": "198.51.100.7"}
    found = answered(monkeypatch, capsys, [
        {"id": "1", "at": "2026-03-01T09:00:00Z", **own},
        {"id": "2", "at": "2026-03-01T09:00:01Z", "of": "1", "result": "passed"},
        {"id": "3", "at": "2026-03-01T10:00:00Z", **other},
        {"id": "4", "at": "2026-03-01T09:30:00Z", **own},
        {"id": "5", "at": "2026-03-01T10:10:00Z", "of": "1", "result": "passed"},
        {"id": "6", "at": "2126-03-01T10:10:00Z", **own},
    ])  # fmt: skip
    assert [each.get("outcome") for each in found[:3]] == ["approve", None, "step_up"]
    assert found[1]["noted"] == "1" and found[2]["reasons"][0]["text"]["zh"]
    assert {each["problem"]["code"] for each in found[3:]} == {"abuse.bad_act"}
