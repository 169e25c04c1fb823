"""Open accounts, find them, and change what they let happen."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from jiuding.base.amounts import Asset
from jiuding.base.database.engine import Session
from jiuding.base.ids import new_id, to_uuid
from jiuding.base.problems import ensure
from jiuding.base.settings import CATALOG
from jiuding.kernel.ledger.errors import (
    AccountClosed,
    AccountNotEmpty,
    AccountNotFound,
    AssetScaleFixed,
    BadInstruction,
    ForbiddenUse,
    GradeUnknown,
    IdReused,
    KindUnknown,
)
from jiuding.kernel.ledger.rules import chart as rules
from jiuding.kernel.ledger.rules.batch import is_code, is_id
from jiuding.kernel.ledger.rules.marking import is_use
from jiuding.kernel.ledger.store import accounts as store
from jiuding.kernel.ledger.store import marking
from jiuding.kernel.ledger.types import Account, AccountGrade, AccountKind, Limits, Status

ACCOUNTS_PER_OWNER_MAX = 1_000
OPENED = "ledger.opened"


@functools.cache
def chart() -> dict[str, AccountKind]:
    """Return the chart of accounts, read once from `catalog/accounts.toml`.

    Refuses: BadChart.
    """
    text = (CATALOG / "accounts.toml").read_text(encoding="utf-8")
    return rules.read_chart(tomllib.loads(text, parse_float=Decimal))


@functools.cache
def grades() -> dict[str, AccountGrade]:
    """Return the account grades, read once from `catalog/account_grades.toml`.

    Refuses: BadChart.
    """
    text = (CATALOG / "account_grades.toml").read_text(encoding="utf-8")
    return rules.read_grades(tomllib.loads(text, parse_float=Decimal), chart())


def grade_of(name: str, kind: str, asset: Asset) -> AccountGrade:
    """Return a grade that an account of this kind and asset can have.

    Refuses: GradeUnknown.
    """
    grade = grades().get(name)
    if grade is None or (grade.kind, grade.asset) != (kind, asset.code):
        raise GradeUnknown(f"{name[:64]!r} is no grade of {kind} in {asset.code}")
    return grade


def open_account(
    session: Session,
    *,
    bank_id: str,
    kind: str,
    asset: Asset,
    now: datetime,
    owner_id: str | None = None,
    purpose: str = "",
    limits: Limits | None = None,
    use: str | None = None,
    grade: str | None = None,
    account_id: str | None = None,
) -> Account:
    """Open an account of a kind in the chart, and return it.

    `owner_id` is a party's or lender's id; without it the account is the bank's own, of which there
    is one for each kind, asset and purpose (see `bank_account`). Without `limits` the chart says
    whether it may fall below zero, and without `use` what money arriving here is used for. A
    `grade` adds its limits, and none may be wider. With `account_id`, the same again returns the
    first account.
    Refuses: KindUnknown, GradeUnknown, BadLimits, AssetScaleFixed, IdReused for an id with other
    content.
    """
    line = kind_of(kind)
    limits = limits if limits is not None else rules.default_limits(line, asset)
    if grade is not None:
        limits = rules.graded_limits(limits, grade_of(grade, kind, asset), asset)
    rules.check_limits(limits, line, asset)
    for word in (owner_id, purpose or None):
        if word is not None and not is_id(word):
            raise BadInstruction("an owner or purpose is an id or one word, not free text")
    _check_use(use)
    scale = store.fix_scale(session, bank_id, asset)
    if scale != asset.scale:
        raise AssetScaleFixed(f"{asset.code} has scale {scale} here, not {asset.scale}")
    account = Account(
        account_id=account_id or new_id("acc", now),
        kind=kind,
        account_class=line.account_class,
        asset=asset,
        owner_id=owner_id,
        purpose=purpose,
        status=Status.OPEN,
        limits=limits,
        opened_at=now,
        use=line.use if use is None else use,
        is_traced=line.is_traced,
        grade=grade,
    )
    added = store.add_account(session, bank_id, account)
    if added and account.use is not None:
        # So that the history of uses begins with the first.
        store.add_change(
            session, bank_id, account.account_id, Status.OPEN, account.use, OPENED, now
        )
    found = store.find_accounts(session, bank_id, 1, account_id=account.account_id)
    if not found or replace(found[0], status=Status.OPEN, opened_at=now) != account:
        raise IdReused("another account is open under this id or in this place", kind=kind)
    return found[0]


def _check_use(use: str | None) -> None:
    if use is not None and not is_use(use):
        raise BadInstruction(f"{use[:40]!r} is not a use: one word in small letters")


def kind_of(name: str) -> AccountKind:
    """Return a kind of the chart.

    Refuses: KindUnknown.
    """
    line = chart().get(name)
    if line is None:
        raise KindUnknown(f"{name[:64]!r} is not a kind in catalog/accounts.toml")
    return line


def bank_account(
    session: Session, *, bank_id: str, kind: str, asset: Asset, now: datetime, purpose: str = ""
) -> Account:
    """Return the bank's own account of this kind, asset and purpose, opened on first use.

    Refuses: KindUnknown, AssetScaleFixed.
    """
    wanted = {"kind": kind, "asset_code": asset.code, "owner_id": None, "purpose": purpose}
    found = store.find_accounts(session, bank_id, 1, **wanted)
    if not found:
        try:
            return open_account(
                session, bank_id=bank_id, kind=kind, asset=asset, purpose=purpose, now=now
            )
        except IdReused:
            # Another session opened it in between; its commit was waited for.
            found = store.find_accounts(session, bank_id, 1, **wanted)
            ensure(found, "the account that was in the way can be read")
    if found[0].asset != asset:
        raise AssetScaleFixed(f"{asset.code} has scale {found[0].asset.scale} here")
    return found[0]


def read_account(session: Session, *, bank_id: str, account_id: str) -> Account:
    """Return an account.

    Refuses: AccountNotFound.
    """
    to_uuid("acc", account_id)
    found = store.find_accounts(session, bank_id, 1, account_id=account_id)
    if not found:
        raise AccountNotFound(f"{account_id} is not an account of this bank", account_id=account_id)
    return found[0]


def accounts_of(session: Session, *, bank_id: str, owner_id: str) -> tuple[Account, ...]:
    """Return an owner's accounts, oldest first; at most `ACCOUNTS_PER_OWNER_MAX`."""
    return store.find_accounts(session, bank_id, ACCOUNTS_PER_OWNER_MAX, owner_id=owner_id)


