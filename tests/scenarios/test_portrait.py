"""A customer sees the portrait, corrects it, deletes it; and plans rest on what is verified."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from jiuding.api import create_app
from jiuding.bootstrap import demonstration


@pytest.fixture(scope="module")
def client(house):
    return TestClient(create_app(house), base_url="http://localhost:8000")


def log_in(client, person):
    answer = client.post(
        "/v1/logins", json={"party_id": person.party.party_id, "pin": demonstration.PIN}
    )
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def figure(body, name):
    return next(each for each in body["figures"] if each["name"] == name)


def test_a_portrait_is_seen_corrected_and_deleted_over_http(client, people):
    me = log_in(client, people["cn", "steady"][11])
    seen = client.get("/v1/portrait", headers=me).json()
    income = figure(seen, "income")
    assert float(income["verified"]) > 0 and seen["currency"] == "CNY"
    rows: list[dict] = []
    for account in client.get("/v1/accounts", headers=me).json()["accounts"]:
        path = f"/v1/accounts/{account['account_id']}/statement?limit=100"
        rows += client.get(path, headers=me).json()["rows"]
    codes = {row["transfer_id"]: row["code"] for row in rows}
    known = [codes[each] for each in income["transfer_ids"] if each in codes]
    assert known and all(code.startswith("income.") for code in known), "evidence is on the books"

    path = "/v1/portrait/figures/income"
    said = client.put(path, json={"amount": "999999"}, headers=me).json()
    assert figure(said, "income")["stated"] == "999999"
    assert figure(said, "income")["verified"] == income["verified"], "a word proves nothing"
    turn = client.post("/v1/needs", json={"text": "借5000万买家具,分一年还"}, headers=me).json()
    assert turn["kind"] == "decline", "plans rest on verified income, not on the stated one"
    back = client.delete(path, headers=me).json()
    assert figure(back, "income")["stated"] is None

    assert client.delete("/v1/portrait", headers=me).status_code == 204
    gone = client.get("/v1/portrait", headers=me).json()
    assert gone["is_deleted"] and figure(gone, "income")["verified"] is None
    refused = client.put(path, json={"amount": "1"}, headers=me)
    assert (refused.status_code, refused.json()["code"]) == (409, "insight.portrait_deleted")
    turn = client.post("/v1/needs", json={"text": "借3万块买家具,分两年还"}, headers=me).json()
    quote = turn["quote"]
    answer = client.post(
        f"/v1/quotes/{quote['quote_id']}/acceptance",
        json={"kind": "cheapest", "pin": demonstration.PIN},
        headers={**me, "Idempotency-Key": "portrait-1"},
    ).json()
    assert answer["granted"] is False, "a deleted portrait verifies no income"
    drawn = client.post("/v1/portrait", headers=me).json()
    assert figure(drawn, "income")["verified"] == income["verified"]


def test_a_portrait_is_its_owners_only(client, people):
    assert client.get("/v1/portrait").status_code == 401
    assert client.delete("/v1/portrait").status_code == 401
    bad = client.put(
        "/v1/portrait/figures/score", json={"amount": "1"},
        headers=log_in(client, people["au", "steady"][3]),
    )  # fmt: skip
    assert (bad.status_code, bad.json()["code"]) == (422, "insight.figure_unknown")


@pytest.mark.parametrize(
    ("market", "words"), [("cn", "账户说明了什么"), ("au", "what your account")]
)
def test_the_page_shows_figures_and_takes_a_correction(client, people, market, words):
    me = log_in(client, people[market, "steady"][7])
    client.cookies.set("jiuding_login", me["Authorization"][7:])
    client.cookies.set("jiuding_lang", "zh" if market == "cn" else "en")
    page = client.get("/you/portrait")
    assert page.status_code == 200 and words.lower() in page.text.lower()
    assert 'aria-labelledby="figure-income"' in page.text and "trf_" in page.text
    form = {"act": "state", "figure": "debts", "amount": "1,234"}
    page = client.post("/you/portrait", data=form)
    assert page.status_code == 200 and "1,234" in page.text
    for act in ("foresee", "delete"):
        page = client.post("/you/portrait", data={"act": act})
    assert 'value="restore"' in page.text and "1,234" not in page.text
    assert client.post("/you/portrait", data={"act": "approve"}).status_code == 422
    client.post("/you/portrait", data={"act": "restore"})
    client.cookies.clear()


def test_what_lies_ahead_is_told_by_consent_only(client, people):
    me = log_in(client, people["cn", "steady"][9])
    path = "/v1/portrait/foresight"
    refused = client.get(path, headers=me)
    assert (refused.status_code, refused.json()["code"]) == (403, "insight.foresight_not_allowed")
    assert client.put(path, json={"is_allowed": True}, headers=me).json()["foresees"]
    seen = client.get(path, headers=me).json()
    assert 0 < float(seen["chance"]) < 1 and float(seen["usual_monthly"]) > 0
    client.put(path, json={"is_allowed": False}, headers=me)
    assert client.get(path, headers=me).status_code == 403
