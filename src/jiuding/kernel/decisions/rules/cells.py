"""The cells of decision tables, and an index that finds every row that holds at once.

A cell is empty or `-` for any value; for numbers `5`, `< 5`, `<= 5`, `> 5`, `>= 5` or `5..10`
(from inclusive, until exclusive); for texts and truths `a|b` or `!a|b`. Rows are bits of a whole
number: each column gives the rows that its value passes, and what passes every column is a hit.
The cost grows with columns, not with rows, so thousands of rows stay fast.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from jiuding.kernel.decisions.errors import BadExpression
from jiuding.kernel.decisions.types.policies import AnyCell, Cell, Interval, OneOf, Table
from jiuding.kernel.decisions.types.tree import FieldSpec, Type

_SIGNS = {
    ">=": lambda bound: Interval(bound, None),
    ">": lambda bound: Interval(bound, None, has_low=False),
    "<=": lambda bound: Interval(None, bound),
    "<": lambda bound: Interval(None, bound, has_high=False),
}


def read_cell(text: str, spec: FieldSpec) -> Cell:
    """Return the meaning of a cell under a field.

    Refuses: BadExpression for a cell that the field's type does not allow or that nothing passes.
    """
    text = text.strip()
    if text in ("", "-"):
        return AnyCell()
    if spec.type.is_number:
        return _number_cell(text, spec)
    if spec.type not in (Type.STRING, Type.BOOL):
        raise BadExpression(f"{spec.name} is {spec.type}, which a table cannot test", at=0)
    is_negated = text.startswith("!")
    values = [part.strip() for part in text.removeprefix("!").split("|")]
    allowed = ("true", "false") if spec.type is Type.BOOL else spec.values
    for value in values:
        if not value or (allowed and value not in allowed):
            raise BadExpression(f"{spec.name} is never {value!r}", at=0)
    if len(set(values)) < len(values):
        raise BadExpression(f"{text!r} names a value twice", at=0)
    if spec.type is Type.BOOL:
        return OneOf(tuple(value == "true" for value in values), is_negated)
    return OneOf(tuple(values), is_negated)


def _number_cell(text: str, spec: FieldSpec) -> Interval:
    low, dots, high = text.partition("..")
    if dots:
        cell = Interval(number(low, spec), number(high, spec), has_high=False)
        if not (cell.low is not None and cell.high is not None and cell.low < cell.high):
            raise BadExpression(f"{text!r} holds no number", at=0)
        return cell
    for sign, make in _SIGNS.items():
        if text.startswith(sign):
            return make(number(text.removeprefix(sign), spec))
    bound = number(text.removeprefix("=").strip(), spec)
    return Interval(bound, bound)


def number(text: str, spec: FieldSpec) -> Decimal:
    """Read a plain decimal number, whole where the field is whole."""
    text = text.strip()
    try:
        found = Decimal(text) if len(text) <= 30 and text.isascii() else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite() or "e" in text.lower() or "_" in text:
        raise BadExpression(f"{text[:40]!r} is not a number", at=0)
    if spec.type is Type.INT and found != found.to_integral_value():
        raise BadExpression(f"{spec.name} is a whole number, {text} is not", at=0)
    return found


def passes(cell: Cell, value: Any) -> bool:
    """Return whether a value passes a cell."""
    match cell:
        case AnyCell():
            return True
        case OneOf(values=values, is_negated=is_negated):
            return (value in values) != is_negated
        case Interval(low=low, high=high, has_low=has_low, has_high=has_high):
            above = low is None or value > low or (has_low and value == low)
            return above and (high is None or value < high or (has_high and value == high))


@dataclass(frozen=True, slots=True)
class Hits:
    """Rows that hold, and rows of which it cannot be known, as places from 0."""

    certain: tuple[int, ...]
    unknown: tuple[int, ...]
    missing: frozenset[str]


class TableIndex:
    """A table ready to be asked."""

    def __init__(self, table: Table) -> None:
        columns = [[row.cells[place] for row in table.rows] for place in range(len(table.inputs))]
        self._columns = tuple(
            (name, _column(cells), _bits(isinstance(cell, AnyCell) for cell in cells))
            for name, cells in zip(table.inputs, columns, strict=True)
        )
        self._all = (1 << len(table.rows)) - 1

    def ask(self, env: Mapping[str, Any], *, first_only: bool) -> Hits:
        """Return the rows that hold for these values; a missing value leaves rows unknown.

        With `first_only` at most one certain row is returned, and rows after it do not count.
        """
        certain = possible = self._all
        missing: list[str] = []
        for name, column, any_cells in self._columns:
            if name in env:
                rows = column.rows(env[name])
                certain &= rows
                possible &= rows
            else:
                certain &= any_cells
                missing.append(name)
        if first_only and certain:
            certain &= -certain
            possible &= certain | (certain - 1)
        unknown = possible & ~certain
        return Hits(
            tuple(places(certain)),
            tuple(places(unknown)),
            frozenset(missing) if unknown else frozenset(),
        )


def places(rows: int) -> Iterator[int]:
    """Return the places of the bits that are set, lowest first."""
    while rows:
        lowest = rows & -rows
        yield lowest.bit_length() - 1
        rows ^= lowest


def _bits(flags: Iterator[bool]) -> int:
    return sum(1 << place for place, flag in enumerate(flags) if flag)


def _column(cells: Sequence[Cell]) -> _Numbers | _Texts:
    if any(isinstance(cell, Interval) for cell in cells):
        return _Numbers(cells)
    return _Texts(cells)


class _Numbers:
    """Rows by number: bounds cut the line into points and the gaps between them."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        found = [cell for cell in cells if isinstance(cell, Interval)]
        bounds = {bound for cell in found for bound in (cell.low, cell.high) if bound is not None}
        self.bounds = sorted(bounds)
        toggles = [0] * (2 * len(self.bounds) + 2)
        for place, cell in enumerate(cells):
            first, last = regions(self.bounds, cell)
            toggles[first] ^= 1 << place
            toggles[last + 1] ^= 1 << place
        rows, self.masks = 0, []
        for toggle in toggles[:-1]:
            rows ^= toggle
            self.masks.append(rows)

    def rows(self, value: Any) -> int:
        place = bisect_left(self.bounds, value)
        on_bound = place < len(self.bounds) and self.bounds[place] == value
        return self.masks[2 * place + on_bound]


def regions(bounds: Sequence[Decimal], cell: Cell) -> tuple[int, int]:
    """Return the first and last region of the line that pass a cell, bounds in rising order.

    Region 2k is the gap below bound k, region 2k + 1 is bound k itself.
    """
    first, last = 0, 2 * len(bounds)
    if isinstance(cell, Interval) and cell.low is not None:
        first = 2 * bisect_left(bounds, cell.low) + (1 if cell.has_low else 2)
    if isinstance(cell, Interval) and cell.high is not None:
        last = 2 * bisect_left(bounds, cell.high) + (1 if cell.has_high else 0)
    return first, last


class _Texts:
    """Rows by text or truth; a value that no cell names has rows of its own."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        named = {value for cell in cells if isinstance(cell, OneOf) for value in cell.values}
        self.named = {value: _bits(passes(cell, value) for cell in cells) for value in named}
        self.other = _bits(isinstance(cell, AnyCell) or cell.is_negated for cell in cells)

    def rows(self, value: Any) -> int:
        return self.named.get(value, self.other)
