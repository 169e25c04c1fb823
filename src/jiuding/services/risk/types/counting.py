"""Nouns of risk: features over windows of time, the events they are counted from, and lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jiuding.kernel import decisions


class FieldType(StrEnum):
    """What a field of a feature event holds; a network is an address cut to /24 or /64."""

    STRING = "string"
    INT = "int"
    NETWORK = "network"


class Measure(StrEnum):
    """What a feature says about the events of one key before this one."""

    COUNT = "count"  # how many
    SUM = "sum"  # of a whole-number field, in its units
    DISTINCT = "distinct"  # how many different values of a field
    FIRST_SEEN = "first_seen"  # whole seconds since the key's first event; missing for the first
    RATIO = "ratio"  # of two features, in whole parts per million, rounded down


@dataclass(frozen=True, slots=True)
class Where:
    """Only events whose field has this value count."""

    field: str
    value: str | int


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: a measure over the events that share a key, within a window before this one.

    The window is half open: of events at instants t - window < t' <= t, exactly those count that
    were known before this one. `top` and `under` name the two features of a ratio.
    """

    name: str
    measure: Measure
    key: tuple[str, ...] = ()
    window_seconds: int = 0
    field: str = ""
    where: Where | None = None
    top: str = ""
    under: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """Features that are counted from one kind of event; only the declared fields are kept."""

    name: str
    fields: Mapping[str, FieldType]
    features: tuple[Feature, ...]
    version: str
    subject: str = ""  # the field that says whom a decision about an event is about

    @property
    def names(self) -> tuple[str, ...]:
        """The features' names, in the order of their values."""
        return tuple(feature.name for feature in self.features)


@dataclass(frozen=True, slots=True)
class FeatureEvent:
    """An event as features read it: when it was, in microseconds since 1970, and its values.

    `sequence` is the order in which events became known; it makes the order total.
    """

    event_id: str
    at: int
    values: Mapping[str, str | int]
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Observed:
    """What became of an event that was offered: its features, or the code of its refusal.

    A duplicate has neither: what it said was known already.
    """

    event_id: str
    sequence: int | None
    features: Mapping[str, int] | None
    refusal: str | None
    values: Mapping[str, str | int] | None = None  # what is kept of a counted event


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of an event that was offered to be judged: what it saw and what was decided.

    A duplicate has the decision that was made the first time, if it was judged then; a refused
    event has the code of its refusal, and neither features nor decision.
    """

    observed: Observed
    decision: decisions.Decision | None


@dataclass(frozen=True, slots=True)
class ListEntry:
    """Somebody on a list: an id of the list's own, every name, and what else tells them apart.

    `born` holds dates or years as the list writes them, `countries` codes in small letters.
    """

    entry_id: str
    kind: str
    names: tuple[str, ...]
    born: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A name that is near a listed one: how near from 0 to 100, and why not nearer.

    `why` holds exact, spelling, part_of, same_sound, born_differs.
    """

    entry_id: str
    name: str
    score: int
    why: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Clearance:
    """That somebody found a match to be another person; one that is not current has lapsed.

    It lapses when the subject's name or the list's entry is no longer what it was.
    """

    entry_id: str
    reason: str
    by: str
    cleared_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class Screening:
    """What screening a name found: open matches, and those that somebody cleared before.

    `clearances` are the newest of each match, those that hold and those that have lapsed.
    """

    matches: tuple[Match, ...]
    cleared: tuple[Match, ...]
    list_version: str
    clearances: tuple[Clearance, ...] = ()


@dataclass(frozen=True, slots=True)
class ListVersion:
    """A list of names as it was imported: the newest of a name is the one in force."""

    name: str
    number: int
    version: str
    entry_count: int
    imported_by: str
    imported_at: datetime
