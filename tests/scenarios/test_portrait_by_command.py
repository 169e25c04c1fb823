"""The portrait by command, what was told over HTTP, and plans that count what is too new to see."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from jiuding import bootstrap
from jiuding.api import create_app
from jiuding.base.amounts import Amount
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.base.problems import BadInput
from jiuding.bootstrap import demonstration
from jiuding.cli import app
from jiuding.kernel import identity, ledger
from jiuding.services import insight, offers
from jiuding.services.offers.operations.quotes import profile_for


@pytest.fixture
def run(house, monkeypatch):
    """Run a command in the house of these stories and return its document."""

    @contextmanager
    def opened(*_, **__):
        yield house

    monkeypatch.setattr(bootstrap, "open_house", opened)

    def command(*words):
        done = CliRunner().invoke(app, ["portrait", *words], catch_exceptions=True)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return json.loads(done.output)

    return command


def figure(body, name):
    return next(each for each in body["figures"] if each["name"] == name)


def test_a_portrait_is_seen_corrected_and_deleted_by_command(run, people):
    me = ("--customer", people["cn", "steady"][2].party.party_id)
    seen = run("show", *me)
    assert float(figure(seen, "income")["verified"]) > 0 and seen["foresight"] is None
    said = run("state", "debts", "1234.50", *me)
    assert figure(said, "debts")["stated"] == "1234.5"
    assert figure(said, "debts")["verified"] == figure(seen, "debts")["verified"]
    assert figure(run("take-back", "debts", *me), "debts")["stated"] is None
    assert 0 < float(run("foresee", *me)["foresight"]["chance"]) < 1
    assert run("foresee", "--stop", *me)["foresight"] is None
    gone = run("delete", *me)
    assert gone["is_deleted"] and figure(gone, "income")["verified"] is None
    assert figure(run("restore", *me), "income") == figure(seen, "income")


def test_a_portrait_is_shown_to_its_owner_only(run, people):
    me = ("--customer", people["cn", "steady"][2].party.party_id)
    with pytest.raises(identity.PinRefused):
        run("show", *me, "--pin", "000000")
    with pytest.raises(BadInput):
        run("show", "--customer", "nobody at all")
    with pytest.raises(insight.FigureUnknown):
        run("state", "income_regular", "1", *me)


def new_customer(branch, today):
    """Register a customer who paid much eight weeks ago, little before and nothing since."""
    asset = branch.market("au").asset
    whose = {"bank_id": branch.bank_id, "now": today}
    with transaction(branch.engine) as session:
        born = date(1990, 1, 1)
        person = identity.NewPerson("Robin Vale", born, "au", "AU", "en")
        party_id = identity.register_person(
            session, vault=branch.vault, person=person, **whose
        ).party_id
        identity.set_pin(
            session, vault=branch.vault, party_id=party_id, pin=demonstration.PIN, **whose
        )
        account = ledger.open_account(
            session, asset=asset, kind="customer_deposit", owner_id=party_id, **whose
        ).account_id
        cash = ledger.bank_account(
            session, asset=asset, kind="cash_at_central_bank", **whose
        ).account_id
        moves = [(400, "opening.balance", 9_000_000, cash, account)]
        moves += [
            (days, "business.stock", units, account, cash)
            for days, units in ((56, 2_000_000), (166, 100_000), (178, 100_000))
        ]
        ledger.post_all(
            session, **whose,
            transfers=[
                ledger.NewTransfer(
                    new_id("trf", today), debit, credit, Amount(units, asset), code,
                    today.date() - timedelta(days=days),
                )
                for days, code, units, debit, credit in moves
            ],
        )  # fmt: skip
    return party_id


def test_what_was_told_is_read_over_http_while_it_is_allowed(branch, house, today):
    person = new_customer(branch, today)
    with transaction(branch.engine) as session:
        insight.allow_foresight(
            session, bank_id=branch.bank_id, party_id=person, is_allowed=True, now=today
        )
    told, _ = insight.tell_waiting(branch.engine, bank_id=branch.bank_id, now=today, limit_max=200)
    mine = [each for each in told if each.party_id == person]
    client = TestClient(create_app(house), base_url="http://localhost:8000")
    token = client.post("/v1/logins", json={"party_id": person, "pin": demonstration.PIN}).json()
    me = {"Authorization": f"Bearer {token['token']}"}
    body = client.get("/v1/portrait/foresight", headers=me).json()
    assert [each["telling_id"] for each in body["told"]] == [each.telling_id for each in mine]
    assert len(mine) == 1
    for each in body["told"]:
        assert each["transfer_count"] >= len(each["transfer_ids"]) > 0
        assert Decimal(each["chance"]) > Decimal(each["common"]) and each["currency"] == "AUD"
    client.put("/v1/portrait/foresight", json={"is_allowed": False}, headers=me)
    assert client.get("/v1/portrait/foresight", headers=me).status_code == 403


def test_a_plan_counts_a_loan_that_is_too_new_to_stand_in_the_history(own_branch, people, today):
    person = people["cn", "steady"][4].party.party_id
    market = own_branch.market("cn")

    def profile():
        with transaction(own_branch.engine) as session:
            customer = offers.meet(session, branch=own_branch, party_id=person, now=today)
            return customer, profile_for(customer, market=market, collateral=(), now=today)

    before, plain = profile()
    assert plain.debts_monthly == before.portrait.debts_monthly
    need = offers.Need("furniture", Decimal(30_000), "CNY", 24, 24)
    with transaction(own_branch.engine) as session:
        quote = offers.make_quote(session, branch=own_branch, customer=before, need=need, now=today)
    proof = offers.confirm(
        own_branch, party_id=person, pin=demonstration.PIN, passkey=None,
        purpose=offers.proof_purpose(quote.quote_id, "cheapest"),
    )  # fmt: skip
    done = offers.accept(
        own_branch, quote_id=quote.quote_id, kind="cheapest", proof=proof,
        idempotency_key="too-new-to-see", now=today,
    )  # fmt: skip
    assert done.status.value == "granted"
    after, counted = profile()
    month = sum(leg.instalment + leg.fee_monthly for leg in offers.plan_of(quote, "cheapest").legs)
    assert after.portrait.debts_monthly == before.portrait.debts_monthly, "no payment shows it"
    assert abs(counted.debts_monthly - plain.debts_monthly - month) < Decimal("0.02") and month > 0
