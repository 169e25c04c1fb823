"""Nouns of a policy's life, from draft to live to rolled back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jiuding.kernel.decisions.types.decisions import Inputs, Outcome
from jiuding.kernel.decisions.types.policies import Words


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


@dataclass(frozen=True, slots=True)
class Case:
    """One request of the past: its id, what was decided, and whether it turned out well.

    `inputs` is None where the candidate refuses to read the request.
    """

    case_id: str
    was: Outcome
    inputs: Inputs | None
    is_good: bool | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases, and how many of them turned out well, badly, or are not labelled."""

    count: int
    good: int
    bad: int

    @property
    def unlabelled(self) -> int:
        """How many nobody has labelled yet."""
        return self.count - self.good - self.bad


@dataclass(frozen=True, slots=True)
class BackTest:
    """What a candidate would have decided otherwise over a history.

    `engine` is duckdb, or python with `why_python` saying what has no exact form in SQL. `more` are
    those it would have refused and that were not, `fewer` the reverse.
    """

    policy_name: str
    version: str
    comparison: Comparison
    tallies: tuple[Tally, ...]  # one for each change of the comparison
    refused_more: Tally
    refused_fewer: Tally
    engine: str
    why_python: str

    @property
    def words(self) -> Words:
        """The result in one sentence."""
        more, fewer = self.refused_more, self.refused_fewer
        return Words(
            f"会多拒绝{more.count}笔，其中{more.good}笔是好的；"
            f"会少拒绝{fewer.count}笔，其中{fewer.bad}笔是坏的。",
            f"It would have refused {more.count} more, of them {more.good} good; and"
            f" {fewer.count} fewer, of them {fewer.bad} bad.",
        )
