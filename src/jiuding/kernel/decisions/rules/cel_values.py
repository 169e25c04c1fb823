"""What all back ends agree on: exact numbers, their bounds, and values that cannot be known.

Decimals are worked in 34 digits, half to even, as IEEE 754-2008 decimal128 is; whole numbers stay
within 64 bits. What leaves these bounds is not evaluated: it is never wrong in silence.
"""

from __future__ import annotations

import decimal
from decimal import Decimal

from jiuding.kernel.decisions.rules.cel_lexer import INT_MAX

WHOLE_DIGITS_MAX = 30

EXACT = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-383,
    Emax=384,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)


class Unknown(Exception):
    """Carry, inside this package only, why a value cannot be known and for want of which fields."""

    def __init__(self, why: str, fields: frozenset[str] = frozenset()) -> None:
        super().__init__(why)
        self.why = why
        self.fields = fields

    def joined(self, other: Unknown) -> Unknown:
        """Return one unknown that names the fields of both; the first says why."""
        return Unknown(self.why, self.fields | other.fields)


def whole(value: int) -> int:
    """Return a whole number that fits in 64 bits; anything else is not evaluated."""
    if -INT_MAX - 1 <= value <= INT_MAX:
        return value
    raise Unknown("overflow")


def divide_whole(left: int, right: int) -> int:
    """Divide towards zero, as CEL does; by zero is not evaluated."""
    if right == 0:
        raise Unknown("divided_by_zero")
    quotient = abs(left) // abs(right)
    return whole(quotient if (left < 0) == (right < 0) else -quotient)


def remainder(left: int, right: int) -> int:
    """Return what division towards zero leaves; it has the sign of `left`."""
    if right == 0:
        raise Unknown("divided_by_zero")
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def divide(left: Decimal, right: Decimal) -> Decimal:
    """Divide to 34 digits; by zero is not evaluated."""
    if right == 0:
        raise Unknown("divided_by_zero")
    return plain(left / right)


def plain(value: Decimal) -> Decimal:
    """Return the same number without an exponent and without a negative zero.

    So its text reads back to the same digits, and a replay is identical byte for byte. A number
    of more than `WHOLE_DIGITS_MAX` digits before the point is not evaluated.
    """
    if value == 0:
        return Decimal(0)
    if value.adjusted() >= WHOLE_DIGITS_MAX:
        raise Unknown("overflow")
    _, _, exponent = value.as_tuple()
    if isinstance(exponent, int) and exponent <= 0:
        return value
    return Decimal(format(value, "f"))
