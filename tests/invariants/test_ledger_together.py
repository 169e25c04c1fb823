"""Many clients at once: nothing is lost, doubled or overdrawn."""

from __future__ import annotations

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from jiuding.base.amounts import Amount, currency
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.kernel import ledger

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CNY = currency("CNY")
THREADS = 4


class Town:
    """A committed bank with one hot account and a few others."""

    def __init__(self, engine) -> None:
        self.engine = engine
        self.bank_id = new_id("bank", NOW)
        with transaction(engine) as session:
            self.cash = ledger.bank_account(
                session, bank_id=self.bank_id, kind="cash_at_central_bank", asset=CNY, now=NOW
            ).account_id
            self.accounts = [
                ledger.open_account(
                    session, bank_id=self.bank_id, kind="customer_deposit", asset=CNY, now=NOW,
                    owner_id="pty_1",
                ).account_id
                for _ in range(4)
            ]  # fmt: skip

    def item(self, debit: str, credit: str, units: int) -> ledger.NewTransfer:
        return ledger.NewTransfer(
            new_id("trf", NOW), debit, credit, Amount(units, CNY), "tests.moved", date(2026, 11, 23)
        )

    def post(self, *items: ledger.Instruction) -> tuple[ledger.Outcome, ...]:
        with transaction(self.engine) as session:
            return ledger.post(session, bank_id=self.bank_id, transfers=items, now=NOW)

    def balance(self, account_id: str) -> int:
        with transaction(self.engine) as session:
            return ledger.balance(session, bank_id=self.bank_id, account_id=account_id).units

    def prove(self) -> None:
        with transaction(self.engine) as session:
            assert ledger.check_books(session, bank_id=self.bank_id) == ()


@pytest.fixture
def town(engine):
    town = Town(engine)
    yield town
    town.prove()


def together(work) -> list:
    """Run the work in every thread at the same moment and return what each returned."""
    start = threading.Barrier(THREADS)

    def run(number: int):
        start.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_one_hot_account_pays_out_exactly_what_it_has(town):
    hot, target = town.accounts[:2]
    town.post(town.item(town.cash, hot, 100))

    def spend(number: int) -> int:
        posted = 0
        for _ in range(20):
            batch = [town.item(hot, target, 1) for _ in range(5)]
            posted += sum(not outcome.is_refused for outcome in town.post(*batch))
        return posted

    assert sum(together(spend)) == 100
    assert (town.balance(hot), town.balance(target)) == (0, 100)


def test_the_same_new_id_at_once_is_posted_once_and_everyone_gets_that_outcome(town):
    a, b, c, d = town.accounts
    town.post(town.item(town.cash, a, 1000), town.item(town.cash, c, 1000))
    for _ in range(15):
        item = town.item(a, b, 1)
        results = together(lambda _, item=item: town.post(item)[0].result.value)
        assert Counter(results) == {"posted": 1, "exists": THREADS - 1}
    for _ in range(15):
        # The same id between other accounts: no account's lock orders the two.
        item = town.item(a, b, 1)
        other = replace(item, debit_id=c, credit_id=d)
        results = together(
            lambda number, pair=(item, other): town.post(pair[number % 2])[0].code or "kept"
        )
        assert Counter(results) == {"kept": 2, "ledger.id_reused": 2}
    assert town.balance(b) + town.balance(d) == 30


def test_marks_moved_from_every_side_at_once_are_neither_lost_nor_made(town):
    with transaction(town.engine) as session:
        marks = [
            ledger.open_mark(
                session, bank_id=town.bank_id, origin="agr_1", purpose="car",
                forbidden_uses=["securities"], now=NOW,
            ).mark_id
            for _ in range(2)
        ]  # fmt: skip
    for account, mark_id in zip(town.accounts, (*marks, *marks), strict=True):
        lent = replace(town.item(town.cash, account, 500), mark_id=mark_id)
        town.post(lent, town.item(town.cash, account, 500))

    def churn(number: int) -> None:
        chance = random.Random(number)
        for _ in range(20):
            pairs = [chance.sample(town.accounts, 2) for _ in range(12)]
            town.post(*(town.item(*pair, chance.randrange(1, 200)) for pair in pairs))

    together(churn)
    with transaction(town.engine) as session:
        held = [
            each
            for account_id in town.accounts
            for each in ledger.marks_on(session, bank_id=town.bank_id, account_id=account_id)
        ]
    assert len(held) == 8
    for mark_id in marks:
        assert sum(each.amount.units for each in held if each.mark.mark_id == mark_id) == 1000


def test_random_batches_in_every_direction_neither_deadlock_nor_lose(town):
    for account in town.accounts:
        town.post(town.item(town.cash, account, 50))

    def churn(number: int) -> None:
        chance = random.Random(number)
        for _ in range(25):
            pairs = [chance.sample(town.accounts, 2) for _ in range(12)]
            items = [town.item(debit, credit, chance.randint(1, 40)) for debit, credit in pairs]
            items = [replace(item, is_linked=place % 3 == 0) for place, item in enumerate(items)]
            outcomes = town.post(*items)
            again = town.post(*items)
            assert [one.refusal for one in outcomes] == [two.refusal for two in again]

    together(churn)
    assert sum(town.balance(account) for account in town.accounts) == 200


def test_pages_of_a_busy_account_neither_repeat_nor_skip(town):
    hot, target = town.accounts[:2]
    town.post(*(town.item(town.cash, hot, 1) for _ in range(200)))
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            town.post(town.item(hot, target, 1), town.item(target, hot, 1))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        numbers, cursor = [], None
        while True:
            with transaction(town.engine) as session:
                page = ledger.statement(
                    session, bank_id=town.bank_id, account_id=hot, limit_max=7, cursor=cursor
                )
            numbers += [line.number for line in page.lines]
            cursor = page.cursor
            if cursor is None:
                break
    finally:
        stop.set()
        writer.join()
    assert numbers == list(range(numbers[0], 0, -1))


def test_nothing_of_an_undone_session_stays(town):
    hot = town.accounts[0]
    item = town.item(town.cash, hot, 5)
    with town.engine.connect() as session:
        ledger.post(session, bank_id=town.bank_id, transfers=[item], now=NOW)
        session.rollback()
    assert town.balance(hot) == 0
    assert town.post(item)[0].result is ledger.Result.POSTED


def test_a_session_can_post_again_after_what_it_posted(town):
    hot, target = town.accounts[:2]
    with transaction(town.engine) as session:
        for place in range(100):
            pair = (town.cash, hot) if place % 2 == 0 else (hot, target)
            outcomes = ledger.post(
                session, bank_id=town.bank_id, transfers=[town.item(*pair, 3)], now=NOW
            )
            assert outcomes[0].result is ledger.Result.POSTED
        count = session.execute(text("SELECT count(*) FROM ledger.transfers")).scalar_one()
    assert count >= 100
    assert town.balance(target) == 150


def test_the_banks_own_account_is_opened_once_however_many_want_it_at_once(town):
    for number in range(10):
        terms = {"kind": "asset_position", "asset": CNY, "purpose": f"tests.{number}", "now": NOW}

        def work(_, terms=terms) -> str:
            with transaction(town.engine) as session:
                return ledger.bank_account(session, bank_id=town.bank_id, **terms).account_id

        assert len(set(together(work))) == 1
