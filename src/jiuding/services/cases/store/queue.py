"""The queue: by priority, then by age; searched and filtered; one case for one person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_, union

from jiuding.base.database.engine import Session
from jiuding.base.ids import BadId, to_uuid
from jiuding.services.cases.store.rows import COLUMNS, case_of, read
from jiuding.services.cases.tables import cases, evidence, sources
from jiuding.services.cases.types import Case, Counts, Page, Status, Wanted

_PLACE = (cases.c.priority, cases.c.opened_at, cases.c.case_id)


def page(
    session: Session, bank_id: str, wanted: Wanted, *, now: datetime, after: str | None, limit: int
) -> Page:
    """Return a page of cases: what waits by priority and age, what is closed by the newest first.

    `after` is the last case of the page before; when it is gone, the first page.
    """
    is_closed = wanted.status is Status.CLOSED
    query = select(*COLUMNS).where(*_where(bank_id, wanted, now))
    last = read(session, bank_id, after) if after else None
    if last is not None and is_closed:
        spot = (last.closed_at, to_uuid("cas", last.case_id))
        query = query.where(tuple_(cases.c.closed_at, cases.c.case_id) < spot)
    elif last is not None:
        spot = (last.priority, last.opened_at, to_uuid("cas", last.case_id))
        query = query.where(tuple_(*_PLACE) > spot)
    order = (cases.c.closed_at.desc(), cases.c.case_id.desc()) if is_closed else _PLACE
    rows = session.execute(query.order_by(*order).limit(limit + 1)).mappings().all()
    found = tuple(case_of(row) for row in rows[:limit])
    return Page(found, found[-1].case_id if len(rows) > limit else None)


def _where(bank_id: str, wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [cases.c.bank_id == bank_id]
    if wanted.status is not None:
        where.append(cases.c.status == wanted.status.value)
    if wanted.kind:
        where.append(cases.c.kind == wanted.kind)
    if wanted.held_by:
        where += [cases.c.holder == wanted.held_by, cases.c.lease_until > now]
    if wanted.search:
        where.append(_about(bank_id, wanted.search))
    return where


def _about(bank_id: str, search: str) -> ColumnElement[bool]:
    """Match an id of a case, a subject, or something that is evidence; whole ids only."""
    found = union(
        select(evidence.c.case_id).where(
            evidence.c.bank_id == bank_id, evidence.c.reference == search
        ),
        select(cases.c.case_id).where(cases.c.bank_id == bank_id, cases.c.subject == search),
    )
    tied = cases.c.case_id.in_(found)
    try:
        to_uuid("cas", search)
    except BadId:
        return tied
    return cases.c.case_id == search


def take_first(
    session: Session, bank_id: str, wanted: Wanted, *, by: str, now: datetime
) -> Case | None:
    """Return the first case that waits and nobody holds, locked; those being taken are passed by.

    A proposed outcome is not offered to the one who proposed it.
    """
    free = or_(cases.c.lease_until.is_(None), cases.c.lease_until <= now)
    others = or_(cases.c.proposed_by.is_(None), cases.c.proposed_by != by)
    where = [*_where(bank_id, wanted, now), cases.c.status != Status.CLOSED.value, free, others]
    query: Select[Any] = select(*COLUMNS).where(*where).order_by(*_PLACE).limit(1)
    row = session.execute(query.with_for_update(skip_locked=True)).mappings().first()
    return None if row is None else case_of(row)


def counts(session: Session, bank_id: str, now: datetime) -> Counts:
    """Return how many cases wait, are overdue, and await a second person."""
    waiting = cases.c.status == Status.OPEN.value
    query = select(
        func.count().filter(waiting),
        func.count().filter(cases.c.due_at < now),
        func.count().filter(cases.c.status == Status.PROPOSED.value),
    ).where(cases.c.bank_id == bank_id, cases.c.status.in_(["open", "proposed"]))
    return Counts(*session.execute(query).one())


def open_about(session: Session, bank_id: str, kind: str, subject: str) -> str | None:
    """Return the oldest case of a kind about a subject that is not closed, or None."""
    where = (
        cases.c.bank_id == bank_id,
        cases.c.kind == kind,
        cases.c.subject == subject,
        cases.c.status != Status.CLOSED.value,
    )
    query = select(cases.c.case_id).where(*where).order_by(cases.c.case_id).limit(1)
    return session.execute(query).scalar()


def sources_of(session: Session, bank_id: str, wanted: Sequence[str]) -> dict[str, str]:
    """Return the case of each source that opened or joined one."""
    where = (sources.c.bank_id == bank_id, sources.c.source.in_(wanted))
    rows = session.execute(select(sources.c.source, sources.c.case_id).where(*where))
    return {row.source: row.case_id for row in rows}


def labelled(
    session: Session, bank_id: str, *, until: datetime, limit: int
) -> tuple[tuple[Case, tuple[str, ...]], ...]:
    """Return closed cases whose outcome says good or bad, oldest first, each with its decisions."""
    where = and_(
        cases.c.bank_id == bank_id,
        cases.c.status == Status.CLOSED.value,
        cases.c.outcome != "inconclusive",
        cases.c.closed_at < until,
    )
    query = select(*COLUMNS).where(where).order_by(cases.c.closed_at, cases.c.case_id).limit(limit)
    found = [case_of(row) for row in session.execute(query).mappings()]
    tied = select(evidence.c.case_id, evidence.c.reference).where(
        evidence.c.bank_id == bank_id,
        evidence.c.kind == "decision",
        evidence.c.case_id.in_([each.case_id for each in found]),
    )
    by_case: dict[str, list[str]] = {}
    for row in session.execute(tied.order_by(evidence.c.case_id, evidence.c.number)):
        by_case.setdefault(row.case_id, []).append(row.reference)
    return tuple((each, tuple(by_case.get(each.case_id, ()))) for each in found)
