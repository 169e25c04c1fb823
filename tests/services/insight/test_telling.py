"""Whoever allows it is told once a season that money may soon be needed, and nobody else is."""

from __future__ import annotations

import secrets
import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from jiuding.base.amounts import Amount, currency
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.base.vault import Vault
from jiuding.kernel import eventlog, identity, ledger
from jiuding.services import insight
from jiuding.services.insight.rules import foresight

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
NEXT_SEASON = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
CNY = currency("CNY")
# Few large payments, the last of them eight weeks ago: a peak is much likelier than is common.
LUMPS = ((56, 2_000_000), (166, 100_000), (178, 100_000))
VAULT = Vault(secrets.token_bytes(32))


def spent(days_and_units, on=TODAY):
    return [(on - timedelta(days=days), units) for days, units in days_and_units]


class Customer:
    """A registered person with an account on which some payments went out."""

    def __init__(self, engine, bank_id, payments, *, now=NOW):
        self.engine, self.bank_id = engine, bank_id
        born = date(1990, 5, 1)
        with transaction(engine) as session:
            whose = {"bank_id": bank_id, "now": now}
            person = identity.NewPerson("林岚", born, "cn", "CN", "zh")
            self.party_id = identity.register_person(
                session, vault=VAULT, person=person, **whose
            ).party_id
            account = ledger.open_account(
                session, asset=CNY, kind="customer_deposit", owner_id=self.party_id, **whose
            ).account_id
            cash = ledger.bank_account(
                session, asset=CNY, kind="cash_at_central_bank", **whose
            ).account_id
            first = NOW.date() - timedelta(days=400)
            rows = [(first, "income.other", 100_000_000, cash, account)]
            rows += [(on, "living.other", units, account, cash) for on, units in payments]
            self.paid = [
                ledger.NewTransfer(
                    new_id("trf", now), debit, credit, Amount(units, CNY), code, on
                )
                for on, code, units, debit, credit in rows
            ]  # fmt: skip
            ledger.post_all(session, transfers=self.paid, **whose)

    def allow(self, is_allowed=True, *, now=NOW):
        with transaction(self.engine) as session:
            insight.allow_foresight(
                session, bank_id=self.bank_id, party_id=self.party_id, is_allowed=is_allowed,
                now=now,
            )  # fmt: skip

    def told(self):
        with transaction(self.engine) as session:
            return insight.tellings_of(session, bank_id=self.bank_id, party_id=self.party_id)

    def news(self):
        with transaction(self.engine) as session:
            found = eventlog.events_about(
                session, bank_id=self.bank_id, subject=self.party_id, limit_max=100
            )
        return [each for each in found if each.kind == "insight.foresight_told"]


@pytest.fixture
def customer(engine, bank_id):
    return Customer(engine, bank_id, spent(LUMPS))


def visit(engine, bank_id, *, now=NOW, limit_max=50):
    told, after = insight.tell_waiting(engine, bank_id=bank_id, now=now, limit_max=limit_max)
    assert after is None
    return told


def test_who_allows_it_is_told_once_a_season_with_chance_and_evidence(engine, bank_id, customer):
    assert visit(engine, bank_id) == () and customer.told() == (), "nobody was asked yet"
    customer.allow()
    (told,) = visit(engine, bank_id)
    assert told.season == "2026-Q4" and told.party_id == customer.party_id
    seen = foresight.outlook(spent(LUMPS), NOW.date())
    assert told.chance == round(Decimal(seen.chance), 2) and told.chance > told.common > 0
    assert told.usual_units == seen.usual_units and told.currency == "CNY"
    assert (told.window_from, told.window_until) == (date(2026, 11, 25), date(2026, 12, 25))
    assert sum(told.windows) == sum(units for _, units in LUMPS)
    assert told.transfer_ids == tuple(each.transfer_id for each in customer.paid[1:])
    assert (told.seen_from, told.seen_until) == tuple(sorted(on for on, _ in spent(LUMPS)))[::2]
    assert told.transfer_count == 3 and told.model_version == foresight.shipped_version()
    assert customer.told() == (told,)
    (news,) = customer.news()
    assert news.data == {
        "party_id": customer.party_id, "telling_id": told.telling_id, "season": "2026-Q4",
    }  # fmt: skip
    for later in (NOW, NOW + timedelta(days=20)):
        assert visit(engine, bank_id, now=later) == (), "once in a season"
    assert len(customer.news()) == 1


