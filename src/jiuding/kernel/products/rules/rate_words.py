"""Rates as Chinese customers say them: 日息万三, 月息八厘, 月息一分二, and plain per cent."""

from __future__ import annotations

import re
from decimal import Decimal

_DIGITS = {name: str(value) for value, name in enumerate("零一二三四五六七八九")} | {"两": "2"}
_ONE = "[零一二两三四五六七八九]"
# Digits, or tens (二十五), or one numeral with a decimal part: 三点五, and 三五 for the same.
_NUMBER = rf"(\d{{1,4}}(?:\.\d{{1,6}})?|{_ONE}?十{_ONE}?|{_ONE}(?:点{_ONE}{{1,4}}|{_ONE})?)"
_PARTS = {"万分之": 10_000, "千分之": 1_000, "百分之": 100, "万": 10_000, "千": 1_000}
_FRACTION = re.compile(rf"(万分之|千分之|百分之|万|千){_NUMBER}(半)?$")
# One 厘 is a tenth of a per cent a month, one 分 a whole one; 一分二 is 1.2 per cent.
_CUSTOMARY = re.compile(rf"{_NUMBER}(厘|分)(?:{_NUMBER}|半)?$")
_PER_CENT = re.compile(r"(\d{1,4}(?:\.\d{1,6})?)\s*[%％]$")
_LEAD = re.compile(r"^(?:日息|月息|日利率|月利率|年息|利率|利息)[:：]?")


def read_rate(text: str) -> Decimal | None:
    """Return the fraction that a rate's words say, for the period that they are about, or None.

    "日息万三" is 0.0003, "月息八厘" 0.008, "月息一分二" 0.012, "万2.5" 0.00025, "0.03%" 0.0003.
    """
    words = _LEAD.sub("", "".join(text.split())[:40])
    if found := _PER_CENT.match(words):
        return Decimal(found[1]) / 100
    if found := _FRACTION.match(words):
        half = Decimal("0.5") if found[3] else Decimal(0)
        return (_number(found[2]) + half) / _PARTS[found[1]]
    if found := _CUSTOMARY.match(words):
        half = Decimal("0.5") if words.endswith("半") else Decimal(0)
        whole = _number(found[1]) + half + (_number(found[3]) / 10 if found[3] else 0)
        return whole / (1_000 if found[2] == "厘" else 100)
    return None


def _number(text: str) -> Decimal:
    """Return a number below a hundred in digits or in Chinese numerals."""
    if text[0].isdigit():
        return Decimal(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return Decimal(_DIGITS.get(tens, "1") + _DIGITS.get(ones, "0"))
    whole, *part = (_DIGITS[each] for each in text if each != "点")
    return Decimal(f"{whole}.{''.join(part)}") if part else Decimal(whole)
