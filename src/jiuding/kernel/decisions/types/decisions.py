"""Nouns of judging: what goes in, what comes out, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from jiuding.kernel.decisions.types.tree import Scalar, Value


class Outcome(StrEnum):
    """What was decided, from best to worst for the one who asked."""

    APPROVE = "approve"
    STEP_UP = "step_up"
    REFER = "refer"
    DECLINE = "decline"

    @property
    def severity(self) -> int:
        """How bad it is; the worst outcome of all rules that hold is the decision's."""
        return _SEVERITY[self]


_SEVERITY = {outcome: place for place, outcome in enumerate(Outcome)}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: a stable code, its weight, the values that mattered, and written sentences.

    A remedy says what would change the answer; it is empty where nothing would. `values` are
    plain texts by name; None is a value that could not be worked out.
    """

    code: str
    rule: str
    outcome: Outcome
    weight: int
    values: Mapping[str, str | None]
    text_zh: str
    text_en: str
    remedy_zh: str = ""
    remedy_en: str = ""


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """A rule, table or characteristic that could not be judged, why, and for want of which fields.

    `why` is missing, divided_by_zero, overflow, no_row or no_answer.
    """

    rule: str
    why: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy says about inputs: a value, made without touching anything."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    score: int | None
    not_evaluated: tuple[NotEvaluated, ...]


@dataclass(frozen=True, slots=True)
class ListVersion:
    """A named list, prepared once: its entries in order, a set to search, the hash of both."""

    name: str
    entries: tuple[Scalar, ...]
    members: frozenset[Scalar]
    version: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """Typed, flat inputs of one decision; only fields that the policy declares are kept.

    `ignored` names what the caller gave and the policy does not declare.
    """

    event: Mapping[str, Value]
    features: Mapping[str, Value]
    lists: Mapping[str, ListVersion]
    model_version: str | None = None
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict on record, with the versions it was made under."""

    decision_id: str
    policy_name: str
    policy_version: str
    model_version: str | None
    subject: str
    outcome: Outcome
    reasons: tuple[Reason, ...]
    score: int | None
    not_evaluated: tuple[NotEvaluated, ...]
    decided_at: datetime

    @property
    def is_approved(self) -> bool:
        """Whether it may go ahead without anything further."""
        return self.outcome is Outcome.APPROVE


@dataclass(frozen=True, slots=True)
class Replay:
    """A decision made again from its record: identical means byte for byte."""

    decision_id: str
    is_identical: bool
    recorded_hash: str
    replayed_hash: str
    replayed: Verdict


@dataclass(frozen=True, slots=True)
class ReplayCount:
    """How many recorded decisions were made again, and the ids of those that differ."""

    replayed_count: int
    identical_count: int
    different: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One thing to be decided; `idempotency_key` makes saying it twice decide it once.

    `subject` is an id. `event` is what happened or was asked, `features` what is known and
    verified, `lists` named lists (or `ListVersion`s prepared once).
    """

    subject: str
    event: Mapping[str, Any]
    idempotency_key: str
    features: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, Any] = field(default_factory=dict)
    model_version: str | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """What became of a decision: whether the case was good, from when that was known, who says so.

    A later label of the same decision counts instead of an earlier one.
    """

    decision_id: str
    is_good: bool
    known_at: datetime
    by: str
