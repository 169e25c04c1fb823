"""HTTP for those who work cases: the queue, one case, its steps; and screening.

Every request is made by one person, whose token proves it: who proposed cannot approve.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Engine

from jiuding.base import clock, http
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.kernel import decisions
from jiuding.services import risk
from jiuding.services.cases import operations, rules
from jiuding.services.cases.types import (
    Case,
    CaseOutcome,
    EvidenceKind,
    NewEvidence,
    Status,
    Wanted,
)

EVIDENCE_BYTES_MAX = 2_000_000
PATH = "/v1/cases"
Id = Annotated[str, Field(min_length=1, max_length=128)]
Reason = Annotated[str, Field(min_length=1, max_length=2_000)]
Key = Annotated[str, Depends(http.idempotency_key)]


class Bank(Protocol):
    """What these routes need of a bank."""

    engine: Engine
    bank_id: str


class Body(BaseModel):
    """A body that holds what is declared and nothing else."""

    model_config = ConfigDict(extra="forbid")


class EvidenceBody(Body):
    """Something that speaks; what `data` holds is said by kind in the package's rules.

    A decision needs its id as `reference` only: what it says is read from its record.
    """

    kind: Literal["decision", "provenance", "signal", "graph", "note"]
    source: Id = "http"
    reference: Id
    happened_at: AwareDatetime
    data: dict[str, Any] = Field(default_factory=dict, max_length=40)

    def evidence(self) -> NewEvidence:
        """Return it as evidence."""
        data = dict(self.data)
        if self.kind == "decision":
            data = {"policy": "", "outcome": "", "reasons": []}
        return NewEvidence(
            EvidenceKind(self.kind), self.source, self.happened_at, self.reference, data
        )


class CaseBody(Body):
    """A case to open; `source` is what made it come up, and opens one case. Subjects are ids."""

    kind: Id
    subject: Id
    source: str = Field(default="", max_length=200)
    priority: Literal["", "urgent", "high", "normal", "low"] = ""
    evidence: list[EvidenceBody] = Field(default_factory=list, max_length=50)


class NextBody(Body):
    """Which case to claim next: of any kind and state, or of one."""

    kind: str = Field(default="", max_length=40)
    status: Literal["", "open", "proposed"] = ""


class ProposalBody(Body):
    """What was found, and why; without names."""

    outcome: Literal["confirmed", "unfounded", "inconclusive"]
    reason: Reason


class ReturnBody(Body):
    """Why a proposed outcome goes back."""

    reason: Reason


class ScreeningBody(Body):
    """A name to compare with the lists; with a subject, a match opens a case about it."""

    name: str = Field(min_length=1, max_length=300)
    subject: str = Field(default="", max_length=128)
    born: str = Field(default="", max_length=40)


class ClearanceBody(Body):
    """That a match is another person, and why."""

    subject: Id
    name: str = Field(min_length=1, max_length=300)
    entry_id: str = Field(min_length=1, max_length=300)
    reason: Reason


def bank_of(request: Request) -> Bank:
    """Return the bank that this app serves."""
    return request.app.state.branch


def person(request: Request, authorization: Annotated[str | None, Header()] = None) -> str:
    """Return the member of staff whose token came. Refuses: decisions.StaffRequired."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise decisions.StaffRequired("send your own token as Authorization: Bearer")
    return decisions.person_of(request.app.state.staff_key, token)


By = Annotated[str, Depends(person)]
Where = Annotated[Bank, Depends(bank_of)]
router = APIRouter(prefix="/v1", tags=["cases"])


def _answer(case: Case) -> dict[str, Any]:
    return rules.plain_case(case, clock.now())


