"""The walk over HTTP: who may, what comes back, and how every refusal looks on the wire."""

from __future__ import annotations

import secrets

import pytest
from fastapi.testclient import TestClient

from jiuding.api import create_app
from jiuding.bootstrap import demonstration


@pytest.fixture(scope="module")
def client(house):
    # Errors of ours must come back as answers too, not as exceptions of the test.
    return TestClient(
        create_app(house), base_url="http://localhost:8000", raise_server_exceptions=False
    )


def log_in(client, person):
    answer = client.post(
        "/v1/logins", json={"party_id": person.party.party_id, "pin": demonstration.PIN}
    )
    assert answer.status_code == 201
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def key():
    return {"Idempotency-Key": secrets.token_hex(8)}


def refused(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    body = answer.json()
    assert body["code"] == code and body["status"] == status
    assert body["title"] and body["detail"] and body["trace_id"]
    return body


def test_the_whole_walk(client, people):
    me = log_in(client, people["cn", "steady"][6])
    turn = client.post("/v1/needs", json={"text": "借3万块买家具,分两年还"}, headers=me).json()
    assert turn["kind"] == "plans" and turn["slots"]["amount"] == "30000"
    quote, plan = turn["quote"], turn["quote"]["plans"][0]
    assert plan["kind"] == "cheapest" and sum(float(x["amount"]) for x in plan["legs"]) == 30_000
    path = f"/v1/quotes/{quote['quote_id']}/acceptance"
    body, mine = {"kind": "cheapest", "pin": demonstration.PIN}, {**me, **key()}
    done = client.post(path, json=body, headers=mine).json()
    assert done["granted"] is True and done["loan_id"].startswith("ln_")
    assert "decide" in done["timeline_ms"]
    again = client.post(path, json=body, headers=mine).json()
    assert again["loan_ids"] == done["loan_ids"]
    loan = client.get(f"/v1/loans/{done['loan_id']}", headers=me).json()
    assert len(loan["instalments"]) == 24 and loan["instalments"][-1]["balance"] in ("0", "0.00")
    listed = client.get("/v1/loans", headers=me).json()["loans"]
    assert done["loan_id"] in [each["loan_id"] for each in listed]
    accounts = client.get("/v1/accounts", headers=me).json()["accounts"]
    deposit = next(each for each in accounts if each["kind"] == "customer_deposit")
    page = client.get(f"/v1/accounts/{deposit['account_id']}/statement?limit=5", headers=me).json()
    assert "lending.disbursement" in [row["code"] for row in page["rows"]]
    assert page["rows"][0]["balance"] == deposit["balance"]
    older = client.get(
        f"/v1/accounts/{deposit['account_id']}/statement?limit=5&cursor={page['cursor']}",
        headers=me,
    ).json()
    first, second = ({row["transfer_id"] for row in each["rows"]} for each in (page, older))
    assert len(second) == 5 and not first & second
    assert client.delete("/v1/logins", headers=me).status_code == 204
    refused(client.get("/v1/loans", headers=me), 401, "identity.login_required")


def test_a_stranger_gets_nothing(client):
    for method, path in (
        ("GET", "/v1/loans"),
        ("GET", "/v1/accounts"),
        ("POST", "/v1/needs"),
    ):
        answer = client.request(method, path, json={"text": "x"} if method == "POST" else None)
        refused(answer, 401, "identity.login_required")


def test_what_belongs_to_others_is_not_here(client, people):
    owner, other = (log_in(client, person) for person in people["cn", "steady"][:2])
    turn = client.post("/v1/needs", json={"text": "借2万买家具,两年"}, headers=owner).json()
    quote_id = turn["quote"]["quote_id"]
    refused(client.get(f"/v1/quotes/{quote_id}", headers=other), 404, "offers.quote_not_found")
    talk = f"/v1/conversations/{turn['conversation_id']}"
    answer = client.patch(talk, json={"slots": {"amount": 1}}, headers=other)
    refused(answer, 404, "assistant.conversation_not_found")
    accounts = client.get("/v1/accounts", headers=owner).json()["accounts"]
    path = f"/v1/accounts/{accounts[0]['account_id']}/statement"
    refused(client.get(path, headers=other), 404, "ledger.account_not_found")


def test_an_acceptance_wants_a_key_and_the_right_proof(client, people):
    me = log_in(client, people["cn", "steady"][7])
    turn = client.post("/v1/needs", json={"text": "借2万买家具,两年"}, headers=me).json()
    path = f"/v1/quotes/{turn['quote']['quote_id']}/acceptance"
    body = {"kind": "cheapest", "pin": demonstration.PIN}
    refused(client.post(path, json=body, headers=me), 400, "base.missing_idempotency_key")
    wrong = client.post(path, json={**body, "pin": "000000"}, headers={**me, **key()})
    refused(wrong, 403, "identity.pin_refused")
    nothing = client.post(path, json={"kind": "cheapest"}, headers={**me, **key()})
    refused(nothing, 422, "base.bad_input")
    other = client.post(path, json={**body, "kind": "best"}, headers={**me, **key()})
    refused(other, 404, "offers.plan_not_quoted")
    passkey = client.post(
        path, json={"kind": "cheapest", "passkey": {"rawId": "x"}}, headers={**me, **key()}
    )
    refused(passkey, 409, "identity.challenge_refused")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "base.unreadable"),
        (b"[]", 422, "base.bad_input"),
        (b'{"text": 7}', 422, "base.bad_input"),
        (b'{"text": "x", "income": 9}', 422, "base.bad_input"),
        (b'{"text": ""}', 422, "assistant.text_empty"),
        (b'{"text": "' + b"x" * 10_000 + b'"}', 422, "assistant.text_too_long"),
        (b'{"text": "' + b"x" * 70_000 + b'"}', 413, "base.body_too_large"),
        (b'{"text": "hi", "conversation_id": "cvs_nonsense"}', 422, "base.bad_id"),
    ],
)
def test_bad_bodies_are_refused_with_a_code(client, people, content, status, code):
    me = log_in(client, people["cn", "steady"][0])
    answer = client.post(
        "/v1/needs", content=content, headers={**me, "Content-Type": "application/json"}
    )
    refused(answer, status, code)


def test_an_unknown_address_is_a_problem_too(client):
    refused(client.get("/v1/nothing"), 404, "base.not_found")


def test_the_interface_describes_itself(client):
    paths = client.get("/v1/openapi.json").json()["paths"]
    assert {"/v1/needs", "/v1/quotes/{quote_id}/acceptance", "/v1/loans/{loan_id}"} <= set(paths)


def test_health_names_the_bank(client):
    assert client.get("/health").json()["service"] == "jiuding"
