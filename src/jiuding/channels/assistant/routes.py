"""HTTP for customers and programs: the walk from a sentence to a funded loan, under `/v1`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Depends, Header, Query
from pydantic import BaseModel, ConfigDict, Field

from jiuding.base import clock
from jiuding.base.clock import Stopwatch
from jiuding.base.database.engine import transaction
from jiuding.base.http import idempotency_key
from jiuding.channels.assistant import jobs, operations
from jiuding.channels.assistant.rules import wire
from jiuding.kernel import identity, ledger, products
from jiuding.services import lending, offers

COOKIE = "jiuding_login"
PAGE_MAX = 100


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


def bearer(
    authorization: Annotated[str | None, Header()] = None,
    cookie: Annotated[str | None, Cookie(alias=COOKIE)] = None,
) -> str | None:
    """Return the login token of a request, from its header or its cookie."""
    if authorization and authorization.lower().startswith("bearer "):
        return authorization[7:].strip()
    return cookie


def router(branch: offers.Branch) -> APIRouter:
    """Return the routes of a branch."""
    api = APIRouter(prefix="/v1")

    def visitor(token: Annotated[str | None, Depends(bearer)]) -> str:
        with transaction(branch.engine) as session:
            return identity.authenticate_login(
                session, bank_id=branch.bank_id, token=token, now=clock.now()
            ).party_id

    Visitor = Annotated[str, Depends(visitor)]
    Key = Annotated[str, Depends(idempotency_key)]
    _login_routes(api, branch)
    _walk_routes(api, branch, Visitor, Key)
    _reading_routes(api, branch, Visitor)
    return api


def _login_routes(api: APIRouter, branch: offers.Branch) -> None:
    @api.post("/logins", status_code=201)
    def open_login(body: LoginBody) -> dict[str, Any]:
        """Open a login with a PIN (demonstration bank) and return its token once."""
        proof = jobs.prove(
            branch, party_id=body.party_id, purpose="login", pin=body.pin, passkey=None
        )
        with transaction(branch.engine) as session:
            login = identity.open_login(
                session, bank_id=branch.bank_id, proof=proof, now=clock.now()
            )
        return {
            "login_id": login.login_id, "token": login.token, "party_id": login.party_id,
            "expires_at": login.expires_at.isoformat(),
        }  # fmt: skip

    @api.delete("/logins", status_code=204)
    def end_login(token: Annotated[str | None, Depends(bearer)]) -> None:
        """End the login of this token."""
        with transaction(branch.engine) as session:
            identity.end_login(session, bank_id=branch.bank_id, token=token or "")


def _walk_routes(api: APIRouter, branch: offers.Branch, Visitor: Any, Key: Any) -> None:
    @api.post("/needs")
    def state_need(body: NeedBody, party_id: Visitor) -> dict[str, Any]:
        """Say what is needed in one sentence; plans, a question or a reason come back."""
        with transaction(branch.engine) as session:
            turn = operations.hear(
                session, branch=branch, party_id=party_id, text=body.text, lang=body.lang,
                conversation_id=body.conversation_id, now=clock.now(),
            )  # fmt: skip
            return wire.turn_body(turn)

    @api.patch("/conversations/{conversation_id}")
    def amend(conversation_id: str, body: SlotsBody, party_id: Visitor) -> dict[str, Any]:
        """Correct what was understood and plan again."""
        with transaction(branch.engine) as session:
            turn = operations.amend(
                session, branch=branch, party_id=party_id, conversation_id=conversation_id,
                slots=body.slots, now=clock.now(),
            )  # fmt: skip
            return wire.turn_body(turn)

    @api.get("/quotes/{quote_id}")
    def read_quote(quote_id: str, party_id: Visitor) -> dict[str, Any]:
        """Return a quote of one's own."""
        with transaction(branch.engine) as session:
            return wire.quote_body(
                offers.read_quote(session, branch=branch, party_id=party_id, quote_id=quote_id)
            )

    @api.post("/quotes/{quote_id}/challenge")
    def challenge(quote_id: str, body: ChallengeBody, party_id: Visitor) -> dict[str, Any]:
        """Return what a passkey must sign to accept this plan of this quote."""
        import json

        with transaction(branch.engine) as session:
            quote = offers.read_quote(session, branch=branch, party_id=party_id, quote_id=quote_id)
            offers.plan_of(quote, body.kind)
            purpose = offers.proof_purpose(quote_id, body.kind)
            return json.loads(
                identity.ask_for_passkey(
                    session, bank_id=branch.bank_id, party_id=party_id, purpose=purpose,
                    host=branch.host, now=clock.now(),
                )
            )  # fmt: skip

    @api.post("/quotes/{quote_id}/acceptance")
    def accept(quote_id: str, body: AcceptanceBody, party_id: Visitor, key: Key) -> dict[str, Any]:
        """Accept a plan: decided, agreed and funded, or declined with reasons."""
        watch = Stopwatch()
        with transaction(branch.engine) as session:
            quote = offers.read_quote(session, branch=branch, party_id=party_id, quote_id=quote_id)
        plan = offers.plan_of(quote, body.kind)
        proof = jobs.prove(
            branch, party_id=party_id, purpose=offers.proof_purpose(quote_id, body.kind),
            pin=body.pin, passkey=body.passkey,
        )  # fmt: skip
        watch.lap("confirm")
        done = offers.accept(
            branch, quote_id=quote_id, kind=body.kind, proof=proof, idempotency_key=key,
            now=clock.now(), watch=watch,
        )  # fmt: skip
        return wire.grant_body(done, wire.plan_body(plan, quote.need), watch.laps)


