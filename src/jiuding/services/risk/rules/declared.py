"""Read a stream of features from its TOML, checking everything, or refuse it naming the place."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any, NoReturn

from jiuding.services.risk.errors import BadStream
from jiuding.services.risk.types import Feature, FieldType, Measure, Stream, Where

FEATURES_MAX = 400
FIELDS_MAX = 100
WINDOW_SECONDS_MIN, WINDOW_SECONDS_MAX = 60, 90 * 86_400

_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
_WINDOW = re.compile(r"([1-9][0-9]{0,5})(s|min|h|d)")
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_KEYS = {
    Measure.COUNT: {"key", "window", "where"},
    Measure.SUM: {"key", "window", "field", "where"},
    Measure.DISTINCT: {"key", "window", "field", "where"},
    Measure.FIRST_SEEN: {"key"},
    Measure.RATIO: {"top", "under"},
}
_WORDS = {"of", "zh", "en"}


def read_stream(text: str, *, file: str) -> Stream:
    """Return the stream that a declaration states; its version is the hash of the content.

    Refuses: BadStream for an unknown key, field or feature, a window outside 1 minute to 90 days,
    or a sum over what is not a whole number.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadStream(f"{file}: {error}", file=file) from None
    reader = _Reader(file, found)
    return reader.stream()


class _Reader:
    def __init__(self, file: str, found: Mapping[str, Any]) -> None:
        self.file = file
        self.found = found
        self.fields: dict[str, FieldType] = {}
        self.features: dict[str, Feature] = {}

    def refuse(self, part: str, why: str) -> NoReturn:
        raise BadStream(f"{self.file}: {part}: {why}", file=self.file, part=part)

    def stream(self) -> Stream:
        unknown = set(self.found) - {"name", "version", "title", "subject", "fields", "features"}
        if unknown:
            self.refuse(min(unknown), "is not a key that is known here")
        name = self.found.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self.refuse("name", "is small letters, digits, _ and points")
        for field, kind in self._tables("fields", FIELDS_MAX).items():
            if kind not in tuple(FieldType) or not _NAME.fullmatch(field):
                self.refuse(f"fields.{field}", f"is one of {', '.join(FieldType)}")
            self.fields[field] = FieldType(kind)
        subject = self.found.get("subject", "")
        if subject and self.fields.get(subject) is not FieldType.STRING:
            self.refuse("subject", "is a declared field of type string")
        for feature, given in self._tables("features", FEATURES_MAX).items():
            if not isinstance(given, dict) or not _NAME.fullmatch(feature):
                self.refuse(f"features.{feature}", "is a table with a name of small letters")
            self.features[feature] = self._feature(feature, given)
        content = json.dumps(self.found, sort_keys=True, ensure_ascii=False)
        version = hashlib.sha256(content.encode()).hexdigest()
        return Stream(name, self.fields, tuple(self.features.values()), version, subject)

    def _tables(self, key: str, count_max: int) -> dict[str, Any]:
        given = self.found.get(key)
        if not isinstance(given, dict) or not given or len(given) > count_max:
            self.refuse(key, f"is a table of 1 to {count_max} names")
        return given

    def _feature(self, name: str, given: Mapping[str, Any]) -> Feature:
        part = f"features.{name}"
        if given.get("of") not in tuple(Measure):
            self.refuse(part, f"of is one of {', '.join(Measure)}")
        measure = Measure(given["of"])
        unknown = set(given) - _KEYS[measure] - _WORDS
        lacking = _KEYS[measure] - {"where"} - set(given)
        if unknown or lacking:
            self.refuse(part, f"{min(unknown or lacking)} {'is unknown' if unknown else 'lacks'}")
        if measure is Measure.RATIO:
            return self._ratio(name, given, part)
        key = given["key"] if isinstance(given["key"], list) else [given["key"]]
        for field in key:
            self._known(part, field)
        field = given.get("field", "")
        if field:
            self._known(part, field)
        if measure is Measure.SUM and self.fields[field] is not FieldType.INT:
            self.refuse(part, "sums a whole-number field, in its units")
        window = 0 if measure is Measure.FIRST_SEEN else self._window(part, given["window"])
        where = self._where(part, given.get("where"))
        return Feature(name, measure, tuple(key), window, field, where)

    def _ratio(self, name: str, given: Mapping[str, Any], part: str) -> Feature:
        for side in ("top", "under"):
            inner = self.features.get(given[side])
            if inner is None or inner.measure in (Measure.RATIO, Measure.FIRST_SEEN):
                self.refuse(part, f"{side} is a count, sum or distinct declared before it")
        return Feature(name, Measure.RATIO, top=given["top"], under=given["under"])

    def _known(self, part: str, field: Any) -> None:
        if field not in self.fields:
            self.refuse(part, f"{str(field)[:40]!r} is not a declared field")

    def _window(self, part: str, text: Any) -> int:
        match = _WINDOW.fullmatch(text) if isinstance(text, str) else None
        seconds = int(match[1]) * _UNITS[match[2]] if match else 0
        if not WINDOW_SECONDS_MIN <= seconds <= WINDOW_SECONDS_MAX:
            self.refuse(part, "a window is 1min to 90d, such as 10min, 24h or 7d")
        return seconds

    def _where(self, part: str, given: Any) -> Where | None:
        if given is None:
            return None
        if not isinstance(given, dict) or set(given) != {"field", "is"}:
            self.refuse(part, "where is { field, is }")
        self._known(part, given["field"])
        wanted = int if self.fields[given["field"]] is FieldType.INT else str
        if type(given["is"]) is not wanted:
            self.refuse(part, f"{given['field']} is never {given['is']!r}")
        return Where(given["field"], given["is"])
