"""Read cases; whoever reads one leaves a step: who looked is part of what happened."""

from __future__ import annotations

from datetime import datetime

from jiuding.base.database.engine import Session
from jiuding.base.ids import to_uuid
from jiuding.base.problems import ensure
from jiuding.kernel import eventlog
from jiuding.services.cases import rules, store
from jiuding.services.cases.errors import BadCase, CaseNotFound
from jiuding.services.cases.operations.taking import locked, take
from jiuding.services.cases.types import Case, CaseFile, Counts, Page, StepKind, Wanted

PAGE_MAX = 200
LABELS_MAX = 100_000
SEARCH_MAX = 160
NEWS_MAX = 40


def list_cases(
    session: Session,
    *,
    bank_id: str,
    wanted: Wanted,
    now: datetime,
    limit_max: int,
    after: str | None = None,
) -> Page:
    """Return a page of cases: what waits by priority and age, what is closed by the newest first.

    Refuses: BadCase for a search that is too long; BadId for an `after` that is no case's id.
    """
    ensure(0 < limit_max <= PAGE_MAX, f"read 1 to {PAGE_MAX} at a time")
    if len(wanted.search) > SEARCH_MAX or "\0" in wanted.search + wanted.kind:
        raise BadCase(f"a search is an id of at most {SEARCH_MAX} characters")
    if after is not None:
        to_uuid("cas", after)
    return store.page(session, bank_id, wanted, now=now, after=after, limit=limit_max)


def count_cases(session: Session, *, bank_id: str, now: datetime) -> Counts:
    """Return how many cases wait, are overdue, and await a second person."""
    return store.counts(session, bank_id, now)


def peek(session: Session, *, bank_id: str, case_id: str) -> Case:
    """Return where a case stands, without its contents, which leaves no step.

    Refuses: CaseNotFound.
    """
    to_uuid("cas", case_id)
    found = store.read(session, bank_id, case_id)
    if found is None:
        raise CaseNotFound(f"there is no case {case_id}", case_id=case_id)
    return found


def read_case(
    session: Session, *, bank_id: str, case_id: str, by: str, now: datetime, idempotency_key: str
) -> CaseFile:
    """Return all that is known of a case, and record that this person looked.

    News about the subject, the newest 40, stands in the timeline. Refuses: CaseNotFound.
    """
    case = take(
        session, bank_id, locked(session, bank_id, case_id), StepKind.VIEWED, by=by, now=now,
        key=idempotency_key,
    )  # fmt: skip
    evidence = store.evidence_of(session, bank_id, case_id)
    steps = store.steps_of(session, bank_id, case_id)
    news = eventlog.events_about(session, bank_id=bank_id, subject=case.subject, limit_max=NEWS_MAX)
    return CaseFile(
        case=case,
        evidence=evidence,
        steps=steps,
        graph=rules.picture(case, evidence),
        timeline=rules.timeline(evidence, steps, reversed(news)),
    )


def labels_of(
    session: Session, *, bank_id: str, until: datetime, limit_max: int
) -> tuple[tuple[Case, tuple[str, ...]], ...]:
    """Return the closed cases that say good or bad, oldest first, each with its decisions' ids.

    `case.outcome.is_good` is the label; it was known from `case.closed_at` on.
    """
    ensure(0 < limit_max <= LABELS_MAX, f"read 1 to {LABELS_MAX} at a time")
    return store.labelled(session, bank_id, until=until, limit=limit_max)
