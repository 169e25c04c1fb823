"""Nouns of models: a trained judgement that is data, never code, and what it says of one case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

# A branch is (input, bound, left, right, is_left_if_missing); a row whose input is at most the
# bound goes left. A leaf is (-1, value, parts): its log-odds, and how much of them each group
# gave, as (place in the model's groups, part).
TreeNode = tuple


@dataclass(frozen=True, slots=True)
class ModelBand:
    """Points of a scorecard, in log-odds, for numbers below a bound; the last has no bound."""

    below: float | None
    points: float


@dataclass(frozen=True, slots=True)
class ModelInput:
    """One value that a model reads. Its part in a score is told under `group`.

    With `codes` the value is a text that stands for a number; a text that is not among them is
    `other`. A scorecard turns the number into points by `bands`, or a missing value into
    `missing`; a text's code is already its points.
    """

    name: str
    group: str
    codes: Mapping[str, float] | None = None
    other: float = 0.0
    bands: tuple[ModelBand, ...] = ()
    missing: float = 0.0
    average: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A scorecard, or trees whose leaves add up. `version` is the hash of its file."""

    name: str
    version: str
    inputs: tuple[ModelInput, ...]
    groups: tuple[str, ...]
    base: float
    trees: tuple[TreeNode, ...]


@dataclass(frozen=True, slots=True)
class ModelScore:
    """What a model says of one case: a probability, and each group's part of its log-odds.

    Parts are against the average case: positive is worse. They and the base add up to the
    log-odds, up to rounding to six places. `missing` names inputs that were not given.
    """

    probability: Decimal
    parts: Mapping[str, Decimal]
    missing: tuple[str, ...]
