"""The console's pages on an app: one router for each part, static files, refusals as pages."""

from __future__ import annotations

from fastapi import FastAPI

from jiuding.channels.console.routes import design, money, static, visit, walk
from jiuding.channels.console.routes.edge import Desk
from jiuding.services import offers


def install(app: FastAPI, branch: offers.Branch, *, pin_hint: str | None = None) -> None:
    """Give an app the pages of a branch; `pin_hint` is shown in a demonstration bank only."""
    desk = Desk(branch, pin_hint if branch.bank.is_demonstration else None)
    app.include_router(static.router)
    app.include_router(design.router)
    app.include_router(visit.router(desk))
    app.include_router(money.router(desk))
    app.include_router(walk.router(desk))
