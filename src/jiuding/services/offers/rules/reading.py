"""Read numbers, periods and words as library files write them; nothing here raises on junk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

TEXT_MAX = 600  # characters kept of any free text
_NUMBER = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$|[-+]?\d{1,30}(?:\.\d{0,30})?$")
_SCIENTIFIC = re.compile(r"[-+]?\d{1,30}(?:\.\d{1,30})?[eE][-+]?\d{1,2}$")
_PERIOD = re.compile(r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?$")
_WORDED_PERIOD = re.compile(r"(\d{1,3})\s*-?\s*(years?|yrs?|months?|mths?)\b", re.IGNORECASE)


def read_number(value: Any) -> Decimal | None:
    """Return a published number, or None: "50,000", "$1,000.00", 0.06 and "'500'" are numbers."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value if value.isdigit() and len(value) < 30 else _bare(value)
    else:
        text = str(value)
    if not text.isascii() or not (_NUMBER.match(text) or _SCIENTIFIC.match(text)):
        return None
    return Decimal(text.replace(",", ""))


def _bare(text: str) -> str:
    """Return the text without quotes, spaces and a leading dollar sign."""
    return text[:64].strip().strip("'\"").strip().lstrip("$").strip()


def read_months(text: str) -> int | None:
    """Return the months of a stated period: "P3Y", "P36M", "3 years", "Fixed for 1 year"."""
    found = _PERIOD.match(text.strip().upper())
    if found and any(found.groups()):
        years, months, days = (int(part or 0) for part in found.groups())
        return years * 12 + months + days // 30 or None
    worded = _WORDED_PERIOD.findall(text)
    if len(worded) != 1:
        return None
    count, unit = worded[0]
    return int(count) * (1 if unit.lower().startswith("m") else 12) or None


def clean(value: Any, limit: int = TEXT_MAX) -> str:
    """Return text of a field on one line, cut to the limit; what is not text becomes empty."""
    if not isinstance(value, str):
        return ""
    return " ".join(value[: limit * 2].split())[:limit]


def items(record: Mapping[str, Any], key: str) -> list[Any]:
    """Return the list under a key; a missing or misshapen one is empty."""
    value = record.get(key)
    return value if isinstance(value, list) else []
