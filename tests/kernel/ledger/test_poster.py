"""The poster: many callers share commits, and a crash loses and doubles nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from jiuding.base.amounts import Amount, currency
from jiuding.base.database.engine import transaction
from jiuding.base.ids import BadId, new_id, to_uuid
from jiuding.kernel import ledger
from jiuding.kernel.ledger import jobs

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CNY = currency("CNY")


class Town:
    """A committed bank with cash, deposits, and a poster."""

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
        self.poster = ledger.Poster(engine, self.bank_id)
        self.pool = ThreadPoolExecutor(70)

    def item(self, debit: str, credit: str, units: int = 1, **terms) -> ledger.NewTransfer:
        return ledger.NewTransfer(
            new_id("trf", NOW), debit, credit, Amount(units, CNY), "tests.moved",
            date(2026, 11, 23), **terms,
        )  # fmt: skip

    def submit(self, *items: ledger.Instruction) -> list[str]:
        outcomes = self.poster.submit(items, now=NOW)
        return [each.code or each.result.value for each in outcomes]

    def send(self, *items: ledger.Instruction) -> Future:
        """Submit from a thread of its own, and return once the poster has it."""
        before = self.poster._waiting_count
        sent = self.pool.submit(self.submit, *items)
        wait_until(lambda: sent.done() or self.poster._waiting_count > before)
        return sent

    @contextmanager
    def held_up(self, account_id: str):
        """Hold an account's lock, so that the poster waits in a batch that names it."""
        query = text("SELECT FROM ledger.accounts WHERE account_id = :id FOR UPDATE")
        with self.engine.connect() as session, session.begin() as change:
            session.execute(query, {"id": to_uuid("acc", account_id)})
            yield
            change.rollback()

    def busy(self) -> Future:
        """Send a request and return once the poster has taken it to the database."""
        sent = self.pool.submit(self.submit, self.item(self.cash, self.accounts[0]))
        wait_until(lambda: self.poster._thread and self.blocked())
        return sent

    def blocked(self) -> bool:
        with transaction(self.engine) as session:
            return session.execute(text(
                "SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)"
                " WHERE NOT l.granted AND a.datname = current_database()"
            )).scalar_one() > 0  # fmt: skip

    def balance(self, account_id: str) -> int:
        with transaction(self.engine) as session:
            return ledger.balance(session, bank_id=self.bank_id, account_id=account_id).units


