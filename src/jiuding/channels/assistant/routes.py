"""HTTP for customers and programs: the walk from a sentence to a funded loan, under `/v1`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Depends, FastAPI, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from jiuding.base import clock
from jiuding.base.clock import Stopwatch
from jiuding.base.database.engine import Session, transaction
from jiuding.base.http import client_words, idempotency_key
from jiuding.base.ids import to_uuid
from jiuding.channels.assistant import operations
from jiuding.channels.assistant.gateways import (
    HttpLanguageModel,
    NoLanguageModel,
    open_speech,
)
from jiuding.channels.assistant.rules import wire
from jiuding.channels.assistant.rules.aids import read_aids
from jiuding.channels.assistant.rules.sound import BYTES_MAX
from jiuding.kernel import identity, ledger, products
from jiuding.services import abuse, insight, lending, offers, signals

COOKIE = "jiuding_login"
PAGE_MAX = 100
SPEECH_PATH = "/v1/speech"
SPEECH_BYTES_MAX = BYTES_MAX


class Wire(BaseModel):
    """A body: fields that are not known are refused by name."""

    model_config = ConfigDict(extra="forbid")


class LoginBody(Wire):
    """Who logs in, and the PIN that proves it."""

    party_id: str
    pin: str = Field(max_length=6)


class NeedBody(Wire):
    """A sentence; `conversation_id` goes on with one."""

    text: str = Field(max_length=20_000)
    lang: str | None = Field(default=None, pattern="^(zh|en)$")
    conversation_id: str | None = None


class SlotsBody(Wire):
    """What a customer edited by hand."""

    slots: dict[str, str | int | float | None]


class AcceptanceBody(Wire):
    """Which plan is accepted, and the proof: a PIN, or a passkey's answer."""

    kind: str
    pin: str | None = Field(default=None, max_length=6)
    passkey: dict[str, Any] | None = None


class ChallengeBody(Wire):
    """Which plan a passkey is to confirm."""

    kind: str


def equip(app: FastAPI, home: Path) -> None:
    """Give an app the aids that the operator named in the home; without any, all are off.

    Refuses: AidMisconfigured, SpeechNotHere where a speech model cannot be used.
    """
    aids = read_aids(home)
    choice = aids.language_model
    app.state.language_model = NoLanguageModel() if choice is None else HttpLanguageModel(choice)
    app.state.speech_engine = open_speech(aids.speech)


def bearer(
    authorization: Annotated[str | None, Header()] = None,
    cookie: Annotated[str | None, Cookie(alias=COOKIE)] = None,
) -> str | None:
    """Return the login token of a request, from its header or its cookie."""
    if authorization and authorization.lower().startswith("bearer "):
        return authorization[7:].strip()
    return cookie


def branch_of(request: Request) -> offers.Branch:
    """Return the branch that this app serves."""
    return request.app.state.branch


def client_of(request: Request) -> signals.Client | None:
    """Return who asks, as far as the request shows it; None where no guard looks."""
    guard = request.app.state.branch.guard
    if guard is None:
        return None
    device = request.cookies.get(signals.DEVICE_COOKIE)
    return guard.client(device=device, **client_words(request))


HomeBranch = Annotated[offers.Branch, Depends(branch_of)]


def visitor(branch: HomeBranch, token: Annotated[str | None, Depends(bearer)]) -> str:
    """Return the party behind a request's login token.

    Refuses: identity.LoginRequired.
    """
    with transaction(branch.engine) as session:
        return identity.authenticate_login(
            session, bank_id=branch.bank_id, token=token, now=clock.now()
        ).party_id


Visitor = Annotated[str, Depends(visitor)]
Key = Annotated[str, Depends(idempotency_key)]
router = APIRouter(prefix="/v1")


@router.post("/logins", status_code=201)
def open_login(request: Request, branch: HomeBranch, body: LoginBody) -> dict[str, Any]:
    """Open a login with a PIN (demonstration bank) and return its token once."""
    to_uuid("pty", body.party_id)
    client = client_of(request)
    proof = abuse.guard_sign_in(
        branch.engine, request.app.state.gatekeeper, account=body.party_id,
        seen=abuse.seen_of(client), is_strong=False,
        prove=lambda: offers.confirm(
            branch, party_id=body.party_id, purpose="login", pin=body.pin, passkey=None,
            client=client,
        ),
    )  # fmt: skip
    with transaction(branch.engine) as session:
        login = identity.open_login(session, bank_id=branch.bank_id, proof=proof, now=clock.now())
    return {
        "login_id": login.login_id,
        "token": login.token,
        "party_id": login.party_id,
        "expires_at": login.expires_at.isoformat(),
    }


@router.delete("/logins", status_code=204)
def end_login(branch: HomeBranch, token: Annotated[str | None, Depends(bearer)]) -> None:
    """End the login of this token."""
    with transaction(branch.engine) as session:
        identity.end_login(session, bank_id=branch.bank_id, token=token or "")


