"""The edge of the console: who is here, what a form may do, and how a refusal is shown."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from jiuding.base import clock, http
from jiuding.base.database.engine import Session
from jiuding.channels.console import rules
from jiuding.channels.console.errors import ForeignOrigin
from jiuding.channels.console.operations import visitors
from jiuding.channels.console.routes import render
from jiuding.channels.console.types import CustomerView, ProblemView
from jiuding.kernel import decisions, identity, ledger
from jiuding.services import offers, signals

# The same login as `/v1` uses, so that a page and a program of one visitor see the same.
LOGIN_COOKIE = "jiuding_login"
OPERATOR_COOKIE = "jiuding_operator"
STAFF_COOKIE = render.STAFF_COOKIE
TRACE_CHARACTERS_MAX = 8_000
_YEAR_SECONDS = 365 * 24 * 3600
_OWN_SITES = {None, "same-origin", "none"}
_log = structlog.get_logger("jiuding.console")


@dataclass(frozen=True, slots=True)
class Desk:
    """What every page needs: the branch, and the PIN that a demonstration bank tells everyone.

    Without an operator's token nobody is the operator here.
    """

    branch: offers.Branch
    pin_hint: str | None = None
    operator_token: str = ""
    staff_key: bytes = b""

    def visitor(self, session: Session, request: Request) -> CustomerView | None:
        """Return who is here, or None."""
        return visitors.visitor_of(
            session, branch=self.branch, token=request.cookies.get(LOGIN_COOKIE), now=clock.now()
        )

    def known_visitor(self, session: Session, request: Request) -> CustomerView:
        """Return who is here.

        Refuses: identity.LoginRequired.
        """
        found = self.visitor(session, request)
        if found is None:
            raise identity.LoginRequired("choose a customer and confirm it")
        return found

    def client(self, request: Request) -> signals.Client | None:
        """Return who asks, as far as the request shows it; None where no guard looks."""
        if self.branch.guard is None:
            return None
        device = request.cookies.get(signals.DEVICE_COOKIE)
        return self.branch.guard.client(device=device, **http.client_words(request))

    def is_operator(self, request: Request) -> bool:
        """Return whether the bank's operator is here."""
        shown = request.cookies.get(OPERATOR_COOKIE)
        return rules.is_operator_pass(self.operator_token, shown, clock.now())

    def known_operator(self, request: Request) -> None:
        """Let only the bank's operator pass.

        Refuses: ledger.OperatorRequired.
        """
        if not self.is_operator(request):
            raise ledger.OperatorRequired("show the operator's token first")

    def staff(self, request: Request) -> str | None:
        """Return which member of staff is here, or None."""
        return rules.staff_of_pass(self.staff_key, request.cookies.get(STAFF_COOKIE), clock.now())

    def known_staff(self, request: Request) -> str:
        """Return which member of staff is here.

        Refuses: decisions.StaffRequired.
        """
        found = self.staff(request)
        if found is None:
            raise decisions.StaffRequired("show your own token first")
        return found


def check_origin(request: Request) -> None:
    """Refuse a form that another site's page sent in a visitor's name.

    Refuses: ForeignOrigin.
    """
    origin = request.headers.get("origin")
    own = {None, f"{request.url.scheme}://{request.headers.get('host', '')}"}
    site = request.headers.get("sec-fetch-site")
    if site not in _OWN_SITES or (site is None and origin not in own):
        raise ForeignOrigin("open the page at its own address and send the form from there")


class PageRoute(APIRoute):
    """A route whose refusals are pages, and whose forms come from our own pages only."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with refusals turned into pages."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                if request.method not in ("GET", "HEAD"):
                    check_origin(request)
                return await inner(request)
            except Exception as error:
                return await run_in_threadpool(refusal, request, error)

        return handle


def page_router() -> APIRouter:
    """Return a router for pages."""
    return APIRouter(route_class=PageRoute, include_in_schema=False)


def refusal(request: Request, error: Exception) -> Response:
    """Return the page that says what happened and what to do."""
    problem = http.as_problem(error)
    if isinstance(problem, identity.LoginRequired) and request.method == "GET":
        return redirect(f"/enter?next={rules.safe_next(request.url.path)}")
    if isinstance(problem, ledger.OperatorRequired) and request.method == "GET":
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return redirect("/books/enter?" + urlencode({"next": rules.safe_next(here)}))
    if isinstance(problem, decisions.StaffRequired) and request.method == "GET":
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return redirect("/staff/enter?" + urlencode({"next": rules.safe_next(here)}))
    if problem is not None:
        return render.problem_page(request, render.problem_view(request, problem))
    if isinstance(error, HTTPException):
        view = ProblemView(
            "base.http", error.status_code, str(error.detail), "", http.trace_id(request)
        )
        return render.problem_page(request, view)
    # The trace as text, without the values of variables: those hold what is personal.
    trace = "".join(traceback.format_exception(error))[-TRACE_CHARACTERS_MAX:]
    _log.error("broken", trace_id=http.trace_id(request), path=request.url.path, trace=trace)
    return render.problem_page(
        request, ProblemView("base.broken", 500, "", "", http.trace_id(request))
    )


def redirect(path: str) -> RedirectResponse:
    """Send the browser on with a GET."""
    return RedirectResponse(path, status_code=303, headers=dict(render.HEADERS))


def remember(response: Response, request: Request, name: str, value: str, **kept: Any) -> None:
    """Set a cookie for our own pages only; a login's cookie is hidden from scripts."""
    response.set_cookie(
        name, value, max_age=kept.get("max_age", _YEAR_SECONDS), path="/", samesite="lax",
        httponly=True, secure=request.url.scheme == "https",
    )  # fmt: skip
