"""Nouns of a policy's life, from draft to live to rolled back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jiuding.kernel.decisions.types.decisions import Outcome


class Step(StrEnum):
    """Something done to a policy's version."""

    DRAFTED = "drafted"
    CHECKED = "checked"
    SHADOWED = "shadowed"
    UNSHADOWED = "unshadowed"
    APPROVED = "approved"
    PUBLISHED = "published"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """One step: who did what to which version, in order. `number` counts from 1 for each policy.

    `share` is the percentage of traffic that a publication gives; for other steps it is None.
    """

    policy_name: str
    number: int
    step: Step
    version: str
    by: str
    share: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Arm:
    """A live version and its share of traffic, in percent."""

    version: str
    share: int


@dataclass(frozen=True, slots=True)
class Life:
    """Where a policy stands. `live` adds up to 100, or is empty while the catalogue's judges."""

    policy_name: str
    steps: tuple[PolicyStep, ...]
    drafted_by: Mapping[str, str]
    checked: frozenset[str]
    approved: frozenset[str]
    shadows: tuple[str, ...]
    live: tuple[Arm, ...]
    earlier: tuple[tuple[Arm, ...], ...]  # what was live before, newest last


@dataclass(frozen=True, slots=True)
class Change:
    """How many decisions go from one outcome to another under another version."""

    was: Outcome
    would_be: Outcome
    count: int
    examples: tuple[str, ...]  # ids of decisions, at most three


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same requests judged by two versions; `unreadable_count` are those the other refuses."""

    compared_count: int
    unreadable_count: int
    changes: tuple[Change, ...]
