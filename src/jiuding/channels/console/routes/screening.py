"""Pages of screening: a name against the lists, why each is near, and what was cleared before."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.base.problems import Problem
from jiuding.channels.console.operations import casework
from jiuding.channels.console.routes.edge import Desk, page_router
from jiuding.channels.console.routes.render import page, problem_view, taste_of
from jiuding.services import cases

Subject = Annotated[str, Form(max_length=128)]
Name = Annotated[str, Form(max_length=300)]
Born = Annotated[str, Form(max_length=40)]


def router(desk: Desk) -> APIRouter:
    """Return the routes of screening. A name is sent as a form, so that no address holds it."""
    pages = page_router()
    branch = desk.branch

    @pages.get("/screening")
    def show_screening(request: Request) -> Response:
        """Ask for a name, and show the lists in force."""
        return _show(desk, request, desk.known_staff(request))

    @pages.post("/screening")
    def screen(
        request: Request, subject: Subject = "", name: Name = "", born: Born = ""
    ) -> Response:
        """Show who on the lists is near a name; matches about a subject open a case."""
        return _show(desk, request, desk.known_staff(request), subject, name, born)

    @pages.post("/screening/clearances")
    def clear(
        request: Request,
        entry_id: Annotated[str, Form(min_length=1, max_length=300)],
        subject: Subject,
        name: Name,
        born: Born = "",
        reason: Annotated[str, Form(max_length=2_000)] = "",
    ) -> Response:
        """Remember that a match is another person, and show what is left."""
        by, more = desk.known_staff(request), {}
        try:
            with transaction(branch.engine) as session:
                cases.clear_match(
                    session, bank_id=branch.bank_id,
                    screener=request.app.state.lists.screener(session, bank_id=branch.bank_id),
                    subject=subject, name=name, entry_id=entry_id, reason=reason, by=by,
                    now=clock.now(),
                )  # fmt: skip
        except Problem as problem:
            more = {"problem_view": problem_view(request, problem), "status": problem.status}
        return _show(desk, request, by, subject, name, born, **more)

    return pages


def _show(
    desk: Desk,
    request: Request,
    by: str,
    subject: str = "",
    name: str = "",
    born: str = "",
    **more: Any,
) -> Response:
    """Screen and render; a name that cannot be screened is a refusal beside the empty form."""
    engine = desk.branch.engine
    given = {"subject": subject.strip(), "name": name.strip(), "born": born.strip()}
    lists, lang = request.app.state.lists, taste_of(request).lang
    common = {"branch": desk.branch, "lists": lists, "by": by, "lang": lang, "now": clock.now()}
    try:
        with transaction(engine) as session:
            view = casework.screening_view(session, **given, **common)
    except Problem as problem:
        more |= {"problem_view": problem_view(request, problem), "status": problem.status}
        with transaction(engine) as session:
            view = casework.screening_view(session, subject="", name="", born="", **common)
    with transaction(engine) as session:
        visitor = desk.visitor(session, request)
    return page(
        request, "screening", title="screening.page", here="cases", visitor=visitor, view=view,
        given=given, by=by, **more,
    )  # fmt: skip