def _reading_routes(api: APIRouter, branch: offers.Branch, Visitor: Any) -> None:
    @api.get("/loans")
    def loans(party_id: Visitor) -> dict[str, Any]:
        """Return one's own loans, newest first."""
        with transaction(branch.engine) as session:
            found = lending.loans_of(session, bank_id=branch.bank_id, party_id=party_id)
        return {
            "loans": [
                {
                    "loan_id": loan.loan_id,
                    "amount": loan.terms.amount.text(),
                    "currency": loan.terms.amount.asset.code,
                    "lender": loan.terms.lender_name,
                    "purpose": loan.purpose,
                    "granted_at": loan.granted_at.isoformat(),
                }
                for loan in found
            ]
        }

    @api.get("/loans/{loan_id}")
    def loan(loan_id: str, party_id: Visitor) -> dict[str, Any]:
        """Return a loan of one's own with its schedule."""
        with transaction(branch.engine) as session:
            found = lending.read_loan(
                session, bank_id=branch.bank_id, loan_id=loan_id, party_id=party_id
            )
            agreement = products.read_agreement(
                session, bank_id=branch.bank_id, agreement_id=found.agreement_id
            )
        return wire.loan_body(found, agreement)

    @api.get("/accounts")
    def accounts(party_id: Visitor) -> dict[str, Any]:
        """Return one's own accounts with their balances."""
        with transaction(branch.engine) as session:
            held = ledger.accounts_of(session, bank_id=branch.bank_id, owner_id=party_id)
            return {
                "accounts": [
                    {
                        "account_id": account.account_id,
                        "kind": account.kind,
                        "currency": account.asset.code,
                        "balance": ledger.balance(
                            session, bank_id=branch.bank_id, account_id=account.account_id
                        ).text(),
                    }
                    for account in held
                ]
            }

    @api.get("/accounts/{account_id}/statement")
    def statement(
        account_id: str,
        party_id: Visitor,
        cursor: Annotated[str | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
    ) -> dict[str, Any]:
        """Return a page of an account's statement, newest first."""
        with transaction(branch.engine) as session:
            page = operations.own_statement(
                session, branch=branch, party_id=party_id, account_id=account_id, cursor=cursor,
                limit_max=limit,
            )  # fmt: skip
        return {
            "rows": [
                {
                    "transfer_id": row.transfer_id,
                    "on": row.effective_on.isoformat(),
                    "code": row.code,
                    "about": row.about,
                    "amount": row.change.text(),
                    "balance": row.balance_after.text(),
                }
                for row in page.lines
            ],
            "cursor": page.cursor,
        }
