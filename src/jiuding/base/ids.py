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
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from jiuding.base.problems import BadInput, ensure

PREFIXES: dict[str, str] = {
    "acc": "account",
    "agr": "agreement",
    "app": "loan application",
    "bank": "bank",
    "cas": "case",
    "cns": "consent",
    "crd": "credential",
    "cvs": "conversation",
    "dec": "decision",
    "dev": "device",
    "evt": "event",
    "fnd": "finding",
    "hld": "hold",
    "imp": "library import",
    "ln": "loan",
    "mrk": "mark",
    "prd": "product version",
    "pty": "party",
    "quo": "quote",
    "ses": "login session",
    "tel": "telling",
    "trf": "transfer",
    "wch": "watch",
    "wsh": "portrait wish",
}

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# Python reads base 32 in other letters; to translate into these is faster than a loop.
_TO_BASE_32 = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_TAIL = re.compile(f"[{_ALPHABET}]{{26}}")
_LENGTH = 26
# Two letters at a time halve the cost of printing.
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = range(5 * (_LENGTH - 2), -1, -10)
_NO_LETTER = 32
# What each byte of an id stands for.
_VALUES = np.full(256, _NO_LETTER, dtype=np.uint8)
_VALUES[list(_ALPHABET.encode())] = np.arange(_NO_LETTER)

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
    return f"{prefix}_{''.join([_PAIRS[(number >> shift) & 1023] for shift in _SHIFTS])}"


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


def to_uuids(prefix: str, texts: Sequence[str]) -> np.ndarray:
    """Return the uuids behind printed ids, 16 bytes each: shape (n,), dtype V16.

    The same as `to_uuid` one by one, at a twentieth of the cost.
    Refuses: BadId.
    """
    start = len(prefix) + 1
    width = start + _LENGTH
    try:
        letters = np.frombuffer("".join(texts).encode("ascii"), dtype=np.uint8)
    except (TypeError, UnicodeEncodeError):
        letters = np.empty(0, dtype=np.uint8)
    if letters.size == width * len(texts):
        letters = letters.reshape(len(texts), width)
        values = _VALUES[letters[:, start:]]
        head = np.frombuffer(f"{prefix}_".encode(), dtype=np.uint8)
        # 26 letters hold 130 bits: the first may be at most 7.
        is_right = (letters[:, :start] == head).all() and (values < _NO_LETTER).all()
        if is_right and (values[:, 0] <= 7).all():
            return _joined(values.astype(np.uint64))
    for text in texts:
        to_uuid(prefix, text)
    raise BadId(f"these are not ids that start with {prefix}_")


def _joined(values: np.ndarray) -> np.ndarray:
    """Return the 128 bits of 26 values of 5 bits each: shape (n, 26) to (n,), dtype V16."""
    halves = np.zeros((len(values), 2), dtype=np.uint64)
    for place in range(13):
        halves[:, 0] |= values[:, place] << np.uint64(61 - 5 * place)
    halves[:, 0] |= values[:, 13] >> np.uint64(4)
    halves[:, 1] = values[:, 13] << np.uint64(60)
    for place in range(14, _LENGTH):
        halves[:, 1] |= values[:, place] << np.uint64(5 * (_LENGTH - 1 - place))
    return halves.astype(">u8").view("V16").reshape(-1)
