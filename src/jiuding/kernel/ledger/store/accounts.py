"""Queries on accounts: opening, finding, status and balances."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, DateTime, Row, bindparam, func, select, text, update
from sqlalchemy.dialects import postgresql

from jiuding.base.amounts import Amount, Asset
from jiuding.base.database.engine import Session
from jiuding.base.ids import to_uuid
from jiuding.kernel.ledger.rules.chart import normal
from jiuding.kernel.ledger.tables import account_changes, accounts, assets
from jiuding.kernel.ledger.types import (
    Account,
    AccountClass,
    Balance,
    Limits,
    Status,
)

STATUSES = (Status.OPEN, Status.FROZEN, Status.OUTFLOW_FROZEN, Status.CLOSED)


def fix_scale(session: Session, bank_id: str, asset: Asset) -> int:
    """Remember an asset's scale on first use, and return the scale that the bank uses."""
    session.execute(
        postgresql.insert(assets)
        .values(bank_id=bank_id, asset_code=asset.code, scale=asset.scale)
        .on_conflict_do_nothing()
    )
    query = select(assets.c.scale).where(
        assets.c.bank_id == bank_id, assets.c.asset_code == asset.code
    )
    return session.execute(query).scalar_one()


def add_account(session: Session, bank_id: str, account: Account) -> bool:
    """Write a new account; False, and nothing, when its id, or the bank's own such, is there."""
    values = {
        "bank_id": bank_id,
        "account_id": account.account_id,
        "kind": account.kind,
        "account_class": account.account_class.value,
        "asset_code": account.asset.code,
        "asset_scale": account.asset.scale,
        "owner_id": account.owner_id,
        "purpose": account.purpose,
        "status": STATUSES.index(account.status),
        "is_debit_normal": account.account_class.is_debit_normal,
        **limit_columns(account.limits),
        "debits_posted": 0,
        "credits_posted": 0,
        "debits_held": 0,
        "credits_held": 0,
        "posting_count": 0,
        "opened_at": account.opened_at,
        "use": account.use,
        "is_traced": account.is_traced,
        "is_marked": False,
        "grade": account.grade,
    }
    added = session.execute(
        postgresql.insert(accounts)
        .values(values)
        .on_conflict_do_nothing()
        .returning(accounts.c.account_id)
    )
    return added.first() is not None


def limit_columns(limits: Limits) -> dict[str, int | None]:
    """Return the columns that hold these limits."""

    def units(amount: Amount | None) -> int | None:
        return None if amount is None else amount.units

    low = limits.overdraft_max
    return {
        "balance_min": None if low is None else -low.units,
        "balance_max": units(limits.balance_max),
        "outflow_per_day_max": units(limits.outflow_per_day_max),
        "outflow_per_year_max": units(limits.outflow_per_year_max),
    }


def find_accounts(
    session: Session, bank_id: str, limit_max: int, **wanted: Any
) -> tuple[Account, ...]:
    """Return the accounts whose columns have these values, oldest first."""
    query = select(accounts).where(
        accounts.c.bank_id == bank_id,
        # None becomes IS NULL; IS NOT DISTINCT FROM would be served by no index.
        *(accounts.c[name] == value for name, value in wanted.items()),
    )
    query = query.order_by(accounts.c.account_id).limit(limit_max)
    return tuple(account_of(row) for row in session.execute(query))


