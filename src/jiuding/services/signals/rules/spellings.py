"""Undo disguised spelling, and remember which part of the text each sign came from.

Full-width letters become plain (NFKC), signs without width go, letters of other scripts that look
like Latin ones become those where they stand in a Latin word, and all becomes small. Circled and
Chinese digits become digits only in the squeezed form, in which numbers are looked for.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

# Letters that look alike, by the eye of a reader; Cyrillic, Greek and Armenian. Own selection.
_ALIKE = dict(
    zip(
        "аеорсухквмнтіјѕԁԛԝһӏαοενρτυικχηγωβζμօսհոց",
        "aeopcyxkbmhtijsdqwhlaoevptuikxnywbzuouhng",
        strict=True,
    )
)
_WIDTHLESS = {
    *"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f",
    *"\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff",
}
# Chinese writes these marks wide by habit; a wide letter, digit or bracket is a choice.
_WIDE_BY_HABIT = frozenset("！（），－．／：；？～％＋“”　…")
_SQUEEZED = frozenset(" \t\u3000.·・•*_-—~/|,，。、+＋﹒`'\"^:：;；!！?？()（）[]【】<>《》")
_DIGITS = dict(zip("〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖", "00123456789123456789", strict=True))
_DIGITS["幺"] = "1"


@dataclass(frozen=True, slots=True)
class Plain:
    """A text made plain, and for each of its signs the place it came from in the given text."""

    text: str
    places: tuple[int, ...]
    hidden: frozenset[int]  # places whose sign was disguised

    def span(self, start: int, end: int) -> tuple[int, int, bool]:
        """Return where a part of the plain text stands in the given one, and whether disguised."""
        first, last = self.places[start], self.places[end - 1] + 1
        return first, last, any(first <= place < last for place in self.hidden)


def make_plain(text: str) -> Plain:
    """Return a text without disguises."""
    signs: list[str] = []
    places: list[int] = []
    hidden: set[int] = set()
    for place, sign in enumerate(text):
        if (
            sign in _WIDTHLESS
            or "\ufe00" <= sign <= "\ufe0f"
            or "\U000e0000" <= sign <= "\U000e01ef"
        ):
            hidden.add(place)
            continue
        folded = sign if sign.isascii() else unicodedata.normalize("NFKC", sign)
        for each in folded.lower():
            if unicodedata.combining(each):
                continue
            signs.append(each)
            places.append(place)
        if folded != sign and folded.isascii() and sign not in _WIDE_BY_HABIT:
            hidden.add(place)
    _unmask(signs, places, hidden)
    return Plain("".join(signs), tuple(places), frozenset(hidden))


def _unmask(signs: list[str], places: list[int], hidden: set[int]) -> None:
    """Make look-alikes Latin in words that hold a Latin letter as well."""
    start = 0
    for end in range(len(signs) + 1):
        if end < len(signs) and signs[end].isalpha() and signs[end] < "\u2e80":
            continue
        word = signs[start:end]
        if any(each.isascii() for each in word):
            for offset, each in enumerate(word):
                if each in _ALIKE:
                    signs[start + offset] = _ALIKE[each]
                    hidden.add(places[start + offset])
        start = end + 1


def squeeze(plain: Plain) -> Plain:
    """Return the text without gaps and marks, its digits written as digits, for words cut apart."""
    kept = [(sign, place) for sign, place in zip(plain.text, plain.places, strict=True)
            if sign not in _SQUEEZED]  # fmt: skip
    text = "".join(_DIGITS.get(sign, sign) for sign, _ in kept)
    return Plain(text, tuple(place for _, place in kept), plain.hidden)
