"""Rules of access, as pure functions: hours, relations, what a register and a statement say."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from jiuding.base.ids import to_uuid
from jiuding.base.problems import Problem
from jiuding.services.access.errors import BadRegister
from jiuding.services.access.types import (
    Mark,
    Member,
    Protected,
    Reading,
    Register,
    Rules,
    Visit,
    Why,
)

ROWS_MAX = 100_000
TABLES_MAX = 40
WORD_MAX = 100
_TABLE = re.compile(r'\b"?([a-z_]{2,40})"?\."?([a-z_][a-z0-9_]{1,60})"?', re.IGNORECASE)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PERSON = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WEEKEND = 5


def mark_of(reading: Reading, *, is_proven: bool) -> Mark:
    """Return what stands behind a read once its reason was looked at."""
    if reading.why is Why.NOTED:
        return Mark.NOTED
    return Mark.BACKED if is_proven else Mark.LOOSE


def is_late(rules: Rules, at: datetime, team: str) -> bool:
    """Return whether an instant is outside the bank's working day; some teams work by night."""
    if team in rules.night_teams:
        return False
    local = at + timedelta(hours=rules.utc_offset_hours)
    in_hours = rules.hours_from <= local.hour < rules.hours_until
    return not in_hours or local.weekday() >= _WEEKEND


def relation_of(subject: str, *, own: str | None, is_staff: bool, protected: str | None) -> str:
    """Return how a customer is related to a reader: self, colleague, protected or none."""
    if own is not None and subject == own:
        return "self"
    if is_staff:
        return "colleague"
    return "protected" if protected not in (None, "valued") else "none"


def act_of(
    reading: Reading, mark: Mark, *, person: str, team: str, is_next: bool, late: bool, valued: bool
) -> dict[str, str | int]:
    """Return a read as the stream `staff_reads` counts it."""
    is_open = mark is not Mark.BACKED
    return {
        "person": person,
        "team": team,
        "subject": reading.subject,
        "what": reading.what,
        "mark": mark.value,
        "kept": f"{mark.value}_valued" if valued and is_open else mark.value,
        "order": "loose_next" if is_next and is_open else "other",
        "hours": "late_loose" if late and mark is Mark.LOOSE else "day",
        "rows": reading.row_count,
        "result": "staff_read.asked",
    }


def read_rules(found: Mapping[str, Any]) -> Rules:
    """Return what the catalogue states."""
    words = dict(found)
    for name in ("night_teams", "audit_roles"):
        words[name] = tuple(words[name])
    return Rules(**words)


def read_register(text: str) -> Register:
    """Read `[[staff]]` (person, team, role, began_on, party_id?) and `[[protected]]` tables.

    Refuses: BadRegister.
    """
    try:
        found = tomllib.loads(text)
        staff = tuple(_member(each) for each in found.get("staff", ()))
        protected = tuple(_protected(each) for each in found.get("protected", ()))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError, Problem) as error:
        raise BadRegister(f"{type(error).__name__}: {str(error)[:200]}") from error
    if len(staff) + len(protected) > ROWS_MAX:
        raise BadRegister(f"at most {ROWS_MAX} rows")
    return Register(staff, protected)


def _member(row: Mapping[str, Any]) -> Member:
    if not _PERSON.fullmatch(row["person"]) or not isinstance(row["began_on"], date):
        raise BadRegister("a person is letters, digits, _ and -, and began on a day")
    for name in ("team", "role"):
        if not _CODE.fullmatch(row[name]):
            raise BadRegister(f"a {name} is a word in small letters")
    if row.get("party_id") is not None:
        to_uuid("pty", row["party_id"])
    return Member(row["person"], row["team"], row["role"], row["began_on"], row.get("party_id"))


def _protected(row: Mapping[str, Any]) -> Protected:
    to_uuid("pty", row["party_id"])
    if not _CODE.fullmatch(row["reason"]):
        raise BadRegister("a reason is a word in small letters")
    return Protected(row["party_id"], row["reason"])


def tables_in(statement: str) -> tuple[str, ...]:
    """Return the tables that a statement names with their schema, in the order of the alphabet.

    It reads names, not SQL: a table reached by a search path or a function is not seen.
    """
    found = {f"{schema}.{name}".lower() for schema, name in _TABLE.findall(statement)}
    return tuple(sorted(found))[:TABLES_MAX]


def hash_of(statement: str) -> str:
    """Return a mark by which equal statements are known; the statement itself is not kept."""
    return hashlib.sha256(statement.encode()).hexdigest()[:32]


def word_of(text: str) -> str:
    """Return a name that somebody chose as a code: what is none of a code's signs becomes `_`."""
    return re.sub(r"[^A-Za-z0-9_.:-]", "_", text)[:WORD_MAX].lstrip("_.:-") or "unnamed"


def entered_by(visit: Visit) -> str:
    """Return the subject under which a visit to the database is told."""
    return f"database_login:{word_of(visit.login)}"
