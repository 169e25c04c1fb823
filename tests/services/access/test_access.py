"""Reads of customers' data by staff: noted before they are shown, judged, agreed to, sealed."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import text

from jiuding.base.amounts import Amount, currency
from jiuding.base.database import roles
from jiuding.base.database.engine import create_engine, transaction
from jiuding.base.ids import new_id, to_uuid
from jiuding.kernel import eventlog, ledger
from jiuding.services import access

REGISTER = """
[[staff]]
person = "lin"
team = "service"
role = "teller"
began_on = 2026-01-05
party_id = "{own}"
[[staff]]
person = "an"
team = "audit"
role = "auditor"
began_on = 2026-01-05
party_id = "{colleague}"
[[protected]]
party_id = "{protected}"
reason = "public"
"""


@pytest.fixture
def office(session, bank_id, now):
    """A bank with two members of staff and one protected customer."""
    return Office(session, bank_id, now)


class Office:
    """What the stories repeat."""

    def __init__(self, session, bank_id, now):
        self.session, self.bank_id, self.now = session, bank_id, now
        self.desk = access.open_desk(bank_id)
        self.own, self.colleague, self.protected, self.other = (
            new_id("pty", now) for _ in range(4)
        )
        given = REGISTER.format(own=self.own, colleague=self.colleague, protected=self.protected)
        access.keep_register(session, bank_id=bank_id, text=given)

    def read(self, subject, person="lin", after=0, **more):
        return access.note_read(
            self.session, desk=self.desk, reader=access.Reader(person, "page"),
            reading=access.Reading(subject, more.pop("what", "account"), **more),
            now=self.now + timedelta(seconds=after),
        )  # fmt: skip

    def tell(self, kind, subject, **data):
        eventlog.append(
            self.session, bank_id=self.bank_id, subject=subject, source="tests",
            occurred_at=self.now, recorded_at=self.now, kind=kind, data=data,
        )  # fmt: skip


def test_a_read_is_news_about_the_customer_with_who_what_and_why(office):
    office.tell("identity.logged_in", office.other, login_id="ses_1")
    noted = office.read(office.other, why=access.Why.REQUEST)
    assert (noted.mark, noted.may_be_shown) == (access.Mark.BACKED, True)
    (told,) = access.reads_of(
        office.session, bank_id=office.bank_id, party_id=office.other, limit_max=10
    )
    said = {name: told.data[name] for name in ("person", "via", "what", "why", "mark", "outcome")}
    assert said == {"person": "lin", "via": "page", "what": "account", "why": "request",
                    "mark": "backed", "outcome": "approve"}  # fmt: skip


def test_a_reason_is_checked_and_not_believed(office):
    reasons = [
        {"why": access.Why.REQUEST}, {"why": access.Why.AUDIT},
        {"why": access.Why.CASE, "case_id": "app_1"}, {"why": access.Why.NONE},
    ]  # fmt: skip
    marks = [office.read(office.other, after=n, **why).mark for n, why in enumerate(reasons)]
    assert marks == [access.Mark.LOOSE] * 4
    office.tell("tests.case_opened", "app_1", party_id=office.other)
    case = {"why": access.Why.CASE, "case_id": "app_1"}
    assert office.read(office.other, after=9, **case).mark is access.Mark.BACKED
    assert office.read(office.own, after=9, **case).mark is access.Mark.LOOSE
    assert office.read(office.other, "an", why=access.Why.AUDIT).mark is access.Mark.BACKED


@pytest.mark.parametrize("whose", ["own", "colleague", "protected"])
def test_ones_own_circle_waits_for_a_second_person_unless_backed(office, whose):
    subject = getattr(office, whose)
    held = office.read(subject, why=access.Why.NOTED)
    assert held.codes == ("access.own_circle",)
    with pytest.raises(access.SecondPersonNeeded) as refused:
        access.require_shown(held)
    assert refused.value.fields["read_id"] == held.read_id
    alarms = eventlog.events_about(
        office.session, bank_id=office.bank_id, subject="lin", limit_max=10
    )
    assert [each.data["codes"] for each in alarms if each.kind == access.AlarmRaised.kind] == [
        ["access.own_circle"]
    ]
    office.tell("tests.case_opened", "app_1", party_id=subject)
    backed = office.read(subject, why=access.Why.CASE, case_id="app_1", after=1)
    assert backed.may_be_shown


def test_a_second_person_agrees_for_an_hour_and_never_the_reader(office):
    held = office.read(office.protected)
    named = {"bank_id": office.bank_id, "read_id": held.read_id, "party_id": office.protected}
    with pytest.raises(access.SamePerson):
        access.approve_read(office.session, by="lin", now=office.now, **named)
    with pytest.raises(access.ReadNotFound):
        access.approve_read(
            office.session, by="an", now=office.now, **{**named, "party_id": office.other}
        )
    access.approve_read(office.session, by="an", now=office.now, **named)
    assert office.read(office.protected, after=60).may_be_shown
    assert not office.read(office.colleague, after=61).may_be_shown
    assert not office.read(office.protected, after=3_700).may_be_shown


def test_a_scraper_is_held_up_after_a_handful(office):
    got = 0
    for number in range(40):
        noted = office.read(new_id("pty", office.now), after=number * 60)
        got += noted.may_be_shown
    assert got <= 6
    assert "access.beyond_habit_today" in noted.codes


def test_backed_work_is_never_held_up_however_much_of_it_there_is(office):
    for number in range(60):
        subject = new_id("pty", office.now)
        office.tell("identity.logged_in", subject, login_id="ses_1")
        assert office.read(subject, after=number, why=access.Why.REQUEST).may_be_shown


def test_the_shared_token_names_nobody_and_is_told(office):
    noted = office.read(office.protected, person=access.SHARED)
    assert noted.may_be_shown and noted.decision_id == ""
    (told,) = access.reads_of(
        office.session, bank_id=office.bank_id, party_id=office.protected, limit_max=10
    )
    assert told.data["person"] == "operator"


@pytest.mark.parametrize(
    "given", ["[[staff]]\nperson = 'a b'\nteam = 't'\nrole = 'r'\nbegan_on = 2026-01-01",
              "[[protected]]\nparty_id = 'x'\nreason = 'public'", "staff = 3", "[[", "staff = [1]"],
)  # fmt: skip
def test_a_register_that_cannot_be_read_is_refused_and_the_old_one_stands(office, given):
    with pytest.raises(access.BadRegister):
        access.keep_register(office.session, bank_id=office.bank_id, text=given)
    assert not office.read(office.own).may_be_shown


def test_who_touched_rows_directly_is_named_by_both_chains(engine, bank_id, now):
    """A superuser alters a transfer and the note of a read: each chain names its row."""
    terms = {"bank_id": bank_id, "now": now}
    cny = currency("CNY")
    with transaction(engine) as session:
        cash = ledger.bank_account(session, kind="cash_at_central_bank", asset=cny, **terms)
        mine = ledger.open_account(
            session, kind="customer_deposit", owner_id=new_id("pty", now), asset=cny, **terms
        )
        item = ledger.NewTransfer(
            transfer_id=new_id("trf", now), debit_id=cash.account_id, credit_id=mine.account_id,
            amount=Amount(100, cny), code="tests.moved", effective_on=now.date(),
        )  # fmt: skip
        ledger.transfer(session, bank_id=bank_id, transfer=item, now=now)
        desk = access.open_desk(bank_id)
        access.note_read(
            session, desk=desk, reader=access.Reader("lin", "page"),
            reading=access.Reading(mine.owner_id, "account"), now=now,
        )  # fmt: skip
    with transaction(engine) as session:
        assert ledger.seal_transfers(session, bank_id=bank_id, now=now)
        assert eventlog.seal_news(session, bank_id=bank_id, now=now)
    with engine.connect() as session:
        for table, change in (
            ("ledger.transfers", "units = 1 WHERE transfer_id = :row"),
            ("eventlog.events", "data = '{}' WHERE subject = :whose"),
        ):
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER append_only"))
            session.execute(
                text(f"UPDATE {table} SET {change}"),
                {"row": to_uuid("trf", item.transfer_id), "whose": mine.owner_id},
            )
        found = ledger.verify_seals(session, bank_id=bank_id).finding
        assert (found.code, found.ids) == ("ledger.transfer_touched", (item.transfer_id,))
        told = eventlog.verify_news(session, bank_id=bank_id).finding
        assert told.code == "eventlog.event_touched"
        session.rollback()


def test_visits_past_the_program_are_told_with_the_tables_they_touch(engine, bank_id, now):
    login = f"analyst_{secrets.token_hex(3)}"
    password = roles.add_analyst(engine, login)
    roles.settle(engine, password="one-of-the-tests")
    address = engine.url.set(username=login, password=password)
    visitor = create_engine(address.render_as_string(hide_password=False))
    desk = access.open_desk(bank_id)
    with transaction(engine) as session:
        access.watch_database(session, desk=desk, now=now)
        access.allow_analyst(
            session, bank_id=bank_id, login=login, reason="model review", until=now
        )
    with visitor.connect() as reading, transaction(engine) as session:
        reading.execute(text("SELECT count(*) FROM analysis.accounts AS a"))
        visits = access.watch_database(session, desk=desk, now=now)
        assert login in {visit.login for visit in visits if visit.statement}
        assert access.watch_database(session, desk=desk, now=now) == ()
        told = eventlog.events_about(
            session, bank_id=bank_id, subject=f"database_login:{login}", limit_max=10
        )
        statements = [e for e in told if e.kind == access.DatabaseStatementSeen.kind]
        assert [e.data["tables"] for e in statements] == [["analysis.accounts"]]
        if roles.notes_logins(session):
            entered = [e for e in told if e.kind == access.DatabaseEntered.kind]
            assert [e.data["program"] for e in entered] == ["analysis"]
    visitor.dispose()
    with transaction(engine) as session:
        session.execute(text(f"DROP OWNED BY {login}"))
        session.execute(text(f"DROP ROLE {login}"))
