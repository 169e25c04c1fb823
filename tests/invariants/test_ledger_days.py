"""The totals of the days and what waits beside them are the sums of all postings, at any moment."""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from jiuding.base.amounts import Amount, currency
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id, to_uuid
from jiuding.kernel import ledger
from jiuding.kernel.ledger.operations import reading

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FIRST = date(2026, 11, 20)
CNY = currency("CNY")
KINDS = ("customer_deposit", "customer_deposit", "merchant_settlement", "fee_income")

# The sum over every posting: what the totals must be equal to.
FULL = text(
    """SELECT a.kind, sum(s.debits)::text AS debits, sum(s.credits)::text AS credits FROM (
           SELECT debit_id AS id, units AS debits, 0 AS credits FROM ledger.transfers
           WHERE bank_id = :bank AND effective_on BETWEEN :start AND :until
           UNION ALL
           SELECT credit_id, 0, units FROM ledger.transfers
           WHERE bank_id = :bank AND effective_on BETWEEN :start AND :until) AS s
       JOIN ledger.accounts AS a ON a.bank_id = :bank AND a.account_id = s.id GROUP BY a.kind"""
)


class Town:
    """A bank with accounts of several kinds, and the two ways to sum its books."""

    def __init__(self, session) -> None:
        self.bank_id = new_id("bank", NOW)
        terms = {"bank_id": self.bank_id, "asset": CNY, "now": NOW}
        cash = ledger.bank_account(session, kind="cash_at_central_bank", **terms)
        self.accounts = [cash.account_id] + [
            ledger.open_account(
                session, kind=kind, owner_id="pty_1", limits=ledger.Limits(), **terms
            ).account_id
            for kind in KINDS
        ]

    def item(self, debit: int, credit: int, units: int, day: int) -> ledger.NewTransfer:
        on = FIRST + timedelta(day)
        return ledger.NewTransfer(
            new_id("trf", NOW), self.accounts[debit], self.accounts[credit], Amount(units, CNY),
            "tests.moved", on,
        )  # fmt: skip

    def post(self, session, *items) -> None:
        ledger.post(session, bank_id=self.bank_id, transfers=items, now=NOW)

    def kept(self, session, start: date, until: date) -> dict:
        lines = reading.books.trial_lines(session, self.bank_id, start, until)
        return {line.kind: (line.debits.units, line.credits.units) for line in lines}

    def full(self, session, start: date, until: date) -> dict:
        values = {"bank": to_uuid("bank", self.bank_id), "start": start, "until": until}
        rows = session.execute(FULL, values)
        return {row.kind: (int(row.debits), int(row.credits)) for row in rows}

    def where(self, session) -> Counter:
        """Return how many transfers wait for a seal, wait to be added up, and are added up."""
        bank = {"bank": to_uuid("bank", self.bank_id)}
        told = Counter()
        for name in ("unsealed", "unrolled"):
            query = f"""SELECT coalesce(sum(cardinality(transfer_ids)), 0)
                        FROM ledger.{name} WHERE bank_id = :bank"""
            told[name] = int(session.execute(text(query), bank).scalar_one())
        return told

    def compare(self, session) -> None:
        for start in (date.min, FIRST + timedelta(1)):
            for day in range(4):
                until = FIRST + timedelta(day)
                assert self.kept(session, start, until) == self.full(session, start, until)
        for account_id in self.accounts:
            for day in (-1, 0, 1, 3):
                asked = (session, self.bank_id, account_id, FIRST + timedelta(day))
                summed = reading.accounts.sum_postings(*asked, None)
                assert reading.rolling.sum_days(*asked) == summed
        assert ledger.check_books(session, bank_id=self.bank_id) == ()


moves = st.tuples(
    st.integers(0, 4), st.integers(0, 4), st.sampled_from((0, 1, 7, 2**40)), st.integers(0, 3)
)
batches = st.lists(moves, min_size=1, max_size=6)
steps = st.lists(batches | st.sampled_from(("seal", "roll")), max_size=12)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=steps)
def test_the_books_are_the_sum_of_all_postings_wherever_the_worker_stopped(session, history):
    with session.begin_nested() as savepoint:
        town = Town(session)
        for step in history:
            if step == "seal":
                ledger.seal_transfers(session, bank_id=town.bank_id, now=NOW)
            elif step == "roll":
                ledger.roll_transfers(session, bank_id=town.bank_id)
            else:
                town.post(session, *(town.item(*move) for move in step))
        town.compare(session)
        savepoint.rollback()


