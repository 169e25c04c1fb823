"""Accounts: opening, limits, freezing, closing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jiuding.base.amounts import Amount, Asset, currency
from jiuding.kernel import ledger

CNY = currency("CNY")


def terms(bank, **more):
    return {"bank_id": bank.bank_id, "now": bank.now, "kind": "customer_deposit", "asset": CNY,
            **more}  # fmt: skip


def test_opening_the_same_account_again_returns_the_first(bank):
    wanted = terms(bank, owner_id="pty_1", account_id=bank.id("acc"), purpose="salary")
    first = ledger.open_account(bank.session, **wanted)
    assert ledger.open_account(bank.session, **wanted) == first
    assert first.limits.overdraft_max == Amount(0, CNY)
    for other in ({"owner_id": "pty_2"}, {"kind": "equity"}, {"limits": ledger.Limits()}):
        with pytest.raises(ledger.IdReused):
            ledger.open_account(bank.session, **{**wanted, **other})


def test_the_bank_has_one_account_of_its_own_for_each_kind_asset_and_purpose(bank):
    def own(**more):
        wanted = {"kind": "fee_income", "asset": CNY, "purpose": "", **more}
        return ledger.bank_account(bank.session, bank_id=bank.bank_id, now=bank.now, **wanted)

    assert own() == own()
    assert own(purpose="cards") != own() != own(asset=currency("USD"))


def test_an_owner_finds_their_accounts(bank):
    first, second = bank.open(owner_id="pty_7"), bank.open(owner_id="pty_7")
    bank.open(owner_id="pty_8")
    mine = ledger.accounts_of(bank.session, bank_id=bank.bank_id, owner_id="pty_7")
    assert [account.account_id for account in mine] == [first, second]


def test_what_cannot_be_opened_is_refused(bank):
    ledger.open_account(bank.session, **terms(bank, owner_id="pty_1"))
    negative = ledger.Limits(overdraft_max=Amount(-1, CNY))
    dollars = ledger.Limits(balance_max=Amount(1, currency("USD")))
    by_day = ledger.Limits(outflow_per_day_max=Amount(1, CNY))
    refused = [
        ({"kind": "no_such_kind"}, ledger.KindUnknown),
        ({"asset": Asset("CNY", 4)}, ledger.AssetScaleFixed),
        ({"limits": negative}, ledger.BadLimits),
        ({"limits": dollars}, ledger.BadLimits),
        ({"kind": "loan_receivable", "limits": by_day}, ledger.BadLimits),
        ({"owner_id": "Li Lei"}, ledger.BadInstruction),
    ]
    for change, refusal in refused:
        with pytest.raises(refusal):
            ledger.open_account(bank.session, **terms(bank, **{"owner_id": "pty_1", **change}))


def test_a_frozen_account_neither_pays_nor_receives(bank):
    mine, yours = bank.funded(100), bank.open()
    change = {"bank_id": bank.bank_id, "account_id": mine, "now": bank.now}
    ledger.freeze_account(bank.session, reason="tests.court_order", **change)
    both = [bank.item(mine, yours, 1), bank.item(bank.cash(), mine, 1)]
    assert bank.post(*both) == ["account_frozen"] * 2
    ledger.reopen_account(bank.session, reason="tests.court_order_lifted", **change)
    assert bank.post(*(replace(item, transfer_id=bank.id()) for item in both)) == ["posted"] * 2


def test_an_account_whose_outflow_is_frozen_still_receives(bank):
    mine, yours, loan = bank.funded(100), bank.open(), bank.open("loan_receivable")
    bank.post(bank.item(loan, mine, 10))
    for account_id in (mine, loan):
        ledger.freeze_account(
            bank.session, bank_id=bank.bank_id, account_id=account_id, now=bank.now,
            reason="tests.suspected_fraud", is_outflow_only=True,
        )  # fmt: skip
    items = [
        bank.item(mine, yours, 1),
        bank.item(bank.cash(), mine, 1),
        bank.item(yours, loan, 1),
        bank.item(loan, yours, 1),
    ]
    assert bank.post(*items) == ["account_frozen", "posted", "account_frozen", "posted"]


def test_only_an_empty_account_is_closed_and_then_takes_nothing(bank):
    mine, yours = bank.funded(100), bank.open()
    change = {"bank_id": bank.bank_id, "account_id": mine, "now": bank.now}
    reason = "tests.customer_left"
    with pytest.raises(ledger.AccountNotEmpty):
        ledger.close_account(bank.session, reason=reason, **change)
    hold = bank.hold(mine, yours, 100)
    assert bank.post(hold, bank.capture(hold.hold_id)) == ["posted", "posted"]
    for _ in range(2):
        ledger.close_account(bank.session, reason=reason, **change)
    assert bank.post(bank.item(yours, mine, 1)) == ["account_closed"]
    with pytest.raises(ledger.AccountClosed):
        ledger.freeze_account(bank.session, reason=reason, **change)
    ledger.reopen_account(bank.session, reason=reason, **change)
    assert bank.post(bank.item(yours, mine, 1)) == ["posted"]


def test_limits_can_change_but_not_below_what_is(bank):
    mine, yours = bank.funded(100), bank.open()
    change = {"bank_id": bank.bank_id, "account_id": mine}

    def limit(**units):
        return ledger.Limits(**{name: Amount(value, CNY) for name, value in units.items()})

    ledger.set_limits(bank.session, limits=limit(overdraft_max=50, balance_max=100), **change)
    assert bank.available(mine) == 150
    assert bank.post(bank.item(mine, yours, 120)) == ["posted"]
    for wrong in (limit(overdraft_max=19), limit(overdraft_max=50, balance_max=-1)):
        with pytest.raises(ledger.BadLimits):
            ledger.set_limits(bank.session, limits=wrong, **change)
    ledger.set_limits(bank.session, limits=limit(overdraft_max=20), **change)
    with pytest.raises(ledger.AccountNotFound):
        ledger.set_limits(
            bank.session, bank_id=bank.bank_id, account_id=bank.id("acc"), limits=limit()
        )
