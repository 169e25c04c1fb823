"""A customer lets the bank watch a loan: told of what is strictly better, once, and of no more."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from jiuding import worker
from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.base.settings import Settings
from jiuding.bootstrap import House, demonstration, seed_demonstration
from jiuding.bootstrap.house import demonstration_bank
from jiuding.kernel import eventlog, identity, products
from jiuding.services import lending, offers
from jiuding.services.offers import jobs
from jiuding.services.offers.gateways import FakeSource
from jiuding.services.offers.operations import imports, watching
from jiuding.services.offers.rules import watching as rules
from jiuding.services.offers.rules.cdr import product_from_cdr
from jiuding.worker import WATCH_EVERY, Watching

AMOUNT = Decimal(6_000)
MONTHS = 24
PEOPLE = 40
_keys = itertools.count()


def published(name, rate, fees=(), **fields):
    """A published personal loan."""
    return {
        "productId": f"id-{name}",
        "brand": name,
        "name": f"Loan of {name}",
        "productCategory": "PERS_LOANS",
        "lendingRates": [{"lendingRateType": "VARIABLE", "rate": str(rate)}],
        "fees": list(fees),
        **fields,
    }


def fee(name, kind, amount):
    return {"name": name, "feeType": kind, "amount": amount}


def with_library(branch, *records):
    """The same bank, whose Australian library holds these products and nothing else."""
    listed = tuple(product_from_cdr(record, place) for place, record in enumerate(records))
    market = branch.markets["au"]
    version = "-".join(product.version for product in listed)
    library = replace(market.library, products=listed, version=version)
    markets = dict(branch.markets)
    markets["au"] = replace(market, library=library, shelf=offers.lay_out(library))
    return replace(branch, markets=markets)


MONTHLY = {**fee("Monthly fee", "PERIODIC", "9"), "additionalValue": "P1M"}
DEAR = published("Dear", "0.14")


@pytest.fixture(scope="module")
def branch(engine, tmp_path_factory):
    """A bank of these stories' own: loans add up, and other stories count them."""
    home = tmp_path_factory.mktemp("watching")
    bank = replace(demonstration_bank(), slug="watching")
    stands = House(Settings(home, 8000, None), engine, "", bank)
    stands.bank = seed_demonstration(
        engine, bank=bank, vault=stands.vault, now=clock.now(), progress=lambda _step: None,
        count=PEOPLE,
    )  # fmt: skip
    return stands.branch


@pytest.fixture(scope="module")
def people(branch):
    """The Australian customers whose income is steady."""
    with transaction(branch.engine) as session:
        listed = identity.list_parties(session, bank_id=branch.bank_id, vault=branch.vault)
    return [each for each in listed if (each.party.market, each.story) == ("au", "steady")]


@pytest.fixture
def lend(branch, people, today):
    """Grant a loan of a product to a customer; returns (person, loan)."""

    def lent(record=DEAR, party_id=None):
        person = people[next(_keys) % len(people)]
        if party_id is not None:
            person = next(each for each in people if each.party.party_id == party_id)
        shop = with_library(branch, record)
        need = offers.Need("furniture", AMOUNT, "AUD", MONTHS, MONTHS)
        party_id = person.party.party_id
        with transaction(branch.engine) as session:
            customer = offers.meet(session, branch=shop, party_id=party_id, now=today)
            quote = offers.make_quote(session, branch=shop, customer=customer, need=need, now=today)
        proof = offers.confirm(
            shop, party_id=party_id, pin=demonstration.PIN, passkey=None,
            purpose=offers.proof_purpose(quote.quote_id, "cheapest"),
        )  # fmt: skip
        done = offers.accept(
            shop, quote_id=quote.quote_id, kind="cheapest", proof=proof,
            idempotency_key=f"watch-{quote.quote_id}", now=today,
        )  # fmt: skip
        assert done.status is lending.ApplicationStatus.GRANTED, done.reasons
        with transaction(branch.engine) as session:
            loan = lending.read_loan(session, bank_id=branch.bank_id, loan_id=done.loan_ids[0])
        return person, loan

    return lent


def begin(branch, loan, now, has_agreed=True, key=None, party_id=None):
    with transaction(branch.engine) as session:
        return watching.watch_loan(
            session, bank_id=branch.bank_id, party_id=party_id or loan.party_id,
            loan_id=loan.loan_id, has_agreed=has_agreed,
            idempotency_key=key or f"watch-{loan.loan_id}", now=now,
        )  # fmt: skip


def look(branch, watch, now):
    with transaction(branch.engine) as session:
        return watching.look(session, branch=branch, watch_id=watch.watch_id, now=now)


