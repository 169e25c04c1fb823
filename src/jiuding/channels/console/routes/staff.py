"""Staff come in with tokens of their own; each browser then shows a pass for some hours."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response

from jiuding.base import clock
from jiuding.base.problems import Problem
from jiuding.channels.console import rules
from jiuding.channels.console.routes.edge import (
    STAFF_COOKIE,
    Desk,
    page_router,
    redirect,
    remember,
)
from jiuding.channels.console.routes.render import page, problem_view
from jiuding.kernel import decisions


def router(desk: Desk) -> APIRouter:
    """Return the routes by which staff come and go."""
    pages = page_router()

    def show(request: Request, next: str, **more: Any) -> Response:
        return page(
            request, "staff_enter", title="staff.page", here="cases",
            next=rules.safe_next(next), **more,
        )  # fmt: skip

    @pages.get("/staff/enter")
    def show_enter(
        request: Request, next: Annotated[str, Query(max_length=500)] = "/cases"
    ) -> Response:
        """Ask for one's own token."""
        return show(request, next)

    @pages.post("/staff/enter")
    def enter(
        request: Request,
        token: Annotated[str, Form(max_length=200)] = "",
        next: Annotated[str, Form(max_length=500)] = "/cases",
    ) -> Response:
        """Let the person whose token this is in for some hours."""
        try:
            person = decisions.person_of(desk.staff_key, token)
        except Problem as problem:
            shown = problem_view(request, problem)
            return show(request, next, problem_view=shown, status=problem.status)
        until = clock.now() + timedelta(seconds=rules.OPERATOR_SECONDS)
        response = redirect(rules.safe_next(next))
        remember(
            response, request, STAFF_COOKIE, rules.staff_pass(desk.staff_key, person, until),
            max_age=rules.OPERATOR_SECONDS,
        )  # fmt: skip
        return response

    @pages.post("/staff/leave")
    def leave(request: Request) -> Response:
        """End the visit."""
        response = redirect("/staff/enter")
        response.delete_cookie(STAFF_COOKIE, path="/")
        return response

    return pages
