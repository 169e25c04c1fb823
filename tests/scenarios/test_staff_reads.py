"""Staff read customers' data over HTTP and on pages: noted, held up, agreed to."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from jiuding.api import create_app
from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.base.settings import read_secret
from jiuding.kernel import decisions, ledger
from jiuding.services import access

REGISTER = """
[[staff]]
person = "lin"
team = "service"
role = "teller"
began_on = 2026-01-05
[[staff]]
person = "an"
team = "service"
role = "lead"
began_on = 2026-01-05
[[protected]]
party_id = "{protected}"
reason = "public"
"""


@pytest.fixture(scope="module")
def client(house):
    return TestClient(
        create_app(house), base_url="http://localhost:8000", raise_server_exceptions=False
    )


@pytest.fixture(scope="module")
def keys(house):
    home = house.settings.home
    staff = read_secret(home, "staff")
    return {
        "operator": read_secret(home, "operator").hex(),
        "lin": decisions.staff_token(staff, "lin"),
    }


@pytest.fixture(scope="module")
def customers(house, branch, people):
    """A protected customer and another, with their deposit accounts."""
    chosen = people["cn", "steady"][:2]
    with transaction(house.engine) as session:
        given = REGISTER.format(protected=chosen[0].party.party_id)
        access.keep_register(session, bank_id=branch.bank_id, text=given)
        return [
            (
                each.party.party_id,
                ledger.accounts_of(session, bank_id=branch.bank_id, owner_id=each.party.party_id)[
                    0
                ].account_id,
            )
            for each in chosen
        ]


def reads(house, party_id):
    with transaction(house.engine) as session:
        found = access.reads_of(
            session, bank_id=house.bank.bank_id, party_id=party_id, limit_max=50
        )
    return [(each.data["person"], each.data["via"], each.data["outcome"]) for each in found]


def test_a_balance_over_http_is_told_also_when_it_is_held_up(client, keys, customers, house):
    protected, account = customers[0]
    shared = {"Authorization": f"Bearer {keys['operator']}"}
    path = f"/v1/accounts/{account}/balance"
    assert client.get(path).status_code == 401
    assert reads(house, protected) == []
    assert client.get(path, headers=shared).status_code == 200
    named = {**shared, "Jiuding-Staff": keys["lin"]}
    held = client.get(path, headers=named)
    assert (held.status_code, held.json()["code"]) == (403, "access.second_person_needed")
    assert "access.own_circle" in held.json()["detail"]
    assert reads(house, protected) == [("lin", "http", "step_up"), ("operator", "http", "approve")]
    with transaction(house.engine) as session:
        access.approve_read(
            session, bank_id=house.bank.bank_id, read_id=held.json()["read_id"],
            party_id=protected, by="an", now=clock.now(),
        )  # fmt: skip
    assert client.get(path, headers=named).status_code == 200
    for wrong in ({"Jiuding-Staff": "lin.x"}, {"Jiuding-Why": "because"}):
        assert client.get(path, headers={**shared, **wrong}).status_code in (401, 403, 422)


def test_pages_know_who_reads_by_their_own_token(house, keys, customers):
    party, account = customers[1]
    client = TestClient(create_app(house), base_url="http://localhost:8000")
    entered = client.post(
        "/books/enter", data={"token": keys["lin"]}, headers={"sec-fetch-site": "same-origin"}
    )
    assert entered.status_code == 200
    assert client.get(f"/books/accounts/{account}").status_code == 200
    assert client.get(f"/books/accounts/{account}/statement.csv?why=noted").status_code == 200
    assert reads(house, party) == [("lin", "page", "approve")] * 2
    held = client.get("/books/accounts.csv", params={"kind": "customer_deposit", "asset": "CNY"})
    assert held.status_code == 403 and "access.second_person_needed" in held.text
    assert client.get(f"/books/accounts/{account}?why=x").status_code == 422


def test_a_forged_pass_names_nobody(house, customers):
    client = TestClient(create_app(house), base_url="http://localhost:8000")
    client.cookies.set("jiuding_operator", "9999999999.lin.00")
    answer = client.get(f"/books/accounts/{customers[1][1]}", follow_redirects=False)
    assert answer.status_code == 303