def freeze_account(
    session: Session,
    *,
    bank_id: str,
    account_id: str,
    reason: str,
    now: datetime,
    is_outflow_only: bool = False,
) -> None:
    """Let nothing more happen on an account, or nothing more leave it.

    Refuses: AccountNotFound, AccountClosed.
    """
    status = Status.OUTFLOW_FROZEN if is_outflow_only else Status.FROZEN
    _change_status(session, bank_id, account_id, status, reason, now)


def close_account(
    session: Session, *, bank_id: str, account_id: str, reason: str, now: datetime
) -> None:
    """Close an empty account; again changes nothing.

    Refuses: AccountNotFound, AccountNotEmpty.
    """
    _change_status(session, bank_id, account_id, Status.CLOSED, reason, now)


def reopen_account(
    session: Session, *, bank_id: str, account_id: str, reason: str, now: datetime
) -> None:
    """Let everything happen again on a frozen or closed account.

    Refuses: AccountNotFound.
    """
    _change_status(session, bank_id, account_id, Status.OPEN, reason, now)


def _change_status(
    session: Session, bank_id: str, account_id: str, status: Status, reason: str, now: datetime
) -> None:
    if not is_code(reason):
        raise BadInstruction(f"{reason[:40]!r} is not a code like package.words")
    to_uuid("acc", account_id)
    row = store.lock_account(session, bank_id, account_id)
    if row is None:
        raise AccountNotFound(f"{account_id} is not an account of this bank", account_id=account_id)
    before = store.STATUSES[row.status]
    if before == status:
        return
    if before is Status.CLOSED and status is not Status.OPEN:
        raise AccountClosed(f"{account_id} is closed", account_id=account_id)
    holds_something = row.debits_posted != row.credits_posted or row.debits_held or row.credits_held
    if status is Status.CLOSED and holds_something:
        raise AccountNotEmpty(f"{account_id} has a balance or holds", account_id=account_id)
    store.change_account(session, bank_id, account_id, {"status": store.STATUSES.index(status)})
    store.add_change(session, bank_id, account_id, status, row.use, reason, now)


