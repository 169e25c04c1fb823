"""The bank's books as the operator reads them: from a day's figures down to one transfer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jiuding.base.amounts import Amount, Asset, total
from jiuding.base.database.engine import Session
from jiuding.channels.console.operations.holdings import kind_title
from jiuding.channels.console.types.books import (
    BookAccountsView,
    BookAccountView,
    BookLineView,
    BookPartView,
    BookRowView,
    BookStatementView,
    BooksView,
    BookTableView,
    BookTransferView,
    CloseView,
    DifferenceView,
)
from jiuding.kernel import identity, ledger
from jiuding.kernel.ledger import AccountClass

PAGE = 50
CSV_LINES_MAX = 50_000
BANKS_MAX = 200
CLOSES_SHOWN_MAX = 5
SHOWS = ("trial", "sheet", "income")
# What is summed together on each page, in the order in which it is read.
_PARTS = {
    "trial": {"all": tuple(AccountClass)},
    "sheet": {
        "assets": (AccountClass.ASSET,),
        "liabilities": (AccountClass.LIABILITY,),
        "equity": (AccountClass.EQUITY,),
    },
    "income": {"income": (AccountClass.INCOME,), "expense": (AccountClass.EXPENSE,)},
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """Whose books are read, in which language; `slug` is empty for the bank that serves."""

    bank_id: str
    lang: str
    slug: str = ""


def bank_names(session: Session, *, lang: str) -> tuple[tuple[str, str], ...]:
    """Return the banks of this database, (short name, name); at most `BANKS_MAX`."""
    found = identity.list_banks(session, limit_max=BANKS_MAX)
    return tuple((bank.slug, bank.name_zh if lang == "zh" else bank.name_en) for bank in found)


def books_view(
    session: Session, *, shelf: Shelf, show: str, on: date, since: date, now: datetime,
    is_operator: bool,
) -> BooksView:  # fmt: skip
    """Return the books of a day, asset by asset; an income statement from `since` until then."""
    bank_id = shelf.bank_id
    if show == "income":
        lines = ledger.income_statement(
            session, bank_id=bank_id, valid_from=since, valid_until=on + timedelta(1)
        )
    else:
        lines = ledger.trial_balance(session, bank_id=bank_id, on=on)
    assets = dict.fromkeys(line.asset for line in lines)
    tables = (
        _table([line for line in lines if line.asset == asset], asset, show, shelf.lang)
        for asset in assets
    )
    banks = bank_names(session, lang=shelf.lang) if is_operator else ()
    return BooksView(
        show=show, on=on, since=since, at=now, bank=shelf.slug, is_operator=is_operator,
        tables=tuple(table for table in tables if table.parts),
        closes=_closes(session, shelf, on), banks=banks if len(banks) > 1 else (),
    )  # fmt: skip


def _table(lines: Sequence[ledger.TrialLine], asset: Asset, show: str, lang: str) -> BookTableView:
    def summed(classes: Sequence[AccountClass]) -> Amount:
        return total((line.balance for line in lines if line.account_class in classes), asset)

    parts = []
    for name, classes in _PARTS[show].items():
        rows = tuple(
            BookRowView(
                line.kind, kind_title(line.kind, lang), line.debits, line.credits, line.balance
            )
            for line in lines
            if line.account_class in classes
        )
        if rows:
            parts.append(BookPartView(name, rows, summed(classes)))
    result = summed((AccountClass.INCOME,)) - summed((AccountClass.EXPENSE,))
    debit = total((line.debits for line in lines), asset)
    credit = total((line.credits for line in lines), asset)
    claims = summed((AccountClass.LIABILITY, AccountClass.EQUITY)) + result
    # One side of an income statement alone has nothing to be equal to.
    is_balanced = show == "income" or (debit == credit and summed((AccountClass.ASSET,)) == claims)
    return BookTableView(asset, tuple(parts), debit, credit, result, claims, is_balanced)


def _closes(session: Session, shelf: Shelf, on: date) -> tuple[CloseView, ...]:
    """Return a day's last closes, the newest first, each with what has changed since."""
    read = {"bank_id": shelf.bank_id, "on": on}
    try:
        last = ledger.read_close(session, **read)
    except ledger.DayNotClosed:
        return ()
    shown = []
    for number in range(last.number, max(0, last.number - CLOSES_SHOWN_MAX), -1):
        close = last if number == last.number else ledger.read_close(session, number=number, **read)
        found = ledger.close_differences(session, number=number, **read)
        differences = tuple(
            DifferenceView(
                each.kind, kind_title(each.kind, shelf.lang), each.asset,
                (each.debits_closed, each.debits_now), (each.credits_closed, each.credits_now),
            )
            for each in found
        )  # fmt: skip
        shown.append(CloseView(number, close.closed_at, differences))
    return tuple(shown)


