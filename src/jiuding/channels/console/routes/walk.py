"""The walk: from a sentence to plans, from a plan to a yes, from a yes to what came of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response

from jiuding.base import clock
from jiuding.base.clock import Stopwatch
from jiuding.base.database.engine import Session, transaction
from jiuding.base.problems import NotFound, Problem
from jiuding.channels import assistant
from jiuding.channels.console import rules
from jiuding.channels.console.errors import AgreementMissing
from jiuding.channels.console.operations import reasons, rejections, shelves, walk
from jiuding.channels.console.routes.edge import Desk, page_router, redirect
from jiuding.channels.console.routes.render import is_fragment, page, problem_view, taste_of
from jiuding.channels.console.routes.visit import read_passkey
from jiuding.channels.console.types import CustomerView, TurnView
from jiuding.kernel import identity
from jiuding.services import lending, offers

TEXT_SHOWN_MAX = 2_000
_CHIP_FIELDS = ("purpose", "amount", "price", "down_payment", "term_months", "monthly_max",
                "currency")  # fmt: skip


def router(desk: Desk) -> APIRouter:
    """Return the routes of the walk."""
    pages = page_router()
    _asking_routes(pages, desk)
    _reason_routes(pages, desk)
    _quote_routes(pages, desk)
    _accepting_routes(pages, desk)
    return pages


def _answer(request: Request, turn: TurnView, visitor: CustomerView) -> Response:
    """Show an answer: the part that changed when htmx asks, else the page."""
    name = "_answer" if is_fragment(request) else "answer"
    address = None
    if turn.quote_id:
        address = f"/quotes/{turn.quote_id}?conversation={turn.conversation_id}"
    response = page(
        request, name, title="answer.page", here="ask", visitor=visitor, turn=turn,
        address=address,
    )  # fmt: skip
    if address and is_fragment(request):
        response.headers["HX-Replace-Url"] = address
    return response


def _asking_routes(pages: APIRouter, desk: Desk) -> None:
    branch = desk.branch

    @pages.get("/")
    def show_home(request: Request, text: Annotated[str, Query()] = "") -> Response:
        """Show the one question."""
        with transaction(branch.engine) as session:
            visitor = desk.visitor(session, request)
        product_count, lender_count = shelves.counts(branch)
        return page(
            request, "home", title="home.page", here="ask", visitor=visitor,
            text=text[:TEXT_SHOWN_MAX], product_count=product_count, lender_count=lender_count,
        )  # fmt: skip

    @pages.get("/ask")
    def ask_again() -> Response:
        """Send whoever comes back to the question to its page."""
        return redirect("/")

    @pages.post("/ask")
    def ask(
        request: Request,
        text: Annotated[str, Form()] = "",
        conversation: Annotated[str, Form(max_length=64)] = "",
    ) -> Response:
        """Answer a sentence."""
        watch = Stopwatch()
        said = assistant.consult(request.app.state.language_model, text=text)
        with transaction(branch.engine) as session:
            visitor = desk.visitor(session, request)
            if visitor is None:
                return redirect(rules.enter_first(text[:TEXT_SHOWN_MAX]))
            turn = assistant.hear(
                session, branch=branch, party_id=visitor.party_id, text=text,
                conversation_id=conversation or None, now=clock.now(), watch=watch, proposal=said,
            )  # fmt: skip
        view = walk.turn_view(turn, branch=branch, market=visitor.market, text=text)
        return _answer(request, view, visitor)

    @pages.post("/conversations/{conversation_id}/amend")
    async def amend(request: Request, conversation_id: str) -> Response:
        """Plan again after a value was edited."""
        from starlette.concurrency import run_in_threadpool

        form = await request.form()
        slots = {name: str(form[name])[:80] for name in _CHIP_FIELDS if name in form}
        text = str(form.get("text", ""))[:TEXT_SHOWN_MAX]
        return await run_in_threadpool(_amend, request, conversation_id, slots, text)

    def _amend(
        request: Request, conversation_id: str, slots: dict[str, str], text: str
    ) -> Response:
        with transaction(branch.engine) as session:
            visitor = desk.known_visitor(session, request)
            turn = assistant.amend(
                session, branch=branch, party_id=visitor.party_id,
                conversation_id=conversation_id, slots=slots, now=clock.now(),
            )  # fmt: skip
        view = walk.turn_view(turn, branch=branch, market=visitor.market, text=text)
        return _answer(request, view, visitor)


def _reason_routes(pages: APIRouter, desk: Desk) -> None:
    branch = desk.branch

    @pages.get("/quotes/{quote_id}/{kind}/why")
    def show_why(request: Request, quote_id: str, kind: str) -> Response:
        """Show what stands behind a plan: its rate's parts, the runner-up, what would change it."""
        with transaction(branch.engine) as session:
            visitor = desk.known_visitor(session, request)
            view = reasons.why_view(
                session, branch=branch, party_id=visitor.party_id, quote_id=quote_id, kind=kind,
                lang=taste_of(request).lang,
            )  # fmt: skip
        return page(
            request, "why", title="why.title", here="ask", visitor=visitor, view=view,
            back=f"/quotes/{quote_id}",
        )  # fmt: skip