def set_use(
    session: Session,
    *,
    bank_id: str,
    account_id: str,
    use: str | None,
    reason: str,
    now: datetime,
) -> Account:
    """Say what money that arrives on an account is used for; again changes nothing.

    Refuses: AccountNotFound; BadInstruction; ForbiddenUse when the account holds marked money that
    may not be used so.
    """
    _check_use(use)
    if not is_code(reason):
        raise BadInstruction(f"{reason[:40]!r} is not a code like package.words")
    to_uuid("acc", account_id)
    row = store.lock_account(session, bank_id, account_id)
    if row is None:
        raise AccountNotFound(f"{account_id} is not an account of this bank", account_id=account_id)
    account = store.account_of(row)
    if account.use == use:
        return account
    for held in marking.marks_on(session, bank_id, account_id, asset=account.asset):
        if use in held.mark.forbidden_uses:
            raise ForbiddenUse(
                f"the account holds {held.amount} that may not be used for {use}",
                account_id=account_id,
                mark_id=held.mark.mark_id,
            )
    store.change_account(session, bank_id, account_id, {"use": use})
    store.add_change(session, bank_id, account_id, account.status, use, reason, now)
    return replace(account, use=use)


def set_limits(session: Session, *, bank_id: str, account_id: str, limits: Limits) -> Account:
    """Replace an account's limits; the same again changes nothing.

    What the account's grade limits stays limited. Refuses: AccountNotFound; BadLimits for limits
    that the account already exceeds, or cannot have, or that are wider than its grade's.
    """
    account = _locked(session, bank_id, account_id)
    return _limit(session, bank_id, account, limits, account.grade)


def set_grade(session: Session, *, bank_id: str, account_id: str, grade: str) -> Account:
    """Give an account another grade with that grade's limits; the same again changes nothing.

    How far its balance may fall stays as it was. Refuses: AccountNotFound, GradeUnknown; BadLimits
    when the account already exceeds what the grade allows.
    """
    account = _locked(session, bank_id, account_id)
    return _limit(session, bank_id, account, Limits(account.limits.overdraft_max), grade)


def _locked(session: Session, bank_id: str, account_id: str) -> Account:
    to_uuid("acc", account_id)
    row = store.lock_account(session, bank_id, account_id)
    if row is None:
        raise AccountNotFound(f"{account_id} is not an account of this bank", account_id=account_id)
    return store.account_of(row)


def _limit(
    session: Session, bank_id: str, account: Account, limits: Limits, grade: str | None
) -> Account:
    if grade is not None:
        found = grade_of(grade, account.kind, account.asset)
        limits = rules.graded_limits(limits, found, account.asset)
    rules.check_limits(limits, kind_of(account.kind), account.asset)
    balance = store.read_balances(session, bank_id, [account.account_id])[account.account_id]
    rules.check_room(limits, balance)
    values = {**store.limit_columns(limits), "grade": grade}
    store.change_account(session, bank_id, account.account_id, values)
    return replace(account, limits=limits, grade=grade)