def other_than(people, loan):
    return next(each.party.party_id for each in people if each.party.party_id != loan.party_id)


def stop(branch, watch, now, party_id=None):
    with transaction(branch.engine) as session:
        return watching.stop_watching(
            session, bank_id=branch.bank_id, party_id=party_id or watch.party_id,
            watch_id=watch.watch_id, now=now,
        )  # fmt: skip


def told(branch, loan, kind="offers.better_plan_found"):
    with transaction(branch.engine) as session:
        news = eventlog.events_about(
            session, bank_id=branch.bank_id, subject=loan.loan_id, limit_max=50
        )
    return [each.data for each in news if each.kind == kind]


def findings(branch, loan):
    with transaction(branch.engine) as session:
        return watching.findings_of(
            session, bank_id=branch.bank_id, party_id=loan.party_id, loan_id=loan.loan_id
        )


def test_a_cheaper_plan_is_told_with_the_sum_that_it_saves(branch, lend, today):
    _, loan = lend()
    watch = begin(branch, loan, today)
    shop = with_library(
        branch, DEAR, published("Cheap", "0.09", [fee("Establishment fee", "UPFRONT", "100")])
    )
    assert look(shop, watch, today) is rules.Outcome.BETTER
    (found,) = findings(branch, loan)
    with transaction(branch.engine) as session:
        agreed = products.read_agreement(
            session, bank_id=branch.bank_id, agreement_id=loan.agreement_id
        )
    ahead = [row for row in agreed.instalments if row.due_on > today.date()][1:]
    owed = agreed.instalments[0].balance_units
    stay = sum(row.total_units for row in ahead) - owed
    # Equal instalments at 9 % on what is owed after the first one, over the 23 months left.
    month = products.equal_payment(owed, Decimal("0.09"), 23)
    switch = 23 * month - owed + 100_00
    assert (found.term_months, found.balance.units) == (23, owed)
    assert found.switch.stay.units == stay
    assert abs(found.switch.switch.units - switch) <= 23
    assert found.switch.saved.units == found.switch.stay.units - found.switch.switch.units > 0
    (news,) = told(branch, loan)
    assert news["saved"] == {"units": found.switch.saved.units, "asset": "AUD"}
    assert news["finding_id"] == found.finding_id and news["party_id"] == loan.party_id
    assert found.plan.legs[0].lender == "Cheap"


def test_the_same_finding_is_told_once_and_a_new_one_again(branch, lend, today):
    _, loan = lend()
    watch = begin(branch, loan, today)
    first = with_library(branch, published("Cheap", "0.09"))
    assert look(first, watch, today) is rules.Outcome.BETTER
    assert look(first, watch, today) is rules.Outcome.BETTER_TOLD
    # A month later the sums are others; the product and its rate are not.
    assert look(first, watch, today + timedelta(days=40)) is rules.Outcome.BETTER_TOLD
    lower = with_library(branch, published("Cheap", "0.08"))
    assert look(lower, watch, today) is rules.Outcome.BETTER
    assert len(told(branch, loan)) == len(findings(branch, loan)) == 2


@pytest.mark.parametrize(
    "record",
    [
        published("Same", "0.14"),
        published("Dearer", "0.15"),
        published("Eaten", "0.12", [fee("Establishment fee", "UPFRONT", "400")]),
        published("Nibbled", "0.13", [MONTHLY]),
    ],
    ids=lambda record: record["brand"],
)  # fmt: skip
def test_only_what_is_strictly_better_is_told(branch, lend, today, record):
    _, loan = lend()
    watch = begin(branch, loan, today)
    found = look(with_library(branch, record), watch, today)
    assert found is rules.Outcome.NOTHING_BETTER, [each.switch for each in findings(branch, loan)]
    assert told(branch, loan) == [] and findings(branch, loan) == ()


def test_an_exit_fee_that_eats_the_gain_means_silence(branch, lend, today):
    cheaper = published("Cheap", "0.12")
    for exit_fee, outcome in (("50", "better"), ("600", "nothing_better")):
        _, loan = lend(published("Held", "0.14", [fee("Early repayment fee", "EXIT", exit_fee)]))
        watch = begin(branch, loan, today)
        assert look(with_library(branch, cheaper), watch, today) == outcome
        if outcome == "better":
            (found,) = findings(branch, loan)
            assert found.switch.exit.units == 50_00
        else:
            assert told(branch, loan) == []


