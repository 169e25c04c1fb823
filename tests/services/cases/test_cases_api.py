"""Cases over HTTP: each request by one person, said twice and done once."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from jiuding.base import clock, http
from jiuding.base.ids import new_id
from jiuding.kernel import decisions
from jiuding.services import risk
from jiuding.services.cases import routes

KEY = b"k" * 32
NODES = [{"id": "pty_1", "kind": "party", "label": "pty_1", "flags": []}]


@pytest.fixture
def web(engine):
    app = FastAPI()
    http.install(app)
    app.state.branch = SimpleNamespace(engine=engine, bank_id=new_id("bank", clock.now()))
    app.state.staff_key = KEY
    app.state.lists = risk.ListRoom()
    app.include_router(routes.router)
    client = TestClient(app, raise_server_exceptions=False)
    keys = (f"key-of-test-{number}" for number in count())

    def call(method, path, by="ann", body=None, key=""):
        headers = {"Authorization": f"Bearer {decisions.staff_token(KEY, by)}"} if by else {}
        headers["Idempotency-Key"] = key or next(keys)
        return client.request(method, f"/v1{path}", json=body, headers=headers)

    return call


def opened(web, **more) -> str:
    body = {"kind": "fraud", "subject": "pty_1", **more}
    answer = web("POST", "/cases", body=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["case_id"]


def test_a_case_goes_from_open_to_closed_by_two_people(web):
    evidence = [
        {
            "kind": "graph", "reference": "g1", "happened_at": "2026-11-20T00:00:00Z",
            "data": {"nodes": NODES, "edges": []},
        }
    ]  # fmt: skip
    case_id = opened(web, evidence=evidence)
    listed = web("GET", "/cases?status=open").json()
    assert [each["case_id"] for each in listed["cases"]] == [case_id]
    assert listed["open_count"] == 1
    assert web("POST", "/cases/next", body={}).json()["holder"] == "ann"
    held = web("POST", f"/cases/{case_id}/claims", "bob")
    assert (held.status_code, held.json()["code"]) == (409, "cases.held")
    note = {
        "kind": "note", "reference": "n1", "happened_at": "2026-11-21T00:00:00Z",
        "data": {"text": "asked the merchant"},
    }  # fmt: skip
    assert web("POST", f"/cases/{case_id}/evidence", body=note).status_code == 201
    said = {"outcome": "confirmed", "reason": "four accounts, one device"}
    assert web("POST", f"/cases/{case_id}/proposals", body=said).status_code == 201
    own = web("POST", f"/cases/{case_id}/approvals")
    assert (own.status_code, own.json()["code"]) == (403, "cases.same_person")
    assert web("POST", f"/cases/{case_id}/returns", "bob", {"reason": "more"}).status_code == 201
    web("POST", f"/cases/{case_id}/claims")
    web("POST", f"/cases/{case_id}/proposals", body=said)
    closed = web("POST", f"/cases/{case_id}/approvals", "bob").json()
    assert (closed["status"], closed["outcome"]) == ("closed", "confirmed")
    shown = web("GET", f"/cases/{case_id}", "cat").json()
    assert [each["name"] for each in shown["timeline"]][-2:] == ["approved", "viewed"]
    assert shown["graph"]["nodes"] == NODES
    assert web("GET", "/cases?status=closed").json()["cases"][0]["case_id"] == case_id


def test_a_key_opens_one_case_and_stands_for_one_content(web):
    body = {"kind": "fraud", "subject": "pty_1"}
    first, again = (web("POST", "/cases", body=body, key="the-same-key") for _ in range(2))
    assert first.json()["case_id"] == again.json()["case_id"]
    other = web("POST", "/cases", body={**body, "priority": "low"}, key="the-same-key")
    assert (other.status_code, other.json()["code"]) == (409, "cases.key_reused")
    assert web("POST", "/cases", "bob", body, key="the-same-key").status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/cases/cas_nothing", None, 422),
        ("GET", "/cases/" + "cas_" + "0" * 26, None, 404),
        ("GET", "/cases?after=x", None, 422),
        ("GET", "/cases?limit=0", None, 422),
        ("POST", "/cases", {"kind": "fraud"}, 422),
        ("POST", "/cases", {"kind": "nothing", "subject": "pty_1"}, 422),
        ("POST", "/cases", {"kind": "fraud", "subject": "pty_1", "more": 1}, 422),
        ("POST", "/screenings", {"name": "—"}, 422),
    ],
)
def test_what_cannot_be_is_refused_with_its_status(web, method, path, body, status):
    assert web(method, path, body=body).status_code == status


@pytest.mark.parametrize("path", ["/cases", "/cases/next", "/screenings", "/screening-lists"])
def test_without_a_token_of_ones_own_nothing_is_shown(web, path):
    method = "POST" if path in ("/cases/next", "/screenings") else "GET"
    answer = web(method, path, by="", body={"name": "a"} if path == "/screenings" else {})
    assert (answer.status_code, answer.json()["code"]) == (401, "decisions.staff_required")


def test_a_write_needs_a_key_of_its_own(web):
    answer = web("POST", "/cases", body={"kind": "fraud", "subject": "pty_1"}, key="short")
    assert answer.json()["code"] == "base.missing_idempotency_key"


def test_a_name_is_screened_cleared_and_remembered(web):
    looked = web("POST", "/screenings", body={"name": "Qian Wangchuan"}).json()
    assert looked["matches"][0]["why"] == ["exact"]
    assert looked["case"] is None
    about = {"name": "Qian Wangchuan", "subject": "pty_1"}
    found = web("POST", "/screenings", body=about).json()
    assert found["case"]["kind"] == "screening"
    clear = {**about, "entry_id": "invented:inv-001", "reason": "born elsewhere"}
    assert web("POST", "/screenings/clearances", body=clear).json() == {"is_new": True}
    assert web("POST", "/screenings/clearances", body=clear).json() == {"is_new": False}
    again = web("POST", "/screenings", body=about).json()
    assert again["matches"] == []
    assert again["cleared"][0]["clearance"]["reason"] == "born elsewhere"
    assert web("GET", "/screening-lists").json() == {"lists": []}
