"""HTTP for the bank's operator and its systems: judge an act at a gate, say what became of it."""

from __future__ import annotations

import hmac
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr
from sqlalchemy import Engine

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.kernel import decisions, ledger
from jiuding.services.abuse import operations, rules
from jiuding.services.abuse.types import Result


class Bank(Protocol):
    """What these routes need of a bank."""

    engine: Engine
    bank_id: str


class ActBody(BaseModel):
    """An act: an id of the caller's making, the gate, and the fields of the gate's stream."""

    model_config = ConfigDict(extra="forbid")

    act_id: str = Field(min_length=1, max_length=operations.ACT_ID_MAX)
    gate: str = Field(max_length=80)
    fields: dict[str, StrictStr | StrictInt] = Field(max_length=100)


class NoteBody(ActBody):
    """Something that happened without being judged: a visit, money that came in, a claim."""

    result: Literal["asked", "passed", "failed"] = "passed"


class ResultBody(BaseModel):
    """What became of an act; `is_found_bad` says that a review found who acted to cheat."""

    model_config = ConfigDict(extra="forbid")

    gate: str = Field(max_length=80)
    result: Literal["passed", "proved", "failed", "refused"]
    is_found_bad: StrictBool = False


def operator(request: Request, authorization: Annotated[str | None, Header()] = None) -> None:
    """Let only the operator pass, who shows the token kept in the home (`secrets/operator`).

    Refuses: ledger.OperatorRequired.
    """
    scheme, _, token = (authorization or "").partition(" ")
    expected = request.app.state.operator_token
    known = hmac.compare_digest(token.strip().encode(), expected.encode())
    if scheme.lower() != "bearer" or not known:
        raise ledger.OperatorRequired("send the operator's token as Authorization: Bearer")


def bank_of(request: Request) -> Bank:
    """Return the bank that this app serves."""
    return request.app.state.branch


def keeper_of(request: Request) -> operations.Gatekeeper:
    """Return who keeps the gates in this process."""
    return request.app.state.gatekeeper


Where = Annotated[Bank, Depends(bank_of)]
Keeper = Annotated[operations.Gatekeeper, Depends(keeper_of)]
router = APIRouter(prefix="/v1", tags=["gates"], dependencies=[Depends(operator)])


@router.get("/gates")
def list_gates() -> dict[str, Any]:
    """List the gates: policy, stream, who acts, and what parties may share."""
    return {
        "gates": [
            {"gate": each.name, "stream": each.stream, "party": each.party,
             "links": dict(each.links)}
            for each in rules.GATES.values()
        ]
    }  # fmt: skip


@router.post("/acts", status_code=201)
def judge_act(body: ActBody, bank: Where, keeper: Keeper) -> dict[str, Any]:
    """Judge an act; its `act_id` is its idempotency key: said again, it is the same decision."""
    with transaction(bank.engine) as session:
        found = operations.judge(
            session,
            keeper=keeper,
            act_id=body.act_id,
            gate=body.gate,
            values=body.fields,
            now=clock.now(),
        )
    said = decisions.plain_verdict(found)
    return {
        "act_id": body.act_id,
        "gate": body.gate,
        "decision_id": found.decision_id,
        "outcome": said["outcome"],
        "score": said["score"],
        "reasons": said["reasons"],
        "policy_version": found.policy_version,
    }


@router.post("/acts/notes", status_code=201)
def note_act(body: NoteBody, bank: Where, keeper: Keeper) -> dict[str, Any]:
    """Count something that was not judged, so that later acts see it; again, it counts once."""
    with transaction(bank.engine) as session:
        operations.note(
            session,
            keeper=keeper,
            act_id=body.act_id,
            gate=body.gate,
            values=body.fields,
            result=Result(body.result),
            now=clock.now(),
        )
    return {"act_id": body.act_id, "noted": body.result}


@router.post("/acts/{act_id}/results", status_code=201)
def settle_act(act_id: str, body: ResultBody, bank: Where, keeper: Keeper) -> dict[str, Any]:
    """Say what became of an act, so that the next act sees it; said again, it counts once."""
    with transaction(bank.engine) as session:
        operations.settle(
            session,
            keeper=keeper,
            act_id=act_id,
            gate=body.gate,
            result=Result(body.result),
            now=clock.now(),
            is_found_bad=body.is_found_bad,
        )
    return {"act_id": act_id, "result": body.result}
