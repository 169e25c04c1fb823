"""Pages of policies: what judges, what it says, and the steps that staff take with their tokens."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request, Response

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.base.problems import Problem
from jiuding.channels.console.operations import policies
from jiuding.channels.console.routes.edge import Desk, page_router, redirect
from jiuding.channels.console.routes.render import page, problem_view, taste_of
from jiuding.kernel import decisions


def router(desk: Desk) -> APIRouter:
    """Return the routes of policies. Everybody here may read them; steps take a token."""
    pages = page_router()
    branch = desk.branch

    @pages.get("/policies")
    def show_policies(request: Request) -> Response:
        """Show every policy and what judges now."""
        with transaction(branch.engine) as session:
            visitor = desk.known_visitor(session, request)
            found = policies.policy_views(session, branch=branch, lang=taste_of(request).lang)
        return page(
            request, "policies", title="policies.page", here="books", visitor=visitor, views=found
        )

    def show(request: Request, name: str, **more: Any) -> Response:
        with transaction(branch.engine) as session:
            visitor = desk.known_visitor(session, request)
            view = policies.policy_view(
                session, branch=branch, name=name, lang=taste_of(request).lang
            )
        return page(
            request, "policy", title="policies.page", here="books", visitor=visitor, view=view,
            key=new_id("evt", clock.now()), steps=policies.STEPS, **more,
        )  # fmt: skip

    @pages.get("/policies/{name}")
    def show_policy(request: Request, name: str) -> Response:
        """Show a policy: rules in words, shares, shadows, and every step."""
        return show(request, name)

    @pages.post("/policies/{name}/steps")
    def take_step(
        request: Request,
        name: str,
        step: Annotated[Literal[policies.STEPS], Form()],
        token: Annotated[str, Form(max_length=200)] = "",
        version: Annotated[str, Form(max_length=64)] = "",
        share: Annotated[int, Form(ge=1, le=100)] = 100,
        key: Annotated[str, Form(min_length=1, max_length=60)] = "",
    ) -> Response:
        """Take a step as the person whose token this is."""
        try:
            by = decisions.person_of(request.app.state.staff_key, token)
            with transaction(branch.engine) as session:
                desk.known_visitor(session, request)
                policies.take_step(
                    session, branch=branch, name=name, step=step, version=version, share=share,
                    by=by, now=clock.now(), idempotency_key=key,
                )  # fmt: skip
        except Problem as problem:
            shown = problem_view(request, problem)
            return show(request, name, problem_view=shown, status=problem.status)
        return redirect(f"/policies/{name}")

    return pages
