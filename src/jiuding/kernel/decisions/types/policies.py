"""Nouns of policies: rules, decision tables, scorecards and the sentences that explain them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from jiuding.kernel.decisions.types.decisions import Outcome
from jiuding.kernel.decisions.types.tree import FieldSpec, Node, Scalar


class HitPolicy(StrEnum):
    """Which rows of a table answer: the first that holds, or all that hold."""

    FIRST = "FIRST"
    COLLECT = "COLLECT"


@dataclass(frozen=True, slots=True)
class Words:
    """The same sentence in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a sentence: the value's name and how it is written."""

    name: str
    style: str  # plain | number | money | percent


@dataclass(frozen=True, slots=True)
class Sentence:
    """A written sentence with places for values, in Chinese and in English."""

    zh: tuple[str | Slot, ...]
    en: tuple[str | Slot, ...]


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would change the answer; the first remedy whose condition holds is given."""

    when: Node | None
    text: Sentence


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition and what follows when it holds; `if_missing` follows when it is not evaluated."""

    id: str
    when: Node
    source: str
    outcome: Outcome
    code: str
    weight: int
    text: Sentence
    values: Mapping[str, Node]
    remedies: tuple[Remedy, ...]
    if_missing: Outcome


@dataclass(frozen=True, slots=True)
class Derived:
    """A named value worked out from fields, for conditions that come after it."""

    spec: FieldSpec
    expression: Node
    source: str


@dataclass(frozen=True, slots=True)
class AnyCell:
    """A cell that every value passes, also a missing one."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A cell that numbers between two bounds pass; None is open."""

    low: Decimal | None
    high: Decimal | None
    has_low: bool = True
    has_high: bool = True


@dataclass(frozen=True, slots=True)
class OneOf:
    """A cell that the listed texts or truths pass, or, negated, all others."""

    values: tuple[Scalar, ...]
    is_negated: bool = False


Cell = AnyCell | Interval | OneOf


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """What a row of a reasons table says when it is hit."""

    outcome: Outcome
    code: str
    weight: int
    text: Sentence
    remedy: Sentence | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: a cell for each input, and what it gives. `number` counts from 1."""

    number: int
    cells: tuple[Cell, ...]
    reason: ReasonRow | None
    outputs: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table: it gives reasons, or (FIRST only) values that rules may read."""

    id: str
    file: str
    hit: HitPolicy
    inputs: tuple[str, ...]
    outputs: tuple[FieldSpec, ...]
    rows: tuple[Row, ...]
    values: Mapping[str, Node]
    if_missing: Outcome
    gaps_allowed: bool


@dataclass(frozen=True, slots=True)
class Band:
    """Points for values below a bound and not in an earlier band; the last has no bound."""

    below: Decimal | None
    points: int


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One line of a scorecard; without `missing_points` a missing value leaves no score."""

    id: str
    code: str
    of: Node
    source: str
    bands: tuple[Band, ...]
    missing_points: int | None
    text: Sentence


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Points that add up to a score, and the score below which it refers or declines.

    The reasons are the characteristics that lost the most points against their best band.
    """

    base: int
    minimum: int
    maximum: int
    characteristics: tuple[Characteristic, ...]
    decline_below: int | None
    refer_below: int | None
    weight: int
    reasons_max: int
    if_missing: Outcome


@dataclass(frozen=True, slots=True)
class ModelReason:
    """What a policy says when a group's part of a model's score is among the heaviest."""

    group: str
    code: str
    text: Sentence


@dataclass(frozen=True, slots=True)
class ModelUse:
    """How a policy uses a model: by name and pinned version, with bounds on its probability.

    The probability and the parts come in as inputs, `model.probability` and `model.because.GROUP`,
    so a decision on record holds what the model said and is replayed without it.
    """

    name: str
    version: str
    step_up_at: Decimal | None
    refer_at: Decimal | None
    decline_at: Decimal | None
    weight: int
    reasons_max: int
    if_missing: Outcome
    reasons: tuple[ModelReason, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """Everything that judges one kind of request. `version` is the hash of `content`."""

    name: str
    number: int
    title: Words
    default: Outcome
    if_missing: Outcome
    currency: str | None
    fields: Mapping[str, FieldSpec]
    derived: tuple[Derived, ...]
    tables: tuple[Table, ...]
    rules: tuple[Rule, ...]
    scorecard: Scorecard | None
    model: ModelUse | None
    version: str
    content: str

    @property
    def known(self) -> dict[str, FieldSpec]:
        """Every name that a rule may read: fields, derived values and what tables give."""
        found = dict(self.fields)
        found.update((each.spec.name, each.spec) for each in self.derived)
        found.update((spec.name, spec) for table in self.tables for spec in table.outputs)
        return found


class FindingKind(StrEnum):
    """What a check found in a policy."""

    GAP = "gap"  # values that no row answers
    SHADOWED = "shadowed"  # a row that earlier rows always answer before
    OVERLAP = "overlap"  # two rows that answer differently for the same values
    UNREACHABLE = "unreachable"  # a rule whose condition contradicts itself
    ALWAYS = "always"  # a rule whose condition nothing fails
    DIVIDES_BY_ZERO = "divides_by_zero"  # a division whose divisor can be zero
    MISSING = "missing"  # a missing field that lets a request through
    UNUSED = "unused"  # a declared field that nothing reads
    UNDECIDED = "undecided"  # the stated number of steps did not suffice


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of a check, with values that show it; only a blocking one stops publishing."""

    kind: FindingKind
    part: str
    is_blocking: bool
    words: Words
    example: Mapping[str, str]
