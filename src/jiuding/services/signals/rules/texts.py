"""Flags in texts that others will read: names, memos, titles of shops.

A pattern asks for the shape that does harm and not for a word: a hospital called "Select" is no
SQL, and "<3" is no script. Every flag names the part of the text as it was given.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jiuding.services.signals.errors import BadWordList
from jiuding.services.signals.rules.shapes import SHAPES, SQUEEZED_SHAPES
from jiuding.services.signals.rules.spellings import Plain, make_plain, squeeze
from jiuding.services.signals.types.texts import FlagKind, TextFlag

TEXT_MAX = 2_000
WORDS_MAX = 20_000
FLAGS_MAX = 100
SOUND_MIN = 5
_PLACES = "湾村镇乡山岭岛河湖路街桥屯沟"


@dataclass(frozen=True, slots=True)
class WordList:
    """Words that may not be traded under, each with its category, in both languages."""

    latin: re.Pattern[str] | None
    chinese: re.Pattern[str] | None
    category_of: dict[str, str]
    version: str

    def category(self, found: str) -> str:
        """Return the category of a word as it was found."""
        return self.category_of[re.sub(r"\s+", " ", found)]


def read_words(text: str, *, file: str) -> WordList:
    """Return a list of words `[category] zh = […], en = […]`. Refuses: BadWordList."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadWordList(f"{file}: {error}", file=file) from None
    latin: dict[str, str] = {}
    chinese: dict[str, str] = {}
    for category, given in found.items():
        if not isinstance(given, dict) or set(given) - {"zh", "en"}:
            raise BadWordList(f"{file}: {category} holds zh and en", file=file, part=category)
        for language, words in given.items():
            if not isinstance(words, list) or not all(
                isinstance(e, str) and e.strip() for e in words
            ):
                raise BadWordList(f"{file}: {category}.{language} is a list of words", file=file)
            for word in words:
                plain = make_plain(word).text
                (chinese if language == "zh" else latin)[plain] = category
                if language == "zh":
                    latin |= dict.fromkeys(_spellings(word), category)
    if len(latin) + len(chinese) > WORDS_MAX:
        raise BadWordList(f"{file} has more than {WORDS_MAX} words", file=file)
    return WordList(
        latin=_any_of(latin, whole=True),
        chinese=_any_of(
            {squeeze(make_plain(each)).text: c for each, c in chinese.items()}, whole=False
        ),
        category_of=latin | {squeeze(make_plain(each)).text: c for each, c in chinese.items()},
        version=hashlib.sha256(text.encode()).hexdigest(),
    )


def _spellings(word: str) -> tuple[str, ...]:
    """Return a Chinese word by its sound: in one, by syllables, and long ones in two parts.

    Readings come from pypinyin (MIT). Short ones are left out: they are other words too.
    """
    from pypinyin import lazy_pinyin

    sounds = lazy_pinyin(word)
    if len("".join(sounds)) < SOUND_MIN or not "".join(sounds).isascii():
        return ()
    found = ["".join(sounds), " ".join(sounds)]
    if len(sounds) >= 4:
        found += ["".join(sounds[:at]) + " " + "".join(sounds[at:]) for at in (1, 2, 3)]
    return tuple(found)


def _any_of(words: dict[str, str], *, whole: bool) -> re.Pattern[str] | None:
    if not words:
        return None
    longest = sorted(words, key=lambda each: (-len(each), each))
    parts = "|".join(re.escape(each).replace(r"\ ", r"\s+") for each in longest)
    # A village called after a rifle sells none.
    return re.compile(
        rf"(?<![a-z0-9])(?:{parts})(?![a-z0-9])" if whole else rf"(?:{parts})(?![{_PLACES}])"
    )


def read_text(text: str, words: WordList | None = None) -> tuple[TextFlag, ...]:
    """Return what stands in a text and should not, by place; at most 100 flags.

    Only the first 2,000 characters are looked at. The text is read and never changed.
    """
    given = text[:TEXT_MAX]
    plain = make_plain(given)
    found: dict[tuple[str, int, int], TextFlag] = {}
    for flag in _flags(given, plain, squeeze(plain), words):
        found.setdefault((flag.code, flag.start, flag.end), flag)
    if _is_disguised(given, plain, found.values()):
        places = sorted(plain.hidden)
        flag = TextFlag(FlagKind.OBFUSCATED, "obfuscated.spelling", places[0], places[-1] + 1, True)
        found[flag.code, flag.start, flag.end] = flag
    return tuple(sorted(found.values(), key=lambda each: (each.start, each.end, each.code)))[
        :FLAGS_MAX
    ]


def _flags(given: str, plain: Plain, squeezed: Plain, words: WordList | None) -> Iterator[TextFlag]:
    for shapes, form in ((SHAPES, plain), (SQUEEZED_SHAPES, squeezed)):
        for kind, code, shape in shapes:
            for match in shape.finditer(form.text):
                yield _flag(kind, code, form, match.start(), match.end())
    if words is not None:
        for shape, form in ((words.latin, plain), (words.chinese, squeezed)):
            for match in shape.finditer(form.text) if shape else ():
                code = f"prohibited.{words.category(match.group())}"
                yield _flag(FlagKind.PROHIBITED, code, form, match.start(), match.end())


def _flag(kind: FlagKind, code: str, form: Plain, start: int, end: int) -> TextFlag:
    return TextFlag(kind, code, *form.span(start, end))


def _is_disguised(given: str, plain: Plain, found: Iterable[TextFlag]) -> bool:
    """Tell whether a spelling hides something: look-alikes, or signs without width in a word."""
    if not plain.hidden:
        return False
    if any(flag.is_hidden for flag in found):
        return True
    for place in plain.hidden:
        sign = given[place]
        if sign.isalpha() and not sign.isascii() and sign < "\uff00":
            return True  # a letter of another script inside a Latin word
        near = given[max(0, place - 1) : place] + given[place + 1 : place + 2]
        if not sign.isalnum() and len(near) == 2 and near.isalnum():
            return True
    return False