@router.get("/cases")
def list_cases(
    bank: Where,
    _: By,
    status: Literal["", "open", "proposed", "closed"] = "",
    kind: Annotated[str, Query(max_length=40)] = "",
    held_by: Annotated[str, Query(max_length=64)] = "",
    search: Annotated[str, Query(max_length=160)] = "",
    after: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=operations.PAGE_MAX)] = 50,
) -> dict[str, Any]:
    """List cases: what waits by priority and age, what is closed by the newest first."""
    now = clock.now()
    wanted = Wanted(Status(status) if status else None, kind, held_by, search)
    with transaction(bank.engine) as session:
        page = operations.list_cases(
            session, bank_id=bank.bank_id, wanted=wanted, now=now, limit_max=limit, after=after
        )
        counts = operations.count_cases(session, bank_id=bank.bank_id, now=now)
    return {
        "cases": [rules.plain_case(each, now) for each in page.cases],
        "next_after": page.next_after,
        "open_count": counts.open,
        "overdue_count": counts.overdue,
        "proposed_count": counts.proposed,
    }


@router.post("/cases", status_code=201)
def open_case(body: CaseBody, bank: Where, by: By, key: Key) -> dict[str, Any]:
    """Open a case; the same key or source again returns the first."""
    content = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
    with transaction(bank.engine) as session:
        case = operations.open_case(
            session, bank_id=bank.bank_id, kind=body.kind, subject=body.subject,
            source=f"given:{body.source}" if body.source else f"key:{by}:{key}",
            by=by, now=clock.now(), priority=body.priority,
            evidence=tuple(_read(session, bank, each) for each in body.evidence),
            content_hash="" if body.source else content,
        )  # fmt: skip
    return _answer(case)


def _read(session: Any, bank: Bank, given: EvidenceBody) -> NewEvidence:
    """Return evidence; a decision says what its record says."""
    if given.kind != "decision":
        return given.evidence()
    found = decisions.read_decision(session, bank_id=bank.bank_id, decision_id=given.reference)
    return rules.decision_evidence(found)


@router.post("/cases/next", status_code=201)
def claim_next(body: NextBody, bank: Where, by: By, key: Key) -> dict[str, Any]:
    """Claim the first case that waits and that nobody holds."""
    wanted = Wanted(Status(body.status) if body.status else None, body.kind)
    with transaction(bank.engine) as session:
        case = operations.claim_next(
            session, bank_id=bank.bank_id, by=by, now=clock.now(), idempotency_key=key,
            wanted=wanted,
        )  # fmt: skip
    return _answer(case)


@router.get("/cases/{case_id}")
def show_case(case_id: str, bank: Where, by: By) -> dict[str, Any]:
    """Show a case with its evidence, picture and timeline; that you looked is one of its steps."""
    now = clock.now()
    with transaction(bank.engine) as session:
        found = operations.read_case(
            session, bank_id=bank.bank_id, case_id=case_id, by=by, now=now,
            idempotency_key=f"view:{new_id('evt', now)}",
        )  # fmt: skip
    return rules.plain_file(found, now)


@router.post("/cases/{case_id}/evidence", status_code=201)
def add_evidence(case_id: str, body: EvidenceBody, bank: Where, by: By, key: Key) -> dict[str, Any]:
    """Put evidence into a case that you hold, or that nobody does; it stands once."""
    with transaction(bank.engine) as session:
        case = operations.add_evidence(
            session, bank_id=bank.bank_id, case_id=case_id, evidence=body.evidence(), by=by,
            now=clock.now(), idempotency_key=key,
        )  # fmt: skip
    return _answer(case)


@router.post("/cases/{case_id}/claims", status_code=201)
def claim_case(case_id: str, bank: Where, by: By, key: Key) -> dict[str, Any]:
    """Hold a case for half an hour, or for longer."""
    with transaction(bank.engine) as session:
        case = operations.claim_case(
            session, bank_id=bank.bank_id, case_id=case_id, by=by, now=clock.now(),
            idempotency_key=key,
        )  # fmt: skip
    return _answer(case)


