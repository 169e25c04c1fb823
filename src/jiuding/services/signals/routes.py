"""HTTP of signals: a browser that was asked and agreed says what it is, and is known again."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Body, Request, Response
from sqlalchemy import Engine

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.services.signals.operations import know_device
from jiuding.services.signals.rules import DEVICE_COOKIE, read_report, seal_device

DEVICE_SECONDS = 400 * 86_400  # the longest that browsers keep a cookie


class Guard(Protocol):
    """What these routes need of the guard at the door."""

    engine: Engine
    key: bytes


router = APIRouter(prefix="/v1", tags=["signals"])


@router.post("/devices", status_code=201)
def report_device(
    request: Request, response: Response, body: Annotated[dict[str, Any], Body()]
) -> dict[str, str]:
    """Know a browser again by what `web/js/device.js` says of it, which it says hashed.

    `{token, traits, is_automated}`. The answer's cookie is what later requests are known by.
    """
    guard: Guard = request.app.state.branch.guard
    bank_id = request.app.state.branch.bank_id
    report = read_report(body)
    with transaction(guard.engine) as session:
        device = know_device(
            session, bank_id=bank_id, report=report, key=guard.key, now=clock.now()
        )
    response.set_cookie(
        DEVICE_COOKIE, seal_device(device.device_id, key=guard.key), max_age=DEVICE_SECONDS,
        path="/", samesite="lax", httponly=True, secure=request.url.scheme == "https",
    )  # fmt: skip
    return {"device_id": device.device_id}


@router.delete("/devices", status_code=204)
def forget_device(response: Response) -> None:
    """Let this browser be unknown from now on."""
    response.delete_cookie(DEVICE_COOKIE, path="/")
