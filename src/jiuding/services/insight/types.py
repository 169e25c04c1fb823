"""Nouns of insight. Money is in whole units of the portrait's currency, per month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from jiuding.kernel import decisions


class Regularity(StrEnum):
    """How income arrives."""

    REGULAR = "regular"
    IRREGULAR = "irregular"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Flow:
    """One day's sum of one kind of movement: positive comes in, negative goes out."""

    on: date
    code: str
    units: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a figure rests on: monthly sums, oldest first."""

    figure: str
    months: tuple[str, ...]
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Portrait:
    """What history shows on a day. `income_monthly` is None when nothing proves an income."""

    on: date
    currency: str
    income_monthly: Decimal | None
    regularity: Regularity
    expenses_monthly: Decimal
    debts_monthly: Decimal
    months_of_history: int
    missed_payments_12m: int
    lowest_balance_3m: Decimal
    evidence: tuple[Evidence, ...]

    @property
    def free_monthly(self) -> Decimal | None:
        """What is left of income after living costs and debts."""
        if self.income_monthly is None:
            return None
        return self.income_monthly - self.expenses_monthly - self.debts_monthly


@dataclass(frozen=True, slots=True)
class CashFlowScore:
    """How sound an account's flows are: 300 to 850, more is sounder, and what cost most.

    None where nothing of the flows can be judged. `policy_version` is the hash of the points.
    """

    points: int | None
    reasons: tuple[decisions.Reason, ...]
    not_evaluated: tuple[decisions.NotEvaluated, ...]
    policy_version: str


class Standing(StrEnum):
    """What a figure rests on: our own postings, or the customer's word."""

    VERIFIED = "verified"
    STATED = "stated"


@dataclass(frozen=True, slots=True)
class Movement:
    """One posting on the party's own account: positive came in; `transfer_id` is its evidence."""

    on: date
    code: str
    units: int
    transfer_id: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the sheet, per month: what it is, since when, and the transfers behind it.

    `amount` is None when history does not prove it. `stated` is what the customer says instead, and
    `stated_on` when; it is shown beside the figure and proves nothing. `transfer_count` counts all
    evidence, `transfer_ids` holds the newest of it.
    """

    name: str
    amount: Decimal | None
    basis: str
    seen_from: date | None
    seen_until: date | None
    transfer_count: int
    transfer_ids: tuple[str, ...]
    stated: Decimal | None = None
    stated_on: date | None = None


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of stress: how often and when last, and the transfers that show it."""

    name: str
    count: int
    last_on: date
    transfer_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The financial portrait as its owner sees it.

    `is_deleted` says that the owner had it deleted: then nothing is drawn and nothing is verified.
    `foresees` says that the owner allows us to look ahead.
    """

    on: date
    currency: str
    regularity: Regularity
    figures: tuple[Figure, ...]
    signs: tuple[Sign, ...]
    months_of_history: int
    is_deleted: bool
    foresees: bool


class WishKind(StrEnum):
    """What a party can say about its portrait."""

    STATE = "state"
    TAKE_BACK = "take_back"
    DELETE = "delete"
    RESTORE = "restore"
    FORESEE = "foresee"
    STOP_FORESEEING = "stop_foreseeing"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a party said about its portrait; `figure` and `amount` belong to a statement."""

    wish_id: str
    party_id: str
    kind: WishKind
    figure: str | None
    amount: Decimal | None
    currency: str | None
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Telling:
    """What a party was told of the next 30 days, once in a season, and what it rests on.

    `chance` of a peak and `common`, how often peaks come to others, are fractions; `usual_units` is
    what goes out in a usual 30 days. `windows` are the sums of the last 30-day windows, newest
    first, that the party's own payments from `seen_from` to `seen_until` add up to; `transfer_ids`
    the newest of them, `transfer_count` all. `model_version` is the hash of the weights.
    """

    telling_id: str
    party_id: str
    season: str
    told_at: datetime
    currency: str
    chance: Decimal
    common: Decimal
    usual_units: int
    window_from: date
    window_until: date
    windows: tuple[int, ...]
    seen_from: date
    seen_until: date
    transfer_count: int
    transfer_ids: tuple[str, ...]
    model_version: str