def _quote_routes(pages: APIRouter, desk: Desk) -> None:
    branch = desk.branch

    def own_quote(session: Session, request: Request, quote_id: str) -> tuple[Any, offers.Quote]:
        visitor = desk.known_visitor(session, request)
        return visitor, offers.read_quote(
            session, branch=branch, party_id=visitor.party_id, quote_id=quote_id
        )

    @pages.get("/quotes/{quote_id}")
    def show_quote(
        request: Request, quote_id: str, conversation: Annotated[str, Query(max_length=64)] = ""
    ) -> Response:
        """Show the plans of a quote again."""
        with transaction(branch.engine) as session:
            visitor, quote = own_quote(session, request, quote_id)
        view = walk.quote_view(
            quote, branch=branch, lang=taste_of(request).lang, conversation_id=conversation
        )
        return _answer(request, view, visitor)

    @pages.get("/quotes/{quote_id}/why-not")
    def show_why_not(
        request: Request,
        quote_id: str,
        rule: Annotated[str, Query(max_length=80)] = "",
        search: Annotated[str, Query(max_length=rejections.SEARCH_MAX)] = "",
        after: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
        part: Annotated[str, Query(pattern="^(|list|rows)$")] = "",
    ) -> Response:
        """Show why products are in no plan."""
        with transaction(branch.engine) as session:
            visitor, quote = own_quote(session, request, quote_id)
        view = rejections.why_not(
            quote, branch=branch, lang=taste_of(request).lang, rule=rule, search=search,
            after=after,
        )  # fmt: skip
        name = "_whynot" if is_fragment(request) and part else "whynot"
        return page(
            request, name, title="whynot.title", here="ask", visitor=visitor, view=view,
            part=part, back=f"/quotes/{quote_id}",
        )  # fmt: skip

    @pages.get("/quotes/{quote_id}/result")
    def show_result(request: Request, quote_id: str) -> Response:
        """Show again what came of an acceptance."""
        with transaction(branch.engine) as session:
            visitor, quote = own_quote(session, request, quote_id)
            application = lending.application_of_quote(
                session, bank_id=branch.bank_id, quote_id=quote_id
            )
            if application is None:
                raise NotFound("no plan of this quote has been accepted yet")
            account_id = _account_of(session, branch, application)
        return _result(request, visitor, branch, quote, application, account_id)


def _account_of(
    session: Session, branch: offers.Branch, application: lending.Application
) -> str | None:
    if not application.loan_ids:
        return None
    loan = lending.read_loan(session, bank_id=branch.bank_id, loan_id=application.loan_ids[0])
    return loan.deposit_account_id