@router.post("/needs")
def state_need(
    request: Request, branch: HomeBranch, body: NeedBody, party_id: Visitor
) -> JSONResponse:
    """Say what is needed in one sentence; plans, a question or a reason come back."""
    proposal = operations.consult(request.app.state.language_model, text=body.text, lang=body.lang)
    with transaction(branch.engine) as session:
        turn = operations.hear(
            session, branch=branch, party_id=party_id, text=body.text, lang=body.lang,
            conversation_id=body.conversation_id, now=clock.now(), proposal=proposal,
        )  # fmt: skip
    # Plain already: the framework's own walk through it would cost as much as planning.
    return JSONResponse(wire.turn_body(turn))


@router.post("/speech")
async def hear_speech(
    request: Request, party_id: Visitor, lang: Annotated[str, Query(pattern="^(zh|en)$")] = "zh"
) -> dict[str, Any]:
    """Return what a WAV of at most half a minute says; nothing is done with it until it is sent."""
    sound = await request.body()
    engine = request.app.state.speech_engine
    return wire.heard_body(await run_in_threadpool(operations.listen, engine, sound, lang=lang))


@router.patch("/conversations/{conversation_id}")
def amend(
    branch: HomeBranch, conversation_id: str, body: SlotsBody, party_id: Visitor
) -> dict[str, Any]:
    """Correct what was understood and plan again."""
    with transaction(branch.engine) as session:
        turn = operations.amend(
            session, branch=branch, party_id=party_id, conversation_id=conversation_id,
            slots=body.slots, now=clock.now(),
        )  # fmt: skip
        return wire.turn_body(turn)


@router.get("/quotes/{quote_id}")
def read_quote(branch: HomeBranch, quote_id: str, party_id: Visitor) -> dict[str, Any]:
    """Return a quote of one's own."""
    with transaction(branch.engine) as session:
        return wire.quote_body(
            offers.read_quote(session, branch=branch, party_id=party_id, quote_id=quote_id)
        )


@router.post("/quotes/{quote_id}/challenge")
def challenge(
    branch: HomeBranch, quote_id: str, body: ChallengeBody, party_id: Visitor
) -> dict[str, Any]:
    """Return what a passkey must sign to accept this plan of this quote."""
    with transaction(branch.engine) as session:
        quote = offers.read_quote(session, branch=branch, party_id=party_id, quote_id=quote_id)
        offers.plan_of(quote, body.kind)
        options = identity.ask_for_passkey(
            session, bank_id=branch.bank_id, party_id=party_id, host=branch.host,
            purpose=offers.proof_purpose(quote_id, body.kind), now=clock.now(),
        )  # fmt: skip
    return json.loads(options)


@router.post("/quotes/{quote_id}/acceptance")
def accept(
    request: Request,
    branch: HomeBranch,
    quote_id: str,
    body: AcceptanceBody,
    party_id: Visitor,
    key: Key,
) -> dict[str, Any]:
    """Accept a plan: decided, agreed and funded, or declined with reasons."""
    watch = Stopwatch()
    with transaction(branch.engine) as session:
        quote = offers.read_quote(session, branch=branch, party_id=party_id, quote_id=quote_id)
    plan = offers.plan_of(quote, body.kind)
    proof = offers.confirm(
        branch, party_id=party_id, purpose=offers.proof_purpose(quote_id, body.kind),
        pin=body.pin, passkey=body.passkey, client=client_of(request),
    )  # fmt: skip
    watch.lap("confirm")
    done = offers.accept(
        branch, quote_id=quote_id, kind=body.kind, proof=proof, idempotency_key=key,
        now=clock.now(), watch=watch,
    )  # fmt: skip
    return wire.grant_body(done, wire.plan_body(plan, quote.need), watch.laps)


@router.get("/loans")
def loans(branch: HomeBranch, party_id: Visitor) -> dict[str, Any]:
    """Return one's own loans, newest first."""
    with transaction(branch.engine) as session:
        found = lending.loans_of(session, bank_id=branch.bank_id, party_id=party_id)
    return {"loans": [wire.loan_line(loan) for loan in found]}


@router.get("/loans/{loan_id}")
def loan(branch: HomeBranch, loan_id: str, party_id: Visitor) -> dict[str, Any]:
    """Return a loan of one's own with its schedule."""
    with transaction(branch.engine) as session:
        found = lending.read_loan(
            session, bank_id=branch.bank_id, loan_id=loan_id, party_id=party_id
        )
        agreement = products.read_agreement(
            session, bank_id=branch.bank_id, agreement_id=found.agreement_id
        )
    return wire.loan_body(found, agreement)


