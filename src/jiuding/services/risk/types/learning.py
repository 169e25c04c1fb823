"""Nouns of learning: what a data set's columns are, and how a model of it is learned and tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LearningInput:
    """A column that a model reads: a number, or a category by its text.

    `monotone` is 1 where more is riskier, -1 where more is safer, 0 where nothing is said.
    """

    name: str
    column: str
    group: str
    is_category: bool
    monotone: int


@dataclass(frozen=True, slots=True)
class SensitiveColumn:
    """A column that never is an input, by whose groups a model's fairness is told.

    A number is told in bands, each below a bound and not below the one before.
    """

    name: str
    column: str
    below: tuple[float, ...]
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Learning:
    """How one data set becomes a model. With `time_column` the newest part is the test."""

    name: str
    title: str
    file: str
    target: str
    origin: str
    licence: str
    note: str
    inputs: tuple[LearningInput, ...]
    sensitive: tuple[SensitiveColumn, ...]
    serves: str  # scorecard | trees
    folds: int
    repeats: int
    time_column: str
    test_share: float
    time_parts: int
    scorecard: Mapping[str, float]
    trees: Mapping[str, float]
