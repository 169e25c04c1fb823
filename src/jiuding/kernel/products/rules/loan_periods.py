"""Periods of a progressive loan: the days, the level, and what was paid on it.

A *span* is a stretch of days with one balance; money paid out or paid back cuts a period in two.
Interest of a period is the sum of its spans, rounded once. The *level* of a period is its equal
payment; principal is the level less interest. What does not fit into a level waits for the next
period. Amounts are decimal currency rounded half to even to two places.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal

ZERO, CENT = Decimal(0), Decimal("0.01")
# The examples carry 19 digits: 750 x 7 % x 30/360 is 4.37499… there, and rounds down.
PRECISION = Context(prec=19, rounding=ROUND_HALF_EVEN)


def money(amount: Decimal) -> Decimal:
    """Return an amount rounded to cents, halves to even."""
    return amount.quantize(CENT, ROUND_HALF_EVEN)


@dataclass(slots=True)
class Span:
    """Days with one balance; what changes it at its end is `paid_out` and `correction`."""

    start: date
    end: date
    paid_out: Decimal = ZERO
    correction: Decimal = ZERO
    balance: Decimal = ZERO
    factor: Decimal = ZERO
    factor_to_due: Decimal = ZERO


@dataclass(slots=True)
class Period:
    """One repayment period: its spans, its level, and what was paid on it."""

    start: date
    due: date
    spans: list[Span]
    level: Decimal = ZERO
    first_level: Decimal = ZERO
    paid_principal: Decimal = ZERO
    paid_interest: Decimal = ZERO
    foreseen_interest: Decimal = ZERO  # of later days, that fits only here
    is_foreseen_elsewhere: bool = False
    previous: Period | None = None

    @property
    def paid(self) -> Decimal:
        """All that was paid on it."""
        return self.paid_principal + self.paid_interest

    @property
    def full_level(self) -> Decimal:
        """The level with interest that is foreseen from later days."""
        return self.level + self.foreseen_interest

    def bear(self, unfitted: Decimal) -> tuple[Decimal, Decimal]:
        """Return the interest it has to bear and the part of it that is due.

        To bear: interest of its days, what is foreseen for it, and what did not fit before. Due: as
        much as fits into its level, at least what was paid.
        """
        earned = max(ZERO, self._of_days() + self.foreseen_interest + unfitted)
        level = self.full_level
        if self.paid_principal > max(ZERO, level - earned):
            return earned, self.paid_interest
        return earned, max(self.paid_interest, min(earned, level))

    def interest(self) -> tuple[Decimal, Decimal]:
        """Return the interest to bear and due, with what did not fit into the periods before."""
        chain: list[Period] = [self]
        while chain[-1].previous is not None:
            chain.append(chain[-1].previous)
        earned, due = ZERO, ZERO
        for period in reversed(chain):
            earned, due = period.bear(max(ZERO, earned - due))
        return earned, due

    def _of_days(self) -> Decimal:
        if self.is_foreseen_elsewhere:
            return ZERO
        earned = ZERO
        for span in self.spans:
            length = (self.due - span.start).days
            if length and span.balance:
                whole = PRECISION.multiply(span.balance, span.factor_to_due)
                days = (span.end - span.start).days
                part = PRECISION.multiply(PRECISION.divide(whole, Decimal(length)), Decimal(days))
                earned += max(ZERO, part)
        return money(earned)

    @property
    def due_interest(self) -> Decimal:
        """Interest due on it."""
        return self.interest()[1]

    @property
    def unfitted_interest(self) -> Decimal:
        """Interest that does not fit into its level and waits for the next period."""
        earned, due = self.interest()
        return max(ZERO, earned - due)

    @property
    def due_principal(self) -> Decimal:
        """Principal due on it: the level less interest, at least what was paid."""
        return self.principal_beside(self.due_interest)

    def principal_beside(self, interest: Decimal) -> Decimal:
        """Return the principal due on it when so much interest is."""
        return max(self.paid_principal, self.full_level - interest, ZERO)

    @property
    def owed_principal(self) -> Decimal:
        """Principal still owed on it."""
        return max(ZERO, self.due_principal - self.paid_principal)

    @property
    def is_settled(self) -> bool:
        """Whether exactly its level was paid."""
        return self.full_level == self.paid

    @property
    def closing_balance(self) -> Decimal:
        """The balance after its due principal."""
        last = self.spans[-1]
        balance = last.balance + last.correction + last.paid_out
        return max(ZERO, balance + self.paid_principal - self.due_principal)

    @property
    def paid_out(self) -> Decimal:
        """Money paid out in it."""
        return sum((span.paid_out for span in self.spans), ZERO)

    def span_at(self, day: date) -> Span | None:
        """Return the last span that holds this day: start exclusive, but for the very first."""
        found = None
        for place, span in enumerate(self.spans):
            is_first = self.previous is None and place == 0
            if span.start < day <= span.end or (is_first and span.start == day):
                found = span
        return found
