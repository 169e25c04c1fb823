"""Money lent for a purpose: where its mark goes, where it ends, and where it may not go."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from jiuding.base.amounts import Amount, currency
from jiuding.base.ids import to_uuid
from jiuding.kernel import ledger
from jiuding.kernel.ledger.operations import marking as operations
from jiuding.kernel.ledger.rules import marking
from jiuding.kernel.ledger.rules.chart import read_chart

CNY = currency("CNY")


@dataclass
class Lent:
    """A customer to whom 100 was lent for a car, beside 50 of their own."""

    bank: object
    mark_id: str
    loan: str
    mine: str
    paid_out: str

    def marked(self, account_id: str, mark_id: str | None = None) -> int:
        found = ledger.marks_on(self.bank.session, bank_id=self.bank.bank_id, account_id=account_id)
        units = {each.mark.mark_id: each.amount.units for each in found}
        return units.get(mark_id or self.mark_id, 0)

    def trace(self, account_id: str) -> ledger.Trace:
        return ledger.trace(
            self.bank.session, bank_id=self.bank.bank_id, account_id=account_id,
            mark_id=self.mark_id,
        )  # fmt: skip

    def reverse(self, transfer_id: str) -> str:
        reversal_id = self.bank.id()
        ledger.reverse(
            self.bank.session, bank_id=self.bank.bank_id, transfer_id=transfer_id,
            reversal_id=reversal_id, reason="tests.undone", effective_on=self.bank.now.date(),
            now=self.bank.now,
        )  # fmt: skip
        return reversal_id


def mark(bank, *uses: str, **more) -> str:
    words = {"origin": "agr_1", "purpose": "car", "forbidden_uses": uses, "now": bank.now, **more}
    return ledger.open_mark(bank.session, bank_id=bank.bank_id, **words).mark_id


@pytest.fixture
def lent(bank) -> Lent:
    mark_id, loan, mine = mark(bank, "securities"), bank.open("loan_receivable"), bank.open()
    paid_out = bank.item(loan, mine, 100, mark_id=mark_id)
    assert bank.post(paid_out) == ["posted"]
    bank.fund(mine, 50)
    return Lent(bank, mark_id, loan, mine, paid_out.transfer_id)


def test_a_mark_moves_pro_rata_and_the_odd_unit_is_unmarked(bank, lent):
    friend, other = bank.open(), bank.open()
    assert bank.post(bank.item(lent.mine, friend, 31)) == ["posted"]
    # 100/150 of 31 is 20 and two thirds.
    assert (lent.marked(lent.mine), lent.marked(friend)) == (80, 20)
    assert bank.post(bank.item(friend, other, 1), bank.item(friend, other, 30)) == ["posted"] * 2
    assert (lent.marked(friend), lent.marked(other)) == (0, 20)
    assert bank.post(bank.item(lent.mine, other, 119)) == ["posted"]
    assert (lent.marked(lent.mine), lent.marked(other)) == (0, 100)


def test_marked_money_is_refused_at_a_forbidden_use_with_its_trace(bank, lent):
    friend, broker = bank.open(), bank.open(use="securities")
    sent = bank.item(lent.mine, friend, 30)
    bank.post(sent)
    bank.fund(friend, 10)
    with pytest.raises(ledger.ForbiddenUse) as refused:
        ledger.transfer(
            bank.session, bank_id=bank.bank_id, transfer=bank.item(friend, broker, 2), now=bank.now
        )
    told = refused.value.to_dict()
    assert (told["code"], told["status"]) == ("ledger.forbidden_use", 409)
    assert (told["account_id"], told["mark_id"], told["use"], told["origin"]) == (
        broker, lent.mark_id, "securities", "agr_1",
    )  # fmt: skip
    steps = [
        {"transfer_id": lent.paid_out, "debit_account_id": lent.loan,
         "credit_account_id": lent.mine, "marked_amount": "1.00"},
        {"transfer_id": sent.transfer_id, "debit_account_id": lent.mine,
         "credit_account_id": friend, "marked_amount": "0.20"},
    ]  # fmt: skip
    for step in told["trace"]:
        assert step.pop("kept_amount") == step["marked_amount"]
        assert step.pop("recorded_at") and step.pop("code") == "tests.moved"
    assert told["trace"] == steps
    assert (bank.balance(broker), lent.marked(friend)) == (0, 20)
    # One of 40 units carries half a marked one, which is none; money of one's own goes anywhere.
    assert bank.post(bank.item(friend, broker, 1)) == ["posted"]
    own = bank.funded(5)
    assert bank.post(bank.item(own, broker, 5)) == ["posted"]


def test_what_is_paid_for_or_paid_back_is_followed_no_further(bank, lent):
    merchant, broker = bank.open("merchant_settlement"), bank.open(use="securities")
    bought, repaid = bank.item(lent.mine, merchant, 75), bank.item(lent.mine, lent.loan, 30)
    assert bank.post(bought, repaid) == ["posted", "posted"]
    assert (lent.marked(lent.mine), lent.marked(merchant), lent.marked(lent.loan)) == (30, 0, 0)
    assert bank.post(bank.item(merchant, broker, 75)) == ["posted"]
    # Where a mark ended is on record.
    (end,) = [step for step in lent.trace(merchant).steps if step.credit_id == merchant]
    assert (end.transfer_id, end.amount.units, end.kept.units) == (bought.transfer_id, 50, 0)
    (end,) = [step for step in lent.trace(lent.loan).steps if step.credit_id == lent.loan]
    assert (end.transfer_id, end.amount.units, end.kept.units) == (repaid.transfer_id, 20, 0)


def test_a_loan_cannot_be_paid_out_to_a_forbidden_use(bank, lent):
    broker, merchant = bank.open(use="securities"), bank.open("merchant_settlement")
    items = [bank.item(lent.loan, each, 10, mark_id=lent.mark_id) for each in (broker, merchant)]
    assert bank.post(*items) == ["forbidden_use", "posted"]
    assert lent.marked(merchant) == 0


def test_a_mark_that_was_not_opened_is_refused(bank, lent):
    item = bank.item(lent.loan, lent.mine, 10, mark_id=bank.id("mrk"))
    assert bank.post(item) == ["mark_not_found"]
    with pytest.raises(ledger.MarkNotFound):
        ledger.read_mark(bank.session, bank_id=bank.bank_id, mark_id=item.mark_id)


def test_a_hold_is_refused_when_it_is_placed_and_when_it_is_captured(bank, lent):
    broker, own = bank.open(use="securities"), bank.funded(40)
    assert bank.post(bank.hold(lent.mine, broker, 30)) == ["forbidden_use"]
    hold = bank.hold(own, broker, 20)
    assert bank.post(hold) == ["posted"]
    bank.post(bank.item(lent.mine, own, 60))
    with pytest.raises(ledger.ForbiddenUse) as refused:
        ledger.capture_hold(
            bank.session, bank_id=bank.bank_id, capture=bank.capture(hold.hold_id), now=bank.now
        )
    assert refused.value.fields["mark_id"] == lent.mark_id
    assert refused.value.fields["trace"][-1]["credit_account_id"] == own
    # Nothing of the hold was taken; money that leaves the account makes room for what is its own.
    assert (bank.balance(broker), bank.available(own)) == (0, 80)
    shop = bank.open("merchant_settlement")
    assert bank.post(bank.hold(own, shop, 10)) == ["posted"]


def test_a_capture_carries_the_marks_of_its_moment(bank, lent):
    friend = bank.open()
    hold = bank.hold(lent.mine, friend, 90)
    assert bank.post(hold) == ["posted"] and lent.marked(lent.mine) == 100
    assert bank.post(bank.capture(hold.hold_id, 30)) == ["posted"]
    assert (lent.marked(lent.mine), lent.marked(friend)) == (80, 20)


def test_a_reversal_takes_back_what_the_transfer_carried(bank, lent):
    friend, merchant = bank.open(), bank.open("merchant_settlement")
    sent, bought = bank.item(lent.mine, friend, 30), bank.item(lent.mine, merchant, 60)
    bank.post(sent, bought)
    bank.fund(friend, 70)
    lent.reverse(sent.transfer_id)
    assert (lent.marked(lent.mine), lent.marked(friend)) == (60, 0)
    # What had ended at the merchant's comes back too, and ends there again with the second one.
    undone = lent.reverse(bought.transfer_id)
    assert (lent.marked(lent.mine), lent.marked(merchant)) == (100, 0)
    lent.reverse(undone)
    assert lent.marked(lent.mine) == 60
    taken_back = bank.item(lent.mine, friend, 90)
    assert bank.post(taken_back) == ["posted"]
    bank.fund(lent.mine, 100)
    lent.reverse(lent.paid_out)
    assert (lent.marked(lent.mine), lent.marked(friend)) == (0, 60)


def test_a_reversal_takes_unmarked_money_before_other_marks(bank, lent):
    cash, friend = bank.cash(), bank.open()
    plain = bank.item(cash, friend, 40)
    bank.post(plain, bank.item(lent.mine, friend, 60))
    assert (bank.balance(friend), lent.marked(friend)) == (100, 40)
    bank.post(bank.item(friend, cash, 50))
    assert (bank.balance(friend), lent.marked(friend)) == (50, 20)
    # 40 are taken back: 30 that are unmarked, and 10 of the 20 that are marked.
    lent.reverse(plain.transfer_id)
    assert (bank.balance(friend), lent.marked(friend)) == (10, 10)


def test_a_group_that_fails_leaves_every_mark_where_it_was(bank, lent):
    friend, broker = bank.open(), bank.open(use="securities")
    second = mark(bank, "gambling")
    group = [
        bank.item(lent.mine, friend, 90, is_linked=True),
        bank.item(lent.loan, friend, 40, is_linked=True, mark_id=second),
        bank.item(friend, broker, 10),
    ]
    # The next sees the marks as they were.
    after = bank.item(lent.mine, friend, 30)
    assert bank.post(*group, after) == ["linked_failed", "linked_failed", "forbidden_use", "posted"]
    assert (lent.marked(lent.mine), lent.marked(friend)) == (80, 20)
    assert lent.marked(friend, second) == 0
    fresh = [
        bank.item(lent.loan, friend, 40, mark_id=lent.mark_id),
        bank.item(friend, broker, 40),
    ]
    with pytest.raises(ledger.ForbiddenUse) as refused:
        ledger.post_all(bank.session, bank_id=bank.bank_id, transfers=fresh, now=bank.now)
    assert refused.value.fields["mark_id"] == lent.mark_id


def test_the_same_id_with_another_mark_is_another_transfer(bank, lent):
    second, unknown = mark(bank, "gambling"), bank.id("mrk")
    item = bank.item(lent.loan, lent.mine, 10, mark_id=lent.mark_id)
    other = bank.item(lent.loan, lent.mine, 10, mark_id=second, transfer_id=item.transfer_id)
    bare = bank.item(lent.loan, lent.mine, 10, transfer_id=item.transfer_id)
    assert bank.post(item, item, other) == ["posted", "exists", "id_reused"]
    assert bank.post(item, other) == ["exists", "id_reused"]
    assert bank.post(bare) == ["id_reused"]
    refused = bank.item(lent.loan, lent.mine, 10, mark_id=unknown)
    corrected = bank.item(lent.loan, lent.mine, 10, transfer_id=refused.transfer_id)
    assert bank.post(refused) == bank.post(refused) == ["mark_not_found"]
    assert bank.post(corrected) == ["id_reused"]
    assert lent.marked(lent.mine) == 110


def test_units_carry_one_mark_each_and_two_marks_share_an_account(bank, lent):
    second, friend = mark(bank, "gambling"), bank.open()
    # Of 75 units 50 carry the first mark already; the second goes on the other 25.
    assert bank.post(bank.item(lent.mine, friend, 75, mark_id=second)) == ["posted"]
    assert (lent.marked(friend), lent.marked(friend, second)) == (50, 25)
    other = bank.open()
    assert bank.post(bank.item(friend, other, 10)) == ["posted"]
    # Together all 10, by mark id: 6 and 2/3 rounded down, then the rest.
    assert (lent.marked(other), lent.marked(other, second)) == (6, 4)


def test_what_covers_an_overdraft_ends_its_marks(bank, lent):
    limits = ledger.Limits(overdraft_max=Amount(100, CNY))
    short = bank.open(limits=limits)
    bank.post(bank.item(short, bank.cash(), 70))
    assert bank.post(bank.item(lent.mine, short, 90)) == ["posted"]
    # 60 of the 90 are marked, and 20 are left after the debt of 70.
    assert (bank.balance(short), lent.marked(short), lent.marked(lent.mine)) == (20, 20, 40)
    friend = bank.open()
    assert bank.post(bank.item(short, friend, 50)) == ["posted"]
    assert (bank.balance(short), lent.marked(short), lent.marked(friend)) == (-30, 0, 20)


def test_opening_a_mark_again_returns_the_first_and_other_words_are_refused(bank):
    words = {"bank_id": bank.bank_id, "now": bank.now, "mark_id": bank.id("mrk"),
             "origin": "agr_1", "purpose": "car"}  # fmt: skip
    first = ledger.open_mark(bank.session, forbidden_uses=["securities", "gambling"], **words)
    again = ledger.open_mark(bank.session, forbidden_uses=["gambling", "securities"], **words)
    assert first == again and first.forbidden_uses == ("gambling", "securities")
    with pytest.raises(ledger.IdReused):
        ledger.open_mark(bank.session, forbidden_uses=["gambling"], **words)
    for bad in ({"origin": "two words"}, {"purpose": "A car"}):
        with pytest.raises(ledger.BadInstruction):
            ledger.open_mark(bank.session, forbidden_uses=[], **{**words, **bad})
    with pytest.raises(ledger.BadInstruction):
        ledger.open_mark(bank.session, forbidden_uses=["a,b"], **words)


def changes_of(bank, account_id):
    return bank.session.execute(
        text(
            "SELECT number, use, reason FROM ledger.account_changes WHERE account_id = :id"
            " ORDER BY number"
        ),
        {"id": to_uuid("acc", account_id)},
    ).all()


def test_the_use_of_an_account_changes_with_a_reason_and_never_under_marked_money(bank, lent):
    def change(account_id, use, reason="tests.changed"):
        return ledger.set_use(
            bank.session, bank_id=bank.bank_id, account_id=account_id, use=use, reason=reason,
            now=bank.now,
        )  # fmt: skip

    with pytest.raises(ledger.ForbiddenUse) as refused:
        change(lent.mine, "securities")
    assert refused.value.fields["mark_id"] == lent.mark_id
    friend = bank.open()
    assert change(friend, "securities").use == "securities"
    assert bank.post(bank.item(lent.mine, friend, 30)) == ["forbidden_use"]
    assert change(friend, None) == change(friend, None)
    assert bank.post(bank.item(lent.mine, friend, 30)) == ["posted"]
    history = changes_of(bank, friend)
    assert [tuple(row) for row in history] == [
        (1, "securities", "tests.changed"), (2, None, "tests.changed"),
    ]  # fmt: skip
    for account_id, use, reason, refusal in (
        (friend, "Shares!", "tests.changed", ledger.BadInstruction),
        (friend, "goods", "no code", ledger.BadInstruction),
        (bank.id("acc"), "goods", "tests.changed", ledger.AccountNotFound),
    ):
        with pytest.raises(refusal):
            change(account_id, use, reason)
    with pytest.raises(ledger.BadInstruction):
        bank.open(use="Two words")
    # What was stated when it was opened is where its history begins.
    terms = {"owner_id": "pty_1", "use": "securities", "account_id": bank.id("acc")}
    assert bank.open(**terms) == bank.open(**terms)
    change(terms["account_id"], "goods")
    assert [row.use for row in changes_of(bank, terms["account_id"])] == ["securities", "goods"]


def test_a_trace_tells_what_came_before_what_left(bank, lent, monkeypatch):
    one, two = bank.open(), bank.open()
    first, second, later = (
        bank.item(lent.mine, one, 30), bank.item(one, two, 30), bank.item(lent.mine, one, 60),
    )  # fmt: skip
    bank.post(first, second, later)
    found = lent.trace(two)
    assert [step.transfer_id for step in found.steps] == [
        lent.paid_out, first.transfer_id, second.transfer_id,
    ]  # fmt: skip
    assert [step.is_start for step in found.steps] == [True, False, False]
    assert (found.is_whole, found.amount.units, found.mark.origin) == (True, 20, "agr_1")
    monkeypatch.setattr(operations, "TRACE_MAX", 2)
    near = lent.trace(two)
    assert not near.is_whole
    assert [step.transfer_id for step in near.steps] == [first.transfer_id, second.transfer_id]
    assert lent.trace(bank.open()).steps == ()
    with pytest.raises(ledger.MarkNotFound):
        ledger.trace(bank.session, bank_id=bank.bank_id, account_id=one, mark_id=bank.id("mrk"))


def test_an_account_says_whether_it_holds_marked_money(bank, lent):
    def flags(*account_ids):
        rows = bank.session.execute(
            text("SELECT account_id, is_marked FROM ledger.accounts WHERE account_id = ANY (:ids)"),
            {"ids": [to_uuid("acc", each) for each in account_ids]},
        )
        found = {row.account_id: row.is_marked for row in rows}
        return [found[to_uuid("acc", each)] for each in account_ids]

    friend = bank.open()
    assert flags(lent.mine, friend, lent.loan) == [True, False, False]
    bank.post(bank.item(lent.mine, friend, 150))
    assert flags(lent.mine, friend) == [False, True]
    bank.post(bank.item(friend, lent.loan, 100), bank.item(friend, bank.cash(), 50))
    assert flags(lent.mine, friend) == [False, False]
    rows = bank.session.execute(
        text("SELECT count(*) FROM ledger.marked_units WHERE bank_id = :bank"),
        {"bank": to_uuid("bank", bank.bank_id)},
    )
    assert rows.scalar_one() == 0


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        ("UPDATE ledger.marked_units SET units = 9 WHERE account_id = :mine", "marked_wrong"),
        ("DELETE FROM ledger.marked_units WHERE account_id = :mine", "marked_wrong"),
        ("UPDATE ledger.accounts SET is_marked = false WHERE account_id = :mine",
         "marked_too_much"),
        ("UPDATE ledger.marked_units SET units = 999 WHERE account_id = :mine",
         "marked_too_much"),
        ("UPDATE ledger.accounts SET use = 'securities' WHERE account_id = :mine", "mark_misused"),
        ("UPDATE ledger.transfer_marks SET units = 999 WHERE credit_id = :mine", "carried_wrong"),
        ("UPDATE ledger.transfer_marks SET debit_id = :mine WHERE credit_id = :mine",
         "carried_wrong"),
    ],
)  # fmt: skip
def test_harm_to_marks_is_found(bank, lent, harm, code):
    with bank.session.begin_nested() as change:
        bank.session.execute(text("ALTER TABLE ledger.transfer_marks DISABLE TRIGGER append_only"))
        bank.session.execute(text(harm), {"mine": to_uuid("acc", lent.mine)})
        assert f"ledger.{code}" in {finding.code for finding in bank.findings()}
        change.rollback()


@pytest.mark.parametrize(
    "terms", [{"use": "Two words"}, {"use": 3}, {"is_traced": "yes"}, {"class": "asset"}]
)
def test_a_chart_with_a_use_or_trace_that_cannot_be_is_refused(terms):
    stated = {"class": "liability", "zh": "存款", "en": "Deposit", "is_limited": True,
              "use": "goods", "is_traced": True}  # fmt: skip
    kind = read_chart({"deposit": stated})["deposit"]
    assert (kind.use, kind.is_traced) == ("goods", True)
    with pytest.raises(ledger.BadChart):
        read_chart({"deposit": {**stated, **terms}})


@given(
    held=st.lists(st.integers(0, 50), min_size=1, max_size=5),
    own=st.integers(0, 60),
    data=st.data(),
)
def test_spreading_loses_nothing_and_takes_from_none_more_than_it_has(held, own, data):
    marked = {f"mrk_{place}": units for place, units in enumerate(held)}
    balance = sum(held) + own
    units = data.draw(st.integers(0, balance))
    moved = marking.carried(marked, balance, units)
    assert sum(moved.values()) == (sum(held) * units // balance if sum(held) else 0)
    for mark_id, part in moved.items():
        assert abs(part * balance - marked[mark_id] * units) < balance
        assert 0 <= part <= marked[mark_id]
    # What stays unmarked is never more than there is of it.
    assert units - sum(moved.values()) <= own
