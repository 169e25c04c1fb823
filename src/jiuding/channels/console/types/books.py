"""Nouns of the pages on which the books are read: sums, accounts, statements, transfers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from jiuding.base.amounts import Amount, Asset


@dataclass(frozen=True, slots=True)
class BookRowView:
    """One kind of account in the books; `balance` is on the kind's normal side."""

    kind: str
    name: str
    debit: Amount
    credit: Amount
    balance: Amount


@dataclass(frozen=True, slots=True)
class BookPartView:
    """Rows that are summed together, such as all assets; `name` is a word of `books`."""

    name: str
    rows: tuple[BookRowView, ...]
    total: Amount


@dataclass(frozen=True, slots=True)
class BookTableView:
    """The books in one asset. `result` is income less expense of the period shown; `claims` is
    what stands against the assets: liabilities, equity and the result.
    """

    asset: Asset
    parts: tuple[BookPartView, ...]
    debit: Amount
    credit: Amount
    result: Amount
    claims: Amount
    is_balanced: bool


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """A kind of account that now stands otherwise than a close said: (then, now) on both sides."""

    kind: str
    name: str
    asset: Asset
    debits: tuple[Amount, Amount]
    credits: tuple[Amount, Amount]


@dataclass(frozen=True, slots=True)
class CloseView:
    """One close of a day, and what has changed since."""

    number: int
    closed_at: datetime
    differences: tuple[DifferenceView, ...]


@dataclass(frozen=True, slots=True)
class BooksView:
    """The books of a bank on a day: `show` is trial | sheet | income; `bank` is empty for ours."""

    show: str
    on: date
    since: date
    tables: tuple[BookTableView, ...]
    at: datetime
    closes: tuple[CloseView, ...] = ()
    bank: str = ""
    banks: tuple[tuple[str, str], ...] = ()  # (short name, name), where there is a choice
    is_operator: bool = False


@dataclass(frozen=True, slots=True)
class BookAccountsView:
    """The accounts behind one line of the books, a page of them."""

    kind: str
    name: str
    asset: Asset
    on: date
    since: date | None
    rows: tuple[BookAccountView, ...]
    total: Amount | None  # the line's own figure
    bank: str = ""
    after: str | None = None
    next_after: str | None = None


@dataclass(frozen=True, slots=True)
class BookAccountView:
    """One account of a kind."""

    account_id: str
    owner_id: str
    purpose: str
    status: str
    debit: Amount
    credit: Amount
    balance: Amount


@dataclass(frozen=True, slots=True)
class BookStatementView:
    """A page of any account's statement, as the operator sees it."""

    account_id: str
    kind: str
    name: str
    owner_id: str
    status: str
    asset: Asset
    balance: Amount
    available: Amount | None
    rows: tuple[BookLineView, ...]
    bank: str = ""
    after: str | None = None
    next_after: str | None = None


@dataclass(frozen=True, slots=True)
class BookLineView:
    """One posting of a statement; `other_id` is the account on the other side."""

    number: int
    transfer_id: str
    other_id: str
    code: str
    about: str
    effective_on: date
    recorded_at: datetime
    amount: Amount
    balance: Amount


@dataclass(frozen=True, slots=True)
class BookTransferView:
    """All that is known of a transfer; `refusal` is the code of one that was never posted."""

    transfer_id: str
    refusal: str = ""
    sides: tuple[tuple[str, str, str, str], ...] = ()  # (debit|credit, account id, kind, its name)
    amount: Amount | None = None
    code: str = ""
    about: str = ""
    effective_on: date | None = None
    recorded_at: datetime | None = None
    seal_number: int | None = None
    reverses_id: str = ""
    reversed_by: str = ""
    hold: tuple[str, str, Amount] | None = None  # (id, status, amount held at first)
    bank: str = ""