@router.get("/accounts")
def accounts(branch: HomeBranch, party_id: Visitor) -> dict[str, Any]:
    """Return one's own accounts with their balances."""
    with transaction(branch.engine) as session:
        held = ledger.accounts_of(session, bank_id=branch.bank_id, owner_id=party_id)
        found = ledger.balances(
            session, bank_id=branch.bank_id, account_ids=[each.account_id for each in held]
        )
    return {"accounts": [wire.account_line(each, found[each.account_id]) for each in held]}


@router.get("/accounts/{account_id}/statement")
def statement(
    branch: HomeBranch,
    account_id: str,
    party_id: Visitor,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> dict[str, Any]:
    """Return a page of an account's statement, newest first."""
    with transaction(branch.engine) as session:
        page = operations.own_statement(
            session, branch=branch, party_id=party_id, account_id=account_id, cursor=cursor,
            limit_max=limit,
        )  # fmt: skip
    return {"rows": [wire.statement_line(line) for line in page.lines], "cursor": page.cursor}


class StatedBody(Wire):
    """What a customer says a figure is, per month, in decimal text."""

    amount: str = Field(max_length=40)


class ForesightBody(Wire):
    """Whether a customer lets us look ahead for them."""

    is_allowed: bool


def _own_portrait(session: Session, branch: offers.Branch, party_id: str) -> dict[str, Any]:
    market = operations.market_of(session, branch=branch, party_id=party_id)
    return wire.portrait_body(
        insight.show_portrait(
            session, bank_id=branch.bank_id, party_id=party_id, asset=market.asset,
            on=clock.now().date(),
        )
    )  # fmt: skip


@router.get("/portrait")
def portrait(branch: HomeBranch, party_id: Visitor) -> dict[str, Any]:
    """Return one's own financial portrait with the evidence of every figure."""
    with transaction(branch.engine) as session:
        return _own_portrait(session, branch, party_id)


@router.put("/portrait/figures/{figure}")
def state_figure(
    branch: HomeBranch, figure: str, body: StatedBody, party_id: Visitor
) -> dict[str, Any]:
    """Say that a figure is another one; it is shown as stated and verifies nothing."""
    with transaction(branch.engine) as session:
        market = operations.market_of(session, branch=branch, party_id=party_id)
        insight.state_figure(
            session, bank_id=branch.bank_id, party_id=party_id, figure=figure, amount=body.amount,
            currency=market.asset.code, now=clock.now(),
        )  # fmt: skip
        return _own_portrait(session, branch, party_id)


@router.delete("/portrait/figures/{figure}")
def take_back_figure(branch: HomeBranch, figure: str, party_id: Visitor) -> dict[str, Any]:
    """Take back what was said of a figure."""
    with transaction(branch.engine) as session:
        market = operations.market_of(session, branch=branch, party_id=party_id)
        insight.state_figure(
            session, bank_id=branch.bank_id, party_id=party_id, figure=figure, amount=None,
            currency=market.asset.code, now=clock.now(),
        )  # fmt: skip
        return _own_portrait(session, branch, party_id)


@router.delete("/portrait", status_code=204)
def delete_portrait(branch: HomeBranch, party_id: Visitor) -> None:
    """Have one's portrait deleted: nothing is drawn and nothing verified until it is restored."""
    with transaction(branch.engine) as session:
        insight.delete_portrait(session, bank_id=branch.bank_id, party_id=party_id, now=clock.now())


@router.post("/portrait")
def restore_portrait(branch: HomeBranch, party_id: Visitor) -> dict[str, Any]:
    """Have one's portrait drawn again."""
    with transaction(branch.engine) as session:
        insight.restore_portrait(
            session, bank_id=branch.bank_id, party_id=party_id, now=clock.now()
        )
        return _own_portrait(session, branch, party_id)


@router.get("/portrait/foresight")
def foresight(branch: HomeBranch, party_id: Visitor) -> dict[str, Any]:
    """Return the chance that one soon spends much more than usual, where one allowed the look.

    `told` is what one was told of it, once a season, with what it rested on.
    """
    with transaction(branch.engine) as session:
        market = operations.market_of(session, branch=branch, party_id=party_id)
        seen = insight.foresee(
            session, bank_id=branch.bank_id, party_id=party_id, asset=market.asset,
            on=clock.now().date(),
        )  # fmt: skip
        told = insight.tellings_of(session, bank_id=branch.bank_id, party_id=party_id)
    return {
        **wire.outlook_body(seen, market.asset),
        "told": [wire.telling_body(each) for each in told],
    }


@router.put("/portrait/foresight")
def allow_foresight(branch: HomeBranch, body: ForesightBody, party_id: Visitor) -> dict[str, Any]:
    """Allow us to look ahead, or no longer."""
    with transaction(branch.engine) as session:
        insight.allow_foresight(
            session, bank_id=branch.bank_id, party_id=party_id, is_allowed=body.is_allowed,
            now=clock.now(),
        )  # fmt: skip
        return _own_portrait(session, branch, party_id)
