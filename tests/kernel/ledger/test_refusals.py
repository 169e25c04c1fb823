"""Every refusal of the posting function, each beside its nearest success."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from jiuding.base.amounts import Amount, currency
from jiuding.base.problems import registered_problems
from jiuding.kernel import ledger

CNY, USD = currency("CNY"), currency("USD")
MOST = 2**63 - 1
Pair = tuple[ledger.Instruction, ledger.Instruction]


def limited(bank, **units: int) -> str:
    """Open an account with limits and 100 on it."""
    amounts = {name: Amount(value, CNY) for name, value in units.items()}
    return bank.funded(100, limits=ledger.Limits(**amounts))


def over_the_top(bank) -> Pair:
    full, least = bank.open(), bank.open()
    bank.fund(full, MOST)
    other = bank.open("asset_position", owner_id=None, purpose="tests")
    return bank.item(other, full, 1), bank.item(other, least, 1)


def stopped(bank, change: Callable, **terms) -> Pair:
    mine, shut, open_one = bank.funded(100), bank.open(), bank.open()
    change(
        bank.session, bank_id=bank.bank_id, account_id=shut, reason="tests.shut", now=bank.now,
        **terms,
    )  # fmt: skip
    return bank.item(mine, shut, 5), bank.item(mine, open_one, 5)


def between(bank, refused: dict, good: dict) -> Pair:
    mine, yours = bank.funded(100), bank.open()

    def item(terms: dict) -> ledger.NewTransfer:
        places = {"mine": mine, "yours": yours, "dollars": None, "nowhere": bank.id("acc")}
        if terms.get("to") == "dollars":
            places["dollars"] = bank.open(asset=USD)
        return bank.item(mine, places[terms.get("to", "yours")], terms.get("units", 5))

    return item(refused), item(good)


def held(bank, ending: Callable, good: Callable) -> Pair:
    """Return what is refused on a hold that has ended, and what is taken on one that has not."""
    mine, yours = bank.funded(100), bank.open()
    gone, there = bank.hold(mine, yours, 10), bank.hold(mine, yours, 10)
    assert bank.post(gone, there) == ["posted", "posted"]
    return ending(bank, gone), good(bank, there)


def ended(bank, hold: ledger.NewHold, *how: ledger.Instruction, now=None) -> ledger.Capture:
    assert set(bank.post(*how, now=now)) == {"posted"}
    return bank.capture(hold.hold_id)


def capture_of(bank, hold: ledger.NewHold) -> ledger.Capture:
    return bank.capture(hold.hold_id, 3)


def run_out(bank) -> Pair:
    mine, yours = bank.funded(100), bank.open()
    soon = bank.hold(mine, yours, 10, expires_at=bank.now)
    later = bank.hold(mine, yours, 10, expires_at=bank.now + timedelta(seconds=1))
    assert bank.post(soon, later, now=bank.now - timedelta(1)) == ["posted", "posted"]
    return bank.capture(soon.hold_id), bank.capture(later.hold_id)


def too_early(bank) -> Pair:
    mine, yours = bank.funded(100), bank.open()
    later = bank.hold(mine, yours, 10, expires_at=bank.now + timedelta(seconds=1))
    soon = bank.hold(mine, yours, 10, expires_at=bank.now)
    assert bank.post(soon, later, now=bank.now - timedelta(1)) == ["posted", "posted"]
    return ledger.Void(later.hold_id, is_expiry=True), ledger.Void(soon.hold_id, is_expiry=True)


def reversal(bank, first: ledger.NewTransfer, **changes) -> ledger.NewTransfer:
    back = bank.item(first.credit_id, first.debit_id, first.amount.units)
    return replace(back, reverses_id=first.transfer_id, **changes)


def reversed_once(bank) -> Pair:
    mine, yours = bank.funded(100), bank.open()
    first, second = bank.item(mine, yours, 5), bank.item(mine, yours, 6)
    assert bank.post(first, second, reversal(bank, first)) == ["posted"] * 3
    return reversal(bank, first), reversal(bank, second)


def turned_round(bank) -> Pair:
    mine, yours = bank.funded(100), bank.open()
    first = bank.item(mine, yours, 5)
    assert bank.post(first) == ["posted"]
    return reversal(bank, first, amount=Amount(4, CNY)), reversal(bank, first)


def never_posted(bank) -> Pair:
    mine, yours = bank.funded(100), bank.open()
    refused, first = bank.item(mine, yours, 500), bank.item(mine, yours, 5)
    assert bank.post(refused, first) == ["insufficient_funds", "posted"]
    return reversal(bank, refused), reversal(bank, first)


def lent(bank) -> tuple[str, str]:
    """Return an account that holds money lent not to be gambled with, and the mark it carries."""
    mark_id = ledger.open_mark(
        bank.session, bank_id=bank.bank_id, origin="agr_1", purpose="car",
        forbidden_uses=("gambling",), now=bank.now,
    ).mark_id  # fmt: skip
    mine = bank.open()
    paid_out = bank.item(bank.open("loan_receivable"), mine, 100, mark_id=mark_id)
    assert bank.post(paid_out) == ["posted"]
    return mine, mark_id


def used_otherwise(bank) -> Pair:
    mine, _ = lent(bank)
    return bank.item(mine, bank.open(use="gambling"), 5), bank.item(mine, bank.open(), 5)


def marked_by_nothing(bank) -> Pair:
    mine, mark_id = lent(bank)
    loan = bank.open("loan_receivable")
    unknown = bank.item(loan, mine, 5, mark_id=bank.id("mrk"))
    return unknown, bank.item(loan, mine, 5, mark_id=mark_id)


def used_before(bank) -> Pair:
    mine, yours = bank.funded(100), bank.open()
    first = bank.item(mine, yours, 5)
    assert bank.post(first) == ["posted"]
    return replace(first, about="ln_1"), bank.item(mine, yours, 5, about="ln_1")


def over(bank, **units: int) -> Pair:
    mine, yours = limited(bank, **units), bank.open()
    return bank.item(mine, yours, 61), bank.item(mine, yours, 60)


CASES: dict[ledger.Refusal, Callable[..., Pair]] = {
    ledger.Refusal.AMOUNT_NOT_POSITIVE: lambda bank: between(bank, {"units": 0}, {"units": 1}),
    ledger.Refusal.SAME_ACCOUNT: lambda bank: between(bank, {"to": "mine"}, {"to": "yours"}),
    ledger.Refusal.ACCOUNT_NOT_FOUND: lambda bank: between(bank, {"to": "nowhere"}, {}),
    ledger.Refusal.ASSET_MISMATCH: lambda bank: between(bank, {"to": "dollars"}, {}),
    ledger.Refusal.ACCOUNT_CLOSED: lambda bank: stopped(bank, ledger.close_account),
    ledger.Refusal.ACCOUNT_FROZEN: lambda bank: stopped(bank, ledger.freeze_account),
    ledger.Refusal.OVERFLOW: over_the_top,
    ledger.Refusal.INSUFFICIENT_FUNDS: lambda bank: between(bank, {"units": 101}, {"units": 100}),
    ledger.Refusal.CREDIT_LIMIT: lambda bank: (
        bank.item(account := limited(bank, overdraft_max=50), bank.cash(), 151),
        bank.item(account, bank.cash(), 150),
    ),
    ledger.Refusal.BALANCE_MAX: lambda bank: (
        bank.item(bank.cash(), account := limited(bank, overdraft_max=0, balance_max=150), 51),
        bank.item(bank.cash(), account, 50),
    ),
    ledger.Refusal.OUTFLOW_PER_DAY_MAX: lambda bank: over(bank, outflow_per_day_max=60),
    ledger.Refusal.OUTFLOW_PER_YEAR_MAX: lambda bank: over(bank, outflow_per_year_max=60),
    ledger.Refusal.FORBIDDEN_USE: used_otherwise,
    ledger.Refusal.MARK_NOT_FOUND: marked_by_nothing,
    ledger.Refusal.ID_REUSED: used_before,
    ledger.Refusal.HOLD_NOT_FOUND: lambda bank: held(
        bank, lambda bank, _: bank.capture(bank.id("hld")), capture_of
    ),
    ledger.Refusal.HOLD_CAPTURED: lambda bank: held(
        bank, lambda bank, hold: ended(bank, hold, bank.capture(hold.hold_id)), capture_of
    ),
    ledger.Refusal.HOLD_VOIDED: lambda bank: held(
        bank, lambda bank, hold: ended(bank, hold, ledger.Void(hold.hold_id)), capture_of
    ),
    ledger.Refusal.HOLD_EXPIRED: run_out,
    ledger.Refusal.HOLD_EXCEEDED: lambda bank: held(
        bank,
        lambda bank, hold: bank.capture(hold.hold_id, 11),
        lambda bank, hold: bank.capture(hold.hold_id, 10),
    ),
    ledger.Refusal.HOLD_NOT_EXPIRED: too_early,
    ledger.Refusal.TRANSFER_NOT_FOUND: never_posted,
    ledger.Refusal.ALREADY_REVERSED: reversed_once,
    ledger.Refusal.REVERSAL_MISMATCH: turned_round,
}
# These two are of groups, and are below.
OF_GROUPS = {ledger.Refusal.LINKED_FAILED, ledger.Refusal.GROUP_OPEN}


def test_no_refusal_is_left_out():
    assert set(CASES) | OF_GROUPS == set(ledger.Refusal)


@pytest.mark.parametrize("refusal", list(CASES), ids=lambda each: each.name.lower())
def test_it_is_refused_and_what_is_next_to_it_is_posted(bank, refusal):
    bad, good = CASES[refusal](bank)
    before = bank.findings()
    assert bank.post(bad) == [refusal.name.lower()]
    assert bank.post(good) == ["posted"]
    # The first outcome is the outcome for ever, save for what time alone changes.
    if not isinstance(bad, ledger.Void):
        assert bank.post(bad) == [refusal.name.lower()]
    assert before == ()


@pytest.mark.parametrize("refusal", list(CASES), ids=lambda each: each.name.lower())
def test_alone_it_is_raised_as_its_problem(bank, refusal):
    bad, _ = CASES[refusal](bank)
    with pytest.raises(registered_problems()[refusal.code]) as raised:
        ledger.post_all(bank.session, bank_id=bank.bank_id, transfers=[bad], now=bank.now)
    assert raised.value.code == refusal.code


def test_a_group_is_refused_as_a_whole_and_left_open_it_is_refused_too(bank):
    mine, yours = bank.funded(100), bank.open()
    bad, good = bank.item(mine, yours, 101), bank.item(mine, yours, 1, is_linked=True)
    assert bank.post(good, bad) == ["linked_failed", "insufficient_funds"]
    fine = bank.item(mine, yours, 1, is_linked=True), bank.item(mine, yours, 2)
    assert bank.post(*fine) == ["posted", "posted"]
    left = bank.item(mine, yours, 1), bank.item(mine, yours, 1, is_linked=True)
    assert bank.post(*left) == ["posted", "group_open"]
    assert bank.balance(yours) == 4


def test_a_refused_transfer_leaves_no_trace_on_any_day(bank):
    mine, yours = bank.funded(100), bank.open()
    assert bank.post(bank.item(mine, yours, 101)) == ["insufficient_funds"]
    assert bank.balance(mine) == bank.available(mine) == 100
    assert bank.balance(mine, as_of=date(2100, 1, 1)) == 100