def accounts_view(
    session: Session, *, shelf: Shelf, kind: str, asset_code: str, on: date, since: date | None,
    after: str | None,
) -> BookAccountsView:  # fmt: skip
    """Return a page of the accounts behind one line, with the line's own figure.

    Refuses: ledger.KindUnknown, ledger.AssetUnknown, ledger.BadCursor.
    """
    assets = ledger.read_assets(session, bank_id=shelf.bank_id, codes=[asset_code])
    page = ledger.account_lines(
        session, bank_id=shelf.bank_id, kind=kind, asset_code=asset_code, on=on, since=since,
        cursor=after, limit_max=PAGE,
    )  # fmt: skip
    if since is None:
        lines = ledger.trial_balance(session, bank_id=shelf.bank_id, on=on)
    else:
        lines = ledger.income_statement(
            session, bank_id=shelf.bank_id, valid_from=since, valid_until=on + timedelta(1)
        )
    figures = [line.balance for line in lines if (line.kind, line.asset.code) == (kind, asset_code)]
    return BookAccountsView(
        kind=kind, name=kind_title(kind, shelf.lang), asset=assets[asset_code], on=on, since=since,
        rows=tuple(_account_row(line) for line in page.lines),
        total=figures[0] if figures else None, bank=shelf.slug, after=after,
        next_after=page.cursor,
    )  # fmt: skip


def _account_row(line: ledger.AccountLine) -> BookAccountView:
    account = line.account
    return BookAccountView(
        account.account_id, account.owner_id or "", account.purpose, account.status.value,
        line.debits, line.credits, line.balance,
    )  # fmt: skip


def every_account(
    session: Session, *, shelf: Shelf, kind: str, asset_code: str, on: date, since: date | None
) -> Iterator[BookAccountView]:
    """Return the accounts behind one line, oldest first; at most `CSV_LINES_MAX`.

    Refuses: ledger.KindUnknown.
    """
    cursor, count = None, 0
    while count < CSV_LINES_MAX:
        page = ledger.account_lines(
            session, bank_id=shelf.bank_id, kind=kind, asset_code=asset_code, on=on, since=since,
            cursor=cursor, limit_max=ledger.ACCOUNT_LINES_MAX,
        )  # fmt: skip
        yield from (_account_row(line) for line in page.lines)
        count, cursor = count + len(page.lines), page.cursor
        if cursor is None:
            return


def statement_view(
    session: Session, *, shelf: Shelf, account_id: str, after: str | None
) -> BookStatementView:
    """Return a page of any account's statement.

    Refuses: ledger.AccountNotFound, ledger.BadCursor.
    """
    named = {"bank_id": shelf.bank_id, "account_id": account_id}
    account = ledger.read_account(session, **named)
    page = ledger.statement(session, limit_max=PAGE, cursor=after, **named)
    held = ledger.balances(session, bank_id=shelf.bank_id, account_ids=[account_id])[account_id]
    return BookStatementView(
        account_id=account_id, kind=account.kind, name=kind_title(account.kind, shelf.lang),
        owner_id=account.owner_id or "", status=account.status.value, asset=account.asset,
        balance=held.posted, available=held.available,
        rows=tuple(_line(line) for line in page.lines), bank=shelf.slug, after=after,
        next_after=page.cursor,
    )  # fmt: skip


def _line(line: ledger.StatementLine) -> BookLineView:
    return BookLineView(
        line.number, line.transfer_id, line.other_account_id, line.code, line.about or "",
        line.effective_on, line.recorded_at, line.change, line.balance_after,
    )  # fmt: skip


def every_line(session: Session, *, shelf: Shelf, account_id: str) -> Iterator[BookLineView]:
    """Return every line of any account, newest first; at most `CSV_LINES_MAX`.

    Refuses: ledger.AccountNotFound.
    """
    cursor, count = None, 0
    while count < CSV_LINES_MAX:
        page = ledger.statement(
            session, bank_id=shelf.bank_id, account_id=account_id, cursor=cursor,
            limit_max=ledger.PAGE_MAX,
        )  # fmt: skip
        yield from (_line(line) for line in page.lines)
        count, cursor = count + len(page.lines), page.cursor
        if cursor is None:
            return


def transfer_view(session: Session, *, shelf: Shelf, transfer_id: str) -> BookTransferView:
    """Return all that is known of a transfer, or why the id was refused.

    Refuses: ledger.TransferNotFound.
    """
    named = {"bank_id": shelf.bank_id, "transfer_id": transfer_id}
    try:
        found = ledger.read_transfer(session, **named)
    except ledger.TransferNotFound:
        refusal = ledger.read_refusal(session, **named)
        if refusal is None:
            raise
        return BookTransferView(transfer_id, refusal=refusal.code, bank=shelf.slug)
    ties = ledger.read_ties(session, bank_id=shelf.bank_id, transfer=found)
    sides = []
    for side, account_id in (("debit", found.debit_id), ("credit", found.credit_id)):
        account = ledger.read_account(session, bank_id=shelf.bank_id, account_id=account_id)
        sides.append((side, account_id, account.kind, kind_title(account.kind, shelf.lang)))
    return BookTransferView(
        transfer_id=transfer_id, sides=tuple(sides), amount=found.amount, code=found.code,
        about=found.about or "", effective_on=found.effective_on, recorded_at=found.recorded_at,
        seal_number=ties.seal_number, reverses_id=found.reverses_id or "",
        reversed_by=ties.reversed_by.transfer_id if ties.reversed_by else "",
        hold=_hold(ties.hold), bank=shelf.slug,
    )  # fmt: skip


def _hold(hold: ledger.Hold | None) -> tuple[str, str, Amount] | None:
    return None if hold is None else (hold.hold_id, hold.status.value, hold.amount)
