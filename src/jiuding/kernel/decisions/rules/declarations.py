"""Read a declaration part by part: every key is expected, typed and used, or it is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from jiuding.kernel.decisions.errors import BadExpression, BadPolicy
from jiuding.kernel.decisions.rules.cel_checker import read_expression
from jiuding.kernel.decisions.rules.sentences import read_sentence
from jiuding.kernel.decisions.types.decisions import Outcome
from jiuding.kernel.decisions.types.policies import Sentence, Words
from jiuding.kernel.decisions.types.tree import FieldSpec, Node, Type

_NONE: Any = object()


class Section:
    """One table of a declaration, and the path to it, so that a refusal names the place."""

    def __init__(self, found: Any, *, file: str, path: str = "") -> None:
        self.file = file
        self.path = path
        if not isinstance(found, Mapping):
            self.refuse("is a table of names and values")
        self._left = dict(found)

    def refuse(self, detail: str, *, key: str = "", at: int | None = None) -> NoReturn:
        """Refuse the policy, naming file, path and, in an expression, the position from 0."""
        where = ".".join(part for part in (self.path, key) if part)
        position = "" if at is None else f" at {at}"
        raise BadPolicy(
            f"{self.file}: {where or 'the policy'}{position}: {detail}",
            file=self.file,
            part=where,
            **({} if at is None else {"at": at}),
        )

    def done(self) -> None:
        """Refuse what is left: a key that nobody reads is a slip of the pen."""
        if self._left:
            self.refuse("is not a key that is known here", key=min(self._left))

    def has(self, key: str) -> bool:
        """Return whether a key is there and has not been read."""
        return key in self._left

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = _NONE) -> Any:
        """Return the value of a key, of this kind, or the default."""
        if key not in self._left:
            if default is _NONE:
                self.refuse("is missing", key=key)
            return default
        value = self._left.pop(key)
        kinds = kind if isinstance(kind, tuple) else (kind,)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            names = " or ".join(each.__name__ for each in kinds)
            self.refuse(f"is {type(value).__name__}, where {names} is needed", key=key)
        return value

    def text(self, key: str, default: Any = _NONE) -> str:
        """Return a text that is not empty."""
        value = self.take(key, str, default)
        if value == "" and default is _NONE:
            self.refuse("is empty", key=key)
        return value

    def whole(self, key: str, low: int, high: int, default: Any = _NONE) -> Any:
        """Return a whole number between two bounds, both inclusive."""
        value = self.take(key, int, default)
        if isinstance(value, int) and not low <= value <= high:
            self.refuse(f"is not between {low} and {high}", key=key)
        return value

    def number(self, key: str) -> Decimal | None:
        """Return a number as an exact decimal, or None when it is not there."""
        value = self.take(key, (int, Decimal), None)
        return None if value is None else Decimal(value)

    def outcome(self, key: str, default: Outcome | None = None) -> Outcome:
        """Return one of the outcomes."""
        value = self.text(key) if default is None else self.text(key, default.value)
        if value not in tuple(Outcome):
            self.refuse(f"is one of {', '.join(Outcome)}, not {value[:40]!r}", key=key)
        return Outcome(value)

    def words(self, key: str) -> Words:
        """Return a text in Chinese and in English."""
        inner = Section(self.take(key, dict), file=self.file, path=self._below(key))
        found = Words(inner.text("zh"), inner.text("en"))
        inner.done()
        return found

    def sections(self, key: str, count_max: int) -> Iterator[Section]:
        """Return the tables of a list of tables, each with its id or number in the path."""
        found = self.take(key, list, [])
        if len(found) > count_max:
            self.refuse(f"has more than {count_max} parts", key=key)
        for place, each in enumerate(found):
            name = each.get("id") if isinstance(each, dict) else None
            label = name if isinstance(name, str) else str(place + 1)
            yield Section(each, file=self.file, path=f"{self._below(key)}[{label[:60]}]")

    def peek(self, key: str) -> str:
        """Return a text without taking it; empty where there is none."""
        found = self._left.get(key)
        return found if isinstance(found, str) else ""

    def named(self, key: str, count_max: int) -> Iterator[tuple[str, Section]]:
        """Return the tables of a table of tables, by name."""
        found = self.take(key, dict, {})
        if len(found) > count_max:
            self.refuse(f"has more than {count_max} parts", key=key)
        for name, each in found.items():
            yield name, Section(each, file=self.file, path=f"{self._below(key)}.{name[:80]}")

    def expression(
        self, key: str, fields: Mapping[str, FieldSpec], wanted: Type | None
    ) -> tuple[Node, str]:
        """Return a typed tree and its source.

        Refuses: BadPolicy with the position in the expression.
        """
        source = self.text(key)
        try:
            return read_expression(source, fields, wanted), source
        except BadExpression as problem:
            self.refuse(problem.detail, key=key, at=problem.fields.get("at"))

    def sentence(self, types: Mapping[str, Type], zh: str = "zh", en: str = "en") -> Sentence:
        """Return a sentence in both languages."""
        texts = self.text(zh), self.text(en)
        try:
            return read_sentence(*texts, types)
        except BadExpression as problem:
            self.refuse(problem.detail, key=zh, at=problem.fields.get("at"))

    def values(self, fields: Mapping[str, FieldSpec]) -> dict[str, Node]:
        """Return named expressions whose values a sentence may show."""
        found = self.take("values", dict, {})
        inner = Section(found, file=self.file, path=self._below("values"))
        read = {}
        for name in found:
            if not name.isidentifier():
                inner.refuse("is not a plain name", key=name[:40])
            read[name] = inner.expression(name, fields, None)[0]
        return read

    def _below(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key
