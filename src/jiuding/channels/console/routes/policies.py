"""Pages of policies: what judges, what it says, what another version would do, staff's steps."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.base.problems import Problem
from jiuding.channels.console.operations import policies
from jiuding.channels.console.routes.edge import Desk, page_router, redirect
from jiuding.channels.console.routes.render import page, problem_view, taste_of
from jiuding.kernel import decisions

DRAFT_PATH = "/policies/new"
DRAFT_BYTES_MAX = 2_000_000
TABLES_MAX = 40


def router(desk: Desk) -> APIRouter:
    """Return the routes of policies. Everybody here may read them; steps are taken by staff."""
    pages = page_router()
    _draft_routes(pages, desk)
    _list_routes(pages, desk)
    _policy_routes(pages, desk)
    _version_routes(pages, desk)
    return pages


def _key() -> str:
    return new_id("evt", clock.now())


def _draft_routes(pages: APIRouter, desk: Desk) -> None:
    branch = desk.branch

    def show(request: Request, toml: str, **more: Any) -> Response:
        with transaction(branch.engine) as session:
            visitor = desk.visitor(session, request)
        return page(
            request, "policy_new", title="policies.new_page", here="cases", visitor=visitor,
            toml=toml, key=_key(), **more,
        )  # fmt: skip

    @pages.get(DRAFT_PATH)
    def show_new(request: Request) -> Response:
        """Ask for a version's TOML and its tables."""
        desk.known_staff(request)
        return show(request, "")

    @pages.post(DRAFT_PATH)
    def draft(
        request: Request,
        key: Annotated[str, Form(min_length=1, max_length=60)],
        toml: Annotated[str, Form(max_length=1_000_000)] = "",
        tables: Annotated[list[UploadFile] | None, File()] = None,
    ) -> Response:
        """Bring a version: it is read and refused where it is unclear, and kept under its hash."""
        by = desk.known_staff(request)
        try:
            read = _tables(tables or [])
            policy = decisions.read_policy_texts("policy.toml", toml, read)
            with transaction(branch.engine) as session:
                decisions.draft_policy(
                    session, bank_id=branch.bank_id, policy=policy, by=by, now=clock.now(),
                    idempotency_key=key,
                )  # fmt: skip
        except Problem as problem:
            shown = problem_view(request, problem)
            return show(request, toml, problem_view=shown, status=problem.status)
        return redirect(f"/policies/{policy.name}/versions/{policy.version}")


def _tables(given: list[UploadFile]) -> dict[str, str]:
    """Return the texts of CSV files by name. Refuses: decisions.BadPolicy."""
    found = {}
    for each in given[:TABLES_MAX]:
        if not each.filename:
            continue  # a form without files sends one without a name
        try:
            found[each.filename] = each.file.read(DRAFT_BYTES_MAX).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise decisions.BadPolicy(f"{each.filename[:80]} is not text in UTF-8") from None
    return found


def _list_routes(pages: APIRouter, desk: Desk) -> None:
    branch = desk.branch

    @pages.get("/policies")
    def show_policies(request: Request) -> Response:
        """Show every policy and what judges now."""
        by = desk.staff(request)
        with transaction(branch.engine) as session:
            visitor = (desk.visitor if by else desk.known_visitor)(session, request)
            found = policies.policy_views(session, branch=branch, lang=taste_of(request).lang)
        return page(
            request, "policies", title="policies.page", here="cases" if by else "books",
            visitor=visitor, views=found, by=by,
        )  # fmt: skip


def _policy_routes(pages: APIRouter, desk: Desk) -> None:
    branch = desk.branch

    def show(request: Request, name: str, **more: Any) -> Response:
        by = desk.staff(request)
        with transaction(branch.engine) as session:
            visitor = (desk.visitor if by else desk.known_visitor)(session, request)
            view = policies.policy_view(
                session, branch=branch, name=name, lang=taste_of(request).lang, by=by
            )
        return page(
            request, "policy", title="policies.page", here="cases" if by else "books",
            visitor=visitor, view=view, by=by, key=_key(), **more,
        )  # fmt: skip

    @pages.get("/policies/{name}")
    def show_policy(request: Request, name: str) -> Response:
        """Show a policy: rules in words, shares, shadows, versions, and every step."""
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
        """Take a step as the person whose pass the browser shows, or whose token came."""
        try:
            by = (
                decisions.person_of(request.app.state.staff_key, token)
                if token
                else desk.known_staff(request)
            )
            with transaction(branch.engine) as session:
                policies.take_step(
                    session, branch=branch, name=name, step=step, version=version, share=share,
                    by=by, now=clock.now(), idempotency_key=key,
                )  # fmt: skip
        except Problem as problem:
            shown = problem_view(request, problem)
            return show(
                request, name, problem_view=shown, status=problem.status,
                address=f"/policies/{name}",
            )  # fmt: skip
        return redirect(f"/policies/{name}")


def _version_routes(pages: APIRouter, desk: Desk) -> None:
    branch = desk.branch

    @pages.get("/policies/{name}/versions/{version}")
    def show_version(
        request: Request,
        name: str,
        version: str,
        past: Annotated[bool, Query()] = False,
    ) -> Response:
        """Show a version: rules, findings, shadow, and the past judged again when asked."""
        by = desk.known_staff(request)
        with transaction(branch.engine) as session:
            visitor = desk.visitor(session, request)
            view = policies.version_view(
                session, branch=branch, name=name, version=version, lang=taste_of(request).lang,
                by=by, now=clock.now(), with_back_test=past,
            )  # fmt: skip
        return page(
            request, "policy_version", title="policies.version_page", here="cases",
            visitor=visitor, view=view, by=by, key=_key(),
        )  # fmt: skip
