"""The operators and functions of conditions: their types, and what they do in Python.

A function here is pure, total within its stated bounds, and cheap. Where it has no answer it is
not evaluated. Formulas for a loan: the annuity in arrears, S. Kellison, The Theory of Interest,
3rd ed., §3.2; rates are per year and compound monthly at a twelfth.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache
from typing import Any

from jiuding.kernel.decisions.rules.cel_patterns import Pattern
from jiuding.kernel.decisions.rules.cel_values import (
    Unknown,
    divide,
    divide_whole,
    plain,
    remainder,
    whole,
)
from jiuding.kernel.decisions.types.tree import Type

MONTHS_MAX = 600

_BOOL, _INT, _DECIMAL, _STRING = Type.BOOL, Type.INT, Type.DECIMAL, Type.STRING
_LISTS = {Type.INTS: _INT, Type.DECIMALS: _DECIMAL, Type.STRINGS: _STRING}


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature of a function; `is_many` repeats the last argument any number of times."""

    args: tuple[Type, ...]
    result: Type
    run: Callable[..., Any]
    is_many: bool = False

    def fits(self, given: tuple[Type, ...]) -> tuple[Type, ...] | None:
        """Return the types that arguments become, or None; an int may become a decimal."""
        wanted = self.args
        if self.is_many and len(given) > len(wanted):
            wanted += (wanted[-1],) * (len(given) - len(wanted))
        if len(wanted) != len(given):
            return None
        pairs = zip(wanted, given, strict=True)
        fit = all(to is of or (to is _DECIMAL and of is _INT) for to, of in pairs)
        return wanted if fit else None


def affordable_principal(payment: Decimal, rate_per_year: Decimal, months: int) -> Decimal:
    """Return the largest whole principal that equal monthly payments in arrears repay.

    A payment of nothing or less affords nothing. Not evaluated outside 1 to 600 months or 0 to
    1000 % a year. Source: present value of an annuity, Kellison §3.2.
    """
    _check_loan(rate_per_year, months)
    if payment <= 0:
        return Decimal(0)
    rate = rate_per_year / 12
    factor = Decimal(months) if rate == 0 else (1 - (1 + rate) ** -months) / rate
    return plain((payment * factor).to_integral_value(ROUND_FLOOR))


def instalment(principal: Decimal, rate_per_year: Decimal, months: int) -> Decimal:
    """Return the equal monthly payment in arrears, rounded up to a hundredth.

    Not evaluated outside 1 to 600 months, 0 to 1000 % a year. Source: Kellison §3.2.
    """
    _check_loan(rate_per_year, months)
    rate = rate_per_year / 12
    factor = Decimal(months) if rate == 0 else (1 - (1 + rate) ** -months) / rate
    return (principal / factor).quantize(Decimal("0.01"), ROUND_CEILING)


def months_to_repay(principal: Decimal, payment: Decimal, rate_per_year: Decimal) -> int:
    """Return the fewest whole months in which this payment repays the principal.

    Not evaluated when it never does, or not within 600 months. Source: Kellison §3.2, solved by
    walking the balance, which is exact to the last digit kept.
    """
    _check_loan(rate_per_year, 1)
    rate = rate_per_year / 12
    balance = principal
    for month in range(1, MONTHS_MAX + 1):
        owed = balance * (1 + rate)
        if owed <= payment:
            return month
        if owed - payment >= balance:
            break
        balance = owed - payment
    raise Unknown("no_answer")


def _check_loan(rate_per_year: Decimal, months: int) -> None:
    if not (1 <= months <= MONTHS_MAX and 0 <= rate_per_year <= 10):
        raise Unknown("no_answer")


def floor_to(value: Decimal, step: Decimal) -> Decimal:
    """Return the largest multiple of `step` that is not above the value; `step` is positive."""
    if step <= 0:
        raise Unknown("no_answer")
    return plain((value / step).to_integral_value(ROUND_FLOOR) * step)


@lru_cache(maxsize=1024)
def pattern(text: str) -> Pattern:
    """Return a pattern ready to search, kept for the next time."""
    return Pattern(text)


def _matches(text: str, wanted: str) -> bool:
    return pattern(wanted).matches(text)


def _truncate(value: Decimal) -> int:
    return whole(int(value))


