"""The database is killed in the middle of a grant: all or nothing, and the next start is clean."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from jiuding.base import clock
from jiuding.base.clock import Stopwatch
from jiuding.base.database.embedded import EmbeddedServer, ensure_database
from jiuding.base.database.engine import create_engine, transaction
from jiuding.base.database.migrate import migrate
from jiuding.base.settings import Settings
from jiuding.bootstrap import House, demonstration, seed_demonstration
from jiuding.bootstrap.house import demonstration_bank
from jiuding.channels import assistant
from jiuding.kernel import identity, ledger
from jiuding.services import lending, offers

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with EmbeddedServer(tmp_path_factory.mktemp("dies") / "database") as running:
        yield running


@pytest.fixture(scope="module")
def branch(server, tmp_path_factory):
    engine = create_engine(ensure_database(server.url, "dies"))
    migrate(engine)
    house = House(
        Settings(tmp_path_factory.mktemp("home"), 8000, None), engine, "", demonstration_bank()
    )
    house.bank = seed_demonstration(
        engine, bank=house.bank, vault=house.vault, now=clock.now(),
        progress=lambda _step: None, count=8,
    )  # fmt: skip
    yield house.branch
    engine.dispose()


def kill(server):
    """Kill the postmaster, and wait until nothing answers."""
    process_id = server.process_id
    os.kill(process_id, signal.SIGKILL)
    for _ in range(200):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process_id, 0)
            time.sleep(0.02)
            continue
        break


class KillingWatch(Stopwatch):
    """Kills the database when a step has ended."""

    def __init__(self, server, step):
        super().__init__()
        self.server, self.step = server, step

    def lap(self, name):
        super().lap(name)
        if name == self.step:
            kill(self.server)


class KillingLenders(lending.Lenders):
    """Kills the database while a lender thinks."""

    def __init__(self, server):
        super().__init__(default=lending.SandboxLender())
        self.server = server

    def of(self, lender):
        kill(self.server)
        return super().of(lender)


def first(branch, market):
    with transaction(branch.engine) as session:
        people = identity.list_parties(session, bank_id=branch.bank_id, vault=branch.vault)
    return next(person for person in people if person.party.market == market)


def quoted(branch, person, text):
    with transaction(branch.engine) as session:
        return assistant.hear(
            session, branch=branch, party_id=person.party.party_id, text=text, now=clock.now()
        ).quote


def accept(branch, person, quote, watch=None):
    proof = offers.confirm(
        branch, party_id=person.party.party_id, pin=demonstration.PIN, passkey=None,
        purpose=offers.proof_purpose(quote.quote_id, "cheapest"),
    )  # fmt: skip
    return offers.accept(
        branch, quote_id=quote.quote_id, kind="cheapest", proof=proof,
        idempotency_key=f"dies-{quote.quote_id}", now=clock.now(), watch=watch,
    )  # fmt: skip


def standing(branch, person):
    with transaction(branch.engine) as session:
        loans = lending.loans_of(session, bank_id=branch.bank_id, party_id=person.party.party_id)
        accounts = ledger.accounts_of(
            session, bank_id=branch.bank_id, owner_id=person.party.party_id
        )
        deposit = next(each for each in accounts if each.kind == "customer_deposit")
        balance = ledger.balance(session, bank_id=branch.bank_id, account_id=deposit.account_id)
        assert ledger.check_books(session, bank_id=branch.bank_id) == ()
    return len(loans), balance.units


@pytest.mark.parametrize("step", ["decide", "agree", "fund"])
def test_a_grant_of_ours_that_dies_on_the_way_happened_not_at_all(server, branch, step):
    person = first(branch, "cn")
    quote = quoted(branch, person, "买车还差3万,分三年还")
    assert quote.plan_set.plans[0].legs[0].lender == "jiuding_demo"
    before = standing(branch, person)
    with pytest.raises(DBAPIError):
        accept(branch, person, quote, KillingWatch(server, step))
    server.start()
    assert standing(branch, person) == before
    done = accept(branch, person, quote)
    assert done.status is lending.ApplicationStatus.GRANTED
    loans, units = standing(branch, person)
    assert loans == before[0] + 1
    fee = done.legs[0].fee_upfront.units
    assert units == before[1] + 3_000_000 - fee
    assert accept(branch, person, quote).loan_ids == done.loan_ids


def test_a_grant_that_dies_while_a_lender_thinks_is_taken_up_and_happens_once(server, branch):
    person = first(branch, "au")
    quote = quoted(branch, person, "I need 6,000 dollars for furniture over two years")
    before = standing(branch, person)
    with pytest.raises(DBAPIError):
        accept(replace(branch, lenders=KillingLenders(server)), person, quote)
    server.start()
    assert standing(branch, person) == before
    for _ in range(2):
        lending.take_up_waiting(
            branch.engine, bank_id=branch.bank_id, lenders=branch.lenders,
            now=clock.now() + timedelta(minutes=1),
        )  # fmt: skip
    loans, _ = standing(branch, person)
    assert loans == before[0] + 1
    assert accept(branch, person, quote).status is lending.ApplicationStatus.GRANTED
    assert standing(branch, person)[0] == loans
