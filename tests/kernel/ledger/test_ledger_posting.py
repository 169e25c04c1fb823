"""Transfers: what is posted, what is refused, and what the same id means again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from jiuding.base.amounts import Amount, Asset, currency
from jiuding.base.ids import BadId, new_id
from jiuding.kernel import ledger

CNY, USD = currency("CNY"), currency("USD")


def test_a_transfer_moves_value_from_one_account_to_another(bank):
    mine, yours = bank.funded(1000), bank.open()
    assert bank.post(bank.item(mine, yours, 300)) == ["posted"]
    assert (bank.balance(mine), bank.balance(yours), bank.balance(bank.cash())) == (700, 300, 1000)


def test_each_item_sees_the_effects_of_the_one_before(bank):
    a, b, c = bank.funded(100), bank.open(), bank.open()
    items = [bank.item(a, b, 100), bank.item(b, c, 100), bank.item(a, b, 1), bank.item(c, a, 40)]
    assert bank.post(*items) == ["posted", "posted", "insufficient_funds", "posted"]
    assert [bank.balance(account) for account in (a, b, c)] == [40, 0, 60]


def test_the_same_again_gets_the_first_outcome(bank):
    mine, yours = bank.funded(100), bank.open()
    good, bad = bank.item(mine, yours, 60), bank.item(mine, yours, 60)
    assert bank.post(good, bad) == ["posted", "insufficient_funds"]
    bank.fund(mine, 1000)
    assert bank.post(good, bad) == ["exists", "insufficient_funds"]
    assert bank.balance(yours) == 60


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Amount(61, CNY)},
        {"code": "tests.other"},
        {"about": "ln_1"},
        {"effective_on": date(2026, 1, 1)},
    ],
)
def test_the_same_id_with_other_content_is_refused(bank, change):
    mine, yours = bank.funded(100), bank.open()
    good, bad = bank.item(mine, yours, 60), bank.item(mine, yours, 70)
    assert bank.post(good, bad) == ["posted", "insufficient_funds"]
    assert bank.post(replace(good, **change), replace(bad, **change)) == ["id_reused"] * 2
    assert bank.post(good, bad) == ["exists", "insufficient_funds"]


def test_the_same_id_twice_in_one_batch_happens_once(bank):
    mine, yours = bank.funded(100), bank.open()
    item = bank.item(mine, yours, 10)
    other = replace(item, amount=Amount(11, CNY))
    assert bank.post(item, item, other, item) == ["posted", "exists", "id_reused", "exists"]
    assert bank.balance(yours) == 10


def test_every_refusal_of_a_transfer_has_its_code(bank):
    mine, yours, dollars = bank.funded(100), bank.open(), bank.open(asset=USD)
    nowhere = bank.id("acc")
    refused = {
        "amount_not_positive": bank.item(mine, yours, 0),
        "same_account": bank.item(mine, mine, 5),
        "account_not_found": bank.item(mine, nowhere, 5),
        "asset_mismatch": bank.item(mine, dollars, 5),
        "insufficient_funds": bank.item(mine, yours, 101),
    }
    assert bank.post(*refused.values()) == list(refused)
    assert bank.post(bank.item(mine, yours, -5)) == ["amount_not_positive"]
    assert bank.post(bank.item(nowhere, mine, 5)) == ["account_not_found"]
    assert bank.post(bank.item(mine, yours, 5, asset=USD)) == ["asset_mismatch"]
    assert bank.post(bank.item(mine, yours, 5, asset=Asset("CNY", 4))) == ["asset_mismatch"]
    assert bank.balance(mine) == 100


def test_a_sum_past_64_bits_is_refused(bank):
    mine, most = bank.open(), 2**63 - 1
    bank.fund(mine, most)
    assert bank.post(bank.item(bank.cash(), mine, 1)) == ["overflow"]
    assert bank.balance(mine) == most


def test_a_credit_limit_lets_the_balance_fall_so_far(bank):
    limits = ledger.Limits(overdraft_max=Amount(50, CNY))
    mine, yours = bank.open(limits=limits), bank.open()
    assert bank.available(mine) == 50
    items = [bank.item(mine, yours, 51), bank.item(mine, yours, 50)]
    assert bank.post(*items) == ["credit_limit", "posted"]
    assert (bank.balance(mine), bank.available(mine)) == (-50, 0)


def test_a_balance_cannot_grow_past_its_limit(bank):
    limits = ledger.Limits(overdraft_max=Amount(0, CNY), balance_max=Amount(100, CNY))
    mine = bank.open(limits=limits)
    cash = bank.cash()
    items = [bank.item(cash, mine, 101), bank.item(cash, mine, 100), bank.item(cash, mine, 1)]
    assert bank.post(*items) == ["balance_max", "posted", "balance_max"]


def test_a_receivable_cannot_be_repaid_beyond_zero_nor_grow_past_its_limit(bank):
    limits = ledger.Limits(overdraft_max=Amount(0, CNY), balance_max=Amount(80, CNY))
    loan = bank.open("loan_receivable", limits=limits)
    mine = bank.funded(100)
    items = [
        bank.item(loan, mine, 81),
        bank.item(loan, mine, 80),
        bank.item(mine, loan, 81),
        bank.item(mine, loan, 80),
    ]
    assert bank.post(*items) == ["balance_max", "posted", "insufficient_funds", "posted"]
    assert bank.balance(loan) == 0


def test_outflow_by_day_and_year_is_limited(bank):
    limits = ledger.Limits(
        overdraft_max=Amount(0, CNY),
        outflow_per_day_max=Amount(100, CNY),
        outflow_per_year_max=Amount(250, CNY),
    )
    mine, yours = bank.funded(10_000, limits=limits), bank.open()
    days = [date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)]
    items = [bank.item(mine, yours, 80, effective_on=day) for day in days]
    assert bank.post(*items) == ["posted", "outflow_per_day_max", "posted", "posted"]
    later = [
        bank.item(mine, yours, 20, effective_on=date(2026, 1, 1)),
        bank.item(mine, yours, 11, effective_on=date(2026, 6, 1)),
        bank.item(mine, yours, 100, effective_on=date(2025, 12, 31)),
        bank.item(bank.cash(), mine, 500),
    ]
    expected = ["outflow_per_year_max", "outflow_per_year_max", "posted", "posted"]
    assert bank.post(*later) == expected
    more = bank.item(mine, yours, 10, effective_on=date(2026, 1, 1))
    assert bank.post(more) == ["posted"]


def test_outflow_is_remembered_beside_accounts_without_limits(bank):
    free = bank.funded(1000)
    limits = ledger.Limits(overdraft_max=Amount(0, CNY), outflow_per_day_max=Amount(60, CNY))
    mine = bank.funded(1000, limits=limits)
    assert bank.post(bank.item(free, mine, 5), bank.item(mine, free, 55)) == ["posted"] * 2
    both = [bank.item(free, mine, 5), bank.item(mine, free, 6), bank.item(mine, free, 5)]
    assert bank.post(*both) == ["posted", "outflow_per_day_max", "posted"]


def test_a_group_is_posted_whole_or_not_at_all(bank):
    a, b, c = bank.funded(100), bank.open(), bank.open()
    good = [bank.item(a, b, 60, is_linked=True), bank.item(b, c, 60)]
    bad = [
        bank.item(a, b, 30, is_linked=True),
        bank.item(a, c, 30, is_linked=True),
        bank.item(b, c, 1),
    ]
    assert bank.post(*good, *bad) == ["posted", "posted", "linked_failed", "insufficient_funds",
                                      "linked_failed"]  # fmt: skip
    assert [bank.balance(account) for account in (a, b, c)] == [40, 0, 60]
    assert bank.post(*good) == ["exists", "exists"]
    bank.fund(a, 1000)
    assert bank.post(*bad) == ["linked_failed", "insufficient_funds", "linked_failed"]


def test_items_after_a_refused_group_do_not_see_it(bank):
    a, b, c = bank.funded(100), bank.open(), bank.open()
    items = [
        bank.item(a, b, 100, is_linked=True),
        bank.item(a, c, 1),
        bank.item(a, c, 100),
        bank.item(b, c, 1),
    ]
    expected = ["linked_failed", "insufficient_funds", "posted", "insufficient_funds"]
    assert bank.post(*items) == expected


def test_a_group_that_a_batch_leaves_open_is_refused(bank):
    a, b = bank.funded(100), bank.open()
    items = [bank.item(a, b, 10, is_linked=True), bank.item(a, b, 20, is_linked=True)]
    assert bank.post(*items) == ["linked_failed", "group_open"]
    assert bank.post(bank.item(a, b, 30, is_linked=True)) == ["group_open"]
    assert bank.balance(b) == 0


def test_what_was_posted_before_cannot_become_part_of_a_group(bank):
    a, b = bank.funded(100), bank.open()
    alone = bank.item(a, b, 10)
    assert bank.post(alone) == ["posted"]
    group = [replace(alone, is_linked=True), bank.item(a, b, 20)]
    assert bank.post(*group) == ["id_reused", "linked_failed"]
    assert bank.balance(b) == 10


def test_a_single_transfer_raises_its_refusal_with_what_is_missing(bank):
    mine, yours = bank.funded(350), bank.open()
    terms = {"bank_id": bank.bank_id, "now": bank.now}
    with pytest.raises(ledger.InsufficientFunds, match=r"needs 12\.00, has 3\.50 CNY") as refusal:
        ledger.transfer(bank.session, transfer=bank.item(mine, yours, 1200), **terms)
    assert refusal.value.fields["account_id"] == mine
    outcome = ledger.transfer(bank.session, transfer=bank.item(mine, yours, 350), **terms)
    assert outcome.result is ledger.Result.POSTED


def test_post_all_raises_what_stopped_the_group(bank):
    a, b = bank.funded(100), bank.open()
    items = [bank.item(a, b, 10), bank.item(a, bank.id("acc"), 20), bank.item(a, b, 10)]
    with pytest.raises(ledger.AccountNotFound):
        ledger.post_all(bank.session, bank_id=bank.bank_id, transfers=items, now=bank.now)
    assert bank.balance(b) == 0


def test_a_batch_has_a_size_and_its_items_a_shape(bank):
    a, b = bank.funded(100), bank.open()
    assert bank.post() == []
    with pytest.raises(ledger.BatchTooLarge):
        bank.post(*[bank.item(a, b, 1)] * (ledger.BATCH_MAX + 1))
    for bad in ({"code": "Not a code"}, {"about": "李雷"}):
        with pytest.raises(ledger.BadInstruction):
            bank.post(bank.item(a, b, 1, **bad))
    with pytest.raises(BadId):
        bank.post(bank.item(a, "acc_short", 1))


def test_banks_do_not_see_each_others_accounts(bank, now):
    mine, yours = bank.funded(100), bank.open()
    other = new_id("bank", now)
    (outcome,) = ledger.post(
        bank.session, bank_id=other, transfers=[bank.item(mine, yours, 1)], now=now
    )
    assert outcome.code == "ledger.account_not_found"
    with pytest.raises(ledger.AccountNotFound):
        ledger.balance(bank.session, bank_id=other, account_id=mine)


def test_a_reversal_names_the_first_and_happens_once(bank):
    mine, yours = bank.funded(100), bank.open()
    item = bank.item(mine, yours, 60)
    bank.post(item)
    terms = {
        "bank_id": bank.bank_id,
        "transfer_id": item.transfer_id,
        "reason": "tests.wrong_payee",
        "effective_on": date(2026, 11, 24),
        "now": bank.now,
    }
    reversal_id = bank.id()
    first = ledger.reverse(bank.session, reversal_id=reversal_id, **terms)
    again = ledger.reverse(bank.session, reversal_id=reversal_id, **terms)
    assert first == again
    assert first.reverses_id == item.transfer_id
    assert (bank.balance(mine), bank.balance(yours)) == (100, 0)
    with pytest.raises(ledger.AlreadyReversed):
        ledger.reverse(bank.session, reversal_id=bank.id(), **terms)
    with pytest.raises(ledger.TransferNotFound):
        ledger.reverse(bank.session, reversal_id=bank.id(), **{**terms, "transfer_id": bank.id()})


def test_a_reversal_must_be_the_transfer_turned_round(bank):
    mine, yours = bank.funded(100), bank.open()
    item = bank.item(mine, yours, 60)
    bank.post(item)
    first = item.transfer_id
    wrong = [
        bank.item(yours, mine, 59, reverses_id=first),
        bank.item(mine, yours, 10, reverses_id=first),
        bank.item(yours, mine, 5, reverses_id=bank.id()),
    ]
    assert bank.post(*wrong) == ["reversal_mismatch", "reversal_mismatch", "transfer_not_found"]
    right = [bank.item(yours, mine, 60, reverses_id=first) for _ in range(2)]
    bank.fund(yours, 60)
    assert bank.post(*right) == ["posted", "already_reversed"]


def test_a_transfer_is_reversed_in_the_same_batch_only_when_it_was_posted(bank):
    mine, yours = bank.funded(100), bank.funded(500)
    pairs = []
    for units in (60, 90):
        item = bank.item(mine, yours, units)
        pairs += [item, bank.item(yours, mine, units, reverses_id=item.transfer_id)]
    assert bank.post(*pairs[:2]) == ["posted", "posted"]
    bank.post(bank.item(mine, yours, 20))
    assert bank.post(*pairs[2:]) == ["insufficient_funds", "transfer_not_found"]


def test_a_refused_group_gives_back_its_outflow(bank):
    limits = ledger.Limits(
        overdraft_max=Amount(0, CNY),
        outflow_per_day_max=Amount(60, CNY),
        outflow_per_year_max=Amount(60, CNY),
    )
    mine, yours = bank.funded(1000, limits=limits), bank.open()
    group = [bank.item(mine, yours, 60, is_linked=True), bank.item(yours, yours, 1)]
    full = bank.item(mine, yours, 60)
    assert bank.post(*group, full) == ["linked_failed", "same_account", "posted"]


def test_a_reversal_in_a_refused_group_leaves_the_transfer_to_be_reversed(bank):
    mine, yours = bank.funded(100), bank.open()
    item = bank.item(mine, yours, 60)
    back = [bank.item(yours, mine, 60, reverses_id=item.transfer_id) for _ in range(2)]
    group = [replace(back[0], is_linked=True), bank.item(yours, mine, 1)]
    expected = ["posted", "linked_failed", "insufficient_funds", "posted"]
    assert bank.post(item, *group, back[1]) == expected


def test_assets_are_exchanged_through_the_banks_position(bank):
    mine, dollars = bank.funded(720), bank.open(asset=USD)
    positions = {
        asset: bank.open("asset_position", asset=asset, owner_id=None) for asset in (CNY, USD)
    }
    sold = bank.item(mine, positions[CNY], 720)
    bought = bank.item(positions[USD], dollars, 100, asset=USD)
    terms = {"bank_id": bank.bank_id, "now": bank.now}
    ledger.convert(bank.session, sold=sold, bought=bought, **terms)
    assert (bank.balance(mine), bank.balance(dollars)) == (0, 100)
    too_much = [replace(sold, transfer_id=bank.id()), replace(bought, transfer_id=bank.id())]
    with pytest.raises(ledger.InsufficientFunds):
        ledger.convert(bank.session, sold=too_much[0], bought=too_much[1], **terms)
    assert bank.balance(dollars) == 100


def test_a_late_recording_keeps_both_histories(bank, now):
    mine, cash = bank.open(), bank.cash()
    first, second = date(2026, 11, 1), date(2026, 11, 10)
    tomorrow = now + timedelta(days=1)
    bank.post(bank.item(cash, mine, 100, effective_on=second))
    bank.post(bank.item(cash, mine, 30, effective_on=first), now=tomorrow)
    assert bank.balance(mine) == 130
    assert bank.balance(mine, as_of=first) == 30
    assert bank.balance(mine, as_of=first, known_at=now) == 0
    assert bank.balance(mine, known_at=now) == 100
    assert bank.balance(mine, as_of=second) == 130
    assert bank.balance(mine, as_of=date(2026, 10, 31)) == 0
