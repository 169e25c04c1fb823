"""Imports: what is known of a library each time that it was read, and how old it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from jiuding.kernel.products import LoanProduct
from jiuding.services.offers.rules.differences import Change
from jiuding.services.offers.types import Quarantined

# Lenders move their rates in days, not in months; an older library is said to be old.
FRESH_DAYS = 7


@dataclass(frozen=True, slots=True)
class Import:
    """One reading of a source that brought something new.

    `number` counts a source's imports from 1. `checked_at` is when the source last said the same.
    `changed` counts all changes by code; `changes` and `quarantined` keep the first of them, up to
    the stated limits. One that was withdrawn is listed, and never planned on.
    """

    import_id: str
    source: str
    number: int
    version: str
    origin: str
    licence: str
    imported_at: datetime
    checked_at: datetime
    product_count: int
    unquotable: Mapping[str, int]
    quarantined_count: int
    quarantined: tuple[Quarantined, ...]
    changed: Mapping[str, int]
    changes: tuple[Change, ...]
    withdrawn_at: datetime | None = None
    withdrawn_reason: str = ""


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old what is known of a source is: whole days since it was last seen to be so."""

    source: str
    version: str
    imported_at: datetime
    checked_at: datetime
    age_days: int
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A source that is planned on: its newest import, and how old that is."""

    newest: Import
    age: Freshness


@dataclass(frozen=True, slots=True)
class Seen:
    """A version of a product, and the first and the last time that a source showed it."""

    product: LoanProduct
    first_seen_at: datetime
    last_seen_at: datetime
    is_current: bool


def freshness(found: Import, now: datetime) -> Freshness:
    """Return how old an import is."""
    age = max(now - found.checked_at, timedelta(0))
    return Freshness(
        found.source, found.version, found.imported_at, found.checked_at, age.days,
        age <= timedelta(days=FRESH_DAYS),
    )  # fmt: skip


def change_to_record(change: Change) -> dict[str, Any]:
    """Return a change as plain JSON; rates become text."""
    return {
        "code": change.code, "lender": change.lender, "product_id": change.product_id,
        "detail": change.detail, "name": change.name, "lender_name": change.lender_name,
        "before": None if change.before is None else str(change.before),
        "after": None if change.after is None else str(change.after),
    }  # fmt: skip


def change_of(record: Mapping[str, Any]) -> Change:
    """Read a change that `change_to_record` wrote."""
    rates = {
        name: None if record[name] is None else Decimal(record[name])
        for name in ("before", "after")
    }
    return Change(**{**record, **rates})


def quarantined_to_record(broken: Quarantined) -> dict[str, Any]:
    """Return a line that was set aside as plain JSON."""
    return {
        "line": broken.line, "code": broken.code, "reason": broken.reason, "file": broken.file
    }  # fmt: skip
