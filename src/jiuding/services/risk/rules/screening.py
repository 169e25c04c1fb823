"""Find listed names near a given one, and miss none that is as near as asked.

The nearness of two spellings is that of their longest common part (`rapidfuzz.fuzz.ratio`, MIT):
twice its length over both lengths. The letters that two names share are an upper bound of it, and
counting them for all names of a list takes a millisecond, so only what can be near is compared.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from jiuding.services.risk.errors import BadName, ListTooLong
from jiuding.services.risk.rules.names import Spelling, spell
from jiuding.services.risk.types import ListEntry, Match

NAMES_MAX = 1_000_000
SCORE_MIN = 84
MATCHES_MAX = 50
PART_OF_SCORE = 90
SAME_SOUND_LOSS = 8
BORN_DIFFERS_LOSS = 15
_BUCKETS = 32
_YEAR = re.compile(r"(?:18|19|20)[0-9]{2}")


class Screener:
    """A list laid out for screening: each name's letters counted, its words looked up."""

    def __init__(self, entries: Iterable[ListEntry], *, names_max: int = NAMES_MAX) -> None:
        import numpy

        self._numpy = numpy
        self.entries: list[ListEntry] = []
        self._owners: list[int] = []
        self._names: list[str] = []
        self._spelled: list[Spelling] = []
        self._by_word: dict[str, list[int]] = {}
        digest = hashlib.sha256()
        for entry in entries:
            digest.update(repr(entry).encode())
            self.entries.append(entry)
            for name in entry.names:
                if len(self._names) >= names_max:
                    raise ListTooLong(f"at most {names_max} names are kept")
                self._add(name, len(self.entries) - 1)
        self.version = digest.hexdigest()
        self._by_id = {each.entry_id: each for each in reversed(self.entries)}
        self._counts, self._sizes = self._count_letters()

    @property
    def name_count(self) -> int:
        """How many names are screened against."""
        return len(self._names)

    def _add(self, name: str, owner: int) -> None:
        try:
            spelled = spell(name)
        except BadName:
            return  # an alias of signs alone is nobody's name
        place = len(self._names)
        self._owners.append(owner)
        self._names.append(name)
        self._spelled.append(spelled)
        for word in set(spelled.words):
            self._by_word.setdefault(word, []).append(place)

    def _count_letters(self) -> tuple[Any, Any]:
        numpy = self._numpy
        counts = numpy.zeros((_BUCKETS, len(self._names)), dtype=numpy.uint8)
        for place, spelled in enumerate(self._spelled):
            for sign in spelled.joined[:255]:
                counts[_bucket(sign), place] += 1
        sizes = numpy.array([len(each.joined) for each in self._spelled], dtype=numpy.int32)
        return counts, sizes

    def matches(
        self, name: str, *, born: str = "", score_min: int = SCORE_MIN
    ) -> tuple[Match, ...]:
        """Return the nearest name of each entry within `score_min` of 100, nearest first; 50 most.

        A birth date whose year is not within one of the list's makes it less near. Refuses:
        BadName.
        """
        spelled = spell(name)
        best: dict[int, Match] = {}
        for place in {*self._near(spelled, score_min), *self._holding(spelled)}:
            match = self._compared(spelled, name, born, place)
            owner = self._owners[place]
            if match.score >= score_min and (owner not in best or match.score > best[owner].score):
                best[owner] = match
        found = sorted(best.values(), key=lambda each: (-each.score, each.entry_id))
        return tuple(found[:MATCHES_MAX])

    def _near(self, spelled: Spelling, score_min: int) -> list[int]:
        """Return the places of names that share enough letters to be near."""
        numpy = self._numpy
        if not self._names:
            return []
        letters: dict[int, int] = {}
        for sign in spelled.joined[:255]:
            letters[_bucket(sign)] = letters.get(_bucket(sign), 0) + 1
        shared = numpy.zeros(len(self._names), dtype=numpy.int32)
        for bucket, count in letters.items():
            shared += numpy.minimum(self._counts[bucket], min(count, 255))
        # A loss that comes later only makes a name less near, so this bound stays one.
        enough = shared * 200 >= (self._sizes + len(spelled.joined)) * score_min
        return numpy.flatnonzero(enough).tolist()

    def _holding(self, spelled: Spelling) -> set[int]:
        """Return the places of names that hold every word of this one, when it has two or more."""
        words = set(spelled.words)
        if len(words) < 2 or not words <= self._by_word.keys():
            return set()
        lists = sorted((self._by_word[word] for word in words), key=len)
        return set(lists[0]).intersection(*lists[1:])

    def _compared(self, spelled: Spelling, name: str, born: str, place: int) -> Match:
        from rapidfuzz import fuzz

        listed, entry = self._spelled[place], self.entries[self._owners[place]]
        score = fuzz.ratio(spelled.sorted, listed.sorted)
        for turned in spelled.turned:
            score = max(score, fuzz.ratio(turned, listed.joined))
        why = ["exact" if score == 100 else "spelling"]
        words = set(spelled.words)
        if score < PART_OF_SCORE and len(words) > 1 and words <= set(listed.words):
            score, why = float(PART_OF_SCORE), ["part_of"]
        if spelled.chinese and listed.chinese and spelled.chinese != listed.chinese:
            score -= SAME_SOUND_LOSS
            why.append("same_sound")
        if born and entry.born and not _same_year(born, entry.born):
            score -= BORN_DIFFERS_LOSS
            why.append("born_differs")
        return Match(entry.entry_id, self._names[place], int(score), tuple(why), entry.source)

    def entry(self, entry_id: str) -> ListEntry | None:
        """Return the entry of an id."""
        return self._by_id.get(entry_id)


def _same_year(born: str, listed: tuple[str, ...]) -> bool:
    years = [int(year) for text in listed for year in _YEAR.findall(text)]
    own = [int(year) for year in _YEAR.findall(born)]
    return not years or not own or any(abs(a - b) <= 1 for a in own for b in years)


def _bucket(sign: str) -> int:
    place = ord(sign) - 97
    return place if 0 <= place < 26 else 26 + ord(sign) % (_BUCKETS - 26)


def clearance_hash(name: str, entry: ListEntry) -> str:
    """Return what a clearance holds for: this name against this entry as it is now.

    Another name of the customer, or a change of the entry, brings the match back.
    """
    text = "\n".join((spell(name).joined, spell(name).chinese, repr(entry)))
    return hashlib.sha256(text.encode()).hexdigest()
