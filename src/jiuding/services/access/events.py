"""News of access."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jiuding.kernel import eventlog


@dataclass(frozen=True, slots=True)
class DataRead(eventlog.Event):
    """A member of staff asked to see a customer's data; the subject is that customer."""

    kind: ClassVar[str] = "access.data_read"
    read_id: str
    person: str
    via: str
    what: str
    row_count: int
    why: str
    mark: str
    case_id: str
    outcome: str
    decision_id: str


@dataclass(frozen=True, slots=True)
class AlarmRaised(eventlog.Event):
    """A read was out of pattern; the subject is the person who asked."""

    kind: ClassVar[str] = "access.alarm_raised"
    read_id: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadApproved(eventlog.Event):
    """A second person agreed to a read; the subject is the read."""

    kind: ClassVar[str] = "access.read_approved"
    person: str
    by: str
    party_id: str


@dataclass(frozen=True, slots=True)
class DatabaseEntered(eventlog.Event):
    """Somebody other than the program logged in to the database; the subject is the login."""

    kind: ClassVar[str] = "access.database_entered"
    program: str
    address: str
    process_id: int


@dataclass(frozen=True, slots=True)
class DatabaseStatementSeen(eventlog.Event):
    """A statement was running past the program; the subject is the login that ran it."""

    kind: ClassVar[str] = "access.database_statement_seen"
    address: str
    process_id: int
    tables: tuple[str, ...]
    statement_hash: str
