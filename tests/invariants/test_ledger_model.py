"""The posting function and the reference model agree on random histories, item by item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from jiuding.base.amounts import Amount, currency
from jiuding.base.ids import new_id
from jiuding.kernel import ledger
from jiuding.kernel.ledger.rules.model import Model, State
from jiuding.kernel.ledger.tables import transfer_marks

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CNY, USD = currency("CNY"), currency("USD")
DAYS = (date(2026, 11, 23), date(2026, 11, 24), date(2027, 1, 1))
CODES = ("tests.moved", "tests.also_moved")


def limits(**units: int) -> ledger.Limits:
    return ledger.Limits(**{name: Amount(value, CNY) for name, value in units.items()})


ACCOUNTS = (
    ("customer_deposit", CNY, limits(overdraft_max=0)),
    ("customer_deposit", CNY, limits(overdraft_max=30, balance_max=120)),
    ("customer_deposit", CNY, limits(outflow_per_day_max=60, outflow_per_year_max=90)),
    ("loan_receivable", CNY, limits(overdraft_max=0, balance_max=100)),
    ("cash_at_central_bank", CNY, ledger.Limits()),
    ("customer_deposit", USD, ledger.Limits()),
)
# Where money is marked: one for securities, a merchant's, one that may be overdrawn.
MARKED_ACCOUNTS = (
    ("customer_deposit", CNY, limits(overdraft_max=0), "securities"),
    ("merchant_settlement", CNY, limits(overdraft_max=0), None),
    ("customer_deposit", CNY, limits(overdraft_max=40), None),
    ("customer_deposit", CNY, ledger.Limits(), None),
)
FORBIDDEN = (("securities",), ("goods", "home_deposit"), (), ("securities", "goods"))


@dataclass(frozen=True)
class Step:
    """One instruction in small numbers: which ids, which accounts, how much."""

    verb: int
    identity: int
    other: int
    debit: int
    credit: int
    units: int
    variant: int
    is_linked: bool
    mark: int | None = None


steps = st.builds(
    Step,
    verb=st.sampled_from((0, 0, 0, 1, 1, 2, 2, 3, 4, 5)),
    identity=st.integers(0, 14),
    other=st.integers(0, 5),
    # The account that is limited by day and year often pays, as it needs a history to be refused.
    debit=st.sampled_from((0, 1, 2, 2, 2, 3, 4, 4, 5, 6)),
    credit=st.sampled_from((0, 1, 2, 3, 4, 4, 5, 6)),
    units=st.sampled_from((1, 7, 20, 29, 30, 31, 45, 59, 60, 61, 90, 0, -1, 2**62, 2**63 - 1)),
    variant=st.integers(0, 5),
    is_linked=st.sampled_from((False, False, True)),
)
changes = st.tuples(st.integers(0, 5), st.sampled_from(list(ledger.Status)))
histories = st.lists(st.tuples(st.lists(steps, max_size=9), st.none() | changes), max_size=5)

marked_steps = st.builds(
    Step,
    verb=st.sampled_from((0, 0, 0, 0, 0, 1, 2, 2, 3, 5, 5)),
    identity=st.integers(5, 44),
    other=st.integers(0, 14),
    debit=st.sampled_from((0, 0, 1, 3, 4, 4, 4, 7, 8, 9, 9, 10, 10)),
    credit=st.sampled_from((0, 0, 1, 3, 4, 7, 8, 9, 9, 10, 10)),
    units=st.sampled_from((1, 2, 3, 5, 7, 10, 13, 20, 29, 31, 40, 2**62)),
    variant=st.sampled_from((1, 1, 1, 2, 3, 4)),
    is_linked=st.sampled_from((False, False, False, True)),
    mark=st.sampled_from((None, None, None, 0, 1, 2, 3, 4)),
)
uses = st.tuples(
    st.sampled_from((0, 1, 4, 7, 9, 10)), st.sampled_from((None, "securities", "goods"))
)
marked_histories = st.lists(
    st.tuples(st.lists(marked_steps, max_size=12), st.none() | uses), max_size=6
)


class World:
    """The same bank twice: in the database and in the model."""

    def __init__(self, session, hold_count: int = 6) -> None:
        self.session = session
        self.bank_id = new_id("bank", NOW)
        self.model = Model()
        opened = [
            ledger.open_account(
                session, bank_id=self.bank_id, kind=kind, asset=asset, limits=limit, now=NOW,
                owner_id="pty_1", use=use[0] if use else None,
            )
            for kind, asset, limit, *use in ACCOUNTS + MARKED_ACCOUNTS
        ]  # fmt: skip
        self.model.accounts = {account.account_id: State(account) for account in opened}
        self.accounts = [account.account_id for account in opened]
        self.accounts.insert(len(ACCOUNTS), new_id("acc", NOW))
        self.transfers = [new_id("trf", NOW) for _ in range(45)]
        self.holds = [new_id("hld", NOW) for _ in range(hold_count)]
        opened_marks = [
            ledger.open_mark(
                session, bank_id=self.bank_id, origin="agr_1", purpose="car", forbidden_uses=names,
                now=NOW,
            )
            for names in FORBIDDEN
        ]  # fmt: skip
        self.model.marks = {mark.mark_id: mark for mark in opened_marks}
        self.marks = [*self.model.marks, new_id("mrk", NOW)]

    def instruction(self, step: Step) -> ledger.Instruction:
        amount = Amount(step.units, USD if step.variant == 5 else CNY)
        code, day = CODES[step.variant % 2], DAYS[step.variant % 3]
        common = {"code": code, "effective_on": day, "is_linked": step.is_linked}
        sides = {"debit_id": self.accounts[step.debit], "credit_id": self.accounts[step.credit]}
        transfer_id = self.transfers[step.identity]
        hold_id = self.holds[step.other % len(self.holds)]
        if step.verb == 1:
            expires_at = None if step.variant < 3 else NOW + timedelta(minutes=step.variant - 2)
            return ledger.NewHold(hold_id, amount=amount, expires_at=expires_at, **sides, **common)
        if step.verb == 2:
            part = None if step.variant < 2 else amount
            is_final = step.variant == 3
            return ledger.Capture(transfer_id, hold_id, amount=part, is_final=is_final, **common)
        if step.verb in (3, 4):
            return ledger.Void(hold_id, is_expiry=step.verb == 4, is_linked=step.is_linked)
        if step.verb == 5:
            first = self.model.transfers.get(self.transfers[step.other])
            if first is not None and isinstance(first[0], ledger.NewTransfer) and step.variant:
                amount = first[0].amount
                sides = {"debit_id": first[0].credit_id, "credit_id": first[0].debit_id}
            return ledger.NewTransfer(
                transfer_id,
                amount=amount,
                reverses_id=self.transfers[step.other],
                **sides,
                **common,
            )
        mark_id = None if step.mark is None else self.marks[step.mark]
        return ledger.NewTransfer(transfer_id, amount=amount, mark_id=mark_id, **sides, **common)

    def post(self, batch: list[Step], now: datetime) -> None:
        items = [self.instruction(step) for step in batch]
        outcomes = ledger.post(self.session, bank_id=self.bank_id, transfers=items, now=now)
        expected = self.model.post(items, now)
        words = {0: "posted", 1: "exists"}
        assert [outcome.code or outcome.result.value for outcome in outcomes] == [
            words.get(code) or ledger.Refusal(code).code for code in expected
        ]

    def change(self, place: int, status: ledger.Status, now: datetime) -> None:
        account_id = self.accounts[place]
        words = {"bank_id": self.bank_id, "account_id": account_id, "now": now}
        try:
            if status is ledger.Status.CLOSED:
                ledger.close_account(self.session, reason="tests.changed", **words)
            elif status is ledger.Status.OPEN:
                ledger.reopen_account(self.session, reason="tests.changed", **words)
            else:
                outflow = status is ledger.Status.OUTFLOW_FROZEN
                ledger.freeze_account(
                    self.session, reason="tests.changed", is_outflow_only=outflow, **words
                )
        except (ledger.AccountNotEmpty, ledger.AccountClosed):
            return
        self.model.accounts[account_id].account = ledger.read_account(
            self.session, bank_id=self.bank_id, account_id=account_id
        )

    def compare(self) -> None:
        self.compare_marks()
        held = ledger.balances(
            self.session, bank_id=self.bank_id, account_ids=list(self.model.accounts)
        )
        for account_id, state in self.model.accounts.items():
            assert held[account_id].posted.units == state.balance
            if state.account.limits.overdraft_max is not None:
                is_debit = not state.account.account_class.is_debit_normal
                assert held[account_id].available.units == state.room_out(is_debit)
            past = ledger.balance(
                self.session, bank_id=self.bank_id, account_id=account_id, as_of=date(2999, 1, 1)
            )
            assert past.units == state.balance
        assert ledger.check_books(self.session, bank_id=self.bank_id) == ()

    def compare_histories(self) -> None:
        """Walk every statement back, page by page: each line leads to the one before it."""
        for account_id, state in self.model.accounts.items():
            lines, cursor = [], None
            while cursor is not None or not lines:
                page = ledger.statement(
                    self.session, bank_id=self.bank_id, account_id=account_id, limit_max=2,
                    cursor=cursor,
                )  # fmt: skip
                lines += page.lines
                cursor = page.cursor
                if cursor is None:
                    break
            assert [line.number for line in lines] == list(range(state.posting_count, 0, -1))
            balances = [line.balance_after.units for line in lines]
            assert balances == [
                sum(line.change.units for line in lines[place:]) for place in range(len(lines))
            ]
            assert sum(line.change.units for line in lines) == state.balance

    def set_use(self, place: int, use: str | None, now: datetime) -> None:
        account_id = self.accounts[place]
        state = self.model.accounts[account_id]
        held = [self.model.marks[mark_id].forbidden_uses for mark_id in state.marked]
        words = {"bank_id": self.bank_id, "account_id": account_id, "use": use, "now": now}
        if use is not None and state.account.use != use and any(use in names for names in held):
            with pytest.raises(ledger.ForbiddenUse):
                ledger.set_use(self.session, reason="tests.changed", **words)
        else:
            state.account = ledger.set_use(self.session, reason="tests.changed", **words)

    def compare_marks(self) -> None:
        for account_id, state in self.model.accounts.items():
            found = ledger.marks_on(self.session, bank_id=self.bank_id, account_id=account_id)
            assert {each.mark.mark_id: each.amount.units for each in found} == state.marked
            assert sum(state.marked.values()) <= max(state.balance, 0)
        rows = self.session.execute(
            select(transfer_marks).where(transfer_marks.c.bank_id == self.bank_id)
        )
        carried = {
            (transfer_id, mark_id): (units, carried.kept.get(mark_id, 0))
            for transfer_id, carried in self.model.carried.items()
            for mark_id, units in carried.units.items()
        }
        found = {(row.transfer_id, row.mark_id): (row.units, row.units_kept) for row in rows}
        assert found == carried


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories)
def test_the_ledger_does_what_the_model_says(session, history):
    with session.begin_nested() as savepoint:
        world = World(session)
        for minute, (batch, change) in enumerate(history):
            now = NOW + timedelta(minutes=minute)
            world.post(batch, now)
            if change is not None:
                world.change(*change, now)
        world.compare()
        savepoint.rollback()


# Batches for the two short ways: mostly posted as a whole, often just refused.
plain_steps = st.builds(
    Step,
    verb=st.just(0),
    identity=st.integers(0, 14),
    other=st.just(0),
    debit=st.sampled_from((0, 1, 3, 4, 4, 4, 2, 6)),
    credit=st.sampled_from((0, 0, 1, 3, 4, 4)),
    units=st.sampled_from((1, 2, 7, 29, 30, 31, 60, 2**62)),
    variant=st.integers(0, 4),
    is_linked=st.just(False),
)
plain_batches = st.lists(plain_steps, min_size=1, max_size=6, unique_by=lambda step: step.identity)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(batches=st.lists(plain_batches, min_size=1, max_size=8), seals=st.integers(0, 7))
def test_whole_batches_do_what_the_model_says_item_by_item(session, batches, seals):
    with session.begin_nested() as savepoint:
        world = World(session)
        # Value to move, a hold that lowers what is available, and ids that are new in each batch.
        world.post([Step(0, 0, 0, 4, 0, 60, 0, False), Step(1, 0, 0, 0, 4, 20, 0, False)], NOW)
        for minute, batch in enumerate(batches, 1):
            now = NOW + timedelta(minutes=minute)
            if minute % 3:
                world.transfers = [new_id("trf", now) for _ in range(15)]
            world.post(batch, now)
            if minute == seals:
                ledger.seal_transfers(session, bank_id=world.bank_id, now=now)
        world.compare()
        world.compare_histories()
        savepoint.rollback()


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=marked_histories)
def test_marks_move_as_the_model_says(session, history):
    with session.begin_nested() as savepoint:
        world = World(session, hold_count=2)
        # What is lent first, so that there is marked money for what follows to move.
        lent = [Step(0, n, 0, 4, account, 50, 1, False, mark) for n, account, mark in
                ((0, 0, 0), (1, 9, 1), (2, 10, 0), (3, 0, 2))]  # fmt: skip
        world.post([*lent, Step(0, 4, 0, 4, 10, 25, 1, False)], NOW)
        for minute, (batch, change) in enumerate(history):
            now = NOW + timedelta(minutes=minute)
            world.post(batch, now)
            if change is not None:
                world.set_use(*change, now)
        world.compare()
        savepoint.rollback()


def test_the_model_knows_every_result_of_the_posting_function():
    """What the function may answer and what the package can name are the same numbers."""
    from jiuding.base.settings import MIGRATIONS

    body = (MIGRATIONS / "sql" / "0002_post_batch.sql").read_text(encoding="utf-8")
    for refusal in ledger.Refusal:
        assert str(refusal.value) in body, refusal


@pytest.mark.parametrize("refusal", list(ledger.Refusal))
def test_every_refusal_has_a_problem(refusal):
    from jiuding.base.problems import registered_problems

    assert refusal.code in registered_problems()


def test_the_posting_function_never_scans_a_table(session, now):
    """Plans made while the tables were empty must still be look-ups when they are full."""
    world = World(session)
    world.post([Step(0, 0, 0, 4, 0, 10, 0, False)], now)
    settings_of = session.execute(
        text("SELECT proconfig FROM pg_proc WHERE proname = 'post_batch'")
    ).scalar_one()
    assert "enable_seqscan=off" in settings_of
