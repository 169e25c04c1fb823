"""A day is closed, can be closed again, and shows what came late."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from jiuding.base.amounts import Amount, Asset, currency
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.kernel import ledger

DAY = date(2026, 11, 20)
CNY, POINTS = currency("CNY"), Asset("tests.points", 0)


def close(bank, on: date = DAY, **terms):
    terms.setdefault("now", bank.now)
    return ledger.close_day(bank.session, bank_id=bank.bank_id, on=on, **terms)


def differences(bank, **terms):
    found = ledger.close_differences(bank.session, bank_id=bank.bank_id, on=DAY, **terms)
    return [
        (each.kind, each.debits_closed.units, each.debits_now.units,
         each.credits_closed.units, each.credits_now.units)
        for each in found
    ]  # fmt: skip


@pytest.fixture
def moved(bank):
    """A bank in which 100 came in on the day, and 30 the day after."""
    account = bank.open()
    bank.post(bank.item(bank.cash(), account, 100, effective_on=DAY))
    bank.post(bank.item(bank.cash(), account, 30, effective_on=DAY + timedelta(1)))
    return bank, account


def test_a_close_keeps_the_trial_balance_of_its_day(moved):
    bank, _ = moved
    closed = close(bank)
    assert (closed.on, closed.number, closed.closed_at) == (DAY, 1, bank.now)
    assert closed.lines == ledger.trial_balance(bank.session, bank_id=bank.bank_id, on=DAY)
    assert {line.kind: line.balance.units for line in closed.lines} == {
        "cash_at_central_bank": 100, "customer_deposit": 100,
    }  # fmt: skip


def test_closing_again_changes_nothing_when_nothing_changed(moved):
    bank, account = moved
    first = close(bank)
    bank.post(bank.item(bank.cash(), account, 5, effective_on=DAY + timedelta(1)))
    assert close(bank, now=bank.now + timedelta(hours=1)) == first
    assert ledger.list_closes(bank.session, bank_id=bank.bank_id, limit_max=10) == (first,)
    assert differences(bank) == []


def test_a_late_posting_shows_as_a_difference_and_both_closes_are_kept(moved):
    bank, account = moved
    first = close(bank)
    bank.post(bank.item(bank.cash(), account, 7, effective_on=DAY - timedelta(1)))
    late = [("cash_at_central_bank", 100, 107, 0, 0), ("customer_deposit", 0, 0, 100, 107)]
    assert differences(bank) == late
    second = close(bank, now=bank.now + timedelta(hours=1))
    assert second.number == 2
    assert differences(bank) == []
    assert differences(bank, number=1) == late
    read = {"bank_id": bank.bank_id, "on": DAY}
    assert ledger.read_close(bank.session, **read) == second
    assert ledger.read_close(bank.session, **read, number=1) == first


def test_a_kind_that_was_not_there_yet_differs_from_nothing(moved):
    bank, account = moved
    close(bank)
    fees = bank.open("fee_income", owner_id=None)
    bank.post(bank.item(account, fees, 3, effective_on=DAY))
    assert differences(bank) == [
        ("customer_deposit", 0, 3, 100, 100), ("fee_income", 0, 0, 0, 3),
    ]  # fmt: skip


def test_movements_that_cancel_are_still_a_difference(moved):
    bank, account = moved
    close(bank)
    bank.post(
        bank.item(bank.cash(), account, 9, effective_on=DAY),
        bank.item(account, bank.cash(), 9, effective_on=DAY),
    )
    assert differences(bank) == [
        ("cash_at_central_bank", 100, 109, 0, 9), ("customer_deposit", 0, 9, 100, 109),
    ]  # fmt: skip


def test_each_asset_is_closed_by_itself(moved):
    bank, _ = moved
    bank.fund(bank.open(asset=POINTS), 8, asset=POINTS)
    closed = close(bank, on=date(2026, 11, 23))
    assert [(line.asset.code, line.balance) for line in closed.lines if line.asset == POINTS] == [
        (POINTS.code, Amount(8, POINTS)), (POINTS.code, Amount(8, POINTS)),
    ]  # fmt: skip


def test_a_bank_without_postings_closes_an_empty_day(bank):
    assert close(bank).lines == ()
    assert close(bank).number == 1


def test_a_day_to_come_is_refused(bank):
    with pytest.raises(ledger.DayNotBegun):
        close(bank, on=bank.now.date() + timedelta(2))
    assert close(bank, on=bank.now.date()).number == 1


def test_a_day_that_was_not_closed_has_no_close(bank):
    with pytest.raises(ledger.DayNotClosed):
        differences(bank)
    close(bank)
    with pytest.raises(ledger.DayNotClosed):
        ledger.read_close(bank.session, bank_id=bank.bank_id, on=DAY, number=2)


def test_a_close_cannot_be_altered(bank):
    close(bank)
    with pytest.raises(DBAPIError, match="append-only"), bank.session.begin_nested():
        bank.session.execute(text("UPDATE ledger.closes SET lines = '[]'"))


def test_two_who_close_at_once_make_one_close(engine):
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    bank_id = new_id("bank", now)
    terms = {"bank_id": bank_id, "asset": CNY, "now": now}
    with transaction(engine) as session:
        cash = ledger.bank_account(session, kind="cash_at_central_bank", **terms)
        held = ledger.open_account(session, kind="customer_deposit", owner_id="pty_1", **terms)
        item = ledger.NewTransfer(
            new_id("trf", now), cash.account_id, held.account_id, Amount(5, CNY), "tests.moved", DAY
        )
        ledger.transfer(session, bank_id=bank_id, transfer=item, now=now)

    def work(_):
        with transaction(engine) as session:
            return ledger.close_day(session, bank_id=bank_id, on=DAY, now=now).number

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(work, range(8))) == {1}


def test_a_close_that_is_killed_before_its_commit_leaves_nothing_and_is_made_again(engine):
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    bank_id = new_id("bank", now)
    terms = {"bank_id": bank_id, "asset": CNY, "now": now}
    with transaction(engine) as session:
        cash = ledger.bank_account(session, kind="cash_at_central_bank", **terms)
        held = ledger.open_account(session, kind="customer_deposit", owner_id="pty_1", **terms)
        item = ledger.NewTransfer(
            new_id("trf", now), cash.account_id, held.account_id, Amount(5, CNY), "tests.moved", DAY
        )
        ledger.transfer(session, bank_id=bank_id, transfer=item, now=now)
    with pytest.raises(DBAPIError), transaction(engine) as session:
        assert ledger.close_day(session, bank_id=bank_id, on=DAY, now=now).number == 1
        server = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with transaction(engine) as other:
            other.execute(text("SELECT pg_terminate_backend(:server)"), {"server": server})
    with transaction(engine) as session:
        assert ledger.list_closes(session, bank_id=bank_id, limit_max=10) == ()
        again = ledger.close_day(session, bank_id=bank_id, on=DAY, now=now)
    with transaction(engine) as session:
        # After the commit a second attempt, of one who never heard of the first, is the first.
        later = now + timedelta(hours=1)
        assert ledger.close_day(session, bank_id=bank_id, on=DAY, now=later) == again
        assert ledger.list_closes(session, bank_id=bank_id, limit_max=10) == (again,)
