"""News of cases; its subject is the case. Reasons stay in the case: news holds no free text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from jiuding.kernel import eventlog


@dataclass(frozen=True, slots=True)
class CaseOpened(eventlog.Event):
    """Something has to be looked into by a person; `about` is the subject."""

    kind: ClassVar[str] = "cases.case_opened"
    case_kind: str
    about: str
    priority: int
    by: str


@dataclass(frozen=True, slots=True)
class EvidenceAdded(eventlog.Event):
    """Something that speaks was put into a case."""

    kind: ClassVar[str] = "cases.evidence_added"
    evidence_kind: str
    reference: str
    by: str


@dataclass(frozen=True, slots=True)
class CaseClaimed(eventlog.Event):
    """Somebody took a case, or holds it for longer."""

    kind: ClassVar[str] = "cases.case_claimed"
    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class CaseReleased(eventlog.Event):
    """Somebody gave a case back to the queue."""

    kind: ClassVar[str] = "cases.case_released"
    by: str


@dataclass(frozen=True, slots=True)
class CaseViewed(eventlog.Event):
    """Somebody looked at a case."""

    kind: ClassVar[str] = "cases.case_viewed"
    by: str


@dataclass(frozen=True, slots=True)
class OutcomeProposed(eventlog.Event):
    """Somebody says what was found; a second person has to agree."""

    kind: ClassVar[str] = "cases.outcome_proposed"
    outcome: str
    by: str


@dataclass(frozen=True, slots=True)
class OutcomeReturned(eventlog.Event):
    """A proposed outcome was not agreed to, or taken back: the case waits again."""

    kind: ClassVar[str] = "cases.outcome_returned"
    outcome: str
    by: str


@dataclass(frozen=True, slots=True)
class OutcomeApproved(eventlog.Event):
    """A second person agreed, and the case is closed; `about` is the subject."""

    kind: ClassVar[str] = "cases.outcome_approved"
    case_kind: str
    about: str
    outcome: str
    by: str
    proposed_by: str
