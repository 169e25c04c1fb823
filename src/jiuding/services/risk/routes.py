"""HTTP for the bank's own programs: offer events, and hear what is decided of each."""

from __future__ import annotations

import hmac
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Engine

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.kernel import decisions, ledger
from jiuding.services.risk.operations import Book, judge_events, load_stream
from jiuding.services.risk.types import Judged

PATH = "/v1/risk/events"
EVENTS_BYTES_MAX = 1_000_000
EVENTS_MAX = 500


class Bank(Protocol):
    """What these routes need of a bank."""

    engine: Engine
    bank_id: str


class EventsBody(BaseModel):
    """Events of one stream, in the order in which they became known, and who judges them."""

    model_config = ConfigDict(extra="forbid")

    stream: str = Field(max_length=80)
    policy: str = Field(max_length=80)
    events: list[dict[str, Any]] = Field(min_length=1, max_length=EVENTS_MAX)


def bank_of(request: Request) -> Bank:
    """Return the bank that this app serves."""
    return request.app.state.branch


def operator(request: Request, authorization: Annotated[str | None, Header()] = None) -> None:
    """Let only the operator's programs pass. Refuses: ledger.OperatorRequired."""
    scheme, _, token = (authorization or "").partition(" ")
    expected = request.app.state.operator_token
    known = hmac.compare_digest(token.strip().encode(), expected.encode())
    if scheme.lower() != "bearer" or not known:
        raise ledger.OperatorRequired("send the operator's token as Authorization: Bearer")


def book_of(request: Request, stream: str) -> Book:
    """Return this process's counters of a stream; they follow the log, whoever writes it."""
    books = request.app.state.__dict__.setdefault("risk_books", {})
    bank_id = request.app.state.branch.bank_id
    return books.setdefault((bank_id, stream), Book(bank_id, load_stream(stream)))


router = APIRouter(prefix="/v1/risk", tags=["risk"], dependencies=[Depends(operator)])


@router.post("/events")
def judge(
    request: Request, bank: Annotated[Bank, Depends(bank_of)], body: EventsBody
) -> dict[str, Any]:
    """Count events and judge each by what it saw; one answer each, in their order.

    An event is `{id, at, field…}`. Its id is its idempotency key: the same event again is answered
    with its first decision. A bad event is refused alone, by its code.
    """
    book = book_of(request, body.stream)
    with transaction(bank.engine) as session:
        found = judge_events(
            session, book=book, policy=body.policy, events=body.events, now=clock.now()
        )
    return {"answers": [answer_line(each) for each in found]}


def answer_line(judged: Judged) -> dict[str, Any]:
    """Return an answer as it is written on the wire."""
    seen, decision = judged.observed, judged.decision
    line: dict[str, Any] = {"id": seen.event_id}
    if seen.refusal is not None:
        return {**line, "refusal": seen.refusal}
    line["is_duplicate"] = seen.features is None
    if seen.features is not None:
        line |= {"sequence": seen.sequence, "features": dict(seen.features)}
    if decision is not None:
        verdict = decisions.plain_verdict(
            decisions.Verdict(
                decision.outcome, decision.reasons, decision.score, decision.not_evaluated
            )
        )
        line |= {"decision_id": decision.decision_id, **verdict}
        line["policy_version"] = decision.policy_version
    return line
