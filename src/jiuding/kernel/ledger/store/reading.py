"""Queries that read the ledger back: transfers, statements, holds."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select, text

from jiuding.base.amounts import Amount, Asset
from jiuding.base.database.columns import Id
from jiuding.base.database.engine import Session
from jiuding.base.ids import to_uuid
from jiuding.kernel.ledger.rules.chart import normal
from jiuding.kernel.ledger.tables import accounts, holds, refusals, transfers
from jiuding.kernel.ledger.types import Account, Hold, HoldStatus, StatementLine, Transfer

HOLD_STATUSES = (HoldStatus.OPEN, HoldStatus.CAPTURED, HoldStatus.VOIDED, HoldStatus.EXPIRED)


def with_asset(table):
    """Return a query of a table's rows with the asset of their debit account."""
    return select(table, accounts.c.asset_code, accounts.c.asset_scale).join_from(
        table,
        accounts,
        (table.c.bank_id == accounts.c.bank_id) & (table.c.debit_id == accounts.c.account_id),
    )


def read_transfer(session: Session, bank_id: str, transfer_id: str) -> Transfer | None:
    """Return a transfer, or None."""
    query = with_asset(transfers).where(
        transfers.c.bank_id == bank_id, transfers.c.transfer_id == transfer_id
    )
    row = session.execute(query).one_or_none()
    return None if row is None else transfer_of(row)


def reversal_of(session: Session, bank_id: str, transfer_id: str) -> Transfer | None:
    """Return the transfer that took this one back, or None."""
    query = with_asset(transfers).where(
        transfers.c.bank_id == bank_id, transfers.c.reverses_id == transfer_id
    )
    row = session.execute(query).one_or_none()
    return None if row is None else transfer_of(row)


def first_refusal(session: Session, bank_id: str, any_id: UUID) -> int | None:
    """Return the number of the refusal that is an id's outcome for ever, or None."""
    query = select(refusals.c.outcome).where(refusals.c.bank_id == bank_id, refusals.c.id == any_id)
    return session.execute(query).scalar_one_or_none()


def transfers_about(
    session: Session, bank_id: str, about: str, limit_max: int
) -> tuple[Transfer, ...]:
    """Return the transfers that name this id, oldest first."""
    query = (
        with_asset(transfers)
        .where(transfers.c.bank_id == bank_id, transfers.c.about == about)
        .order_by(transfers.c.transfer_id)
        .limit(limit_max)
    )
    return tuple(transfer_of(row) for row in session.execute(query))


def transfer_of(row: Row) -> Transfer:
    """Return the transfer that a row of `with_asset` tells."""
    return Transfer(
        transfer_id=row.transfer_id,
        debit_id=row.debit_id,
        credit_id=row.credit_id,
        amount=Amount(row.units, Asset(row.asset_code, row.asset_scale)),
        code=row.code,
        about=row.about,
        effective_on=row.effective_on,
        recorded_at=row.recorded_at,
        hold_id=row.hold_id,
        reverses_id=row.reverses_id,
    )


def read_hold(session: Session, bank_id: str, hold_id: str) -> Hold | None:
    """Return a hold, or None."""
    query = with_asset(holds).where(holds.c.bank_id == bank_id, holds.c.hold_id == hold_id)
    row = session.execute(query).one_or_none()
    return None if row is None else _hold(row)


def open_holds(session: Session, bank_id: str, account_id: str, limit_max: int) -> tuple[Hold, ...]:
    """Return the open holds on an account that would debit it, oldest first."""
    query = (
        with_asset(holds)
        .where(
            holds.c.bank_id == bank_id,
            holds.c.debit_id == account_id,
            holds.c.status == 0,
        )
        .order_by(holds.c.hold_id)
        .limit(limit_max)
    )
    return tuple(_hold(row) for row in session.execute(query))


def expired_holds(session: Session, bank_id: str, now: datetime, limit_max: int) -> tuple[str, ...]:
    """Return the ids of open holds whose time has passed, the longest ago first."""
    query = (
        select(holds.c.hold_id)
        .where(holds.c.bank_id == bank_id, holds.c.status == 0, holds.c.expires_at <= now)
        .order_by(holds.c.expires_at, holds.c.hold_id)
        .limit(limit_max)
    )
    return tuple(session.execute(query).scalars())


def _hold(row: Row) -> Hold:
    asset = Asset(row.asset_code, row.asset_scale)
    return Hold(
        hold_id=row.hold_id,
        debit_id=row.debit_id,
        credit_id=row.credit_id,
        amount=Amount(row.units, asset),
        left=Amount(row.units_left, asset),
        captured=Amount(row.units_captured, asset),
        status=HOLD_STATUSES[row.status],
        code=row.code,
        about=row.about,
        effective_on=row.effective_on,
        expires_at=row.expires_at,
        placed_at=row.placed_at,
        ended_at=row.ended_at,
    )


# What an account's statement tells of a transfer, from the account's side.
_CHAIN = text(
    """SELECT CASE WHEN is_debit THEN c.debit_number ELSE c.credit_number END AS number,
              c.transfer_id,
              CASE WHEN is_debit THEN c.credit_id ELSE c.debit_id END AS other_id,
              CASE WHEN is_debit THEN -c.units ELSE c.units END AS change,
              CASE WHEN is_debit THEN c.debit_after ELSE c.credit_after END AS after,
              c.code, c.about, c.effective_on, c.recorded_at,
              CASE WHEN is_debit THEN c.debit_previous_id ELSE c.credit_previous_id END
                  AS previous_id
       FROM ledger.chain_of(:bank, :account, :first, CAST(:steps AS bigint))
           WITH ORDINALITY AS c
       CROSS JOIN LATERAL (SELECT c.debit_id = :account AS is_debit) AS side
       ORDER BY c.ordinality"""
).columns(
    transfer_id=Id("trf"),
    other_id=Id("acc"),
    previous_id=Id("trf"),
)


def statement_lines(
    session: Session,
    bank_id: str,
    account: Account,
    first: str | None,
    known_at: datetime | None,
    limit_max: int,
) -> tuple[tuple[StatementLine, ...], str | None]:
    """Return an account's postings, newest first, and the transfer of the next one; from a transfer
    on, back along the chain. `known_at` leaves out what was recorded later."""
    lines: list[StatementLine] = []
    while first is not None and len(lines) < limit_max:
        asked = {
            "bank": to_uuid("bank", bank_id),
            "account": to_uuid("acc", account.account_id),
            "first": to_uuid("trf", first),
            "steps": limit_max - len(lines),
        }
        for row in session.execute(_CHAIN, asked):
            first = row.previous_id
            if known_at is None or row.recorded_at <= known_at:
                lines.append(_line(row, account))
    return tuple(lines), first


def _line(row: Row, account: Account) -> StatementLine:
    is_debit_normal = account.account_class.is_debit_normal
    return StatementLine(
        number=row.number,
        transfer_id=row.transfer_id,
        other_account_id=row.other_id,
        change=Amount(normal(row.change, is_debit_normal), account.asset),
        balance_after=Amount(normal(row.after, is_debit_normal), account.asset),
        code=row.code,
        about=row.about,
        effective_on=row.effective_on,
        recorded_at=row.recorded_at,
    )
