"""News of offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

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
