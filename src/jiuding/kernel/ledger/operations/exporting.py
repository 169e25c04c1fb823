"""Write a bank's whole ledger to files: Parquet for analysis, beancount for any bookkeeper."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from jiuding.base.amounts import Amount
from jiuding.base.database.engine import Session
from jiuding.kernel.ledger.errors import ExportTooLarge, ExportUnwritable
from jiuding.kernel.ledger.rules import beancount
from jiuding.kernel.ledger.store import exporting as store
from jiuding.kernel.ledger.types import Account, ExportedFile

# Beancount keeps every transaction in memory, some kilobytes each.
BEANCOUNT_TRANSFERS_MAX = 1_000_000
_BLOCK_BYTES = 1 << 20


def export_parquet(
    session: Session, *, bank_id: str, folder: Path, now: datetime, first_on: date = date.min,
    last_on: date = date.max,
) -> tuple[ExportedFile, ...]:  # fmt: skip
    """Write accounts, transfers and holds as Parquet, with a manifest, and return the files.

    Transfers and holds are those that count for the days from `first_on` to `last_on`, both
    included; accounts are all, with their sums of now.

    Units are whole, beside the asset's scale; ids are in their printed form. Files that are there
    already are replaced, each at once. Give a session with a snapshot (REPEATABLE READ), so that
    the files are of one moment. Refuses: ExportUnwritable.
    """
    with _writing(folder) as fresh:
        files = []
        for name in store.FILES:
            source, target = fresh / f"{name}.csv", fresh / f"{name}.parquet"
            store.copy_csv(session, bank_id, name, source, first_on, last_on)
            row_count = store.write_parquet(name, source, target)
            source.unlink()
            files.append(_told(target, row_count))
        _write_manifest(fresh, bank_id, "parquet", files, now)
    return tuple(files)


def export_beancount(
    session: Session, *, bank_id: str, folder: Path, now: datetime, first_on: date = date.min,
    last_on: date = date.max,
) -> tuple[ExportedFile, ...]:  # fmt: skip
    """Write every account, transfer and final balance as `ledger.beancount`; return the files.

    Of the days from `first_on` to `last_on`, both included: what stood before them is one opening
    entry, whose sides sum to zero in every asset.
    Balances are asserted to the last unit, at the start of the day after the last transfer. Holds
    are no postings and are left out. Give a session with a snapshot, as for `export_parquet`.
    Refuses: ExportTooLarge over `BEANCOUNT_TRANSFERS_MAX`, ExportUnwritable.
    """
    count, moved_on = store.extent(session, bank_id, first_on, last_on)
    if count > BEANCOUNT_TRANSFERS_MAX:
        raise ExportTooLarge(
            f"{count} transfers; beancount files hold up to {BEANCOUNT_TRANSFERS_MAX}: use Parquet"
        )
    with _writing(folder) as fresh:
        target = fresh / "ledger.beancount"
        with open(target, "w", encoding="utf-8") as file:
            for line in _beancount_lines(session, bank_id, first_on, moved_on):
                file.write(f"{line}\n")
        files = [_told(target, count)]
        _write_manifest(fresh, bank_id, "beancount", files, now)
    return tuple(files)


def _beancount_lines(
    session: Session, bank_id: str, first_on: date, moved_on: date | None
) -> Iterator[str]:
    listed = list(store.every_account(session, bank_id))
    assets = {account.asset for account in listed}
    commodities = beancount.commodity_names(assets)
    yield from beancount.header(bank_id, assets, commodities)
    used_from = store.first_days(session, bank_id)
    for account in listed:
        yield from beancount.opening(account, _opened_on(account, used_from), commodities)
    yield ""
    names = {account.account_id: beancount.account_name(account) for account in listed}
    if first_on > date.min:
        stood = store.standings(session, bank_id, first_on - timedelta(1))
        yield from beancount.brought_forward(
            first_on, [(each, stood.get(each.account_id, 0)) for each in listed], commodities
        )
    last_on = moved_on or first_on
    for transfer in store.every_transfer(session, bank_id, first_on, last_on):
        yield from beancount.posting(transfer, names, commodities[transfer.amount.asset.code])
    # On the last day of the calendar there is no day after it on which to assert anything.
    if last_on in (date.min, date.max):
        return
    yield ""
    stands = store.standings(session, bank_id, last_on)
    for account in listed:
        on = max(last_on, _opened_on(account, used_from)) + timedelta(1)
        balance = Amount(stands.get(account.account_id, 0), account.asset)
        yield beancount.assertion(account, on, balance, commodities[account.asset.code])


def _opened_on(account: Account, used_from: dict[str, date]) -> date:
    """Return the day of an account's opening, or of an earlier back-dated posting on it."""
    opened_on = account.opened_at.date()
    return min(opened_on, used_from.get(account.account_id, opened_on))


@contextmanager
def _writing(folder: Path) -> Iterator[Path]:
    """Give a folder to write in; when all is written its files move to where they belong."""
    fresh: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".export-", dir=folder))
        yield fresh
        # The manifest is moved last: where it is, the others are.
        for path in sorted(fresh.iterdir(), key=lambda path: path.suffix == ".json"):
            os.replace(path, folder / path.name)
    except OSError as error:
        raise ExportUnwritable(f"{folder}: {error.strerror or str(error)[:200]}") from error
    finally:
        if fresh is not None:
            shutil.rmtree(fresh, ignore_errors=True)


def _told(path: Path, row_count: int) -> ExportedFile:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in _blocks(file.read):
            digest.update(block)
    return ExportedFile(path.name, row_count, digest.hexdigest())


def _blocks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while block := read(_BLOCK_BYTES):
        yield block


def _write_manifest(
    folder: Path, bank_id: str, form: str, files: Iterable[ExportedFile], now: datetime
) -> None:
    told = {
        "bank_id": bank_id,
        "format": form,
        "exported_at": now.isoformat(),
        "files": [
            {"name": file.name, "rows": file.row_count, "sha256": file.sha256} for file in files
        ],
    }
    words = json.dumps(told, indent=2) + "\n"
    (folder / f"{form}.manifest.json").write_text(words, encoding="utf-8")
