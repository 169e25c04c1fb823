"""Pages of cases: the queue, one case, opening one; each read and step by a named person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request, Response

from jiuding.base import clock
from jiuding.base.database.engine import Session, transaction
from jiuding.base.ids import new_id
from jiuding.base.problems import Problem
from jiuding.channels.console.operations import casework
from jiuding.channels.console.routes.edge import Desk, page_router, redirect
from jiuding.channels.console.routes.render import page, problem_view, taste_of
from jiuding.services import cases

Words = Annotated[str, Form(max_length=2_000)]
KeyField = Annotated[str, Form(min_length=1, max_length=60)]


def router(desk: Desk) -> APIRouter:
    """Return the routes of cases."""
    pages = page_router()
    _queue_routes(pages, desk)
    _open_routes(pages, desk)
    _case_routes(pages, desk)
    return pages


def _key() -> str:
    return new_id("evt", clock.now())


def _queue_routes(pages: APIRouter, desk: Desk) -> None:
    branch = desk.branch

    def show(
        request: Request, by: str, show: str, kind: str, search: str, after: str | None, **more: Any
    ) -> Response:
        with transaction(branch.engine) as session:
            visitor = desk.visitor(session, request)
            view = casework.queue_view(
                session, bank_id=branch.bank_id, show=show, kind=kind, search=search.strip(),
                after=after, by=by, lang=taste_of(request).lang, now=clock.now(),
            )  # fmt: skip
        return page(
            request, "cases", title="cases.page", here="cases", visitor=visitor, view=view, by=by,
            key=_key(), **more,
        )  # fmt: skip

    @pages.get("/cases")
    def show_queue(
        request: Request,
        show_: Annotated[Literal[casework.SHOWS], Query(alias="show")] = "open",
        kind: Annotated[str, Query(max_length=40)] = "",
        search: Annotated[str, Query(max_length=160)] = "",
        after: Annotated[str | None, Query(max_length=40)] = None,
    ) -> Response:
        """Show what waits, by priority and age."""
        by = desk.known_staff(request)
        return show(request, by, show_, kind, search, after)

    @pages.post("/cases/next")
    def claim_next(
        request: Request, key: KeyField, kind: Annotated[str, Form(max_length=40)] = ""
    ) -> Response:
        """Take the next case that nobody works, and open it."""
        by = desk.known_staff(request)
        try:
            with transaction(branch.engine) as session:
                case = cases.claim_next(
                    session, bank_id=branch.bank_id, by=by, now=clock.now(), idempotency_key=key,
                    wanted=cases.Wanted(kind=kind),
                )  # fmt: skip
        except Problem as problem:
            shown = problem_view(request, problem)
            return show(
                request, by, "open", kind, "", None, problem_view=shown, status=problem.status
            )
        return redirect(f"/cases/{case.case_id}")


def _open_routes(pages: APIRouter, desk: Desk) -> None:
    branch = desk.branch

    def show(request: Request, given: dict[str, str], **more: Any) -> Response:
        lang = taste_of(request).lang
        kinds = [(k.name, getattr(k, f"title_{lang}")) for k in cases.declared().kinds.values()]
        with transaction(branch.engine) as session:
            visitor = desk.visitor(session, request)
        return page(
            request, "case_new", title="cases.new_page", here="cases", visitor=visitor,
            kinds=kinds, priorities=cases.PRIORITIES, given=given, key=_key(), **more,
        )  # fmt: skip

    @pages.get("/cases/new")
    def show_new(request: Request, subject: Annotated[str, Query(max_length=128)] = "") -> Response:
        """Ask what a case is about."""
        desk.known_staff(request)
        return show(request, {"subject": subject, "kind": "", "priority": "", "note": ""})

    @pages.post("/cases/new")
    def open_case(
        request: Request,
        key: KeyField,
        kind: Annotated[str, Form(max_length=40)] = "",
        subject: Annotated[str, Form(max_length=128)] = "",
        priority: Annotated[str, Form(max_length=10)] = "",
        note: Words = "",
    ) -> Response:
        """Open a case with what was noticed as its first evidence."""
        by, now = desk.known_staff(request), clock.now()
        try:
            with transaction(branch.engine) as session:
                case = cases.open_case(
                    session, bank_id=branch.bank_id, kind=kind, subject=subject.strip(),
                    source=f"page:{by}:{key}", by=by, now=now, priority=priority,
                    evidence=(cases.note_evidence(note, note_id=key, at=now),),
                )  # fmt: skip
        except Problem as problem:
            shown = problem_view(request, problem)
            given = {"subject": subject, "kind": kind, "priority": priority, "note": note}
            return show(request, given, problem_view=shown, status=problem.status)
        return redirect(f"/cases/{case.case_id}")


def _case_routes(pages: APIRouter, desk: Desk) -> None:
    branch = desk.branch

    def show(request: Request, case_id: str, by: str, **more: Any) -> Response:
        now = clock.now()
        with transaction(branch.engine) as session:
            visitor = desk.visitor(session, request)
            view = casework.case_view(
                session, bank_id=branch.bank_id, case_id=case_id, by=by,
                lang=taste_of(request).lang, now=now, key=f"view:{_key()}",
            )  # fmt: skip
        return page(
            request, "case", title="cases.case_page", here="cases", visitor=visitor, view=view,
            by=by, key=_key(), outcomes=tuple(cases.CaseOutcome), **more,
        )  # fmt: skip

    @pages.get("/cases/{case_id}")
    def show_case(request: Request, case_id: str) -> Response:
        """Show a case: evidence, picture, timeline, outcome."""
        return show(request, case_id, desk.known_staff(request))

    @pages.post("/cases/{case_id}/steps")
    def take_step(
        request: Request,
        case_id: str,
        step: Annotated[
            Literal["claim", "release", "note", "propose", "return", "approve"], Form()
        ],
        key: KeyField,
        outcome: Annotated[Literal["confirmed", "unfounded", "inconclusive"], Form()] = (
            "inconclusive"
        ),
        reason: Words = "",
    ) -> Response:
        """Take a step with a case."""
        by, now = desk.known_staff(request), clock.now()
        verb = _verbs(outcome, reason, key, now)[step]
        try:
            with transaction(branch.engine) as session:
                verb(
                    session, bank_id=branch.bank_id, case_id=case_id, by=by, now=now,
                    idempotency_key=key,
                )  # fmt: skip
        except Problem as problem:
            if problem.status == 404:
                raise
            shown = problem_view(request, problem)
            return show(
                request, case_id, by, problem_view=shown, status=problem.status,
                address=f"/cases/{case_id}",
            )  # fmt: skip
        return redirect(f"/cases/{case_id}")


def _verbs(outcome: str, reason: str, key: str, now: Any) -> dict[str, Callable[..., Any]]:
    """Return what each step of the page does."""

    def note(session: Session, **common: Any) -> Any:
        said = cases.note_evidence(reason, note_id=key, at=now)
        return cases.add_evidence(session, evidence=said, **common)

    def propose(session: Session, **common: Any) -> Any:
        found = cases.CaseOutcome(outcome)
        return cases.propose_outcome(session, outcome=found, reason=reason, **common)

    def return_(session: Session, **common: Any) -> Any:
        return cases.return_outcome(session, reason=reason, **common)

    return {
        "claim": cases.claim_case, "release": cases.release_case, "note": note,
        "propose": propose, "return": return_, "approve": cases.approve_outcome,
    }  # fmt: skip
