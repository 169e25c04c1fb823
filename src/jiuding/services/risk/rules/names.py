"""Spell names so that those of one person meet: Chinese as pinyin, Latin without its marks.

A Chinese name becomes family and given name; each spelling of it with Latin letters ("Li Xiaoming",
"Xiao Ming Li") gives one of the same forms. Readings come from pypinyin (MIT); as a family name
some characters are read in a way of their own.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from jiuding.services.risk.errors import BadName

LENGTH_MAX = 300

_CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_FAMILY = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "区": "ou", "解": "xie", "查": "zha", "任": "ren",
    "盖": "ge", "朴": "piao", "翟": "zhai", "洗": "xian", "尉": "wei", "缪": "miao", "员": "yun",
    "黑": "he", "折": "she", "种": "chong", "乐": "yue", "宓": "fu", "逄": "pang", "覃": "qin",
}  # fmt: skip
_COMPOUND = frozenset(
    (
        *("欧阳", "司马", "诸葛", "上官", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒"),
        *("东方", "南宫", "长孙", "宇文", "端木", "独孤", "轩辕", "歐陽", "諸葛", "單于", "单于"),
    )
)
_COMPOUND_READ = {"尉迟": "yuchi", "长孙": "zhangsun", "单于": "chanyu"}
_SPELLED = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l",
            "ı": "i", "ü": "u", "ʼ": "", "'": "", "’": "", "`": ""}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name's forms: its words, its words in order of the alphabet, and joined as they stand."""

    words: tuple[str, ...]
    sorted: str
    joined: str
    chinese: str  # the characters alone, for telling apart what only sounds alike

    @property
    def turned(self) -> tuple[str, ...]:
        """The joined form, and with the first word last, and with the last word first."""
        words = self.words
        if len(words) < 2:
            return (self.joined,)
        return (
            self.joined,
            "".join((*words[1:], words[0])),
            "".join((words[-1], *words[:-1])),
        )


def spell(name: str) -> Spelling:
    """Return a name's forms. Refuses: BadName for a text without letters or over 300 signs."""
    if len(name) > LENGTH_MAX:
        raise BadName(f"a name has at most {LENGTH_MAX} characters")
    plain = unicodedata.normalize("NFKC", name).strip()
    chinese = "".join(_CHINESE.findall(plain))
    text = _CHINESE.sub(lambda found: f" {_pinyin(found.group())} ", plain)
    words = tuple(_words(text))
    if not words:
        raise BadName("a name has at least one letter")
    return Spelling(words, "".join(sorted(words)), "".join(words), chinese)


def _words(text: str) -> list[str]:
    lower = "".join(_SPELLED.get(sign, sign) for sign in text.casefold())
    bare = "".join(
        sign for sign in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(sign)
    )
    return re.findall(r"[^\W_]+", bare)


@lru_cache(maxsize=65_536)
def _pinyin(characters: str) -> str:
    """Return the reading of a Chinese name: family name, a space, given name in one."""
    from pypinyin import lazy_pinyin

    size = 2 if characters[:2] in _COMPOUND and len(characters) > 2 else 1
    if len(characters) > 4:  # a firm's or a place's name has no family name
        return " ".join(lazy_pinyin(characters))
    family, given = characters[:size], characters[size:]
    read = _COMPOUND_READ.get(family) or _FAMILY.get(family) or "".join(lazy_pinyin(family))
    return f"{read} {''.join(lazy_pinyin(given))}".strip()
