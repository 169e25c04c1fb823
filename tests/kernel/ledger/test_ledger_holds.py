"""Holds: value set aside, captured, given back, expired."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from jiuding.base.amounts import Amount, currency
from jiuding.kernel import ledger

CNY = currency("CNY")


def words(bank):
    return {"bank_id": bank.bank_id, "now": bank.now}


def test_what_is_held_is_not_available_until_it_is_given_back(bank):
    mine, shop = bank.funded(100), bank.open()
    hold = ledger.place_hold(bank.session, hold=bank.hold(mine, shop, 70), **words(bank))
    assert (bank.balance(mine), bank.available(mine)) == (100, 30)
    assert bank.post(bank.item(mine, shop, 31)) == ["insufficient_funds"]
    assert bank.post(bank.hold(mine, shop, 31)) == ["insufficient_funds"]
    given_back = ledger.void_hold(bank.session, hold_id=hold.hold_id, **words(bank))
    assert (given_back.status, given_back.left.units) == (ledger.HoldStatus.VOIDED, 0)
    assert bank.available(mine) == 100
    assert bank.post(bank.item(mine, shop, 31)) == ["posted"]


def test_a_hold_is_captured_in_parts_until_nothing_is_left(bank):
    mine, shop = bank.funded(100), bank.open()
    hold = bank.hold(mine, shop, 70)
    assert bank.post(hold) == ["posted"]
    parts = [bank.capture(hold.hold_id, 20), bank.capture(hold.hold_id, 51)]
    assert bank.post(*parts) == ["posted", "hold_exceeded"]
    assert (bank.balance(mine), bank.available(mine), bank.balance(shop)) == (80, 30, 20)
    rest = ledger.capture_hold(bank.session, capture=bank.capture(hold.hold_id), **words(bank))
    assert (rest.amount.units, rest.hold_id) == (50, hold.hold_id)
    late = [bank.capture(hold.hold_id, 1), ledger.Void(hold.hold_id)]
    assert bank.post(*late) == ["hold_captured", "hold_captured"]
    assert (bank.balance(mine), bank.available(mine)) == (30, 30)


def test_a_final_capture_gives_the_rest_back(bank):
    mine, shop = bank.funded(100), bank.open()
    hold = bank.hold(mine, shop, 70)
    assert bank.post(hold, bank.capture(hold.hold_id, 20, is_final=True)) == ["posted"] * 2
    assert (bank.balance(mine), bank.available(mine)) == (80, 80)
    kept = ledger.read_hold(bank.session, bank_id=bank.bank_id, hold_id=hold.hold_id)
    assert (kept.status, kept.captured.units) == (ledger.HoldStatus.CAPTURED, 20)


def test_more_than_was_held_is_captured_with_a_linked_transfer(bank):
    mine, shop = bank.funded(100), bank.open()
    hold = bank.hold(mine, shop, 70)
    group = [bank.capture(hold.hold_id, is_linked=True), bank.item(mine, shop, 31)]
    assert bank.post(hold, *group) == ["posted", "linked_failed", "insufficient_funds"]
    assert bank.available(mine) == 30
    group = [bank.capture(hold.hold_id, is_linked=True), bank.item(mine, shop, 30)]
    assert bank.post(*group) == ["posted", "posted"]
    assert bank.balance(shop) == 100


def test_a_refused_hold_can_never_be_captured(bank):
    mine, shop = bank.funded(10), bank.open()
    hold = bank.hold(mine, shop, 70)
    assert bank.post(hold, bank.capture(hold.hold_id)) == ["insufficient_funds", "hold_not_found"]
    bank.fund(mine, 1000)
    assert bank.post(hold, bank.capture(hold.hold_id), ledger.Void(hold.hold_id)) == [
        "insufficient_funds",
        "hold_not_found",
        "hold_not_found",
    ]


def test_a_hold_in_a_refused_group_was_never_placed(bank):
    mine, shop = bank.funded(100), bank.open()
    hold = bank.hold(mine, shop, 70, is_linked=True)
    items = [hold, bank.item(mine, shop, 31), bank.capture(hold.hold_id)]
    assert bank.post(*items) == ["linked_failed", "insufficient_funds", "hold_not_found"]
    assert bank.available(mine) == 100


def test_the_same_hold_again_gets_the_first_outcome(bank):
    mine, shop = bank.funded(100), bank.open()
    hold = bank.hold(mine, shop, 70)
    capture = bank.capture(hold.hold_id)
    assert bank.post(hold, hold, capture, capture) == ["posted", "exists", "posted", "exists"]
    assert bank.post(hold, capture) == ["exists", "exists"]
    other = replace(hold, amount=Amount(71, CNY))
    assert bank.post(other, replace(capture, amount=Amount(3, CNY))) == ["id_reused"] * 2


def test_voiding_again_changes_nothing_and_a_voided_hold_is_not_captured(bank):
    mine, shop = bank.funded(100), bank.open()
    hold = bank.hold(mine, shop, 70)
    void = ledger.Void(hold.hold_id)
    items = [hold, void, void, bank.capture(hold.hold_id)]
    assert bank.post(*items) == ["posted", "posted", "exists", "hold_voided"]


def test_an_expired_hold_is_given_back_and_not_captured(bank, now):
    mine, shop = bank.funded(100), bank.open()
    soon, later = now + timedelta(minutes=5), now + timedelta(minutes=6)
    hold = bank.hold(mine, shop, 70, expires_at=soon)
    staying = bank.hold(mine, shop, 10)
    assert bank.post(hold, staying) == ["posted", "posted"]
    assert bank.post(ledger.Void(hold.hold_id, is_expiry=True)) == ["hold_not_expired"]
    assert bank.post(bank.capture(hold.hold_id), now=later) == ["hold_expired"]
    terms = {"bank_id": bank.bank_id, "limit_max": 10}
    assert ledger.expire_holds(bank.session, now=now, **terms) == 0
    assert ledger.expire_holds(bank.session, now=later, **terms) == 1
    assert ledger.expire_holds(bank.session, now=later, **terms) == 0
    assert bank.available(mine) == 90
    assert bank.post(bank.capture(hold.hold_id)) == ["hold_expired"]
    open_now = ledger.open_holds(bank.session, bank_id=bank.bank_id, account_id=mine)
    assert [each.hold_id for each in open_now] == [staying.hold_id]


def test_holds_count_towards_the_receivers_maximum(bank):
    limits = ledger.Limits(overdraft_max=Amount(0, CNY), balance_max=Amount(100, CNY))
    mine, full = bank.funded(500), bank.open(limits=limits)
    items = [bank.hold(mine, full, 60), bank.item(mine, full, 41), bank.item(mine, full, 40)]
    assert bank.post(*items) == ["posted", "balance_max", "posted"]


def test_a_hold_counts_as_outflow_on_its_day_until_it_is_given_back(bank):
    limits = ledger.Limits(overdraft_max=Amount(0, CNY), outflow_per_day_max=Amount(100, CNY))
    mine, shop = bank.funded(500, limits=limits), bank.open()
    hold = bank.hold(mine, shop, 70, effective_on=date(2026, 11, 20))
    item = bank.item(mine, shop, 31, effective_on=date(2026, 11, 20))
    assert bank.post(hold, item, ledger.Void(hold.hold_id)) == [
        "posted",
        "outflow_per_day_max",
        "posted",
    ]
    assert bank.post(replace(item, transfer_id=bank.id(), amount=Amount(100, CNY))) == ["posted"]


def test_an_unknown_hold_is_refused(bank):
    nothing = bank.id("hld")
    items = [bank.capture(nothing), bank.capture(nothing, 5), ledger.Void(nothing)]
    assert bank.post(*items) == ["hold_not_found"] * 3
    with pytest.raises(ledger.HoldNotFound):
        ledger.void_hold(bank.session, hold_id=nothing, **words(bank))
