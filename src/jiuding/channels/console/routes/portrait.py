"""The customer's own financial portrait: seen with its evidence, corrected, deleted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.channels.console.operations import portraits
from jiuding.channels.console.routes.edge import Desk, page_router, redirect
from jiuding.channels.console.routes.render import page

AMOUNT_CHARACTERS_MAX = 40
_HERE = "/you/portrait"


def router(desk: Desk) -> APIRouter:
    """Return the routes of one's own portrait."""
    pages = page_router()
    branch = desk.branch

    @pages.get(_HERE)
    def show_portrait(request: Request) -> Response:
        """Show one's own portrait."""
        now = clock.now()
        with transaction(branch.engine) as session:
            visitor = desk.known_visitor(session, request)
            view = portraits.portrait_view(
                session, branch=branch, party_id=visitor.party_id, market=visitor.market, now=now
            )
        return page(
            request, "portrait", title="portrait.page", here="you", visitor=visitor, view=view
        )

    @pages.post(_HERE)
    def change_portrait(
        request: Request,
        act: Annotated[str, Form(max_length=20)],
        figure: Annotated[str, Form(max_length=40)] = "",
        amount: Annotated[str, Form(max_length=AMOUNT_CHARACTERS_MAX)] = "",
    ) -> Response:
        """State or take back a figure, delete or restore the portrait, allow a look ahead."""
        with transaction(branch.engine) as session:
            visitor = desk.known_visitor(session, request)
            portraits.change(
                session, branch=branch, party_id=visitor.party_id, market=visitor.market, act=act,
                figure=figure, amount=amount, now=clock.now(),
            )  # fmt: skip
        return redirect(_HERE)

    return pages
