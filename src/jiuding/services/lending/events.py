"""News of lending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jiuding.kernel import eventlog


@dataclass(frozen=True, slots=True)
class ApplicationSubmitted(eventlog.Event):
    """A customer applied for a plan."""

    kind: ClassVar[str] = "lending.application_submitted"
    application_id: str
    quote_id: str
    leg_count: int


@dataclass(frozen=True, slots=True)
class ApplicationDeclined(eventlog.Event):
    """An application was declined; `reason` is the heaviest reason's code."""

    kind: ClassVar[str] = "lending.application_declined"
    application_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class LenderAnswered(eventlog.Event):
    """An outside lender answered about one leg."""

    kind: ClassVar[str] = "lending.lender_answered"
    application_id: str
    leg_number: int
    is_accepted: bool


@dataclass(frozen=True, slots=True)
class LoanGranted(eventlog.Event):
    """A loan was granted and its money moved."""

    kind: ClassVar[str] = "lending.loan_granted"
    application_id: str
    loan_id: str
    agreement_id: str
    account_id: str
