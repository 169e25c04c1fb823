"""The rows of a served loan: what is due, what is paid, and when a row was settled."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

COMPONENTS = ("PENALTY", "FEE", "INTEREST", "PRINCIPAL")
ZERO = Decimal(0)


@dataclass(slots=True)
class Row:
    """One row that is due: four components charged and paid. It is changed as events happen."""

    start: date
    due: date
    principal: Decimal = ZERO
    interest: Decimal = ZERO
    is_down_payment: bool = False
    is_extra: bool = False
    fee: Decimal = ZERO
    penalty: Decimal = ZERO
    paid: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(COMPONENTS, ZERO))
    in_advance: Decimal = ZERO
    late: Decimal = ZERO
    settled_on: date | None = None

    def charged(self, what: str) -> Decimal:
        """Return what is due of a component."""
        return {
            "PENALTY": self.penalty,
            "FEE": self.fee,
            "INTEREST": self.interest,
            "PRINCIPAL": self.principal,
        }[what]

    def owed(self, what: str) -> Decimal:
        """Return what is still owed of a component, never below zero."""
        return max(ZERO, self.charged(what) - self.paid[what])

    @property
    def total(self) -> Decimal:
        """What is due in all."""
        return self.principal + self.interest + self.fee + self.penalty

    @property
    def total_paid(self) -> Decimal:
        """What is paid in all."""
        return sum(self.paid.values(), ZERO)

    @property
    def is_open(self) -> bool:
        """Whether something is still owed."""
        return any(self.owed(what) for what in COMPONENTS)

    def pay(self, what: str, amount: Decimal, on: date) -> Decimal:
        """Pay up to what is owed of a component; return how much was used."""
        used = min(amount, self.owed(what))
        if used <= 0:
            return ZERO
        self.paid[what] += used
        if on < self.due:
            self.in_advance += used
        elif on > self.due:
            self.late += used
        self.settle(on)
        return used

    def settle(self, on: date) -> None:
        """Note the day on which nothing is owed any more, or that something is again."""
        if self.is_open:
            self.settled_on = None
        elif self.settled_on is None:
            self.settled_on = on

    def forget_payments(self) -> None:
        """Return to the state before any payment, to be paid again in order."""
        self.paid = dict.fromkeys(COMPONENTS, ZERO)
        self.in_advance = self.late = ZERO
        self.settled_on = None

    def reopen(self) -> None:
        """Forget the day it was settled where something is owed again."""
        if self.is_open:
            self.settled_on = None


def shown(amount: Decimal) -> str:
    """Return an amount in the form of the examples: at least one place, no trailing zeros."""
    text = f"{amount.normalize():f}"
    return text if "." in text else text + ".0"


def table(
    rows: list[Row],
    disbursed: list[tuple[date, Decimal]],
    *,
    is_paid_out: bool,
    money_first: bool,
) -> list[dict[str, object]]:
    """Return the printed rows: money paid out, and what is due, in order of their days.

    `money_first` says that money paid out on a due day stands before the row due that day.
    """
    printed: list[dict[str, object]] = []
    waiting = list(disbursed)
    balance = ZERO
    for number, row in enumerate(rows, 1):
        while waiting and _is_before(waiting[0][0], row, money_first):
            day, amount = waiting.pop(0)
            balance += amount
            printed.append(_paid_out(day, amount, is_paid_out))
            if row.is_down_payment:
                break
        balance -= row.principal
        printed.append(_due(number, row, max(ZERO, balance)))
    printed += [_paid_out(day, amount, is_paid_out) for day, amount in waiting]
    return printed


def _is_before(day: date, row: Row, money_first: bool) -> bool:
    return day < row.due or (day == row.due and (money_first or row.is_down_payment))


def _paid_out(day: date, amount: Decimal, is_paid_out: bool) -> dict[str, object]:
    return {
        "nr": None,
        "days": None,
        "date": day.isoformat(),
        "paid_date": None,
        "balance": shown(amount),
        "principal": None,
        "interest": None,
        "fees": "0.0",
        "penalties": None,
        "due": "0.0",
        "paid": "0.0" if is_paid_out else None,
        "in_advance": None,
        "late": None,
        "outstanding": None if is_paid_out else "0.0",
    }


def _due(number: int, row: Row, balance: Decimal) -> dict[str, object]:
    return {
        "nr": number,
        "days": (row.due - row.start).days,
        "date": row.due.isoformat(),
        "paid_date": row.settled_on.isoformat() if row.settled_on else None,
        "balance": shown(balance),
        "principal": shown(row.principal),
        "interest": shown(row.interest),
        "fees": shown(row.fee),
        "penalties": shown(row.penalty),
        "due": shown(row.total),
        "paid": shown(row.total_paid),
        "in_advance": shown(row.in_advance),
        "late": shown(row.late),
        "outstanding": shown(row.total - row.total_paid),
    }
