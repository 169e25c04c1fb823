"""Nouns of the ledger: accounts, instructions, outcomes, and what is read back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum

from jiuding.base.amounts import Amount, Asset


class AccountClass(StrEnum):
    """Where an account stands in the books."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"

    @property
    def is_debit_normal(self) -> bool:
        """Whether debits make the balance larger: so for assets and expenses."""
        return self in (AccountClass.ASSET, AccountClass.EXPENSE)


class Status(StrEnum):
    """What an account lets happen.

    `outflow_frozen` lets money in but not out; `frozen` neither; `closed` neither, and is empty.
    """

    OPEN = "open"
    FROZEN = "frozen"
    OUTFLOW_FROZEN = "outflow_frozen"
    CLOSED = "closed"


class HoldStatus(StrEnum):
    """What became of a hold; captured means that nothing of it is left."""

    OPEN = "open"
    CAPTURED = "captured"
    VOIDED = "voided"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class AccountKind:
    """One line of the chart of accounts (`catalog/accounts.toml`)."""

    name: str
    account_class: AccountClass
    title_zh: str
    title_en: str
    is_limited: bool


@dataclass(frozen=True, slots=True)
class AccountGrade:
    """What an account may reach because of how its holder was verified, in whole currency.

    Declared in `catalog/account_grades.toml`; None means no limit.
    """

    name: str
    kind: str
    asset: str
    title_zh: str
    title_en: str
    balance_max: Decimal | None
    outflow_per_day_max: Decimal | None
    outflow_per_year_max: Decimal | None
    rules: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What an account may reach, in its own asset; None means no limit.

    `overdraft_max` is how far the balance may fall below zero: zero units for not at all, more for
    a credit limit. Outflows are counted by `effective_on`, holds on the day they are placed.
    """

    overdraft_max: Amount | None = None
    balance_max: Amount | None = None
    outflow_per_day_max: Amount | None = None
    outflow_per_year_max: Amount | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Where value is: one asset, one owner (a party's or lender's id; None is the bank itself)."""

    account_id: str
    kind: str
    account_class: AccountClass
    asset: Asset
    owner_id: str | None
    purpose: str
    status: Status
    limits: Limits
    opened_at: datetime
    grade: str | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account holds now, on its normal side.

    `available` is what may still leave: the balance less the holds on it, plus any credit limit;
    None when nothing limits it.
    """

    account_id: str
    posted: Amount
    held_out: Amount
    held_in: Amount
    available: Amount | None


@dataclass(frozen=True, slots=True)
class NewTransfer:
    """An instruction to move value; `transfer_id` is made by the caller and is the idempotency key.

    The debit account is debited and the credit account credited: a deposit account pays by being
    debited, a receivable grows by being debited. `code` says why (`package.snake_words`), `about`
    is the id of what it concerns. `is_linked` binds it to the next item of the batch: a run of
    linked items and the item after it are posted all or not at all.
    """

    transfer_id: str
    debit_id: str
    credit_id: str
    amount: Amount
    code: str
    effective_on: date
    about: str | None = None
    is_linked: bool = False
    reverses_id: str | None = None


@dataclass(frozen=True, slots=True)
class NewHold:
    """An instruction to set value aside for a transfer that may follow.

    Without `expires_at` it stays until it is captured or voided.
    """

    hold_id: str
    debit_id: str
    credit_id: str
    amount: Amount
    code: str
    effective_on: date
    about: str | None = None
    expires_at: datetime | None = None
    is_linked: bool = False


@dataclass(frozen=True, slots=True)
class Capture:
    """An instruction to post what a hold set aside, all of what is left when no amount is given.

    A capture of part leaves the rest held, unless `is_final` gives the rest back.
    """

    transfer_id: str
    hold_id: str
    code: str
    effective_on: date
    amount: Amount | None = None
    about: str | None = None
    is_final: bool = False
    is_linked: bool = False


@dataclass(frozen=True, slots=True)
class Void:
    """An instruction to give back what is left of a hold; `is_expiry` when its time has passed."""

    hold_id: str
    is_expiry: bool = False
    is_linked: bool = False


Instruction = NewTransfer | NewHold | Capture | Void


class Refusal(IntEnum):
    """The result codes of the posting function; the texts are the problems in `errors`."""

    AMOUNT_NOT_POSITIVE = 10
    SAME_ACCOUNT = 11
    ACCOUNT_NOT_FOUND = 12
    ASSET_MISMATCH = 13
    ACCOUNT_CLOSED = 14
    ACCOUNT_FROZEN = 15
    OVERFLOW = 16
    INSUFFICIENT_FUNDS = 17
    CREDIT_LIMIT = 18
    BALANCE_MAX = 19
    OUTFLOW_PER_DAY_MAX = 20
    OUTFLOW_PER_YEAR_MAX = 21
    ID_REUSED = 30
    LINKED_FAILED = 31
    GROUP_OPEN = 32
    HOLD_NOT_FOUND = 40
    HOLD_CAPTURED = 41
    HOLD_VOIDED = 42
    HOLD_EXPIRED = 43
    HOLD_EXCEEDED = 44
    HOLD_NOT_EXPIRED = 45
    TRANSFER_NOT_FOUND = 50
    ALREADY_REVERSED = 51
    REVERSAL_MISMATCH = 52

    @property
    def code(self) -> str:
        """The stable code of the problem, such as `ledger.insufficient_funds`."""
        return f"ledger.{self.name.lower()}"


class Result(StrEnum):
    """How an instruction ended; `exists` is the first outcome of the same instruction again."""

    POSTED = "posted"
    EXISTS = "exists"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one instruction; `refusal` says why when the result is `refused`."""

    id: str
    result: Result
    refusal: Refusal | None = None

    @property
    def is_refused(self) -> bool:
        """Whether the instruction changed nothing, now or before."""
        return self.refusal is not None

    @property
    def code(self) -> str | None:
        """The refusal's stable code, or None."""
        return None if self.refusal is None else self.refusal.code


