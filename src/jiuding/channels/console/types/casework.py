"""What the pages of cases and screening show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node in a picture: where it is, its shape, and what is odd about it."""

    node_id: str
    kind: str
    label: str
    flags: tuple[str, ...]
    shape: str
    x: float
    y: float
    is_subject: bool


@dataclass(frozen=True, slots=True)
class EdgeView:
    """A line in a picture, from rim to rim; thicker the more often."""

    x1: float
    y1: float
    x2: float
    y2: float
    count: int
    width: float

    @property
    def middle(self) -> tuple[float, float]:
        """Where its count is written."""
        return round((self.x1 + self.x2) / 2, 1), round((self.y1 + self.y2) / 2, 1)


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture in a box; `left_out` nodes stand in its table only."""

    width: int
    height: int
    nodes: tuple[NodeView, ...]
    edges: tuple[EdgeView, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class CaseRowView:
    """A case as the queue shows it."""

    case_id: str
    kind: str
    title: str
    subject: str
    priority: str
    status: str
    opened_at: datetime
    due_at: datetime
    age: timedelta
    left: timedelta  # until it is due; below zero when it is late
    holder: str | None
    lease_until: datetime | None
    outcome: str | None
    proposed_by: str | None
    closed_at: datetime | None
    was_late: bool


@dataclass(frozen=True, slots=True)
class QueueView:
    """The queue: which part of it, how it was searched, and how many wait."""

    show: str  # "open" | "mine" | "proposed" | "closed"
    kind: str
    search: str
    kinds: tuple[tuple[str, str], ...]
    rows: tuple[CaseRowView, ...]
    next_after: str | None
    open_count: int
    overdue_count: int
    proposed_count: int


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """One piece of evidence; `sentences` are in the reader's language."""

    number: int
    kind: str
    source: str
    reference: str
    happened_at: datetime
    added_by: str
    sentences: tuple[str, ...]
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MomentView:
    """One line of a timeline."""

    at: datetime
    part: str
    name: str
    by: str
    said: str
    detail: tuple[str, str] | None = None  # a section of the words, and a name in it


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with its evidence, picture in two sizes, table of ties, timeline, what may be done."""

    row: CaseRowView
    evidence: tuple[EvidenceView, ...]
    wide: PictureView
    tall: PictureView
    ties: tuple[tuple[str, str, str, int], ...]  # from, kind, to, count
    things: tuple[tuple[str, str, str, tuple[str, ...]], ...]  # id, kind, label, flags
    timeline: tuple[MomentView, ...]
    reason: str  # given with the proposed or approved outcome
    may: frozenset[str]


@dataclass(frozen=True, slots=True)
class MatchView:
    """A match with a list: how near and why; the clearance that holds or has lapsed."""

    entry_id: str
    name: str
    score: int
    why: tuple[str, ...]
    source: str
    born: tuple[str, ...]
    countries: tuple[str, ...]
    clearance: Any = None  # risk.Clearance


@dataclass(frozen=True, slots=True)
class ScreeningView:
    """What screening found, and the lists it looked at; `asked` is false before a search."""

    subject: str
    name: str
    born: str
    asked: bool
    matches: tuple[MatchView, ...]
    cleared: tuple[MatchView, ...]
    case: CaseRowView | None
    lists: tuple[Any, ...]  # risk.ListVersion
    name_count: int