def _result(
    request: Request, visitor: CustomerView, branch: offers.Branch, quote: offers.Quote,
    application: lending.Application, account_id: str | None, **told: Any,
) -> Response:  # fmt: skip
    view = walk.result_view(
        application, quote, branch=branch, lang=taste_of(request).lang, account_id=account_id,
        **told,
    )  # fmt: skip
    return page(
        request, "result", title=f"result.page_{view.status}", here="ask", visitor=visitor,
        view=view, back=f"/quotes/{quote.quote_id}", address=f"/quotes/{quote.quote_id}/result",
    )  # fmt: skip


def _accepting_routes(pages: APIRouter, desk: Desk) -> None:
    branch = desk.branch

    def said_back(
        request: Request, quote_id: str, kind: str, problem: Problem | None = None
    ) -> Response:
        with transaction(branch.engine) as session:
            visitor = desk.known_visitor(session, request)
            quote = offers.read_quote(
                session, branch=branch, party_id=visitor.party_id, quote_id=quote_id
            )
            has_passkey = identity.has_passkey(
                session, bank_id=branch.bank_id, party_id=visitor.party_id
            )
        view = walk.read_back(
            quote, kind, branch=branch, lang=taste_of(request).lang, has_passkey=has_passkey,
            pin_hint=desk.pin_hint,
        )  # fmt: skip
        return page(
            request, "readback", title="readback.page", here="ask", visitor=visitor, view=view,
            back=f"/quotes/{quote_id}", status=problem.status if problem else 200,
            problem_view=problem_view(request, problem) if problem else None,
        )  # fmt: skip

    @pages.get("/quotes/{quote_id}/{kind}")
    def show_read_back(request: Request, quote_id: str, kind: str) -> Response:
        """Say a plan back before it is accepted."""
        return said_back(request, quote_id, kind)

    @pages.post("/quotes/{quote_id}/{kind}/accept")
    def accept(
        request: Request,
        quote_id: str,
        kind: str,
        pin: Annotated[str, Form(max_length=12)] = "",
        passkey: Annotated[str, Form()] = "",
    ) -> Response:
        """Accept a plan: decided, agreed and funded, or declined with reasons."""
        watch = Stopwatch()
        with transaction(branch.engine) as session:
            visitor = desk.known_visitor(session, request)
            quote = offers.read_quote(
                session, branch=branch, party_id=visitor.party_id, quote_id=quote_id
            )
        try:
            proof = _proof(desk, request, visitor.party_id, quote, kind, pin, passkey)
        except Problem as problem:
            return said_back(request, quote_id, kind, problem)
        watch.lap("confirm")
        application = offers.accept(
            branch, quote_id=quote_id, kind=kind, proof=proof,
            # One yes for one plan of one quote, however often the button is pressed.
            idempotency_key=f"console-{quote_id}-{kind}", now=clock.now(), watch=watch,
        )  # fmt: skip
        with transaction(branch.engine) as session:
            account_id = _account_of(session, branch, application)
        return _result(
            request, visitor, branch, quote, application, account_id, steps=watch.laps,
            means=proof.means,
        )  # fmt: skip


def _proof(
    desk: Desk, request: Request, party_id: str, quote: offers.Quote, kind: str, pin: str,
    passkey: str,
) -> identity.Proof:  # fmt: skip
    """Return the proof of a yes.

    Refuses: AgreementMissing, and what `offers.confirm` refuses.
    """
    offers.plan_of(quote, kind)
    answer = read_passkey(passkey)
    if answer is None and not pin:
        raise AgreementMissing("confirm with a passkey, or type the PIN")
    return offers.confirm(
        desk.branch, party_id=party_id, purpose=offers.proof_purpose(quote.quote_id, kind),
        pin=pin or None, passkey=answer, client=desk.client(request),
    )  # fmt: skip
