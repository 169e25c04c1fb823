"""The console's pages on an app: one router for each part, static files, refusals as pages."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request, Response

from jiuding.base.problems import NotFound
from jiuding.channels.console.routes import (
    books,
    cases,
    design,
    money,
    policies,
    portrait,
    products,
    screening,
    staff,
    static,
    visit,
    walk,
    watches,
)
from jiuding.channels.console.routes.edge import Desk, refusal
from jiuding.channels.console.routes.policies import DRAFT_BYTES_MAX, DRAFT_PATH
from jiuding.services import offers

__all__ = ["DRAFT_BYTES_MAX", "DRAFT_PATH", "install"]


def install(
    app: FastAPI, branch: offers.Branch, *, pin_hint: str | None = None, operator_token: str = "",
    staff_key: bytes = b"",
) -> None:  # fmt: skip
    """Give an app the pages of a branch; `pin_hint` is shown in a demonstration bank only."""
    shown_pin = pin_hint if branch.bank.is_demonstration else None
    desk = Desk(branch, shown_pin, operator_token, staff_key)
    app.include_router(static.router)
    app.include_router(design.router)
    app.include_router(visit.router(desk))
    app.include_router(money.router(desk))
    app.include_router(books.router(desk))
    app.include_router(products.router(desk))
    app.include_router(watches.router(desk))
    app.include_router(policies.router(desk))
    app.include_router(staff.router(desk))
    app.include_router(cases.router(desk))
    app.include_router(screening.router(desk))
    app.include_router(portrait.router(desk))
    app.include_router(walk.router(desk))
    app.include_router(_nowhere())


def _nowhere() -> APIRouter:
    """Return the route of every address that is nobody's; it must come last."""
    last = APIRouter(include_in_schema=False)

    @last.get("/{path:path}")
    def answer_nowhere(request: Request, path: str) -> Response:
        """Say that there is nothing here: a page to a person, a problem to a program."""
        missing = NotFound("there is nothing at this address")
        if path.startswith("v1/") or "text/html" not in request.headers.get("accept", ""):
            raise missing
        return refusal(request, missing)

    return last