@dataclass(frozen=True, slots=True)
class Transfer:
    """A posted movement of value, as it was recorded."""

    transfer_id: str
    debit_id: str
    credit_id: str
    amount: Amount
    code: str
    about: str | None
    effective_on: date
    recorded_at: datetime
    hold_id: str | None
    reverses_id: str | None


@dataclass(frozen=True, slots=True)
class Hold:
    """Value set aside: what was held first, what is left of it and what was captured."""

    hold_id: str
    debit_id: str
    credit_id: str
    amount: Amount
    left: Amount
    captured: Amount
    status: HoldStatus
    code: str
    about: str | None
    effective_on: date
    expires_at: datetime | None
    placed_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One posting on one account: `change` and `balance_after` are on the account's normal side."""

    number: int
    transfer_id: str
    other_account_id: str
    change: Amount
    balance_after: Amount
    code: str
    about: str | None
    effective_on: date
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Lines, newest first; `cursor` asks for the next page and is None on the last."""

    lines: tuple[StatementLine, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One account kind in one asset: what was debited and credited, and the balance."""

    kind: str
    account_class: AccountClass
    asset: Asset
    debits: Amount
    credits: Amount
    balance: Amount


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account of a kind: what was debited and credited in a period, and the balance of that."""

    account: Account
    debits: Amount
    credits: Amount
    balance: Amount


@dataclass(frozen=True, slots=True)
class AccountLinePage:
    """Accounts of a kind, oldest first; `cursor` asks for the next page, None on the last."""

    lines: tuple[AccountLine, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Ties:
    """What is known of a transfer beside its own row.

    `seal_number` is None while it waits for its seal; `reversed_by` is the transfer that took it
    back, and `hold` what it was captured from.
    """

    seal_number: int | None
    reversed_by: Transfer | None
    hold: Hold | None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with the books, in words and with the ids it is about."""

    code: str
    detail: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DailyFlow:
    """One day's sum of one code on an account; positive units made its balance grow."""

    on: date
    code: str
    units: int


@dataclass(frozen=True, slots=True)
class Close:
    """The books of a day as they stood when it was closed; `number` counts its closes from 1."""

    on: date
    number: int
    closed_at: datetime
    lines: tuple[TrialLine, ...]


@dataclass(frozen=True, slots=True)
class CloseDifference:
    """What a kind of account shows otherwise than a close said, such as after a late posting."""

    kind: str
    asset: Asset
    debits_closed: Amount
    debits_now: Amount
    credits_closed: Amount
    credits_now: Amount


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that was written: its name, how many records it holds, and its SHA-256 in hex."""

    name: str
    row_count: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Seal:
    """One link of a bank's hash chain: a block of transfers, and the seal before it."""

    number: int
    sealed_at: datetime
    previous: bytes
    root: bytes
    transfer_count: int
    seal: bytes


@dataclass(frozen=True, slots=True)
class Verification:
    """What a bank's chain shows; `finding` names the first thing that is not as it was sealed."""

    seal_count: int
    sealed_count: int
    waiting_count: int
    head: str
    finding: Finding | None
