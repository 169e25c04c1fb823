"""Policies over HTTP: one person drafts, another approves, and each token proves its person."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from jiuding.base import clock, http
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.kernel import decisions, eventlog
from jiuding.kernel.decisions import routes

KEY = b"k" * 32
TOML = """
name = "web"
version = 1
title = {{ zh = "例", en = "Example" }}
[fields]
"amount" = {{ type = "decimal", min = 0 }}
"count" = {{ type = "int", min = 0 }}
[[rules]]
id = "large"
when = "{when}"
outcome = "decline"
code = "web.large"
weight = 1
zh = "例。"
en = "Example."
"""


@pytest.fixture
def web(engine):
    app = FastAPI()
    http.install(app)
    app.state.branch = SimpleNamespace(engine=engine, bank_id=new_id("bank", clock.now()))
    app.state.staff_key = KEY
    app.include_router(routes.router)
    client = TestClient(app, raise_server_exceptions=False)
    keys = iter(range(100))

    def call(method, path, by="ann", body=None):
        headers = {"Authorization": f"Bearer {decisions.staff_token(KEY, by)}"} if by else {}
        headers["Idempotency-Key"] = f"key-{next(keys)}"
        return client.request(method, f"/v1{path}", json=body, headers=headers)

    call.bank_id, call.engine = app.state.branch.bank_id, engine
    return call


def draft(web, when: str, by: str = "ann") -> str:
    answer = web("POST", "/policies/versions", by, {"toml": TOML.format(when=when)})
    assert answer.status_code == 201, answer.text
    return answer.json()["version"]


def step(web, version: str, name: str, by: str = "ann", **more):
    return web("POST", f"/policies/versions/{version}/steps", by, {"step": name, **more})


def test_a_policy_goes_from_draft_to_live_and_back_and_every_step_is_news(web):
    first, second = draft(web, "amount > 100"), draft(web, "amount > 50")
    for version in (first, second):
        assert step(web, version, "checked").status_code == 201
        assert step(web, version, "approved", "bob").status_code == 201
    assert step(web, first, "published", share=100).status_code == 201
    assert step(web, second, "shadowed").status_code == 201
    with transaction(web.engine) as session:
        for number, amount in enumerate((40, 80, 120)):
            decisions.decide(
                session, bank_id=web.bank_id, policy="web", subject=f"s{number}",
                event={"amount": amount}, features={}, now=clock.now(),
                idempotency_key=f"d{number}",
            )  # fmt: skip
    shadow = web("GET", f"/policies/versions/{second}/shadow").json()
    assert [(c["was"], c["would_be"], c["count"]) for c in shadow["changes"]] == [
        ("approve", "decline", 1)
    ]
    made = shadow["changes"][0]["examples"][0]
    label = {"decision_id": made, "is_good": True, "known_at": "2020-01-01T00:00:00Z"}
    assert web("POST", "/decision-labels", body={"labels": [label]}).json() == {"new_count": 1}
    tested = web("GET", f"/policies/versions/{second}/back-test").json()
    assert tested["refused_more"] == {"count": 1, "good": 1, "bad": 0, "unlabelled": 0}
    assert tested["engine"] == "duckdb"
    assert "1 more, of them 1 good" in tested["words"]["en"]
    assert step(web, second, "published", share=20).status_code == 201
    life = web("GET", "/policies/web").json()
    assert life["live"] == [{"version": first, "share": 80}, {"version": second, "share": 20}]
    assert web("POST", "/policies/web/roll-backs").status_code == 201
    life = web("GET", "/policies/web").json()
    assert life["live"] == [{"version": first, "share": 100}]
    with transaction(web.engine) as session:
        told = eventlog.events_about(session, bank_id=web.bank_id, subject="web", limit_max=50)
    assert len(told) == len(life["steps"]) == 10


def test_who_drafted_cannot_approve(web):
    version = draft(web, "amount > 1")
    step(web, version, "checked")
    answer = step(web, version, "approved", "ann")
    assert (answer.status_code, answer.json()["code"]) == (403, "decisions.same_person")


@pytest.mark.parametrize("by", ["", "mallory"])
def test_without_a_token_of_ones_own_nothing_is_shown(web, by):
    answer = web("GET", "/policies", by="")
    assert (answer.status_code, answer.json()["code"]) == (401, "decisions.staff_required")


@pytest.mark.parametrize(
    "token", ["", "ann", "ann.", "ann.00", "bob." + decisions.staff_token(KEY, "ann")[4:], "a b.1"]
)
def test_a_token_that_is_not_the_persons_is_refused(token):
    with pytest.raises(decisions.StaffRequired):
        decisions.person_of(KEY, token)


@pytest.mark.parametrize(
    ("when", "kind"), [("amount > 5 && amount < 3", "unreachable"), ("amount / count > 2", "zero")]
)
def test_a_policy_with_a_blocking_finding_is_not_checked_and_shows_the_values(web, when, kind):
    version = draft(web, when)
    answer = step(web, version, "checked")
    assert (answer.status_code, answer.json()["code"]) == (409, "decisions.check_failed")
    found = web("GET", f"/policies/versions/{version}/findings").json()["findings"]
    assert any(kind in each["kind"] and each["is_blocking"] for each in found)


@pytest.mark.parametrize("when", ["unknown > 1", "amount / 0 > 1", "amount >", "while > 1"])
def test_a_policy_that_cannot_be_read_is_refused_with_its_place(web, when):
    answer = web("POST", "/policies/versions", body={"toml": TOML.format(when=when)})
    assert answer.json()["code"] == "decisions.bad_policy"
    assert answer.json()["part"] == "rules[large].when"


def test_a_policy_that_is_nowhere_is_not_found(web):
    assert web("GET", "/policies/nowhere").json()["code"] == "decisions.policy_not_found"
    named = [each["policy"] for each in web("GET", "/policies").json()["policies"]]
    assert "credit" in named and named == sorted(named)
