"""News of offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jiuding.base.amounts import Amount
from jiuding.kernel import eventlog


@dataclass(frozen=True, slots=True)
class PlanShown(eventlog.Event):
    """A customer was shown plans; `plan_count` may be nothing at all."""

    kind: ClassVar[str] = "offers.plan_shown"
    quote_id: str
    party_id: str
    plan_count: int
    library_version: str


@dataclass(frozen=True, slots=True)
class OfferAccepted(eventlog.Event):
    """A customer accepted a plan and proved that it was them."""

    kind: ClassVar[str] = "offers.offer_accepted"
    quote_id: str
    party_id: str
    plan_kind: str
    means: str


@dataclass(frozen=True, slots=True)
class WatchBegun(eventlog.Event):
    """A customer let the bank watch the library for a loan."""

    kind: ClassVar[str] = "offers.watch_begun"
    watch_id: str
    loan_id: str
    party_id: str


@dataclass(frozen=True, slots=True)
class WatchStopped(eventlog.Event):
    """A customer, or the end of a loan, withdrew that consent."""

    kind: ClassVar[str] = "offers.watch_stopped"
    watch_id: str
    loan_id: str
    party_id: str


@dataclass(frozen=True, slots=True)
class BetterPlanFound(eventlog.Event):
    """A strictly better plan for a watched loan; `saved` counts every cost of switching."""

    kind: ClassVar[str] = "offers.better_plan_found"
    finding_id: str
    watch_id: str
    loan_id: str
    party_id: str
    saved: Amount
    stay_cost: Amount
    switch_cost: Amount
    library_version: str
