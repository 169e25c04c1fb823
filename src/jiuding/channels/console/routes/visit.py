"""Coming and going: language and theme, who one is, passkeys."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Body, Form, Query, Request, Response
from fastapi.responses import JSONResponse

from jiuding.base import clock, http
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id, to_uuid
from jiuding.base.problems import BadInput, Problem, Unreadable
from jiuding.channels.console import rules
from jiuding.channels.console.operations import visitors
from jiuding.channels.console.routes.edge import (
    DEVICE_COOKIE,
    LOGIN_COOKIE,
    Desk,
    page_router,
    redirect,
    remember,
)
from jiuding.channels.console.routes.render import (
    LANG_COOKIE,
    THEME_COOKIE,
    page,
    problem_view,
    taste_of,
)
from jiuding.channels.console.routes.words import words
from jiuding.channels.console.types import LANGUAGES, THEMES
from jiuding.kernel import identity
from jiuding.services import abuse, offers

PASSKEY_CHARACTERS_MAX = 20_000
_LOGIN = "login"


def read_passkey(text: str) -> dict[str, Any] | None:
    """Return a passkey's answer out of a form field, or None when the field is empty.

    Refuses: Unreadable.
    """
    if not text:
        return None
    try:
        answer = json.loads(text) if len(text) <= PASSKEY_CHARACTERS_MAX else None
    except json.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        raise Unreadable("the passkey's answer cannot be read")
    return answer


def router(desk: Desk) -> APIRouter:
    """Return the routes of coming and going."""
    pages = page_router()
    _taste_routes(pages)
    _enter_routes(pages, desk)
    _leave_routes(pages, desk)
    _passkey_routes(pages, desk)
    return pages


def _taste_routes(pages: APIRouter) -> None:
    @pages.post("/preferences")
    def set_preferences(
        request: Request,
        lang: Annotated[str, Form()] = "",
        theme: Annotated[str, Form()] = "",
        next: Annotated[str, Form()] = "/",
    ) -> Response:
        """Remember a language or a theme."""
        response = redirect(rules.safe_next(next))
        if lang in LANGUAGES:
            remember(response, request, LANG_COOKIE, lang)
        if theme in THEMES:
            remember(response, request, THEME_COOKIE, theme)
        return response


def _enter_routes(pages: APIRouter, desk: Desk) -> None:
    branch = desk.branch

    def show(request: Request, next: str, search: str, chosen: str, **more: Any) -> Response:
        lang = taste_of(request).lang
        with transaction(branch.engine) as session:
            visitor = desk.visitor(session, request)
            people = visitors.customers(
                session, branch=branch, search=search, lang=lang, now=clock.now(),
                stories=words(lang).sections["stories"],
            )  # fmt: skip
        return page(
            request, "enter", title="enter.page", visitor=visitor, customers=people,
            chosen=chosen, next=rules.safe_next(next), search=search, demo_pin=desk.pin_hint,
            **more,
        )  # fmt: skip

    @pages.get("/enter")
    def show_enter(
        request: Request,
        next: Annotated[str, Query()] = "/",
        search: Annotated[str, Query(max_length=visitors.SEARCH_MAX)] = "",
    ) -> Response:
        """Show the customers to choose from."""
        return show(request, next, search, "")

    @pages.post("/enter")
    def enter(
        request: Request,
        party_id: Annotated[str, Form()] = "",
        pin: Annotated[str, Form()] = "",
        passkey: Annotated[str, Form()] = "",
        next: Annotated[str, Form()] = "/",
    ) -> Response:
        """Log a customer in with a PIN or a passkey, if the sign-in policy lets it."""
        known_device = request.cookies.get(DEVICE_COOKIE, "")[:64]
        device = known_device or new_id("dev", clock.now())
        try:
            to_uuid("pty", party_id)
            proof = _proof_of(request, branch, party_id, pin, read_passkey(passkey), device)
        except Problem as problem:
            shown = problem_view(request, problem)
            return show(request, next, "", party_id, problem_view=shown, status=problem.status)
        with transaction(branch.engine) as session:
            login = identity.open_login(
                session, bank_id=branch.bank_id, proof=proof, now=clock.now()
            )
        response = redirect(rules.safe_next(next))
        remember(response, request, LOGIN_COOKIE, login.token or "", max_age=None)
        if not known_device:
            remember(response, request, DEVICE_COOKIE, device)
        return response


def _proof_of(
    request: Request, branch: offers.Branch, party_id: str, pin: str,
    passkey: dict[str, Any] | None, device: str,
) -> identity.Proof:  # fmt: skip
    """Return who signs in, if the sign-in policy lets it. Refuses: as `abuse.guard_sign_in`."""
    networks = request.app.state.networks
    return abuse.guard_sign_in(
        branch.engine,
        request.app.state.gatekeeper,
        account=party_id,
        seen=abuse.seen_of(http.client_address(request), device, networks),
        is_strong=passkey is not None,
        prove=lambda: offers.confirm(
            branch, party_id=party_id, purpose=_LOGIN, pin=pin or None, passkey=passkey
        ),
    )


def _leave_routes(pages: APIRouter, desk: Desk) -> None:
    branch = desk.branch

    @pages.post("/leave")
    def leave(request: Request) -> Response:
        """End the login."""
        token = request.cookies.get(LOGIN_COOKIE)
        if token:
            with transaction(branch.engine) as session:
                identity.end_login(session, bank_id=branch.bank_id, token=token)
        response = redirect("/")
        response.delete_cookie(LOGIN_COOKIE, path="/")
        return response


def _passkey_routes(pages: APIRouter, desk: Desk) -> None:
    branch = desk.branch

    def answered(request: Request, work: Any) -> Response:
        try:
            with transaction(branch.engine) as session:
                return JSONResponse(work(session))
        except Problem as problem:
            return http.problem_response(request, problem)

    @pages.post("/passkeys/ask")
    def ask(request: Request, body: Annotated[dict[str, Any], Body()]) -> Response:
        """Return what a passkey must sign for a login, or for an acceptance that is named."""

        def work(session: Any) -> Any:
            purpose, party_id = str(body.get("purpose", ""))[:200], body.get("party_id")
            if purpose != _LOGIN:
                if not purpose.startswith("accept:"):
                    raise BadInput("a passkey confirms a login or an acceptance")
                party_id = desk.known_visitor(session, request).party_id
            return json.loads(
                identity.ask_for_passkey(
                    session, bank_id=branch.bank_id, party_id=str(party_id or "")[:64],
                    purpose=purpose, host=branch.host, now=clock.now(),
                )
            )  # fmt: skip

        return answered(request, work)

    @pages.post("/passkeys/offer")
    def offer(request: Request) -> Response:
        """Return what a device needs to make a new passkey for who is here."""

        def work(session: Any) -> Any:
            visitor = desk.known_visitor(session, request)
            return json.loads(
                identity.offer_passkey(
                    session, bank_id=branch.bank_id, party_id=visitor.party_id,
                    host=branch.host, now=clock.now(),
                )
            )  # fmt: skip

        return answered(request, work)

    @pages.post("/passkeys")
    def register(request: Request, body: Annotated[dict[str, Any], Body()]) -> Response:
        """Keep a new passkey of who is here."""

        def work(session: Any) -> Any:
            visitor = desk.known_visitor(session, request)
            credential_id = identity.register_passkey(
                session, bank_id=branch.bank_id, party_id=visitor.party_id, answer=body,
                host=branch.host, origin=branch.origin, now=clock.now(),
            )  # fmt: skip
            return {"credential_id": credential_id}

        return answered(request, work)
