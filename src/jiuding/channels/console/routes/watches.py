"""Begin and stop the watch on one's own loan: two forms, each of which leads back to the loan."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.channels.console.routes.edge import Desk, page_router, redirect
from jiuding.services import offers


def router(desk: Desk) -> APIRouter:
    """Return the routes of watching a loan."""
    pages = page_router()
    branch = desk.branch

    @pages.post("/loans/{loan_id}/watch")
    def begin(
        request: Request,
        loan_id: str,
        key: Annotated[str, Form(max_length=200)],
        has_agreed: Annotated[str, Form(max_length=8)] = "",
    ) -> Response:
        """Let the bank watch the market for a loan; the box that was ticked is the consent."""
        with transaction(branch.engine) as session:
            visitor = desk.known_visitor(session, request)
            offers.watch_loan(
                session, bank_id=branch.bank_id, party_id=visitor.party_id, loan_id=loan_id,
                has_agreed=has_agreed == "yes", idempotency_key=key, now=clock.now(),
            )  # fmt: skip
        return redirect(f"/loans/{loan_id}#watch")

    @pages.post("/loans/{loan_id}/watch/stop")
    def stop(
        request: Request, loan_id: str, watch_id: Annotated[str, Form(max_length=64)]
    ) -> Response:
        """Withdraw that consent."""
        with transaction(branch.engine) as session:
            visitor = desk.known_visitor(session, request)
            offers.stop_watching(
                session, bank_id=branch.bank_id, party_id=visitor.party_id, watch_id=watch_id,
                now=clock.now(),
            )  # fmt: skip
        return redirect(f"/loans/{loan_id}#watch")

    return pages