def account_and_newest(
    session: Session, bank_id: str, account_id: str
) -> tuple[Account, str | None] | None:
    """Return an account and the transfer of its newest posting, or None."""
    query = select(accounts).where(
        accounts.c.bank_id == bank_id, accounts.c.account_id == account_id
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (account_of(row), row.last_transfer_id)


def accounts_of_kind(
    session: Session, bank_id: str, kind: str, asset_code: str, after: str | None, limit_max: int
) -> tuple[Account, ...]:
    """Return the accounts of a kind in an asset after an id, oldest first."""
    query = select(accounts).where(
        accounts.c.bank_id == bank_id, accounts.c.kind == kind, accounts.c.asset_code == asset_code
    )
    if after is not None:
        query = query.where(accounts.c.account_id > after)
    query = query.order_by(accounts.c.account_id).limit(limit_max)
    return tuple(account_of(row) for row in session.execute(query))


def account_of(row: Row) -> Account:
    """Return the account that a row tells."""
    asset = Asset(row.asset_code, row.asset_scale)

    def amount(units: int | None) -> Amount | None:
        return None if units is None else Amount(units, asset)

    return Account(
        account_id=row.account_id,
        kind=row.kind,
        account_class=AccountClass(row.account_class),
        asset=asset,
        owner_id=row.owner_id,
        purpose=row.purpose,
        status=STATUSES[row.status],
        limits=Limits(
            overdraft_max=amount(None if row.balance_min is None else -row.balance_min),
            balance_max=amount(row.balance_max),
            outflow_per_day_max=amount(row.outflow_per_day_max),
            outflow_per_year_max=amount(row.outflow_per_year_max),
        ),
        opened_at=row.opened_at,
        use=row.use,
        is_traced=row.is_traced,
        grade=row.grade,
    )


def lock_account(session: Session, bank_id: str, account_id: str) -> Row | None:
    """Return an account's whole row, locked until the session ends."""
    query = select(accounts).where(
        accounts.c.bank_id == bank_id, accounts.c.account_id == account_id
    )
    return session.execute(query.with_for_update(key_share=True)).one_or_none()


def change_account(session: Session, bank_id: str, account_id: str, values: dict[str, Any]) -> None:
    """Set columns of a locked account: its status, limits or use, never its counters."""
    session.execute(
        update(accounts)
        .where(accounts.c.bank_id == bank_id, accounts.c.account_id == account_id)
        .values(values)
    )


def add_change(
    session: Session,
    bank_id: str,
    account_id: str,
    status: Status,
    use: str | None,
    reason: str,
    at: datetime,
) -> None:
    """Append its status and use to an account's history; the account is locked."""
    mine = (account_changes.c.bank_id == bank_id) & (account_changes.c.account_id == account_id)
    number = session.execute(
        select(func.coalesce(func.max(account_changes.c.number), 0) + 1).where(mine)
    ).scalar_one()
    session.execute(
        account_changes.insert().values(
            bank_id=bank_id,
            account_id=account_id,
            number=number,
            status=STATUSES.index(status),
            use=use,
            reason=reason,
            changed_at=at,
        )
    )


def read_balances(session: Session, bank_id: str, account_ids: Sequence[str]) -> dict[str, Balance]:
    """Return what accounts hold now; accounts that are not here are missing."""
    query = select(accounts).where(
        accounts.c.bank_id == bank_id, accounts.c.account_id.in_(account_ids)
    )
    return {row.account_id: _balance(row) for row in session.execute(query)}


def _balance(row: Row) -> Balance:
    asset = Asset(row.asset_code, row.asset_scale)
    posted = normal(row.credits_posted - row.debits_posted, row.is_debit_normal)
    held = (row.debits_held, row.credits_held)
    held_in, held_out = held if row.is_debit_normal else held[::-1]
    available = None
    if row.balance_min is not None:
        available = Amount(posted - held_out - row.balance_min, asset)
    return Balance(
        account_id=row.account_id,
        posted=Amount(posted, asset),
        held_out=Amount(held_out, asset),
        held_in=Amount(held_in, asset),
        available=available,
    )


def count_postings(session: Session, bank_id: str, account_id: str) -> int:
    """Return how many postings an account has."""
    query = select(accounts.c.posting_count).where(
        accounts.c.bank_id == bank_id, accounts.c.account_id == account_id
    )
    return session.execute(query).scalar_one()


def sum_postings(
    session: Session,
    bank_id: str,
    account_id: str,
    as_of: date | None,
    known_at: datetime | None,
) -> int:
    """Return credits less debits of an account over the postings of a past time."""
    query = text(
        """SELECT coalesce(sum(p.change), 0) FROM ledger.postings_of(:bank, :account) AS p
           WHERE p.effective_on <= coalesce(:as_of, p.effective_on)
             AND p.recorded_at <= coalesce(:known_at, p.recorded_at)"""
    ).bindparams(
        bindparam("as_of", type_=Date), bindparam("known_at", type_=DateTime(timezone=True))
    )
    asked = {
        "bank": to_uuid("bank", bank_id),
        "account": to_uuid("acc", account_id),
        "as_of": as_of,
        "known_at": known_at,
    }
    return int(session.execute(query, asked).scalar_one())
