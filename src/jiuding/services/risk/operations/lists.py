"""Lists that a bank screens against: imported by command, kept by version, laid out once."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from jiuding.base.database.engine import Session
from jiuding.base.settings import CATALOG
from jiuding.kernel import eventlog
from jiuding.services.risk import events, rules, store
from jiuding.services.risk.errors import BadListName
from jiuding.services.risk.operations.screening import read_list
from jiuding.services.risk.types import ListEntry, ListVersion

SAMPLE = "invented"  # what ships, until a bank imports a list of its own
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def import_list(
    session: Session, *, bank_id: str, path: Path, name: str, by: str, now: datetime
) -> ListVersion:
    """Bring a list under a name; it is screened against from now on, instead of its older version.

    The same content again is not brought twice. Entries' ids get the list's name in front, so
    that those of two lists never meet. Refuses: BadListName; BadList naming file and line;
    ListTooLong.
    """
    if not _NAME.fullmatch(name):
        raise BadListName("a list is named by up to 40 small letters, digits and _")
    entries = [replace(each, entry_id=f"{name}:{each.entry_id}") for each in read_list(path)]
    version = _version(entries)
    known = {each.name: each for each in store.newest_lists(session, bank_id)}.get(name)
    if known is not None and known.version == version:
        return known
    number = known.number + 1 if known else 1
    made = ListVersion(name, number, version, len(entries), by, now)
    store.add_list(session, bank_id, made, entries)
    eventlog.append(
        session, bank_id=bank_id, subject=name, source="risk", occurred_at=now, recorded_at=now,
        event=events.ListImported(version=version, entry_count=len(entries), by=by),
    )  # fmt: skip
    return made


def _version(entries: Iterable[ListEntry]) -> str:
    digest = hashlib.sha256()
    for each in entries:
        digest.update(repr(each).encode())
    return digest.hexdigest()


def lists_in_force(session: Session, *, bank_id: str) -> tuple[ListVersion, ...]:
    """Return the newest version of each list; none when only the invented sample is there."""
    return store.newest_lists(session, bank_id)


class ListRoom:
    """What names are screened against, laid out in memory and renewed when a list is imported."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._laid: dict[str, tuple[tuple[str, ...], rules.Screener]] = {}

    def screener(self, session: Session, *, bank_id: str) -> rules.Screener:
        """Return the lists in force, as one; the invented sample where nothing was imported.

        Laying out 100,000 names takes seconds of work: whoever comes first after an import does it,
        which the worker is within its round; others meanwhile get the lists as they were, and the
        version that they are told says so. Only where nothing is laid out yet does everyone wait.
        """
        versions = tuple(each.version for each in store.newest_lists(session, bank_id))
        known = self._laid.get(bank_id)
        if known is not None and known[0] == versions:
            return known[1]
        if not self._lock.acquire(blocking=known is None):
            return known[1] if known is not None else self.screener(session, bank_id=bank_id)
        try:
            known = self._laid.get(bank_id)
            if known is None or known[0] != versions:
                known = (versions, rules.Screener(_entries(session, bank_id, versions)))
                self._laid[bank_id] = known
            return known[1]
        finally:
            self._lock.release()


def _entries(session: Session, bank_id: str, versions: tuple[str, ...]) -> Iterable[ListEntry]:
    if not versions:
        for each in read_list(CATALOG / "lists" / "invented.targets.simple.csv"):
            yield replace(each, entry_id=f"{SAMPLE}:{each.entry_id}")
    for version in versions:
        yield from store.entries_of(session, bank_id, version)
