"""Nouns of access: who reads, what, whose, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from jiuding.kernel.decisions import Outcome

SHARED = "operator"


class Why(StrEnum):
    """What a reader says stands behind a read; all but `noted` and `none` are checked."""

    CASE = "case"  # a case, application or loan of that customer
    REQUEST = "request"  # the customer is signed in right now
    AUDIT = "audit"  # the reader audits
    NOTED = "noted"  # a reason in the reader's own words
    NONE = "none"


class Mark(StrEnum):
    """What the check of a reason found."""

    BACKED = "backed"
    NOTED = "noted"
    LOOSE = "loose"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads and by which way in: page, http or command.

    The operator's shared token names nobody: what is read with it is told and not judged.
    """

    person: str
    via: str

    @property
    def is_named(self) -> bool:
        """Whether this is one person, who has habits."""
        return self.person != SHARED


@dataclass(frozen=True, slots=True)
class Reading:
    """What is about to be read: of whom (a party, or the bank), what, how many rows, and why."""

    subject: str
    what: str
    row_count: int = 1
    why: Why = Why.NONE
    case_id: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """A read on record, with what was decided of it."""

    read_id: str
    mark: Mark
    outcome: Outcome
    codes: tuple[str, ...]
    decision_id: str

    @property
    def may_be_shown(self) -> bool:
        """Whether the data may be shown now."""
        return self.outcome is Outcome.APPROVE


@dataclass(frozen=True, slots=True)
class Member:
    """One of the staff, and the party that this person is as a customer, if one."""

    person: str
    team: str
    role: str
    began_on: date
    party_id: str | None = None


@dataclass(frozen=True, slots=True)
class Protected:
    """A customer whom the bank keeps from curious eyes; `reason` is a code, such as `public`.

    Of reason `valued` is who has much money and is seldom here.
    """

    party_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Register:
    """Who works here and who is protected, as a file states it."""

    staff: tuple[Member, ...]
    protected: tuple[Protected, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """What `catalog/staff_access.toml` states."""

    utc_offset_hours: int
    hours_from: int
    hours_until: int
    request_minutes: int
    approval_minutes: int
    night_teams: tuple[str, ...]
    audit_roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """A login to the database, or a statement under way there, past the program."""

    login: str
    program: str
    address: str
    process_id: int
    at: datetime
    statement: str = ""
    position: int = 0
