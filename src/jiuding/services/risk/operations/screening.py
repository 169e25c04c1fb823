"""Screen a party's name against lists, and remember what somebody found to be another person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from jiuding.base.database.engine import Session
from jiuding.kernel import eventlog
from jiuding.services.risk import events, rules, store
from jiuding.services.risk.errors import BadClearance, BadList, MatchNotFound
from jiuding.services.risk.types import ListEntry, Screening

REASON_MAX = 2_000


def load_list(path: Path) -> rules.Screener:
    """Return a list ready to screen against. Refuses: BadList naming file and line; ListTooLong."""
    return rules.Screener(read_list(path))


def read_list(path: Path) -> Iterator[ListEntry]:
    """Return the entries of a file: `.csv` in simple form, `.xml` of OFAC or the UN.

    Refuses: BadList naming file and line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadList(f"{path.name} cannot be read: {error}", file=path.name) from None
    read = rules.read_xml if path.suffix.lower() == ".xml" else rules.read_simple_csv
    return read(text, file=path.name)


def screen(
    session: Session,
    *,
    bank_id: str,
    screener: rules.Screener,
    subject: str,
    name: str,
    born: str = "",
) -> Screening:
    """Return who on the list is near a party's name; what was cleared for it stands apart.

    A clearance holds for this subject, this name and the entry as it was. Refuses: BadName.
    """
    found = screener.matches(name, born=born)
    entries = {match.entry_id: screener.entry(match.entry_id) for match in found}
    hashes = {
        entry_id: rules.clearance_hash(name, entry)
        for entry_id, entry in entries.items()
        if entry is not None
    }
    known = store.clearances_of(session, bank_id, subject, hashes) if hashes else ()
    cleared = {each.entry_id for each in known if each.is_current}
    return Screening(
        matches=tuple(match for match in found if match.entry_id not in cleared),
        cleared=tuple(match for match in found if match.entry_id in cleared),
        list_version=screener.version,
        clearances=known,
    )


def note_screening(
    session: Session, *, bank_id: str, subject: str, found: Screening, by: str, now: datetime
) -> None:
    """Tell that somebody was screened, against which version, with how many matches."""
    eventlog.append(
        session,
        bank_id=bank_id,
        subject=subject,
        source="risk",
        occurred_at=now,
        recorded_at=now,
        event=events.NameScreened(
            list_version=found.list_version,
            match_count=len(found.matches),
            cleared_count=len(found.cleared),
            by=by,
        ),
    )


def clear_match(
    session: Session,
    *,
    bank_id: str,
    screener: rules.Screener,
    subject: str,
    name: str,
    entry_id: str,
    reason: str,
    by: str,
    now: datetime,
) -> bool:
    """Remember that a match is another person; false when that was remembered before.

    Refuses: MatchNotFound when screening this name does not find the entry; BadName, BadClearance.
    """
    entry = screener.entry(entry_id)
    if entry is None or entry_id not in {each.entry_id for each in screener.matches(name)}:
        raise MatchNotFound(f"screening does not find {entry_id[:80]!r}", entry_id=entry_id[:80])
    key = rules.clearance_hash(name, entry)
    return remember_clearance(
        session,
        bank_id=bank_id,
        subject=subject,
        entry_id=entry_id,
        name_hash=key,
        reason=reason,
        by=by,
        now=now,
    )


def remember_clearance(
    session: Session,
    *,
    bank_id: str,
    subject: str,
    entry_id: str,
    name_hash: str,
    reason: str,
    by: str,
    now: datetime,
) -> bool:
    """Remember a clearance by the hash that it holds for; false when it was remembered before.

    `name_hash` is `clearance_hash` of the name and the entry as they were when they met.
    Refuses: BadClearance.
    """
    said = reason.strip()
    if not 0 < len(said) <= REASON_MAX or "\0" in said:
        raise BadClearance(f"a reason has 1 to {REASON_MAX} characters")
    is_new = store.add_clearance(
        session,
        bank_id,
        subject=subject,
        entry_id=entry_id,
        name_hash=name_hash,
        reason=said,
        by=by,
        now=now,
    )
    if is_new:
        eventlog.append(
            session,
            bank_id=bank_id,
            subject=subject,
            source="risk",
            occurred_at=now,
            recorded_at=now,
            event=events.MatchCleared(subject=subject, entry_id=entry_id, by=by),
        )
    return is_new
