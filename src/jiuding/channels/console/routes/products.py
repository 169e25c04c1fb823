"""A product of the library: what it promises, what it truly costs, and how it has changed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.channels.console.operations import products, sources
from jiuding.channels.console.routes.edge import Desk, page_router
from jiuding.channels.console.routes.render import page, taste_of


def router(desk: Desk) -> APIRouter:
    """Return the routes of the library's products."""
    pages = page_router()
    branch = desk.branch

    @pages.get("/library/products/{market}/{place}")
    def show_product(
        request: Request,
        market: Annotated[str, Path(max_length=8)],
        place: Annotated[int, Path(ge=0, le=1_000_000)],
        amount: Annotated[str, Query(max_length=20)] = "",
        months: Annotated[str, Query(max_length=4)] = "",
        rate: Annotated[int | None, Query(ge=0, le=10_000)] = None,
    ) -> Response:
        """Show one product with its true cost and its history."""
        with transaction(branch.engine) as session:
            visitor = desk.visitor(session, request)
            view = products.product_view(
                session, branch=branch, market=market, place=place, amount=amount, months=months,
                rate=rate, lang=taste_of(request).lang, now=clock.now(),
            )  # fmt: skip
        return page(
            request, "product", title="product.page", here="library", visitor=visitor, view=view
        )

    @pages.get("/library/sources")
    def show_sources(
        request: Request,
        market: Annotated[str, Query(max_length=8)] = "",
        reason: Annotated[str, Query(max_length=40)] = "",
        after: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> Response:
        """Show where the library comes from, how old it is, and what was set aside."""
        lang = taste_of(request).lang
        with transaction(branch.engine) as session:
            visitor = desk.visitor(session, request)
            home = visitor.market if visitor else ("cn" if lang == "zh" else "au")
            view = sources.sources_view(
                session, branch=branch, market=market or home, lang=lang, now=clock.now(),
                reason=reason, after=after,
            )  # fmt: skip
        return page(
            request, "sources", title="sources.title", here="library", visitor=visitor, view=view
        )

    return pages
