"""Identifiers: a prefix, an underscore and 26 characters that sort by time.

The 26 characters are the Crockford base 32 of a UUIDv7 (the TypeID form). Databases store the bare
`uuid`; the prefix is a type and is printed at the edge. An id shows when it was made, so it is
never a secret and never a token. Ids are made here, by the application, never by a database.
"""

from __future__ import annotations

import os
import re
import threading
import uuid
from datetime import datetime

from jiuding.base.problems import BadInput, ensure

PREFIXES: dict[str, str] = {
    "acc": "account",
    "agr": "agreement",
    "app": "loan application",
    "bank": "bank",
    "cns": "consent",
    "crd": "credential",
    "cvs": "conversation",
    "dec": "decision",
    "evt": "event",
    "fnd": "finding",
    "hld": "hold",
    "imp": "library import",
    "ln": "loan",
    "prd": "product version",
    "pty": "party",
    "quo": "quote",
    "ses": "login session",
    "trf": "transfer",
    "wch": "watch",
    "wsh": "portrait wish",
}

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# Python reads base 32 in other letters; to translate into these is faster than a loop.
_TO_BASE_32 = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_TAIL = re.compile(f"[{_ALPHABET}]{{26}}")
_LENGTH = 26

_lock = threading.Lock()
_last = 0


class BadId(BadInput):
    """Refuse a text that is not an id of the kind asked for."""

    code = "base.bad_id"
    title = "This is not a valid id"


def new_uuid(at: datetime) -> uuid.UUID:
    """Return a UUIDv7 of this instant; ids made by one process never go backwards.

    48 bits of milliseconds, 12 bits of sub-millisecond order, 62 random bits (RFC 9562 §5.7, §6.2).
    """
    global _last
    ensure(at.tzinfo is not None, "an id needs an instant with a time zone")
    ticks = int(at.timestamp() * 1_000_000) * 4096 // 1000
    with _lock:
        ticks = max(ticks, _last + 1)
        _last = ticks
    millis, order = divmod(ticks, 4096)
    tail = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    return uuid.UUID(int=(millis << 80) | (0x7 << 76) | (order << 64) | (0b10 << 62) | tail)


def new_id(prefix: str, at: datetime) -> str:
    """Return a new id of this kind, made at this instant."""
    return from_uuid(prefix, new_uuid(at))


def from_uuid(prefix: str, value: uuid.UUID) -> str:
    """Return the printed form of a stored uuid."""
    ensure(prefix in PREFIXES, f"prefix {prefix} is not registered in base/ids.py")
    number = value.int
    letters = [_ALPHABET[(number >> (5 * place)) & 31] for place in range(_LENGTH - 1, -1, -1)]
    return f"{prefix}_{''.join(letters)}"


def to_uuid(prefix: str, text: str) -> uuid.UUID:
    """Return the uuid behind a printed id.

    Refuses: BadId when the prefix is another one or the 26 characters are not of the alphabet.
    """
    head, _, tail = text.rpartition("_") if isinstance(text, str) else ("", "", "")
    if head != prefix or not _TAIL.fullmatch(tail):
        raise BadId(f"{str(text)[:40]!r} is not an id that starts with {prefix}_")
    number = int(tail.translate(_TO_BASE_32), 32)
    if number >> 128:
        raise BadId(f"{text!r} is larger than any id")
    return uuid.UUID(int=number)
