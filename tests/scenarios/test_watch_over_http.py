"""Watches and libraries over HTTP, and the commands of a library's life."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient

from jiuding.api import create_app
from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.base.problems import Problem
from jiuding.bootstrap import demonstration
from jiuding.services import lending, offers
from jiuding.services.offers.commands import library as commands


@pytest.fixture(scope="module")
def client(house):
    with TestClient(
        create_app(house), base_url="http://localhost:8000", raise_server_exceptions=False
    ) as opened:
        yield opened


@pytest.fixture
def login(client, people):
    """Log a steady Chinese customer in, by place; returns (headers, party id)."""

    def opened(place):
        party_id = people["cn", "steady"][place].party.party_id
        body = {"party_id": party_id, "pin": demonstration.PIN}
        token = client.post("/v1/logins", json=body).json()["token"]
        return {"authorization": f"Bearer {token}"}, party_id

    return opened


def lend(branch, party_id, now):
    need = offers.Need("furniture", Decimal(5_000), "CNY", 24, 24)
    with transaction(branch.engine) as session:
        customer = offers.meet(session, branch=branch, party_id=party_id, now=now)
        quote = offers.make_quote(session, branch=branch, customer=customer, need=need, now=now)
    proof = offers.confirm(
        branch, party_id=party_id, pin=demonstration.PIN, passkey=None,
        purpose=offers.proof_purpose(quote.quote_id, "cheapest"),
    )  # fmt: skip
    done = offers.accept(
        branch, quote_id=quote.quote_id, kind="cheapest", proof=proof,
        idempotency_key=f"http-watch-{quote.quote_id}", now=now,
    )  # fmt: skip
    assert done.status is lending.ApplicationStatus.GRANTED, done.reasons
    return done.loan_ids[0]


def cheaper(branch):
    """The same bank, whose Chinese products all cost half as much."""
    market = branch.markets["cn"]
    listed = tuple(
        replace(
            product, version=f"{product.version}-half", fees=(),
            rates=tuple(replace(r, rate=r.rate and r.rate / 2) for r in product.rates),
        )
        for product in market.library.products
    )  # fmt: skip
    library = replace(market.library, products=listed, version="half")
    shelf = offers.lay_out(library)
    return replace(
        branch, markets={**branch.markets, "cn": replace(market, library=library, shelf=shelf)}
    )


def test_a_watch_is_begun_read_and_stopped_over_http(client, branch, login, today):
    headers, party_id = login(5)
    loan_id = lend(branch, party_id, today)
    keyed = {**headers, "idempotency-key": f"watch-{loan_id}"}
    refused = client.post(
        "/v1/watches", json={"loan_id": loan_id, "has_agreed": False}, headers=keyed
    )
    assert refused.status_code == 403 and refused.json()["code"] == "offers.watch_not_allowed"
    body = {"loan_id": loan_id, "has_agreed": True}
    made = client.post("/v1/watches", json=body, headers=keyed)
    assert made.status_code == 201 and made.json()["outcome"] is None
    again = client.post("/v1/watches", json=body, headers=keyed)
    assert again.json()["watch_id"] == made.json()["watch_id"]
    looked = offers.look_at_watches(cheaper(branch), now=clock.now())
    assert looked.get("better", 0) >= 1
    (watch,) = client.get("/v1/watches", headers=headers).json()["watches"]
    (found,) = watch["findings"]
    assert watch["outcome"] == "better"
    saved = Decimal(found["stay_cost"]["amount"]) - Decimal(found["switch_cost"]["amount"])
    assert Decimal(found["saved"]["amount"]) == saved > 0 and found["saved"]["asset"] == "CNY"
    path = f"/v1/watches/{watch['watch_id']}"
    stranger, _ = login(6)
    assert client.delete(path, headers=stranger).status_code == 404
    assert client.get("/v1/watches", headers=stranger).json() == {"watches": []}
    assert client.delete(path, headers=headers).json()["stopped_at"]
    assert client.get("/v1/watches").status_code == 401


def test_what_is_missing_or_unknown_in_a_watch_is_refused_by_name(client, login):
    headers, _ = login(6)
    body = {"loan_id": "ln_x", "has_agreed": True}
    assert client.post("/v1/watches", json=body, headers=headers).status_code == 400
    keyed = {**headers, "idempotency-key": "watch-of-what"}
    refused = client.post("/v1/watches", json={**body, "more": 1}, headers=keyed)
    assert refused.status_code == 422 and "more" in refused.text
    assert client.post("/v1/watches", json=body, headers=keyed).status_code == 422


def test_the_age_of_each_library_is_told(client, branch, today):
    before = {each["market"]: each for each in client.get("/v1/libraries").json()["libraries"]}
    assert before.keys() == branch.markets.keys()
    offers.remember_libraries(branch, now=today)
    assert offers.remember_libraries(branch, now=today.replace(microsecond=0)) == ()
    after = {each["market"]: each for each in client.get("/v1/libraries").json()["libraries"]}
    assert after["au"]["age_days"] == 0 and after["au"]["is_fresh"] is True
    made = after["au"]["import"]
    assert made["products"] == len(branch.markets["au"].library.products)
    assert made["unquotable_rates"] == branch.markets["au"].library.unquotable


def line(number, rate="0.08"):
    return json.dumps(
        {
            "productId": f"p{number}",
            "brand": "Somebank",
            "brandName": "Bank X",
            "name": f"Loan {number}",
            "productCategory": "PERS_LOANS",
            "lendingRates": [{"lendingRateType": "VARIABLE", "rate": rate}],
        }
    )


def test_importing_tells_what_changed_and_what_was_set_aside(engine, bank_id, tmp_path):
    file = tmp_path / "bank-x.jsonl"
    file.write_text(f"{line(1)}\n{line(2)}\ntorn\n")
    *lines, last = commands.bring_in(engine, bank_id, str(file))
    assert [each["problem"]["code"] for each in lines] == ["offers.broken_line"]
    summary = last["summary"]
    assert (summary["source"], summary["number"], summary["is_new"]) == ("bank-x.jsonl", 1, True)
    assert (summary["products"], summary["quarantined"]) == (2, 1)
    file.write_text(f"{line(1, '0.0825')}\n{line(2)}\n")
    change, last = commands.bring_in(engine, bank_id, str(file))
    assert change["detail"] == "rate up 0.25 at Bank X"
    assert (change["before"], change["after"]) == (0.08, 0.0825)
    (last,) = commands.bring_in(engine, bank_id, str(file))
    assert last["summary"]["is_new"] is False and last["summary"]["number"] == 2


def test_what_cannot_be_read_is_refused(engine, bank_id):
    for where in ("/nowhere/at/all.jsonl", "http://bank.example/cds-au/v1"):
        with pytest.raises(Problem):
            list(commands.bring_in(engine, bank_id, where))


def test_a_difference_is_told_on_the_command_line(tmp_path):
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    old.write_text(f"{line(1)}\n{line(2)}\n")
    new.write_text(f"{line(1, '0.0775')}\n{line(3)}\n")
    code = "from jiuding.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "library", "diff", str(old), str(new)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *changes, last = [json.loads(each) for each in done.stdout.splitlines()]
    assert [each["detail"] for each in changes] == [
        "rate down 0.25 at Bank X", "Loan 3 is new", "Loan 2 is no longer there"
    ]  # fmt: skip
    assert last["summary"]["changes"] == {"rate_down": 1, "product_added": 1, "product_gone": 1}