def _numbers(run: Callable[[Any, Any], Any]) -> tuple[Overload, ...]:
    def ints(left: int, right: int) -> int:
        return whole(run(left, right))

    def decimals(left: Decimal, right: Decimal) -> Decimal:
        return plain(run(left, right))

    return (
        Overload((_INT, _INT), _INT, ints),
        Overload((_DECIMAL, _DECIMAL), _DECIMAL, decimals),
    )


def _compared(run: Callable[[Any, Any], bool], types: tuple[Type, ...]) -> tuple[Overload, ...]:
    return tuple(Overload((kind, kind), _BOOL, run) for kind in types)


def _chosen(run: Callable[..., Any]) -> tuple[Overload, ...]:
    return tuple(Overload((kind, kind), kind, run, is_many=True) for kind in (_INT, _DECIMAL))


_ORDERED = (_INT, _DECIMAL, _STRING)
_TEXTS = (_STRING, _STRING)

FUNCTIONS: dict[str, tuple[Overload, ...]] = {
    "==": _compared(operator.eq, (*_ORDERED, _BOOL)),
    "!=": _compared(operator.ne, (*_ORDERED, _BOOL)),
    "<": _compared(operator.lt, _ORDERED),
    "<=": _compared(operator.le, _ORDERED),
    ">": _compared(operator.gt, _ORDERED),
    ">=": _compared(operator.ge, _ORDERED),
    "in": tuple(
        Overload((item, whole_list), _BOOL, lambda item, found: item in found)
        for whole_list, item in _LISTS.items()
    ),
    "+": _numbers(operator.add),
    "-": _numbers(operator.sub),
    "*": _numbers(operator.mul),
    "/": (
        Overload((_INT, _INT), _INT, divide_whole),
        Overload((_DECIMAL, _DECIMAL), _DECIMAL, divide),
    ),
    "%": (Overload((_INT, _INT), _INT, remainder),),
    "neg": (
        Overload((_INT,), _INT, lambda value: whole(-value)),
        Overload((_DECIMAL,), _DECIMAL, lambda value: plain(-value)),
    ),
    "!": (Overload((_BOOL,), _BOOL, operator.not_),),
    "size": tuple(Overload((kind,), _INT, len) for kind in (_STRING, *_LISTS)),
    "startsWith": (Overload(_TEXTS, _BOOL, str.startswith),),
    "endsWith": (Overload(_TEXTS, _BOOL, str.endswith),),
    "contains": (Overload(_TEXTS, _BOOL, lambda text, part: part in text),),
    "matches": (Overload(_TEXTS, _BOOL, _matches),),
    "min": _chosen(min),
    "max": _chosen(max),
    "abs": (
        Overload((_INT,), _INT, lambda value: whole(abs(value))),
        Overload((_DECIMAL,), _DECIMAL, abs),
    ),
    "decimal": (Overload((_INT,), _DECIMAL, Decimal),),
    "int": (Overload((_DECIMAL,), _INT, _truncate),),
    "floor_to": (Overload((_DECIMAL, _DECIMAL), _DECIMAL, floor_to),),
    "affordable_principal": (Overload((_DECIMAL, _DECIMAL, _INT), _DECIMAL, affordable_principal),),
    "instalment": (Overload((_DECIMAL, _DECIMAL, _INT), _DECIMAL, instalment),),
    "months_to_repay": (Overload((_DECIMAL, _DECIMAL, _DECIMAL), _INT, months_to_repay),),
}
METHODS = frozenset(("size", "startsWith", "endsWith", "contains", "matches"))
OPERATORS = frozenset(name for name in FUNCTIONS if not name.isidentifier() or name == "in")
RESERVED_CALLS = OPERATORS | {"neg"}


def resolve(name: str, given: tuple[Type, ...]) -> tuple[Overload, tuple[Type, ...]] | None:
    """Return the signature that these arguments fit, and the types that they become."""
    for overload in FUNCTIONS.get(name, ()):
        if (wanted := overload.fits(given)) is not None:
            return overload, wanted
    return None


def function_names() -> Iterator[str]:
    """Return the names that a condition may call."""
    return (name for name in sorted(FUNCTIONS) if name not in RESERVED_CALLS)
