"""Look-ups and postings touch the rows that they are about, however many others there are.

Counted are rows that the database fetched, never time; nothing was analysed, so the plans are those
of a new bank.
"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from jiuding.kernel import ledger

OTHERS = 300


@pytest.fixture
def crowd(bank):
    """Return deposits of one owner each, in id order."""
    return [bank.open() for _ in range(OTHERS)]


def touched(bank, act) -> int:
    """Return how many rows of accounts were fetched while `act` ran."""
    query = text(
        """SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables
           WHERE relid = 'ledger.accounts'::regclass"""
    )
    before = bank.session.execute(query).scalar_one()
    act()
    return bank.session.execute(query).scalar_one() - before


@pytest.mark.parametrize(
    "act",
    [
        lambda bank, mine: ledger.read_account(bank.session, bank_id=bank.bank_id, account_id=mine),
        lambda bank, mine: ledger.statement(
            bank.session, bank_id=bank.bank_id, account_id=mine, limit_max=20
        ),
        lambda bank, mine: ledger.accounts_of(
            bank.session, bank_id=bank.bank_id, owner_id="pty_mine"
        ),
        lambda bank, mine: bank.cash(),
    ],
    ids=["read_account", "statement", "accounts_of", "bank_account"],
)
def test_a_look_up_fetches_what_it_returns(bank, crowd, act):
    mine = bank.open(owner_id="pty_mine")
    bank.cash()
    assert touched(bank, lambda: act(bank, mine)) <= 3


@pytest.mark.parametrize("size", [1, 2, OTHERS])
def test_a_batch_fetches_each_of_its_accounts_a_few_times(bank, crowd, size):
    cash = bank.cash()
    items = [bank.item(cash, account, 1) for account in crowd[:size]]
    assert touched(bank, lambda: bank.post(*items)) <= 4 * (size + 1)
    assert bank.findings() == ()


def test_a_batch_of_many_verbs_fetches_each_of_its_accounts_a_few_times(bank, crowd):
    cash = bank.cash()
    first, second, third = crowd[:3]
    bank.post(bank.item(cash, first, 100))
    held = bank.hold(first, second, 10)
    items = [held, bank.item(first, second, 5, is_linked=True), bank.item(second, third, 2)]
    assert touched(bank, lambda: bank.post(*items)) <= 4 * 3
    assert touched(bank, lambda: bank.post(bank.capture(held.hold_id))) <= 4 * 2
