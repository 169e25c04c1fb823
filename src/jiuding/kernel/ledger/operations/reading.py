"""Read the ledger back: balances, statements, the books, and their proof."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime

from jiuding.base.amounts import Amount
from jiuding.base.database.engine import Session
from jiuding.base.ids import BadId, to_uuid
from jiuding.base.problems import ensure
from jiuding.kernel.ledger.errors import AccountNotFound, BadCursor
from jiuding.kernel.ledger.operations.accounts import read_account
from jiuding.kernel.ledger.rules.chart import normal
from jiuding.kernel.ledger.store import accounts, books, reading, rolling
from jiuding.kernel.ledger.types import (
    AccountClass,
    Balance,
    Finding,
    Hold,
    StatementPage,
    Transfer,
    TrialLine,
)

PAGE_MAX = 500
ABOUT_MAX = 1_000
# An account with more postings than this is read from the totals of its days.
SUMMED_POSTINGS_MAX = 20_000


def balance(
    session: Session,
    *,
    bank_id: str,
    account_id: str,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Amount:
    """Return an account's balance on its normal side, now or at a past time.

    `as_of` counts what was effective until the end of that day, `known_at` what was recorded until
    that instant; together they say what was believed then about that day.
    Refuses: AccountNotFound.
    """
    account = read_account(session, bank_id=bank_id, account_id=account_id)
    if as_of is None and known_at is None:
        return accounts.read_balances(session, bank_id, [account_id])[account_id].posted
    if as_of is not None and known_at is None and _is_busy(session, bank_id, account_id):
        units = rolling.sum_days(session, bank_id, account_id, as_of)
    else:
        units = accounts.sum_postings(session, bank_id, account_id, as_of, known_at)
    return Amount(normal(units, account.account_class.is_debit_normal), account.asset)


def _is_busy(session: Session, bank_id: str, account_id: str) -> bool:
    return accounts.count_postings(session, bank_id, account_id) > SUMMED_POSTINGS_MAX


def balances(session: Session, *, bank_id: str, account_ids: Sequence[str]) -> dict[str, Balance]:
    """Return what accounts hold now, by id; at most `ABOUT_MAX` of them.

    Refuses: AccountNotFound when one is not here.
    """
    ensure(len(account_ids) <= ABOUT_MAX, f"read up to {ABOUT_MAX} balances at a time")
    for account_id in account_ids:
        to_uuid("acc", account_id)
    found = accounts.read_balances(session, bank_id, account_ids)
    for account_id in account_ids:
        if account_id not in found:
            raise AccountNotFound(
                f"{account_id} is not an account of this bank", account_id=account_id
            )
    return found


def available(session: Session, *, bank_id: str, account_id: str) -> Amount | None:
    """Return what may still leave an account, holds and credit limit counted; None if unlimited.

    Refuses: AccountNotFound.
    """
    return balances(session, bank_id=bank_id, account_ids=[account_id])[account_id].available


def statement(
    session: Session,
    *,
    bank_id: str,
    account_id: str,
    limit_max: int,
    cursor: str | None = None,
    known_at: datetime | None = None,
) -> StatementPage:
    """Return a page of an account's postings, newest first, each with the balance after it.

    Postings of one account form a chain that only grows at its newest end, and the cursor names a
    place in it: pages neither repeat nor skip a line, whatever is posted meanwhile. `known_at`
    leaves out what was recorded later.
    Refuses: AccountNotFound, BadCursor.
    """
    ensure(0 < limit_max <= PAGE_MAX, f"read 1 to {PAGE_MAX} lines at a time")
    to_uuid("acc", account_id)
    found = accounts.account_and_newest(session, bank_id, account_id)
    if found is None:
        raise AccountNotFound(f"{account_id} is not an account of this bank", account_id=account_id)
    account, first = found
    if cursor is not None:
        first = _place(session, bank_id, account_id, cursor)
    lines, following = reading.statement_lines(
        session, bank_id, account, first, known_at, limit_max
    )
    return StatementPage(lines, following)


def _place(session: Session, bank_id: str, account_id: str, cursor: str) -> str:
    """Return the transfer at which a page starts: the cursor is its id."""
    found = None
    with suppress(BadId):
        to_uuid("trf", cursor)
        found = reading.read_transfer(session, bank_id, cursor)
    if found is None or account_id not in (found.debit_id, found.credit_id):
        raise BadCursor(f"{cursor[:40]!r} was given by no page of this account")
    return cursor


def transfers_about(session: Session, *, bank_id: str, about: str) -> tuple[Transfer, ...]:
    """Return the transfers that name this id, oldest first; at most `ABOUT_MAX`."""
    return reading.transfers_about(session, bank_id, about, ABOUT_MAX)


def open_holds(session: Session, *, bank_id: str, account_id: str) -> tuple[Hold, ...]:
    """Return the open holds that would debit an account, oldest first; at most `PAGE_MAX`."""
    return reading.open_holds(session, bank_id, account_id, PAGE_MAX)


def trial_balance(session: Session, *, bank_id: str, on: date) -> tuple[TrialLine, ...]:
    """Return every kind of account with what was debited and credited until the end of a day.

    In each asset the debits sum to the credits.
    """
    return books.trial_lines(session, bank_id, date.min, on)


def balance_sheet(session: Session, *, bank_id: str, on: date) -> tuple[TrialLine, ...]:
    """Return assets, liabilities and equity at the end of a day.

    Income less expense until then belongs to equity and is not yet closed into it: assets =
    liabilities + equity + income - expense.
    """
    kept = (AccountClass.ASSET, AccountClass.LIABILITY, AccountClass.EQUITY)
    lines = trial_balance(session, bank_id=bank_id, on=on)
    return tuple(line for line in lines if line.account_class in kept)


def income_statement(
    session: Session, *, bank_id: str, valid_from: date, valid_until: date
) -> tuple[TrialLine, ...]:
    """Return income and expense from one day (inclusive) to another (exclusive)."""
    last = date.fromordinal(valid_until.toordinal() - 1)
    lines = books.trial_lines(session, bank_id, valid_from, last)
    kept = (AccountClass.INCOME, AccountClass.EXPENSE)
    return tuple(line for line in lines if line.account_class in kept)


def check_books(session: Session, *, bank_id: str) -> tuple[Finding, ...]:
    """Prove a bank's books from its postings and return what is wrong; nothing when they are right.

    Debits equal credits in every asset; every counter of every account is the sum of its postings
    and open holds; balances after postings follow one another; no limited account is overdrawn;
    every transfer stands between two accounts of its asset; the totals of the days, with what still
    waits to be added up, are the sums of the postings. Reads everything: slow on purpose.
    """
    return tuple(books.findings(session, bank_id))
