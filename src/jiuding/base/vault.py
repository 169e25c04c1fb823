"""The vault: personal details sealed under the bank's own key, readable only through it."""

from __future__ import annotations

import hmac
import json
import os
from typing import Any

_NONCE_BYTES = 12


class Vault:
    """Seal and open small records with AES-256-GCM.

    `about` is bound into the seal, so that one person's record cannot be moved to another.
    """

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._cipher = AESGCM(key)
        # A key for marks of its own, so that a mark tells nothing about the cipher's key.
        self._marking_key = hmac.digest(key, b"jiuding marks", "sha256")

    def mark(self, words: str, *, about: str) -> str:
        """Return a keyed mark of a secret: without the vault's key it cannot be guessed."""
        told = json.dumps([about, words], ensure_ascii=False).encode()
        return hmac.digest(self._marking_key, told, "sha256").hex()

    def seal(self, record: dict[str, Any], *, about: str) -> bytes:
        """Return the record encrypted, with a fresh nonce in front."""
        nonce = os.urandom(_NONCE_BYTES)
        words = json.dumps(record, ensure_ascii=False, sort_keys=True).encode()
        return nonce + self._cipher.encrypt(nonce, words, about.encode())

    def open(self, sealed: bytes, *, about: str) -> dict[str, Any]:
        """Return a sealed record; raises when the key, the record or `about` is another one."""
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return json.loads(self._cipher.decrypt(nonce, body, about.encode()))
