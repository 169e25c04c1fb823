"""Nouns of insight. Money is in whole units of the portrait's currency, per month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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
