"""The ledger on the command line: each takes an engine, opens its transaction, returns a dict."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from jiuding.base.database.engine import Session, transaction
from jiuding.base.problems import BadInput
from jiuding.kernel.ledger.errors import ProofBroken
from jiuding.kernel.ledger.operations.closing import close_day, close_differences
from jiuding.kernel.ledger.operations.exporting import export_beancount, export_parquet
from jiuding.kernel.ledger.operations.sealing import export_proof, verify_seals
from jiuding.kernel.ledger.rules import sealing
from jiuding.kernel.ledger.types import CloseDifference

EXPORT_SECONDS_MAX = 3_600
PROOF_BYTES_MAX = 1_000_000
FORMATS = {"parquet": export_parquet, "beancount": export_beancount}


@contextmanager
def snapshot(engine: Engine) -> Iterator[Session]:
    """Open a session that sees one moment of the database, for up to `EXPORT_SECONDS_MAX`."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as session:
        session.execute(text("SET TRANSACTION READ ONLY"))
        session.execute(text(f"SET LOCAL statement_timeout = '{EXPORT_SECONDS_MAX}s'"))
        yield session
        session.rollback()


def export(
    engine: Engine, *, bank_id: str, form: str, folder: Path, now: datetime,
    first_on: date = date.min, last_on: date = date.max,
) -> dict[str, Any]:  # fmt: skip
    """Write a bank's ledger to files of a format and return their names, rows and digests.

    Refuses: BadInput for another format, or a period that ends before it begins;
    ExportUnwritable, ExportTooLarge.
    """
    if form not in FORMATS:
        raise BadInput(f"{form[:20]!r} is no format here; there are: {', '.join(FORMATS)}")
    if last_on < first_on:
        raise BadInput(f"the period ends on {last_on}, before it begins on {first_on}")
    with snapshot(engine) as session:
        files = FORMATS[form](
            session, bank_id=bank_id, folder=folder, now=now, first_on=first_on, last_on=last_on
        )
    return {
        "bank_id": bank_id,
        "format": form,
        "folder": str(folder),
        "files": [
            {"name": file.name, "rows": file.row_count, "sha256": file.sha256} for file in files
        ],
    }


def close(engine: Engine, *, bank_id: str, on: date, now: datetime) -> dict[str, Any]:
    """Close a day, again if it was closed before; return the close and what it changed.

    Refuses: DayNotBegun.
    """
    with transaction(engine) as session:
        session.execute(text(f"SET LOCAL statement_timeout = '{EXPORT_SECONDS_MAX}s'"))
        done = close_day(session, bank_id=bank_id, on=on, now=now)
        changed: tuple[CloseDifference, ...] = ()
        if done.number > 1:
            changed = close_differences(session, bank_id=bank_id, on=on, number=done.number - 1)
    return {
        "on": done.on.isoformat(),
        "number": done.number,
        "closed_at": done.closed_at.isoformat(),
        "lines": len(done.lines),
        "changed": [_difference(each) for each in changed],
    }


def _difference(each: CloseDifference) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "asset": each.asset.code,
        "debits": [each.debits_closed.text(), each.debits_now.text()],
        "credits": [each.credits_closed.text(), each.credits_now.text()],
    }


def verify(engine: Engine, *, bank_id: str, head: str | None) -> dict[str, Any]:
    """Prove a bank's chain of seals from the data alone; no `finding` is all as it was sealed."""
    started = time.perf_counter()
    with snapshot(engine) as session:
        found = verify_seals(session, bank_id=bank_id, head=head)
    seconds = time.perf_counter() - started
    finding = found.finding
    return {
        "bank_id": bank_id,
        "seals": found.seal_count,
        "sealed": found.sealed_count,
        "waiting": found.waiting_count,
        "head": found.head,
        "finding": None
        if finding is None
        else {"code": finding.code, "detail": finding.detail, "ids": list(finding.ids)},
        "seconds": round(seconds, 3),
        "rows_per_second": round(found.sealed_count / seconds),
    }


def prove(engine: Engine, *, bank_id: str, transfer_id: str, head: str | None) -> dict[str, Any]:
    """Return a proof of one transfer that `check_proof` can check anywhere.

    Refuses: TransferNotFound, NotSealed, SealUnknown, TransferTouched.
    """
    with snapshot(engine) as session:
        return export_proof(session, bank_id=bank_id, transfer_id=transfer_id, head=head)


def check_proof(file: Path, *, head: str) -> dict[str, Any]:
    """Check a proof in a file against a seal that is known; needs no database.

    Refuses: BadInput for a file that cannot be read; ProofBroken.
    """
    try:
        with open(file, "rb") as opened:
            written = opened.read(PROOF_BYTES_MAX + 1)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from error
    if len(written) > PROOF_BYTES_MAX:
        raise ProofBroken(f"a proof has at most {PROOF_BYTES_MAX} bytes")
    try:
        proof = json.loads(written)
    except (ValueError, RecursionError) as error:
        raise ProofBroken("this is not a proof") from error
    return sealing.check_proof(proof, head=head)