def test_the_books_are_right_at_every_moment_while_others_post_and_add_up(engine):
    with transaction(engine) as session:
        town = Town(session)
    stop, broken = threading.Event(), []

    def run(work) -> None:
        try:
            while not stop.is_set():
                work()
        except Exception as error:  # told by the test's own thread
            broken.append(error)
            stop.set()

    def write() -> None:
        chance = random.Random()
        with transaction(engine) as session:
            pairs = [(*chance.sample(range(5), 2), chance.randint(1, 9)) for _ in range(20)]
            town.post(session, *(town.item(*pair, chance.randint(0, 3)) for pair in pairs))

    def seal() -> None:
        ledger.seal_waiting(engine, bank_id=town.bank_id, now=NOW)

    def add_up() -> None:
        ledger.roll_waiting(engine, bank_id=town.bank_id)

    threads = [
        threading.Thread(target=run, args=(work,)) for work in (write, write, seal, add_up, add_up)
    ]
    for thread in threads:
        thread.start()
    seen = Counter()
    try:
        snapshot = engine.execution_options(isolation_level="REPEATABLE READ")
        for _ in range(60):
            with snapshot.connect() as session:
                until = FIRST + timedelta(3)
                assert town.kept(session, date.min, until) == town.full(session, date.min, until)
                seen += town.where(session)
                session.rollback()
            if stop.is_set():
                break
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert broken == []
    assert seen["unsealed"] > 0  # it was read while work was waiting
    ledger.seal_waiting(engine, bank_id=town.bank_id, now=NOW)
    ledger.roll_waiting(engine, bank_id=town.bank_id)
    with transaction(engine) as session:
        assert town.where(session) == Counter()
        town.compare(session)


def test_adding_up_that_is_undone_waits_again(engine):
    with transaction(engine) as session:
        town = Town(session)
        town.post(session, town.item(0, 1, 5, 0), town.item(1, 2, 3, 1))
        ledger.seal_transfers(session, bank_id=town.bank_id, now=NOW)
    with engine.connect() as session:
        assert ledger.roll_transfers(session, bank_id=town.bank_id) == 2
        session.rollback()
    with transaction(engine) as session:
        town.compare(session)
        assert ledger.roll_transfers(session, bank_id=town.bank_id) == 2
        assert ledger.roll_transfers(session, bank_id=town.bank_id) == 0
        town.compare(session)


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        ("UPDATE ledger.account_days SET debits = debits + 1", "ledger.day_total_wrong"),
        ("DELETE FROM ledger.account_days", "ledger.day_total_wrong"),
        ("UPDATE ledger.day_totals SET credits = credits - 1", "ledger.kind_total_wrong"),
        ("UPDATE ledger.day_totals SET effective_on = '2026-01-01'", "ledger.kind_total_wrong"),
        ("DELETE FROM ledger.day_totals", "ledger.kind_total_wrong"),
    ],
)
def test_a_total_that_was_touched_is_found(session, harm, code):
    town = Town(session)
    town.post(session, town.item(0, 1, 5, 0))
    ledger.seal_transfers(session, bank_id=town.bank_id, now=NOW)
    ledger.roll_transfers(session, bank_id=town.bank_id)
    assert ledger.check_books(session, bank_id=town.bank_id) == ()
    session.execute(text(f"{harm} WHERE bank_id = :bank"), {"bank": to_uuid("bank", town.bank_id)})
    assert code in {found.code for found in ledger.check_books(session, bank_id=town.bank_id)}


def test_a_busy_account_is_read_from_its_days(session, monkeypatch):
    town = Town(session)
    town.post(session, town.item(0, 1, 5, 0), town.item(0, 1, 7, 2), town.item(1, 2, 1, 2))
    ledger.seal_transfers(session, bank_id=town.bank_id, now=NOW)
    ledger.roll_transfers(session, bank_id=town.bank_id)
    town.post(session, town.item(0, 1, 100, 1))
    monkeypatch.setattr(reading, "SUMMED_POSTINGS_MAX", 2)
    monkeypatch.setattr(reading.accounts, "sum_postings", None)  # it would be a full scan

    def at(day: int) -> int:
        on = FIRST + timedelta(day)
        words = {"bank_id": town.bank_id, "account_id": town.accounts[1], "as_of": on}
        return ledger.balance(session, **words).units

    assert [at(day) for day in range(-1, 3)] == [0, 5, 105, 111]
