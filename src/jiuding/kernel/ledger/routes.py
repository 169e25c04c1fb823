"""HTTP for the bank's operator: post batches of transfers, read a balance, under `/v1`."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, ValidationError
from sqlalchemy import Engine

from jiuding.base import clock
from jiuding.base.amounts import Asset
from jiuding.base.database.engine import transaction
from jiuding.base.http import BodyTooLarge
from jiuding.kernel.ledger.errors import OperatorRequired
from jiuding.kernel.ledger.operations import marking, reading
from jiuding.kernel.ledger.operations.assets import read_assets
from jiuding.kernel.ledger.rules import wire
from jiuding.kernel.ledger.rules.batch import BATCH_MAX
from jiuding.kernel.ledger.types import Instruction, Outcome

PATH = "/v1/transfers"
# 8,192 items of at most 512 bytes; one item of ordinary length takes 300.
TRANSFERS_BYTES_MAX = 4 * 2**20
ASSETS_KEPT_MAX = 10_000


class Posts(Protocol):
    """What posts for a bank: its poster."""

    engine: Engine
    bank_id: str

    def submit(self, transfers: Sequence[Instruction], *, now: datetime) -> tuple[Outcome, ...]:
        """Post instructions and return one outcome each, once they are committed."""


class TransferBody(BaseModel):
    """One transfer: an id of the caller's making, two accounts, decimal text and its asset."""

    model_config = ConfigDict(extra="forbid")

    transfer_id: str = Field(max_length=40)
    debit_account_id: str = Field(max_length=40)
    credit_account_id: str = Field(max_length=40)
    amount: str = Field(pattern=r"^-?[0-9]{1,19}(\.[0-9]{1,12})?$")
    asset: str = Field(min_length=1, max_length=64)
    code: str = Field(max_length=128)
    effective_on: date | None = Field(default=None, strict=True)
    about: str | None = Field(default=None, max_length=128)
    linked: StrictBool = False
    mark_id: str | None = Field(default=None, max_length=40)


class TransfersBody(BaseModel):
    """A batch: `linked` binds an item to the next, and such a run is posted whole or not at all."""

    model_config = ConfigDict(extra="forbid")

    transfers: list[TransferBody] = Field(min_length=1, max_length=BATCH_MAX)


def poster_of(request: Request) -> Posts:
    """Return the poster of the bank that this app serves."""
    return request.app.state.poster


def operator(request: Request, authorization: Annotated[str | None, Header()] = None) -> None:
    """Let only the operator pass, who shows the token kept in the home (`secrets/operator`).

    Refuses: OperatorRequired.
    """
    scheme, _, token = (authorization or "").partition(" ")
    expected = request.app.state.operator_token
    known = hmac.compare_digest(token.strip().encode(), expected.encode())
    if scheme.lower() != "bearer" or not known:
        raise OperatorRequired("send the operator's token as Authorization: Bearer")


async def body_of(request: Request, _: Annotated[None, Depends(operator)]) -> bytes:
    """Return the request's body, read only for the operator and only up to the limit.

    Refuses: BodyTooLarge.
    """
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > TRANSFERS_BYTES_MAX:
            raise BodyTooLarge(f"at most {TRANSFERS_BYTES_MAX} bytes")
        parts.append(part)
    return b"".join(parts)


router = APIRouter(prefix="/v1", dependencies=[Depends(operator)])
_assets: dict[tuple[str, str], Asset] = {}


@router.post(
    "/transfers",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": TransfersBody.model_json_schema()}},
        }
    },
)
def post_transfers(
    poster: Annotated[Posts, Depends(poster_of)], body: Annotated[bytes, Depends(body_of)]
) -> dict[str, Any]:
    """Post a batch of transfers; one outcome each, in their order, once they are committed.

    Each `transfer_id` is its own idempotency key: the same item again is answered `exists`, or with
    its first refusal; other content under the id is refused. When any item cannot be read nothing
    is posted. After `ledger.outcome_unknown` or a lost connection, say the same again.
    """
    # Read here, in a thread of its own: a large batch would keep the event loop from others.
    try:
        items = TransfersBody.model_validate_json(body).transfers
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from error
    now = clock.now()
    assets = _assets_of(poster, {item.asset for item in items})
    transfers = [
        wire.transfer_of(dict(item), assets, place=place, now=now)
        for place, item in enumerate(items)
    ]
    outcomes = poster.submit(transfers, now=now)
    return {"outcomes": [wire.outcome_line(outcome) for outcome in outcomes]}


def _assets_of(poster: Posts, codes: Collection[str]) -> dict[str, Asset]:
    """Return assets by code; what was read once is kept, since a scale never changes."""
    bank_id = poster.bank_id
    known = {code: _assets.get((bank_id, code)) for code in codes}
    missing = {code for code, asset in known.items() if asset is None}
    if missing:
        with transaction(poster.engine) as session:
            found = read_assets(session, bank_id=bank_id, codes=missing)
        if len(_assets) > ASSETS_KEPT_MAX:
            _assets.clear()
        _assets.update({(bank_id, code): asset for code, asset in found.items()})
        known |= found
    return known


@router.get("/accounts/{account_id}/balance")
def read_balance(
    poster: Annotated[Posts, Depends(poster_of)],
    account_id: str,
    as_of: Annotated[date | None, Query()] = None,
    known_at: Annotated[AwareDatetime | None, Query()] = None,
) -> dict[str, Any]:
    """Return any account's balance on its normal side, now or at a past time.

    `as_of` counts what was effective until the end of that day, `known_at` what was recorded until
    that instant. `available` is told for now only, and null when nothing limits the account.
    """
    named = {"bank_id": poster.bank_id, "account_id": account_id}
    with transaction(poster.engine) as session:
        amount = reading.balance(session, **named, as_of=as_of, known_at=known_at)
        body = {"account_id": account_id, "asset": amount.asset.code, "balance": amount.text()}
        if as_of is None and known_at is None:
            left = reading.available(session, **named)
            body["available"] = None if left is None else left.text()
    return body


@router.get("/accounts/{account_id}/marks")
def read_marks(poster: Annotated[Posts, Depends(poster_of)], account_id: str) -> dict[str, Any]:
    """Return how much of an account's balance carries which mark, oldest mark first."""
    with transaction(poster.engine) as session:
        held = marking.marks_on(session, bank_id=poster.bank_id, account_id=account_id)
    return {"account_id": account_id, "marks": [wire.marked_line(each) for each in held]}


@router.get("/accounts/{account_id}/marks/{mark_id}")
def read_trace(
    poster: Annotated[Posts, Depends(poster_of)], account_id: str, mark_id: str
) -> dict[str, Any]:
    """Return what an account holds of a mark, and by which transfers, oldest first, it came."""
    with transaction(poster.engine) as session:
        found = marking.trace(
            session, bank_id=poster.bank_id, account_id=account_id, mark_id=mark_id
        )
    return {"account_id": account_id, **wire.trace_lines(found)}