def test_an_exit_fee_that_nobody_states_means_silence(branch, lend, today):
    _, loan = lend(published("Held", "0.14", [{"name": "Early repayment fee", "feeType": "EXIT"}]))
    watch = begin(branch, loan, today)
    shop = with_library(branch, published("Cheap", "0.05"))
    assert look(shop, watch, today) is rules.Outcome.EXIT_COST_UNKNOWN
    assert told(branch, loan) == []


def test_breaking_costs_only_where_a_rate_is_fixed(branch, lend, today):
    _, loan = lend(
        published("Held", "0.14", [{"name": "Break cost fixed rate", "feeType": "EXIT"}])
    )
    watch = begin(branch, loan, today)
    assert look(with_library(branch, published("Cheap", "0.05")), watch, today) == "better"


def test_nothing_is_watched_without_consent(branch, lend, people, today):
    _, loan = lend()
    with pytest.raises(offers.WatchNotAllowed):
        begin(branch, loan, today, has_agreed=False)
    stranger = other_than(people, loan)
    with pytest.raises(lending.LoanNotFound):
        begin(branch, loan, today, party_id=stranger)
    shop = with_library(branch, published("Cheap", "0.05"))
    jobs.look_at_watches(shop, now=today, is_on_demand=True)
    assert told(branch, loan) == []


def test_a_consent_that_is_withdrawn_ends_the_watch(branch, lend, people, today):
    person, loan = lend()
    watch = begin(branch, loan, today)
    stranger = other_than(people, loan)
    with pytest.raises(offers.WatchNotFound):
        stop(branch, watch, today, party_id=stranger)
    later = today + timedelta(hours=1)
    stopped = stop(branch, watch, later)
    assert stopped.stopped_at == later and not stopped.is_live
    assert stop(branch, watch, today + timedelta(hours=2)).stopped_at == later
    shop = with_library(branch, published("Cheap", "0.05"))
    assert look(shop, watch, later) is None
    jobs.look_at_watches(shop, now=later, is_on_demand=True)
    assert told(branch, loan) == []
    assert len(told(branch, loan, "offers.watch_stopped")) == 1
    # A new consent is a new watch, under a key of its own.
    again = begin(branch, loan, later, key=f"again-{loan.loan_id}")
    assert again.watch_id != watch.watch_id and again.is_live
    with transaction(branch.engine) as session:
        held = watching.watches_of(session, bank_id=branch.bank_id, party_id=person.party.party_id)
    assert {watch.watch_id, again.watch_id} <= {each.watch_id for each in held}


def test_saying_it_twice_is_one_watch(branch, lend, today):
    _, loan = lend()
    _, other = lend(party_id=loan.party_id)
    first = begin(branch, loan, today, key=f"k-{loan.loan_id}")
    assert begin(branch, loan, today, key=f"k-{loan.loan_id}") == first
    assert begin(branch, loan, today, key=f"other-{loan.loan_id}") == first
    assert len(told(branch, loan, "offers.watch_begun")) == 1
    with pytest.raises(offers.WatchConflict):
        begin(branch, other, today, key=f"k-{loan.loan_id}")


def test_a_job_looks_once_at_each_library(branch, lend, today):
    _, loan = lend()
    begin(branch, loan, today)
    shop = with_library(branch, published("Cheap", "0.07"))
    assert jobs.look_at_watches(shop, now=today).get("better", 0) >= 1
    assert jobs.look_at_watches(shop, now=today) == {}
    assert jobs.look_at_watches(shop, now=today, is_on_demand=True).get("better_told", 0) >= 1
    assert len(told(branch, loan)) == 1
    other = with_library(branch, published("Cheap", "0.06"))
    assert jobs.look_at_watches(other, now=today, watches_max=1) != {}


def test_a_suspended_customer_is_told_nothing(branch, people, lend, today):
    person, loan = lend()
    watch = begin(branch, loan, today)
    shop = with_library(branch, published("Cheap", "0.05"))
    with branch.engine.connect() as session, session.begin() as change:
        identity.suspend_party(session, bank_id=branch.bank_id, party_id=person.party.party_id)
        found = watching.look(session, branch=shop, watch_id=watch.watch_id, now=today)
        assert found is rules.Outcome.NOT_ACTIVE
        change.rollback()


def test_whoever_is_forgotten_is_not_watched_for(branch, lend, today):
    person, loan = lend()
    watch = begin(branch, loan, today)
    with branch.engine.connect() as session, session.begin() as change:
        identity.erase_personal_details(
            session, bank_id=branch.bank_id, party_id=person.party.party_id, now=today
        )
        assert watching.look(session, branch=branch, watch_id=watch.watch_id, now=today) is None
        held = watching.watches_of(session, bank_id=branch.bank_id, party_id=loan.party_id)
        assert not next(each for each in held if each.watch_id == watch.watch_id).is_live
        change.rollback()


