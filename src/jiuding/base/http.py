"""HTTP without business in it: problems on the wire, trace ids, idempotency keys, size limits."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Annotated

import structlog
from fastapi import FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jiuding.base import proxies as proxied
from jiuding.base.problems import BadInput, NotFound, Problem, Unreadable

BODY_BYTES_MAX = 64 * 1024
_KEY = re.compile(r"[\x21-\x7e]{8,128}")
_log = structlog.get_logger("jiuding.http")


class MissingIdempotencyKey(Problem):
    """Refuse a write that cannot be repeated safely."""

    code = "base.missing_idempotency_key"
    status = 400
    title = "A write needs an Idempotency-Key"


class BodyTooLarge(Problem):
    """Refuse a body over the limit."""

    code = "base.body_too_large"
    status = 413
    title = "The request is too large"


class DatabaseUnavailable(Problem):
    """Say that the database cannot be reached now; nothing was changed."""

    code = "base.database_unavailable"
    status = 503
    title = "The bank's database cannot be reached right now"


def idempotency_key(key: Annotated[str | None, Header(alias="Idempotency-Key")] = None) -> str:
    """Return the request's idempotency key: 8 to 128 visible ASCII characters.

    Refuses: MissingIdempotencyKey.
    """
    if key is None or not _KEY.fullmatch(key):
        raise MissingIdempotencyKey("send an Idempotency-Key of 8 to 128 visible characters")
    return key


def trace_id(request: Request) -> str:
    """Return the id under which this request is logged."""
    return getattr(request.state, "trace_id", "none")


def client_address(request: Request) -> str | None:
    """Return the address of who asks, seen through listed proxies only; None where there is none.

    What a client itself writes into a header is never it.
    """
    return getattr(request.state, "client_address", None)


def problem_response(request: Request, problem: Problem) -> JSONResponse:
    """Return a problem as RFC 9457 JSON."""
    return JSONResponse(
        problem.to_dict(trace_id=trace_id(request)),
        status_code=problem.status,
        media_type="application/problem+json",
    )


def as_problem(error: Exception) -> Problem | None:
    """Return the refusal that an exception stands for, or None when it is a bug of ours."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, StatementError) and isinstance(error.orig, Problem):
        return error.orig  # an id of a wrong kind is refused where it is bound
    if isinstance(error, RequestValidationError):
        first = error.errors()[0] if error.errors() else {"loc": (), "msg": "unreadable"}
        if first.get("type") == "json_invalid":
            return Unreadable("the body is not JSON")
        where = ".".join(str(part) for part in first["loc"] if part != "body")
        return BadInput(f"{where or 'the request'}: {first['msg']}"[:300], field=where)
    if isinstance(error, HTTPException):
        return NotFound("there is nothing at this address") if error.status_code == 404 else None
    if isinstance(error, OperationalError | PoolTimeout):
        return DatabaseUnavailable("nothing was changed; try again in a moment")
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return DatabaseUnavailable("nothing was changed; try again in a moment")
    return None


class _Edge:
    """Give each request a trace id, and refuse a body that says it is over the limit.

    Plain ASGI: a middleware of the framework's own kind costs a task a request.
    """

    def __init__(self, app: ASGIApp, limits: Mapping[str, int], proxies: proxied.Proxies) -> None:
        self._app = app
        self._limits = limits
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = secrets.token_hex(8)
        state = scope.setdefault("state", {})
        state["trace_id"] = trace
        peer = (scope.get("client") or (None,))[0]
        state["client_address"] = proxied.client_address(peer, scope["headers"], self._proxies)
        limit = self._limits.get(scope["path"], BODY_BYTES_MAX)
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > limit:
            refusal = problem_response(Request(scope), BodyTooLarge(f"at most {limit} bytes"))
            await refusal(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-trace-id", trace.encode())]
            await send(message)

        await self._app(scope, receive, told)


def install(
    app: FastAPI,
    *,
    bytes_max: Mapping[str, int] | None = None,
    proxies: proxied.Proxies | None = None,
) -> None:
    """Give an app trace ids, client addresses, body limits and problem answers.

    A body has at most `BODY_BYTES_MAX` bytes, except at the paths that `bytes_max` names.
    """
    app.add_middleware(_Edge, limits=dict(bytes_max or {}), proxies=proxies or proxied.Proxies())

    async def _refuse(request: Request, error: Exception) -> JSONResponse:
        problem = as_problem(error)
        if problem is not None:
            return problem_response(request, problem)
        if isinstance(error, HTTPException):
            body = {"title": str(error.detail), "status": error.status_code, "code": "base.http"}
            return JSONResponse(body, error.status_code, media_type="application/problem+json")
        return broken_response(request, error)

    for kind in (Problem, RequestValidationError, HTTPException, DBAPIError, PoolTimeout):
        app.add_exception_handler(kind, _refuse)
    app.add_exception_handler(Exception, _refuse)


def broken_response(request: Request, error: Exception) -> JSONResponse:
    """Return a 500 that tells nothing of our insides, and log what happened under its trace id."""
    _log.error("broken", trace_id=trace_id(request), path=request.url.path, exc_info=error)
    body = {
        "type": "about:blank", "title": "Something is wrong on our side", "status": 500,
        "code": "base.broken", "trace_id": trace_id(request),
    }  # fmt: skip
    return JSONResponse(body, 500, media_type="application/problem+json")