def wait_until(happens, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


@pytest.fixture
def town(engine):
    town = Town(engine)
    yield town
    town.poster.stop()
    town.pool.shutdown()
    with transaction(engine) as session:
        assert ledger.check_books(session, bank_id=town.bank_id) == ()


def test_a_request_is_answered_after_its_commit(town):
    assert town.submit(town.item(town.cash, town.accounts[0], 50)) == ["posted"]
    assert town.balance(town.accounts[0]) == 50


def test_the_same_again_happens_once(town):
    item = town.item(town.cash, town.accounts[0], 50)
    assert [town.submit(item), town.submit(item)] == [["posted"], ["exists"]]
    assert town.submit(replace(item, amount=Amount(51, CNY))) == ["ledger.id_reused"]
    assert town.balance(town.accounts[0]) == 50


def test_many_callers_share_commits(town, monkeypatch):
    sizes, real = [], jobs.post

    def count(session, **terms):
        sizes.append(len(terms["transfers"]))
        return real(session, **terms)

    monkeypatch.setattr(jobs, "post", count)
    sent = [
        town.pool.submit(town.submit, town.item(town.cash, town.accounts[number % 4]))
        for number in range(640)
    ]
    assert {tuple(each.result(30)) for each in sent} == {("posted",)}
    assert sum(sizes) == 640
    assert len(sizes) < 320
    assert sum(town.balance(account) for account in town.accounts) == 640


def test_requests_that_wait_are_posted_in_their_order(town):
    a, b, c, _ = town.accounts
    with town.held_up(a):
        first = town.busy()
        paid_in = town.send(town.item(town.cash, b, 10))
        passed_on = town.send(town.item(b, c, 10), town.item(b, c, 1))
    assert (first.result(10), paid_in.result(10)) == (["posted"], ["posted"])
    assert passed_on.result(10) == ["posted", "ledger.insufficient_funds"]


def test_two_callers_with_one_new_id_get_one_transfer(town):
    a, b, *_ = town.accounts
    item = town.item(town.cash, b, 10)
    with town.held_up(a):
        first = town.busy()
        sent = [town.send(item), town.send(item), town.send(replace(item, code="tests.other"))]
    assert first.result(10) == ["posted"]
    answers = [each.result(10) for each in sent]
    assert answers == [["posted"], ["exists"], ["ledger.id_reused"]]
    assert town.balance(b) == 10


def test_a_group_left_open_does_not_take_in_the_next_request(town):
    a, b, c, _ = town.accounts
    with town.held_up(a):
        first = town.busy()
        left_open = town.send(town.item(town.cash, b, 10, is_linked=True))
        fails = town.send(town.item(c, b, 10))
        alone = town.send(town.item(town.cash, c, 10))
    assert first.result(10) == ["posted"]
    assert left_open.result(10) == ["ledger.group_open"]
    assert fails.result(10) == ["ledger.insufficient_funds"]
    assert alone.result(10) == ["posted"]


def test_a_group_stays_together_and_does_not_stop_others(town):
    a, b, c, _ = town.accounts
    with town.held_up(a):
        first = town.busy()
        group = town.send(town.item(town.cash, b, 5, is_linked=True), town.item(c, b, 5))
        other = town.send(town.item(town.cash, c, 5))
    assert first.result(10) == ["posted"]
    assert group.result(10) == ["ledger.linked_failed", "ledger.insufficient_funds"]
    assert other.result(10) == ["posted"]
    assert (town.balance(b), town.balance(c)) == (0, 5)


def test_a_full_batch_is_one_request_and_more_is_refused(town):
    items = [town.item(town.cash, town.accounts[0]) for _ in range(ledger.BATCH_MAX)]
    assert set(town.submit(*items)) == {"posted"}
    with pytest.raises(ledger.BatchTooLarge):
        town.submit(*items, town.item(town.cash, town.accounts[0]))
    assert town.poster.submit([], now=NOW) == ()


def test_shapes_are_refused_before_they_join_a_batch(town):
    good = town.item(town.cash, town.accounts[0])
    for terms in ({"transfer_id": "trf_1"}, {"debit_id": good.transfer_id}, {"reverses_id": "x"}):
        with pytest.raises(BadId):
            town.submit(replace(good, **terms))
    with pytest.raises(ledger.BadInstruction):
        town.submit(replace(good, code="not a code"))
    with pytest.raises(BadId):
        town.submit(ledger.Void("hld_1"))
    with pytest.raises(BadId):
        town.submit(ledger.Capture(good.transfer_id, "hld_1", "tests.captured", NOW.date()))
    assert town.poster._thread is None


def test_holds_go_through_the_poster_too(town):
    a, b, *_ = town.accounts
    hold = ledger.NewHold(
        new_id("hld", NOW), a, b, Amount(30, CNY), "tests.held", date(2026, 11, 23)
    )
    capture = ledger.Capture(new_id("trf", NOW), hold.hold_id, "tests.captured", date(2026, 11, 23))
    assert town.submit(town.item(town.cash, a, 40), hold, capture) == ["posted"] * 3
    assert (town.balance(a), town.balance(b)) == (10, 30)


def test_when_too_much_waits_the_next_is_refused(town, monkeypatch):
    monkeypatch.setattr(jobs, "QUEUE_MAX", 3)
    a, b, *_ = town.accounts
    with town.held_up(a):
        first = town.busy()
        waits = town.send(*[town.item(town.cash, b) for _ in range(3)])
        with pytest.raises(ledger.Busy):
            town.submit(town.item(town.cash, b))
    assert first.result(10) == ["posted"]
    assert waits.result(10) == ["posted"] * 3
    assert town.submit(town.item(town.cash, b)) == ["posted"]


def test_a_caller_does_not_wait_for_ever(town, monkeypatch):
    monkeypatch.setattr(jobs, "ANSWER_SECONDS_MAX", 0.3)
    a, b, *_ = town.accounts
    begun, waits = town.item(town.cash, a), town.item(town.cash, b)
    with town.held_up(a):
        first = town.pool.submit(town.submit, begun)
        wait_until(town.blocked)
        with pytest.raises(ledger.Busy):
            town.submit(waits)
        with pytest.raises(ledger.OutcomeUnknown):
            first.result(10)
    assert town.balance(b) == 0
    monkeypatch.undo()
    assert town.submit(begun, waits) == ["exists", "posted"]


def test_an_account_that_other_work_holds_fails_only_who_needs_it(town, monkeypatch):
    monkeypatch.setattr(jobs, "LOCK_SECONDS_TOGETHER", 0.3)
    a, c, *_ = town.accounts
    with town.held_up(a):
        first = town.busy()
        needs_it = town.send(town.item(town.cash, a))
        others = [town.send(town.item(town.cash, c)) for _ in range(3)]
        with pytest.raises(ledger.Busy):
            first.result(10)
        with pytest.raises(ledger.Busy):
            needs_it.result(10)
        assert [each.result(10) for each in others] == [["posted"]] * 3
    assert (town.balance(a), town.balance(c)) == (0, 3)


def test_stopping_posts_what_waits_and_takes_nothing_more(town):
    a, b, *_ = town.accounts
    with town.held_up(a):
        first, waits = town.busy(), town.send(town.item(town.cash, b))
        stopping = town.pool.submit(town.poster.stop)
        wait_until(lambda: town.poster._is_stopping)
        with pytest.raises(ledger.PosterStopped):
            town.submit(town.item(town.cash, b))
    stopping.result(10)
    assert (first.result(10), waits.result(10)) == (["posted"], ["posted"])
    with pytest.raises(ledger.PosterStopped):
        town.submit(town.item(town.cash, b))


def test_when_the_writer_dies_everyone_hears_and_can_say_it_again(town, monkeypatch):
    a, b, *_ = town.accounts
    items = [town.item(town.cash, b) for _ in range(3)]
    real, dead = town.poster._post, []

    def die_once(joined):
        dead.append(threading.current_thread())
        raise SystemExit

    with town.held_up(a):
        first = town.busy()
        monkeypatch.setattr(town.poster, "_post", die_once)
        waiting = [town.send(item) for item in items]
    assert first.result(10) == ["posted"]
    for each in waiting:
        with pytest.raises(ledger.OutcomeUnknown):
            each.result(10)
    monkeypatch.setattr(town.poster, "_post", real)
    assert town.submit(*items) == ["posted"] * 3
    assert dead and not dead[0].is_alive()


def test_a_connection_lost_after_the_commit_posts_nothing_twice(town, monkeypatch):
    item = town.item(town.cash, town.accounts[0], 10)
    real, pids = jobs.post, []

    def lose_the_answer(session, **terms):
        outcomes = real(session, **terms)
        if not pids:
            pids.append(end_session(town, session))
            session.execute(text("SELECT 1"))
        return outcomes

    monkeypatch.setattr(jobs, "post", lose_the_answer)
    assert town.submit(item) == ["exists"]
    assert town.balance(town.accounts[0]) == 10


def test_a_database_that_stays_away_is_told_and_saying_it_again_is_safe(town, monkeypatch):
    monkeypatch.setattr(jobs, "RETRY_PAUSES_SECONDS", (0.01, 0.01))
    a, b, *_ = town.accounts
    items = [town.item(town.cash, b), town.item(town.cash, b)]
    real = jobs.post

    def lose_the_answer(session, **terms):
        real(session, **terms)
        end_session(town, session)
        session.execute(text("SELECT 1"))

    with town.held_up(a):
        first = town.busy()
        monkeypatch.setattr(jobs, "post", lose_the_answer)
        sent = [town.send(item) for item in items]
    assert first.result(10) == ["posted"]
    for each in sent:
        with pytest.raises(ledger.OutcomeUnknown):
            each.result(10)
    monkeypatch.undo()
    assert town.submit(*items) == ["exists", "exists"]
    assert town.balance(b) == 2


def end_session(town: Town, session) -> int:
    """End a session from the server's side, as an operator or a crash would, and return its id."""
    pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with transaction(town.engine) as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    return pid


def test_the_posters_settings_stay_with_its_connection(town):
    assert town.submit(town.item(town.cash, town.accounts[0])) == ["posted"]
    town.poster.stop()
    shown = set()
    for _ in range(10):
        with transaction(town.engine) as session:
            shown.add(session.execute(text("SHOW lock_timeout")).scalar_one())
    assert shown == {"10s"}


PROGRAM = """
import sys, threading
from datetime import UTC, date, datetime
from jiuding.base.amounts import Amount, currency
from jiuding.base.database.engine import create_engine
from jiuding.base.ids import new_id
from jiuding.kernel import ledger
url, bank_id, debit, credit = sys.argv[1:]
poster, now = ledger.Poster(create_engine(url), bank_id), datetime(2026, 11, 23, 9, tzinfo=UTC)
def client():
    while True:
        item = ledger.NewTransfer(new_id("trf", now), debit, credit, Amount(1, currency("CNY")),
                                  "tests.moved", date(2026, 11, 23))
        print(f"sent {item.transfer_id}\\n", end="", flush=True)
        poster.submit([item], now=now)
        print(f"done {item.transfer_id}\\n", end="", flush=True)
for _ in range(16):
    threading.Thread(target=client, daemon=True).start()
threading.Event().wait()
"""


def test_a_killed_poster_loses_nothing_acknowledged_and_doubles_nothing_said_again(town):
    url = town.engine.url.render_as_string(hide_password=False)
    target = town.accounts[0]
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, url, town.bank_id, town.cash, target],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    lines, done = [], 0
    for line in program.stdout:
        lines.append(line)
        done += line.startswith("done")
        if done == 400:
            program.kill()
    program.wait(timeout=30)
    told = [line.split() for line in lines if line.endswith("\n")]
    sent = {words[1] for words in told if words[0] == "sent"}
    done = {words[1] for words in told if words[0] == "done"}
    assert len(sent) > len(done) >= 400
    wait_until(lambda: not town.blocked())
    again = {
        transfer_id: town.submit(replace(town.item(town.cash, target), transfer_id=transfer_id))[0]
        for transfer_id in sorted(sent)
    }
    assert set(again.values()) <= {"exists", "posted"}
    assert {again[transfer_id] for transfer_id in done} == {"exists"}
    assert town.balance(target) == len(sent)
