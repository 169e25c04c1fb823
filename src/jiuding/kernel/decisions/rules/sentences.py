"""Sentences with places for values, written whole in each language, figures grouped.

A place is `{name}` or `{name|style}`; styles are `plain`, `number` (grouped, at most two decimals),
`money` (with the currency) and `percent` (of a fraction, at most two decimals).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from jiuding.kernel.decisions.errors import BadExpression
from jiuding.kernel.decisions.types.policies import Sentence, Slot
from jiuding.kernel.decisions.types.tree import Type

SENTENCE_LENGTH_MAX = 600
STYLES = ("plain", "number", "money", "percent")

_SLOT = re.compile(r"\{([^{}|]*)(?:\|([^{}|]*))?\}")
_UNKNOWN = {"zh": "未知", "en": "unknown"}
_TRUTH = {"zh": ("否", "是"), "en": ("no", "yes")}
_CURRENCIES_ZH = {
    "CNY": "元",
    "AUD": "澳元",
    "USD": "美元",
    "EUR": "欧元",
    "GBP": "英镑",
    "HKD": "港元",
    "JPY": "日元",
}


def read_sentence(zh: str, en: str, types: Mapping[str, Type]) -> Sentence:
    """Return a sentence ready to be written; both languages are needed.

    Refuses: BadExpression for an empty or too long text, an unknown value, or a style that does
    not fit the value's type.
    """
    return Sentence(_parts(zh, types), _parts(en, types))


def _parts(text: str, types: Mapping[str, Type]) -> tuple[str | Slot, ...]:
    if not text.strip() or len(text) > SENTENCE_LENGTH_MAX:
        raise BadExpression(f"a sentence has 1 to {SENTENCE_LENGTH_MAX} characters", at=0)
    parts: list[str | Slot] = []
    end = 0
    for match in _SLOT.finditer(text):
        parts += [text[end : match.start()], _slot(match, types)]
        end = match.end()
    parts.append(text[end:])
    for part in parts:
        if isinstance(part, str) and ("{" in part or "}" in part):
            raise BadExpression("a brace does not open and close a place", at=text.index(part))
    return tuple(part for part in parts if part != "")


def _slot(match: re.Match[str], types: Mapping[str, Type]) -> Slot:
    name = match[1].strip()
    kind = types.get(name)
    if kind is None:
        raise BadExpression(f"{name!r} is not a value of this rule", at=match.start())
    if kind.item is not None:
        raise BadExpression(f"{name} is a list, which no sentence holds", at=match.start())
    style = (match[2] or ("number" if kind.is_number else "plain")).strip()
    if style not in STYLES or (style != "plain" and not kind.is_number):
        raise BadExpression(f"{name} is {kind} and cannot be written as {style}", at=match.start())
    return Slot(name, style)


def slots_of(sentence: Sentence) -> tuple[str, ...]:
    """Return the names of the values that a sentence needs, each once."""
    parts = (*sentence.zh, *sentence.en)
    return tuple(dict.fromkeys(part.name for part in parts if isinstance(part, Slot)))


def write(
    parts: tuple[str | Slot, ...], values: Mapping[str, Any], language: str, currency: str | None
) -> str:
    """Return the sentence with its values; a value that is None reads "unknown"."""
    return "".join(
        part if isinstance(part, str) else _shown(values.get(part.name), part, language, currency)
        for part in parts
    )


def _shown(value: Any, slot: Slot, language: str, currency: str | None) -> str:
    if value is None:
        return _UNKNOWN[language]
    if isinstance(value, bool):
        return _TRUTH[language][value]
    if isinstance(value, str):
        return value
    if slot.style == "plain":
        return format(Decimal(value), "f")
    if slot.style == "percent":
        return f"{grouped(Decimal(value) * 100)}%"
    figure = grouped(Decimal(value))
    if slot.style != "money" or currency is None:
        return figure
    if language == "zh":
        return f"{figure} {_CURRENCIES_ZH.get(currency, currency)}"
    return f"{currency} {figure}"


def grouped(value: Decimal) -> str:
    """Return a figure in groups of three, with two decimals where it is not whole."""
    rounded = value.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    if rounded == rounded.to_integral_value():
        return f"{rounded:,.0f}"
    return f"{rounded:,.2f}"
