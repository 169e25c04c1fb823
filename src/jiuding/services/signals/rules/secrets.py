"""Secrets that others have lost: looked up off line in a sorted file, without a server.

Two forms are read in place, however large. *Ordered text*, as Have I Been Pwned publishes it: lines
of a SHA-1 in 40 hexadecimal digits, a colon and a count, sorted by hash. And our *compact* form: a
head of 8 bytes, then the first 8 bytes of each hash, sorted; one secret in 2^64 / n is taken for
another. SHA-1 is the lists' choice; it guards nothing here, for the lists are public.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from jiuding.services.signals.errors import BadPasswordList, SecretBreached

MAGIC = b"JDSEC1\r\n"
PREFIX = 8
LINE_MAX = 80
PROBES = 256

_LINE = re.compile(rb"([0-9A-Fa-f]{40})(?::([0-9]{1,12}))?")


class BreachedSecrets:
    """A list of breached secrets over any buffer (bytes, or a mapped file)."""

    def __init__(self, buffer: bytes | memoryview, *, file: str = "the list") -> None:
        self._data = memoryview(buffer)
        self._size = len(self._data)
        self._file = file
        self._is_compact = bytes(self._data[: len(MAGIC)]) == MAGIC
        if self._is_compact:
            if (self._size - len(MAGIC)) % PREFIX:
                raise BadPasswordList(f"{file} is cut off", file=file)
            self._rows = (self._size - len(MAGIC)) // PREFIX
        self._check_order()

    def count(self, secret: str) -> int:
        """Return how often a secret was found in breaches; 1 in the compact form, 0 for never."""
        digest = hashlib.sha1(secret.encode(), usedforsecurity=False).digest()
        if self._is_compact:
            return self._count_compact(digest[:PREFIX])
        return self._count_text(digest.hex().upper().encode())

    def ensure_unknown(self, secret: str) -> None:
        """Refuse a secret that others have lost. Refuses: SecretBreached."""
        if self.count(secret):
            raise SecretBreached("choose one that is not among those everybody tries")

    def _count_compact(self, wanted: bytes) -> int:
        low, high = 0, self._rows
        while low < high:
            middle = (low + high) // 2
            if self._row(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return int(low < self._rows and self._row(low) == wanted)

    def _row(self, place: int) -> bytes:
        start = len(MAGIC) + place * PREFIX
        return bytes(self._data[start : start + PREFIX])

    def _count_text(self, wanted: bytes) -> int:
        low, high = 0, self._size
        while low < high:
            start, line = self._line_at((low + high) // 2)
            found = self._read(line)
            if found[0] == wanted:
                return found[1]
            if found[0] < wanted:
                low = start + len(line) + 1
            else:
                high = start
        return 0

    def _line_at(self, place: int) -> tuple[int, bytes]:
        """Return the line that holds a byte, and where it starts."""
        before = bytes(self._data[max(0, place - LINE_MAX) : place])
        start = place - len(before) + before.rfind(b"\n") + 1
        after = bytes(self._data[start : start + LINE_MAX])
        return start, after.partition(b"\n")[0]

    def _read(self, line: bytes) -> tuple[bytes, int]:
        match = _LINE.fullmatch(line.strip())
        if match is None:
            shown = line[:20].decode("ascii", "replace")
            raise BadPasswordList(f"{self._file}: {shown!r} is no hash", file=self._file)
        return match[1].upper(), int(match[2] or 1)

    def _check_order(self) -> None:
        """Look at some places all over the list: hashes there must rise."""
        last = b""
        for probe in range(PROBES):
            if self._is_compact:
                if not self._rows:
                    return
                found = self._row(probe * (self._rows - 1) // (PROBES - 1))
            else:
                if not self._size:
                    return
                _, line = self._line_at(probe * (self._size - 1) // PROBES)
                found = self._read(line)[0]
            if found < last:
                raise BadPasswordList(f"{self._file} is not sorted by hash", file=self._file)
            last = found


def compact(
    lines: Iterable[bytes], *, count_min: int = 1, file: str = "the list"
) -> Iterator[bytes]:
    """Return the compact form of ordered text, piece by piece.

    Refuses: BadPasswordList naming the line that is no hash or out of order.
    """
    yield MAGIC
    last = b""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None or (digest := bytes.fromhex(match[1].decode())) < last:
            why = "is no hash" if match is None else "is out of order"
            raise BadPasswordList(f"{file} line {number} {why}", file=file, line=number)
        if int(match[2] or 1) >= count_min and digest[:PREFIX] != last[:PREFIX]:
            yield digest[:PREFIX]
            last = digest
