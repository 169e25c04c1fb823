"""Nouns of cases: what is looked into, what speaks for and against, and who did what when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """Where a case stands: somebody may work it, an outcome waits for a second person, or done."""

    OPEN = "open"
    PROPOSED = "proposed"
    CLOSED = "closed"


class CaseOutcome(StrEnum):
    """What was found: the suspicion holds, it does not, or nobody can tell."""

    CONFIRMED = "confirmed"
    UNFOUNDED = "unfounded"
    INCONCLUSIVE = "inconclusive"

    @property
    def is_good(self) -> bool | None:
        """What it says as a label: good, bad, or nothing."""
        return {"confirmed": False, "unfounded": True}.get(self.value)


class EvidenceKind(StrEnum):
    """What a piece of evidence is; what its data holds is said in `rules.evidence`."""

    DECISION = "decision"
    SCREENING_MATCH = "screening_match"
    CLEARANCE = "clearance"
    PROVENANCE = "provenance"
    SIGNAL = "signal"
    GRAPH = "graph"
    NOTE = "note"


class StepKind(StrEnum):
    """Something done with a case."""

    OPENED = "opened"
    EVIDENCE_ADDED = "evidence_added"
    CLAIMED = "claimed"
    RELEASED = "released"
    VIEWED = "viewed"
    PROPOSED = "proposed"
    RETURNED = "returned"
    APPROVED = "approved"


PRIORITIES = ("urgent", "high", "normal", "low")  # 1 to 4


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of case as the catalogue declares it: its priority from 1 (urgent) to 4 (low)."""

    name: str
    priority: int
    title_zh: str
    title_en: str


@dataclass(frozen=True, slots=True)
class Declared:
    """How cases are worked; `due_seconds` is by priority."""

    lease_seconds: int
    due_seconds: Mapping[int, int]
    kinds: Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class Case:
    """A case: whom it is about, how pressing it is, who works it, and what was found.

    `subject` is an id. A `holder` whose lease has ended holds nothing.
    """

    case_id: str
    kind: str
    subject: str
    priority: int
    status: Status
    opened_at: datetime
    due_at: datetime
    opened_by: str
    holder: str | None
    lease_until: datetime | None
    outcome: CaseOutcome | None
    proposed_by: str | None
    closed_at: datetime | None
    step_count: int

    def holder_at(self, now: datetime) -> str | None:
        """Return who holds the case at an instant."""
        return self.holder if self.lease_until is not None and now < self.lease_until else None

    def overdue_at(self, now: datetime) -> bool:
        """Tell whether it is later than it should have been closed."""
        return (self.closed_at or now) > self.due_at


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """Something that speaks: what kind, who says so, when it was, the id of the thing itself.

    In one case a kind and reference stand once.
    """

    kind: EvidenceKind
    source: str
    happened_at: datetime
    reference: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence in a case, by number in the order in which it came."""

    number: int
    kind: EvidenceKind
    source: str
    happened_at: datetime
    reference: str
    data: Mapping[str, Any]
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One step, numbered from 1 in each case; `data` holds its reason, outcome or reference."""

    number: int
    step: StepKind
    by: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Node:
    """Something in a picture: an id, what kind of thing, what to write on it, and what is odd."""

    node_id: str
    kind: str
    label: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """What ties two nodes, and how often."""

    from_id: str
    to_id: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Graph:
    """Who is tied to whom."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a timeline: when, whether it is a step or evidence, its number, and itself."""

    at: datetime
    part: str  # "evidence" | "step" | "news"
    number: int
    name: str
    by: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with all that is known of it; `graph` is the newest, or drawn from the evidence."""

    case: Case
    evidence: tuple[Evidence, ...]
    steps: tuple[Step, ...]
    graph: Graph
    timeline: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases a queue shows. `held_by` is a person; `search` an id of case, subject, thing."""

    status: Status | None = None
    kind: str = ""
    held_by: str = ""
    search: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the queue; `next_after` is the case after which the next page starts."""

    cases: tuple[Case, ...]
    next_after: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases wait, how many of them are overdue, and how many await a second person."""

    open: int
    overdue: int
    proposed: int


@dataclass(frozen=True, slots=True)
class Screened:
    """What screening a subject found, and the case that it opened or joined, if any."""

    screening: Any  # risk.Screening
    case: Case | None
