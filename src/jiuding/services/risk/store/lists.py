"""Lists of names as they were imported, version by version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from jiuding.base.database.engine import Session
from jiuding.services.risk.tables import list_entries, lists
from jiuding.services.risk.types import ListEntry, ListVersion

PART = 5_000


def add_list(
    session: Session, bank_id: str, found: ListVersion, entries: Sequence[ListEntry]
) -> None:
    """Write a list and, unless this content is there already, its entries."""
    session.execute(insert(lists).values({"bank_id": bank_id, **asdict(found)}))
    here = (list_entries.c.bank_id == bank_id, list_entries.c.version == found.version)
    if session.execute(select(list_entries.c.place).where(*here).limit(1)).first() is not None:
        return
    for first in range(0, len(entries), PART):
        rows = [
            {
                "bank_id": bank_id,
                "version": found.version,
                "place": first + place,
                "entry": asdict(entry),
            }
            for place, entry in enumerate(entries[first : first + PART])
        ]
        session.execute(insert(list_entries), rows)


def newest_lists(session: Session, bank_id: str) -> tuple[ListVersion, ...]:
    """Return the newest version of each list, by name."""
    newest = (
        select(lists.c.name, func.max(lists.c.number).label("number"))
        .where(lists.c.bank_id == bank_id)
        .group_by(lists.c.name)
        .subquery()
    )
    query = select(lists).join(
        newest, (lists.c.name == newest.c.name) & (lists.c.number == newest.c.number)
    )
    rows = session.execute(query.where(lists.c.bank_id == bank_id).order_by(lists.c.name))
    return tuple(
        ListVersion(
            row.name, row.number, row.version, row.entry_count, row.imported_by, row.imported_at
        )
        for row in rows
    )


def entries_of(session: Session, bank_id: str, version: str) -> Iterator[ListEntry]:
    """Return the entries of a version, in the order of its file."""
    after = -1
    while True:
        query = (
            select(list_entries.c.place, list_entries.c.entry)
            .where(
                list_entries.c.bank_id == bank_id,
                list_entries.c.version == version,
                list_entries.c.place > after,
            )
            .order_by(list_entries.c.place)
            .limit(PART)
        )
        rows = session.execute(query).all()
        for row in rows:
            given = row.entry
            lists_in = {name: tuple(given[name]) for name in ("names", "born", "countries")}
            yield ListEntry(**{**given, **lists_in})
        if len(rows) < PART:
            return
        after = rows[-1].place
