"""Queries that read the ledger back: transfers, statements, holds."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, literal, select, union_all

from jiuding.base.amounts import Amount, Asset
from jiuding.base.database.engine import Session
from jiuding.kernel.ledger.rules.chart import normal
from jiuding.kernel.ledger.tables import accounts, holds, refusals, transfers
from jiuding.kernel.ledger.types import Hold, HoldStatus, StatementLine, Transfer

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


def statement_lines(
    session: Session,
    bank_id: str,
    account_id: str,
    asset: Asset,
    is_debit_normal: bool,
    before: int | None,
    known_at: datetime | None,
    limit_max: int,
) -> tuple[StatementLine, ...]:
    """Return an account's postings, newest first, below a number; two index ranges, merged."""

    def side(mine, other, number, after, sign):
        query = select(
            number.label("number"),
            transfers.c.transfer_id,
            other.label("other_id"),
            (literal(sign) * transfers.c.units).label("change"),
            after.label("after"),
            transfers.c.code,
            transfers.c.about,
            transfers.c.effective_on,
            transfers.c.recorded_at,
        ).where(transfers.c.bank_id == bank_id, mine == account_id)
        if before is not None:
            query = query.where(number < before)
        if known_at is not None:
            query = query.where(transfers.c.recorded_at <= known_at)
        return query.order_by(number.desc()).limit(limit_max)

    columns = transfers.c
    debits = side(
        columns.debit_id, columns.credit_id, columns.debit_number, columns.debit_after, -1
    )
    credits = side(
        columns.credit_id, columns.debit_id, columns.credit_number, columns.credit_after, 1
    )
    both = union_all(debits.subquery().select(), credits.subquery().select()).subquery()
    rows = session.execute(select(both).order_by(both.c.number.desc()).limit(limit_max))
    return tuple(
        StatementLine(
            number=row.number,
            transfer_id=row.transfer_id,
            other_account_id=row.other_id,
            change=Amount(normal(row.change, is_debit_normal), asset),
            balance_after=Amount(normal(row.after, is_debit_normal), asset),
            code=row.code,
            about=row.about,
            effective_on=row.effective_on,
            recorded_at=row.recorded_at,
        )
        for row in rows
    )