@router.post("/cases/{case_id}/releases", status_code=201)
def release_case(case_id: str, bank: Where, by: By, key: Key) -> dict[str, Any]:
    """Give a case back to the queue."""
    with transaction(bank.engine) as session:
        case = operations.release_case(
            session, bank_id=bank.bank_id, case_id=case_id, by=by, now=clock.now(),
            idempotency_key=key,
        )  # fmt: skip
    return _answer(case)


@router.post("/cases/{case_id}/proposals", status_code=201)
def propose_outcome(
    case_id: str, body: ProposalBody, bank: Where, by: By, key: Key
) -> dict[str, Any]:
    """Say what was found in a case that you hold; a second person has to agree."""
    with transaction(bank.engine) as session:
        case = operations.propose_outcome(
            session, bank_id=bank.bank_id, case_id=case_id, outcome=CaseOutcome(body.outcome),
            reason=body.reason, by=by, now=clock.now(), idempotency_key=key,
        )  # fmt: skip
    return _answer(case)


@router.post("/cases/{case_id}/approvals", status_code=201)
def approve_outcome(case_id: str, bank: Where, by: By, key: Key) -> dict[str, Any]:
    """Agree to an outcome that another proposed: the case is closed, its labels are recorded."""
    with transaction(bank.engine) as session:
        case = operations.approve_outcome(
            session, bank_id=bank.bank_id, case_id=case_id, by=by, now=clock.now(),
            idempotency_key=key,
        )  # fmt: skip
    return _answer(case)


@router.post("/cases/{case_id}/returns", status_code=201)
def return_outcome(case_id: str, body: ReturnBody, bank: Where, by: By, key: Key) -> dict[str, Any]:
    """Send a proposed outcome back, or take your own back: the case waits again."""
    with transaction(bank.engine) as session:
        case = operations.return_outcome(
            session, bank_id=bank.bank_id, case_id=case_id, reason=body.reason, by=by,
            now=clock.now(), idempotency_key=key,
        )  # fmt: skip
    return _answer(case)


@router.post("/screenings")
def screen(body: ScreeningBody, request: Request, bank: Where, by: By) -> dict[str, Any]:
    """Compare a name with the lists in force; matches about a subject open one case.

    Saying it again opens no other, so it needs no key. The name is not kept.
    """
    now = clock.now()
    with transaction(bank.engine) as session:
        screener = request.app.state.lists.screener(session, bank_id=bank.bank_id)
        if body.subject:
            found = operations.screen_subject(
                session, bank_id=bank.bank_id, screener=screener, subject=body.subject,
                name=body.name, born=body.born, by=by, now=now,
            )  # fmt: skip
        else:
            found = operations.look_up(screener, name=body.name, born=body.born)
    return rules.plain_screened(found, now)


@router.post("/screenings/clearances", status_code=201)
def clear_match(body: ClearanceBody, request: Request, bank: Where, by: By) -> dict[str, Any]:
    """Remember that a match is another person; said again, it stands once."""
    with transaction(bank.engine) as session:
        is_new = operations.clear_match(
            session, bank_id=bank.bank_id,
            screener=request.app.state.lists.screener(session, bank_id=bank.bank_id),
            subject=body.subject, name=body.name, entry_id=body.entry_id, reason=body.reason,
            by=by, now=clock.now(),
        )  # fmt: skip
    return {"is_new": is_new}


@router.get("/screening-lists")
def list_lists(bank: Where, _: By) -> dict[str, Any]:
    """List what names are screened against; none when only the invented sample is there."""
    with transaction(bank.engine) as session:
        found = risk.lists_in_force(session, bank_id=bank.bank_id)
    return {
        "lists": [
            {
                "name": each.name,
                "number": each.number,
                "version": each.version,
                "entry_count": each.entry_count,
                "imported_by": each.imported_by,
                "imported_at": each.imported_at.isoformat(),
            }
            for each in found
        ]
    }
