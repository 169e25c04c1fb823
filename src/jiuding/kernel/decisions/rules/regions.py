"""Cut the values of each field into regions that no test tells apart, and reason over boxes.

A region is one bit; a set of regions is a whole number; a box has one such set for each axis. What
is left of a box when others are taken away is found by cutting it along one axis after another,
with a stated number of steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from jiuding.kernel.decisions.rules.cells import passes, regions
from jiuding.kernel.decisions.types.policies import AnyCell, Cell, Interval, OneOf
from jiuding.kernel.decisions.types.tree import FieldSpec, Type

STEPS_MAX = 200_000
OTHER_TEXT = "(any other)"

Box = tuple[int, ...]


class OutOfSteps(Exception):
    """Say, inside this package only, that a question needs more steps than are allowed."""


class Axis:
    """The regions of one field: `samples` has a value for each, `all` the regions that can be."""

    def __init__(self, spec: FieldSpec, cells: Iterable[Cell]) -> None:
        self.spec = spec
        cells = [cell for cell in cells if not isinstance(cell, AnyCell)]
        self.bounds: list[Decimal] = []
        if spec.type.is_number:
            self._numbers(cells)
        else:
            self._texts(cells)

    def _numbers(self, cells: list[Cell]) -> None:
        ends = {
            end for cell in cells if isinstance(cell, Interval) for end in (cell.low, cell.high)
        }
        ends |= {self.spec.minimum, self.spec.maximum}
        self.bounds = sorted(end for end in ends if end is not None)
        self.samples: list[Any] = []
        for place in range(2 * len(self.bounds) + 1):
            self.samples.append(self._sample(place))
        possible = [self._is_possible(sample) for sample in self.samples]
        self.all = sum(1 << place for place, can in enumerate(possible) if can)

    def _sample(self, region: int) -> Decimal | None:
        place, is_bound = divmod(region, 2)
        if is_bound:
            return self.bounds[place]
        if not self.bounds:
            return Decimal(0)
        if place == 0:
            return self.bounds[0] - 1
        low = self.bounds[place - 1]
        if place == len(self.bounds):
            return low + 1
        high = self.bounds[place]
        if self.spec.type is Type.INT:
            return low + 1 if low + 1 < high else None
        return (low + high) / 2

    def _is_possible(self, sample: Decimal | None) -> bool:
        low, high = self.spec.minimum, self.spec.maximum
        if sample is None or (low is not None and sample < low):
            return False
        return high is None or sample <= high

    def _texts(self, cells: list[Cell]) -> None:
        named = {value for cell in cells if isinstance(cell, OneOf) for value in cell.values}
        if self.spec.type is Type.BOOL:
            self.samples = [False, True]
        elif self.spec.values:
            self.samples = list(self.spec.values)
        else:
            self.samples = [*sorted(str(value) for value in named), OTHER_TEXT]
        self.all = (1 << len(self.samples)) - 1

    def mask(self, cell: Cell) -> int:
        """Return the regions that pass a cell."""
        if isinstance(cell, AnyCell):
            return self.all
        if isinstance(cell, Interval):
            first, last = regions(self.bounds, cell)
            return self.all & (((1 << max(last - first + 1, 0)) - 1) << first)
        return sum(1 << place for place, value in enumerate(self.samples) if passes(cell, value))

    def example(self, mask: int) -> str:
        """Return a value in one of the regions, as text."""
        value = self.samples[(mask & -mask).bit_length() - 1]
        if isinstance(value, bool):
            return "true" if value else "false"
        return format(value, "f") if isinstance(value, Decimal) else str(value)


def meets(one: Box, other: Box) -> bool:
    """Return whether two boxes share a point."""
    return all(a & b for a, b in zip(one, other, strict=True))


def common(one: Box, other: Box) -> Box:
    """Return what two boxes share."""
    return tuple(a & b for a, b in zip(one, other, strict=True))


def uncovered(box: Box, others: Sequence[Box], steps_max: int = STEPS_MAX) -> Box | None:
    """Return a part of the box that no other box covers, or None when all of it is covered.

    Refuses with OutOfSteps when `steps_max` comparisons do not settle it.
    """
    waiting = [(box, 0)]
    steps = 0
    while waiting:
        piece, place = waiting.pop()
        while place < len(others) and not meets(piece, others[place]):
            place += 1
            steps += 1
        if place == len(others):
            return piece
        if (steps := steps + 1) > steps_max:
            raise OutOfSteps
        cut = others[place]
        for column, (have, taken) in enumerate(zip(piece, cut, strict=True)):
            if outside := have & ~taken:
                before = common(piece, cut)[:column]
                waiting.append(((*before, outside, *piece[column + 1 :]), place + 1))
    return None
