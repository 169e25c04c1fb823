"""Refusals, and the guard for what we believe.

A *problem* is a refusal that the caller can understand and act on: it has a stable code, an HTTP
status and a sentence. It is written on the wire as RFC 9457 says. A *broken invariant* is a bug of
ours: it stops the work and is never used to check input.
"""

from __future__ import annotations

from typing import Any, ClassVar

DOCS = "https://docs.jiuding.example/problems/"

_STATUSES = frozenset({400, 401, 403, 404, 409, 413, 422, 429, 503})
_registry: dict[str, type[Problem]] = {}


class BrokenInvariant(Exception):
    """Stop: something that we believed is not so. It is a bug, and becomes a 500."""


def ensure(condition: object, belief: str) -> None:
    """Stop with `BrokenInvariant` unless the condition holds; for beliefs, never for input."""
    if not condition:
        raise BrokenInvariant(belief)


class Problem(Exception):
    """Refuse, with a stable code, an HTTP status and what the caller can do.

    Subclasses state `code` (`package.snake_words`), `status` and `title`; `detail` tells this case;
    keyword fields travel with it and hold ids and limits only, never personal data.
    """

    code: ClassVar[str] = "base.problem"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request was refused"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            return
        ensure(cls.status in _STATUSES, f"{cls.__name__} states status {cls.status}")
        ensure("." in cls.code and cls.code == cls.code.lower(), f"code of {cls.__name__}")
        holder = _registry.setdefault(cls.code, cls)
        ensure(
            (holder.__module__, holder.__qualname__) == (cls.__module__, cls.__qualname__),
            f"two problems share the code {cls.code}",
        )

    def __init__(self, detail: str, **fields: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = fields

    def to_dict(self, *, trace_id: str | None = None) -> dict[str, Any]:
        """Return the problem as an RFC 9457 object."""
        body: dict[str, Any] = {
            "type": DOCS + self.code,
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.fields,
        }
        if trace_id is not None:
            body["trace_id"] = trace_id
        return body


class BadInput(Problem):
    """Refuse input that is readable but of the wrong shape."""

    code = "base.bad_input"
    status = 422
    title = "The input has the wrong shape"


class Unreadable(Problem):
    """Refuse input that cannot be read at all."""

    code = "base.unreadable"
    status = 400
    title = "The input cannot be read"


class NotFound(Problem):
    """Refuse to name a thing that is not here, or not the caller's."""

    code = "base.not_found"
    status = 404
    title = "There is no such thing here"


def registered_problems() -> dict[str, type[Problem]]:
    """Return every problem that has been declared, by code."""
    return dict(sorted(_registry.items()))
