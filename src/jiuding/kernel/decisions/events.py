"""News of decisions and of the policies that make them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from jiuding.kernel import eventlog

DECISION_MADE = "decisions.decision_made"


@dataclass(frozen=True, slots=True)
class DecisionReferred(eventlog.Event):
    """A policy left a decision to a person."""

    kind: ClassVar[str] = "decisions.decision_referred"
    decision_id: str
    policy: str


@dataclass(frozen=True, slots=True)
class DecisionsRemoved(eventlog.Event):
    """Decisions of a policy were let go, their stated time having passed."""

    kind: ClassVar[str] = "decisions.decisions_removed"
    policy_name: str
    count: int
    decided_before: datetime


@dataclass(frozen=True, slots=True)
class PolicyDrafted(eventlog.Event):
    """Somebody brought a new version of a policy."""

    kind: ClassVar[str] = "decisions.policy_drafted"
    policy: str
    version: str
    by: str


@dataclass(frozen=True, slots=True)
class PolicyChecked(eventlog.Event):
    """A version passed the checks."""

    kind: ClassVar[str] = "decisions.policy_checked"
    policy: str
    version: str
    by: str


@dataclass(frozen=True, slots=True)
class PolicyShadowed(eventlog.Event):
    """A version judges beside the live one, without effect."""

    kind: ClassVar[str] = "decisions.policy_shadowed"
    policy: str
    version: str
    by: str


@dataclass(frozen=True, slots=True)
class PolicyUnshadowed(eventlog.Event):
    """A version no longer judges beside the live one."""

    kind: ClassVar[str] = "decisions.policy_unshadowed"
    policy: str
    version: str
    by: str


@dataclass(frozen=True, slots=True)
class PolicyApproved(eventlog.Event):
    """A second person approved a version by its content hash."""

    kind: ClassVar[str] = "decisions.policy_approved"
    policy: str
    version: str
    by: str


@dataclass(frozen=True, slots=True)
class PolicyPublished(eventlog.Event):
    """A version judges with this percentage of traffic."""

    kind: ClassVar[str] = "decisions.policy_published"
    policy: str
    version: str
    by: str
    share: int


@dataclass(frozen=True, slots=True)
class PolicyRolledBack(eventlog.Event):
    """The latest publication was undone; `version` is the one that no longer judges."""

    kind: ClassVar[str] = "decisions.policy_rolled_back"
    policy: str
    version: str
    by: str
