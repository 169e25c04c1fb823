"""Screen a party's name against lists, and remember what somebody found to be another person."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from jiuding.base.database.engine import Session
from jiuding.kernel import eventlog
from jiuding.services.risk import events, rules, store
from jiuding.services.risk.errors import BadList, MatchNotFound
from jiuding.services.risk.types import Screening


def load_list(path: Path) -> rules.Screener:
    """Return a list ready to screen against: `.csv` in simple form, `.xml` of OFAC or the UN.

    Refuses: BadList naming file and line; ListTooLong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadList(f"{path.name} cannot be read: {error}", file=path.name) from None
    read = rules.read_xml if path.suffix.lower() == ".xml" else rules.read_simple_csv
    return rules.Screener(read(text, file=path.name))


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
    cleared = []
    for match in found:
        entry = screener.entry(match.entry_id)
        if entry is None:
            continue
        key = rules.clearance_hash(name, entry)
        if match.entry_id in store.clearances_of(session, bank_id, subject, key):
            cleared.append(match)
    return Screening(
        matches=tuple(match for match in found if match not in cleared),
        cleared=tuple(cleared),
        list_version=screener.version,
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

    Refuses: MatchNotFound when screening this name does not find the entry; BadName.
    """
    entry = screener.entry(entry_id)
    if entry is None or entry_id not in {each.entry_id for each in screener.matches(name)}:
        raise MatchNotFound(f"screening does not find {entry_id[:80]!r}", entry_id=entry_id[:80])
    key = rules.clearance_hash(name, entry)
    is_new = store.add_clearance(
        session,
        bank_id,
        subject=subject,
        entry_id=entry_id,
        name_hash=key,
        reason=reason,
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
