"""Rules of identity: how long, how often, and what a PIN looks like. Nothing here is secret."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

PIN_TRIES_MAX = 5
PIN_LOCK = timedelta(minutes=15)
LOGIN_LIFE = timedelta(hours=12)
CHALLENGE_LIFE = timedelta(minutes=5)
OPEN_CHALLENGES_MAX = 20


def is_pin(text: str) -> bool:
    """Say whether a text is six digits."""
    return isinstance(text, str) and len(text) == 6 and text.isascii() and text.isdigit()


def locked_until(wrong_count: int, wrong_at: datetime | None) -> datetime | None:
    """Return until when a PIN is locked, or None when it is not."""
    if wrong_at is None or wrong_count < PIN_TRIES_MAX:
        return None
    return wrong_at + PIN_LOCK


def token_hash(token: str) -> bytes:
    """Return what is stored of a login token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()