def test_a_loan_that_is_nearly_repaid_is_left_alone(branch, lend, today):
    _, loan = lend()
    watch = begin(branch, loan, today)
    shop = with_library(branch, published("Cheap", "0.05"))
    late = today + timedelta(days=31 * (MONTHS - 1))
    assert look(shop, watch, late) is rules.Outcome.NEARLY_REPAID
    assert look(with_library(branch), watch, today) is rules.Outcome.NO_PLAN


def house_of(shop):
    """As much of a house as the worker's watch enters, with markets of its own."""
    return SimpleNamespace(branch=replace(shop, markets=dict(shop.markets)))


def test_the_worker_tells_the_customer_and_looks_again_only_when_it_is_time(branch, lend, today):
    _, loan = lend()
    begin(branch, loan, today)
    house = house_of(with_library(branch, DEAR, published("Cheap", "0.09")))
    rounds_of = Watching(first_at=today + timedelta(seconds=20))
    assert rounds_of.run_once(house, today) is None, "the bank opens first"
    soon = today + timedelta(seconds=20)
    assert rounds_of.run_once(house, soon).get("better", 0) >= 1
    (news,) = told(branch, loan)
    (found,) = findings(branch, loan)
    assert news["saved"] == {"units": found.switch.saved.units, "asset": "AUD"}
    for seconds in range(5, 3600, 600):
        assert rounds_of.run_once(house, soon + timedelta(seconds=seconds)) is None
    # An hour later it looks at what began since; in the end every loan has seen these libraries.
    assert rounds_of.run_once(house, soon + WATCH_EVERY) is not None
    assert rounds_of.run_once(house, soon + 2 * WATCH_EVERY) == {}
    assert len(told(branch, loan)) == 1


def test_a_round_looks_at_no_more_than_its_limit_and_goes_on_in_the_next(
    branch, lend, today, monkeypatch
):
    loans = [lend()[1] for _ in range(3)]
    for loan in loans:
        begin(branch, loan, today)
    monkeypatch.setattr(worker, "WATCHES_MAX", 2)
    house = house_of(with_library(branch, published("Bounded", "0.11")))
    rounds_of = Watching(first_at=today)
    assert sum(rounds_of.run_once(house, today).values()) == 2
    rounds = 1
    while any(not told(branch, loan) for loan in loans):
        rounds += 1
        assert sum((rounds_of.run_once(house, today) or {"late": 9}).values()) <= 2
        assert rounds < 40
    assert rounds >= 2


def test_a_look_that_is_refused_does_not_keep_the_others_waiting(branch, lend, today, monkeypatch):
    loans = [lend()[1] for _ in range(2)]
    watches = [begin(branch, loan, today) for loan in loans]
    refused, real = watches[0].watch_id, jobs.look

    def look(session, *, watch_id, **rest):
        if watch_id == refused:
            raise offers.WatchNotFound("for this test")
        return real(session, watch_id=watch_id, **rest)

    monkeypatch.setattr(jobs, "look", look)
    house = house_of(with_library(branch, published("Steady", "0.10")))
    first = Watching(first_at=today).run_once(house, today)
    assert first.get("offers.watch_not_found") == 1 and told(branch, loans[1])
    assert "offers.watch_not_found" not in Watching(first_at=today).run_once(house, today)


def test_an_import_is_planned_on_at_once_and_watched_loans_see_it(branch, lend, today):
    _, loan = lend()
    begin(branch, loan, today)
    house = house_of(with_library(branch, DEAR))
    rounds_of = Watching(first_at=today)
    rounds_of.run_once(house, today)
    assert told(branch, loan) == []
    library = imports.fetch_library(FakeSource([published("Freshbank", "0.05")]))
    with transaction(branch.engine) as session:
        imports.record_import(
            session, bank_id=branch.bank_id, library=library, source="fresh.jsonl", now=today
        )
    later = today + timedelta(minutes=1)
    assert rounds_of.run_once(house, later).get("better", 0) >= 1
    assert told(branch, loan)[0]["library_version"] == house.branch.market("au").library.version
    (found,) = findings(branch, loan)
    assert found.plan.legs[0].lender == "Freshbank"
    # The market's own library is remembered with it, so that its page shows when it came.
    with transaction(branch.engine) as session:
        age = offers.read_freshness(
            session, bank_id=branch.bank_id, source=offers.market_source("au"), now=later
        )
    assert age.version == found.library_version and age.age_days == 0
