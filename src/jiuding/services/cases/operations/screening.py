"""Screen a subject: a match opens a case, and clearing one is told in it."""

from __future__ import annotations

from datetime import datetime

from jiuding.base.database.engine import Session
from jiuding.base.ids import new_id
from jiuding.services import risk
from jiuding.services.cases import rules, store
from jiuding.services.cases.operations.opening import open_case
from jiuding.services.cases.operations.reading import peek
from jiuding.services.cases.operations.taking import locked, take
from jiuding.services.cases.types import (
    Case,
    EvidenceKind,
    NewEvidence,
    Screened,
    Status,
    StepKind,
)

KIND = "screening"


def screen_subject(
    session: Session,
    *,
    bank_id: str,
    screener: risk.Screener,
    subject: str,
    name: str,
    by: str,
    now: datetime,
    born: str = "",
) -> Screened:
    """Screen a subject's name; matches that nobody cleared open a case, or join the open one.

    The same name against the same entry belongs to one case for ever: screening again opens no
    other, also when that one is closed. The name is not kept.
    Refuses: risk.BadName; BadCase for a subject that is no id.
    """
    found = risk.screen(
        session, bank_id=bank_id, screener=screener, subject=subject, name=name, born=born
    )
    risk.note_screening(session, bank_id=bank_id, subject=subject, found=found, by=by, now=now)
    pieces = []
    for match in found.matches:
        entry = screener.entry(match.entry_id)
        if entry is not None:
            pieces.append(rules.match_evidence(match, risk.clearance_hash(name, entry), now))
    case = _case_for(session, bank_id, subject, pieces, by=by, now=now) if pieces else None
    return Screened(found, case)


def _case_for(
    session: Session, bank_id: str, subject: str, pieces: list[NewEvidence], *, by: str,
    now: datetime,
) -> Case:  # fmt: skip
    sources = {f"match:{subject}:{each.reference}": each for each in pieces}
    known = store.sources_of(session, bank_id, list(sources))
    fresh = {source: each for source, each in sources.items() if source not in known}
    if not fresh:
        return peek(session, bank_id=bank_id, case_id=next(iter(known.values())))
    first = next(iter(fresh))
    here = store.open_about(session, bank_id, KIND, subject)
    if here is not None:
        store.claim_source(session, bank_id, first, here)
    case = open_case(
        session, bank_id=bank_id, kind=KIND, subject=subject, source=first, by=by, now=now,
        evidence=tuple(fresh.values()),
    )  # fmt: skip
    for source in fresh:
        store.claim_source(session, bank_id, source, case.case_id)
    return case


def clear_match(
    session: Session,
    *,
    bank_id: str,
    screener: risk.Screener,
    subject: str,
    name: str,
    entry_id: str,
    reason: str,
    by: str,
    now: datetime,
) -> bool:
    """Remember that a match is another person, and say so in the subject's open case.

    False when that was remembered before. Refuses: risk.MatchNotFound, risk.BadName;
    CaseHeld when somebody else works the case.
    """
    here = store.open_about(session, bank_id, KIND, subject)
    case = locked(session, bank_id, here) if here is not None else None
    if case is not None and case.status is not Status.CLOSED:
        rules.ensure_holds(case, by=by, now=now, must=False)
    is_new = risk.clear_match(
        session, bank_id=bank_id, screener=screener, subject=subject, name=name,
        entry_id=entry_id, reason=reason, by=by, now=now,
    )  # fmt: skip
    if not is_new or case is None:
        return is_new
    said = NewEvidence(
        EvidenceKind.CLEARANCE, "staff", now, new_id("evt", now),
        {"entry_id": entry_id, "reason": reason.strip()},
    )  # fmt: skip
    put = store.add_evidence(session, bank_id, case.case_id, rules.checked(said), by=by, now=now)
    if put is not None:
        take(
            session, bank_id, case, StepKind.EVIDENCE_ADDED, by=by, now=now,
            key=f"evidence:{case.case_id}:{put.number}",
            data={"kind": said.kind.value, "reference": said.reference}, is_by_system=True,
        )  # fmt: skip
    return True


def look_up(screener: risk.Screener, *, name: str, born: str = "") -> Screened:
    """Return who is near a name that is about nobody in particular: no case, nothing remembered.

    Refuses: risk.BadName.
    """
    found = screener.matches(name, born=born)
    return Screened(risk.Screening(found, (), screener.version), None)
