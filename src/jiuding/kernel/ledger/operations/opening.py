"""Open the books: from a kind of account to its accounts, from a line to what ties a transfer."""

from __future__ import annotations

from datetime import date

from jiuding.base.amounts import Amount
from jiuding.base.database.engine import Session
from jiuding.base.ids import BadId, to_uuid
from jiuding.base.problems import ensure
from jiuding.kernel.ledger.errors import BadCursor
from jiuding.kernel.ledger.operations.accounts import kind_of
from jiuding.kernel.ledger.operations.posting import read_hold
from jiuding.kernel.ledger.rules.chart import normal
from jiuding.kernel.ledger.store import accounts, reading, rolling, sealing
from jiuding.kernel.ledger.types import AccountLine, AccountLinePage, Refusal, Ties, Transfer

ACCOUNT_LINES_MAX = 500


def account_lines(
    session: Session,
    *,
    bank_id: str,
    kind: str,
    asset_code: str,
    on: date,
    limit_max: int,
    since: date | None = None,
    cursor: str | None = None,
) -> AccountLinePage:
    """Return the accounts behind one line of the books, oldest first, a page at a time.

    What was debited and credited is counted until the end of the day `on`, and from the day `since`
    (inclusive) when it is given, as in an income statement. Accounts opened later stand at zero.
    Refuses: KindUnknown, BadCursor.
    """
    ensure(0 < limit_max <= ACCOUNT_LINES_MAX, f"read 1 to {ACCOUNT_LINES_MAX} accounts at a time")
    is_debit_normal = kind_of(kind).account_class.is_debit_normal
    if cursor is not None:
        try:
            to_uuid("acc", cursor)
        except BadId as error:
            raise BadCursor(f"{cursor[:20]!r} was given by no page") from error
    found = accounts.accounts_of_kind(session, bank_id, kind, asset_code, cursor, limit_max + 1)
    shown = found[:limit_max]
    ids = [account.account_id for account in shown]
    sums = rolling.sums_of(session, bank_id, ids, since or date.min, on)
    lines = []
    for account in shown:
        debits, credits = sums.get(account.account_id, (0, 0))
        balance = normal(credits - debits, is_debit_normal)
        amounts = (Amount(units, account.asset) for units in (debits, credits, balance))
        lines.append(AccountLine(account, *amounts))
    return AccountLinePage(tuple(lines), ids[-1] if len(found) > limit_max else None)


def read_ties(session: Session, *, bank_id: str, transfer: Transfer) -> Ties:
    """Return a posted transfer's seal, the transfer that reversed it, and its hold."""
    named = {"bank_id": bank_id}
    return Ties(
        sealing.block_of(
            session, bank_id, to_uuid("trf", transfer.transfer_id), transfer.recorded_at
        ),
        reading.reversal_of(session, bank_id, transfer.transfer_id),
        read_hold(session, hold_id=transfer.hold_id, **named) if transfer.hold_id else None,
    )


def read_refusal(session: Session, *, bank_id: str, transfer_id: str) -> Refusal | None:
    """Return why an id was refused, its outcome for ever; None for one that was not refused."""
    found = reading.first_refusal(session, bank_id, to_uuid("trf", transfer_id))
    return None if found is None else Refusal(found)