def test_a_new_season_is_told_anew(engine, bank_id, customer):
    customer.allow()
    visit(engine, bank_id)
    fresh = Customer(engine, bank_id, spent(LUMPS, NEXT_SEASON.date()), now=NEXT_SEASON)
    fresh.allow(now=NEXT_SEASON)
    seasons = {each.season for each in visit(engine, bank_id, now=NEXT_SEASON)}
    assert seasons <= {"2027-Q1"} and fresh.told()[0].season == "2027-Q1"
    with transaction(engine) as session:
        assert insight.parties_to_tell(
            session, bank_id=bank_id, on=date(2027, 4, 1), limit_max=10
        ) == tuple(sorted((customer.party_id, fresh.party_id)))


def test_consent_is_read_at_the_moment_of_telling(engine, bank_id, customer):
    customer.allow()
    with transaction(engine) as session:
        page = insight.parties_to_tell(session, bank_id=bank_id, on=NOW.date(), limit_max=10)
    assert page == (customer.party_id,)
    customer.allow(False)
    with transaction(engine) as session:
        whose = {"bank_id": bank_id, "party_id": customer.party_id, "now": NOW}
        assert insight.tell_ahead(session, **whose) is None
    assert customer.news() == [] and visit(engine, bank_id) == ()


def test_a_withdrawal_that_is_under_way_is_waited_for(engine, bank_id, customer):
    customer.allow()
    found = []
    with engine.connect() as withdrawing:
        change = withdrawing.begin()
        insight.allow_foresight(
            withdrawing, bank_id=bank_id, party_id=customer.party_id, is_allowed=False, now=NOW
        )
        teller = threading.Thread(target=lambda: found.append(visit(engine, bank_id)))
        teller.start()
        teller.join(0.5)
        assert teller.is_alive(), "it waits for what the customer is saying"
        change.commit()
    teller.join(20)
    assert found == [()] and customer.news() == []


def test_two_workers_at_once_tell_once(engine, bank_id, customer):
    customer.allow()
    start, told = threading.Barrier(4), []

    def work():
        start.wait()
        told.extend(visit(engine, bank_id))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(30)
    assert len(told) == 1 and len(customer.news()) == 1 and len(customer.told()) == 1


def test_what_was_told_is_hidden_without_consent_and_erased_with_the_portrait(
    engine, bank_id, customer
):
    customer.allow()
    visit(engine, bank_id)
    customer.allow(False)
    assert customer.told() == ()
    customer.allow()
    assert len(customer.told()) == 1 and visit(engine, bank_id) == (), "not told twice"
    whose = {"bank_id": bank_id, "party_id": customer.party_id, "now": NOW}
    with transaction(engine) as session:
        insight.delete_portrait(session, **whose)
        insight.restore_portrait(session, **whose)
    customer.allow()
    assert customer.told() == () and visit(engine, bank_id) == ()
    with transaction(engine) as session:
        kept = session.execute(text("SELECT content FROM insight.tellings")).scalars().all()
    assert None in kept


@pytest.mark.parametrize("state", ["suspended", "erased", "deleted"])
def test_whoever_is_not_active_or_has_no_portrait_is_not_told(engine, bank_id, customer, state):
    customer.allow()
    with transaction(engine) as session:
        whose = {"bank_id": bank_id, "party_id": customer.party_id}
        if state == "suspended":
            identity.suspend_party(session, **whose)
        elif state == "erased":
            identity.erase_personal_details(session, **whose, now=NOW)
        else:
            insight.delete_portrait(session, **whose, now=NOW)
    assert visit(engine, bank_id) == () and customer.news() == []


def test_what_is_common_or_unknown_is_not_told(engine, bank_id):
    weekly = [(7 * back + 1, 100_000) for back in range(25)]
    usual, young = (Customer(engine, bank_id, spent(each)) for each in (weekly, weekly[:2]))
    for each in (usual, young):
        each.allow()
    assert visit(engine, bank_id) == () and usual.told() == ()
    assert foresight.is_worth_telling(foresight.Outlook(0.36, 0.3, 0))
    assert not foresight.is_worth_telling(foresight.Outlook(0.35, 0.3, 0))


def test_parties_are_visited_a_page_at_a_time(engine, bank_id):
    people = [Customer(engine, bank_id, spent(LUMPS)) for _ in range(3)]
    for each in people:
        each.allow()
    told, after = insight.tell_waiting(engine, bank_id=bank_id, now=NOW, limit_max=2)
    assert len(told) == 2 and after == told[-1].party_id
    rest, after = insight.tell_waiting(engine, bank_id=bank_id, now=NOW, after=after, limit_max=2)
    assert len(rest) == 1 and after is None
    assert {each.party_id for each in (*told, *rest)} == {each.party_id for each in people}


def test_a_season_is_a_quarter_of_a_year():
    days = [date(2026, month, 28) for month in (1, 3, 4, 12)]
    assert [foresight.season_of(day) for day in days] == [
        "2026-Q1", "2026-Q1", "2026-Q2", "2026-Q4",
    ]  # fmt: skip
