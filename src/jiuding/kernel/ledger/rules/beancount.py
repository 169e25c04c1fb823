"""The ledger in beancount's plain text: names, signs and lines.

Source: Beancount language syntax, version 3. A positive number debits an account, a negative one
credits it, so liabilities, equity and income have negative balances there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from jiuding.base.amounts import Amount, Asset
from jiuding.kernel.ledger.types import Account, AccountClass, Transfer

ROOTS = {
    AccountClass.ASSET: "Assets",
    AccountClass.LIABILITY: "Liabilities",
    AccountClass.EQUITY: "Equity",
    AccountClass.INCOME: "Income",
    AccountClass.EXPENSE: "Expenses",
}
_NOT_IN_NAMES = re.compile(r"[^A-Z0-9'._-]")
# Words that beancount reads as values.
_RESERVED = frozenset({"TRUE", "FALSE", "NULL"})


def commodity_names(assets: Iterable[Asset]) -> dict[str, str]:
    """Return a commodity name for each asset code; different codes get different names."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for code in sorted({asset.code for asset in assets}):
        plain = _NOT_IN_NAMES.sub("-", code.upper()).rstrip("'._-")
        if not plain[:1].isalpha() or len(plain) < 2 or plain in _RESERVED:
            plain = f"X-{plain}".rstrip("'._-") if plain else "X-ASSET"
        name, number = plain, 2
        while name in taken:
            name, number = f"{plain}-{number}", number + 1
        taken.add(name)
        names[code] = name
    return names


def account_name(account: Account) -> str:
    """Return an account's name, such as `Liabilities:CustomerDeposit:01KABC…`."""
    kind = "".join(word.capitalize() for word in account.kind.split("_"))
    return f"{ROOTS[account.account_class]}:{kind}:{account.account_id.split('_')[1].upper()}"


def header(bank_id: str, assets: Iterable[Asset], names: Mapping[str, str]) -> Iterator[str]:
    """Return the lines that come before all accounts."""
    yield f'option "title" "{bank_id}"'
    for asset in sorted(assets, key=lambda asset: asset.code):
        yield ""
        yield f"1970-01-01 commodity {names[asset.code]}"
        yield f"  asset: {_quoted(asset.code)}"
        yield f"  scale: {asset.scale}"
    yield ""


def opening(account: Account, first_on: date, names: Mapping[str, str]) -> Iterator[str]:
    """Return the lines that open an account, on the first day on which it is used."""
    yield f"{first_on} open {account_name(account)} {names[account.asset.code]}"
    yield f"  account: {_quoted(account.account_id)}"
    if account.owner_id is not None:
        yield f"  owner: {_quoted(account.owner_id)}"
    if account.purpose:
        yield f"  purpose: {_quoted(account.purpose)}"


def brought_forward(
    on: date, stood: Iterable[tuple[Account, int]], names: Mapping[str, str]
) -> Iterator[str]:
    """Return the one entry that says what stood before a day, debits less credits in units."""
    lines = [
        f"  {account_name(account)}  {Amount(units, account.asset).text()}"
        f" {names[account.asset.code]}"
        for account, units in stood
        if units
    ]
    if lines:
        yield f'{on} * "ledger.brought_forward"'
        yield from lines


def posting(transfer: Transfer, accounts: Mapping[str, str], commodity: str) -> Iterator[str]:
    """Return the lines of one transfer; `accounts` gives account names by id."""
    about = "" if transfer.about is None else f" {_quoted(transfer.about)}"
    yield f"{transfer.effective_on} * {_quoted(transfer.code)}{about}"
    yield f"  transfer: {_quoted(transfer.transfer_id)}"
    yield f"  recorded_at: {_quoted(transfer.recorded_at.isoformat())}"
    if transfer.reverses_id is not None:
        yield f"  reverses: {_quoted(transfer.reverses_id)}"
    yield f"  {accounts[transfer.debit_id]}  {transfer.amount.text()} {commodity}"
    yield f"  {accounts[transfer.credit_id]}  {(-transfer.amount).text()} {commodity}"


def assertion(account: Account, on: date, debits_less_credits: Amount, commodity: str) -> str:
    """Return the line that asserts a balance at the start of a day, to the last unit.

    Without a stated tolerance beancount would let the last digit be wrong by one.
    """
    return f"{on} balance {account_name(account)}  {debits_less_credits.text()} ~ 0 {commodity}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
