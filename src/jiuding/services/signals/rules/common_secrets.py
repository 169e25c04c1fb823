"""The secrets that anybody tries first, made by rule: no list of lost ones is shipped.

Keypad walks, repeated and rising digits, years, names of keys in a row, and ordinary words with
ordinary ends. An operator brings a real list (Have I Been Pwned's, ordered by hash) in its place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

_WALKS = (
    "147258 258369 147369 159357 357159 159753 753159 258456 456258 147852 852147 963852 741852"
    " 852963 741963 123654 321456 654123 789456 456789 987456 123789 789123 112233 223344 332211"
    " 121314 131313 102030 101112 520520 521521 521314 131420 168168 666888 888666 888168 518518"
)
_WORDS = (
    "password passw0rd p@ssword p@ssw0rd admin administrator root user guest test demo "
    "welcome letmein login master secret iloveyou sunshine princess monkey dragon "
    "football baseball superman batman shadow michael jordan qwerty qwertyuiop asdfgh "
    "asdfghjkl zxcvbn zxcvbnm qazwsx 1qaz2wsx 1q2w3e4r q1w2e3r4 abc abcd abcdef aa a123 "
    "woaini wodemima mima nihao china zhongguo beijing taobao hello freedom whatever "
    "trustno1 starwars computer internet bank money changeme default temp"
)
_ENDS = ("", "1", "12", "123", "1234", "12345", "123456", "!", "1!", "@123", "#1", "01", "2024",
         "2025", "2026", "520", "1314", "888", "666")  # fmt: skip


def common_secrets() -> Iterator[str]:
    """Return the secrets, some more than once."""
    for length in (4, 5, 6, 7, 8, 9, 10):
        for digit in "0123456789":
            yield digit * length
        rising = "01234567890123456789"
        for start in range(11):
            yield rising[start : start + length]
            yield rising[::-1][start : start + length]
    for one in range(100):
        pair = f"{one:02}"
        yield pair * 2
        yield pair * 3
        yield pair * 4
    for one in range(1_000):
        yield f"{one:03}" * 2
    for one in "0123456789":
        for other in "0123456789":
            yield one * 3 + other * 3
            yield one * 2 + other * 2
    for year in range(1950, 2031):
        yield str(year)
        yield f"{year}" * 2
    yield from _WALKS.split()
    for word in _WORDS.split():
        for end in _ENDS:
            yield word + end
            yield word.capitalize() + end


def ordered_lines() -> str:
    """Return the list in the ordered form: a SHA-1 and a count a line, sorted by hash."""
    hashes = {
        hashlib.sha1(each.encode(), usedforsecurity=False).hexdigest().upper()
        for each in common_secrets()
    }
    return "".join(f"{each}:1\n" for each in sorted(hashes))
