"""The command line edge of the library: a file or an address in, JSON lines out, then a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.base.problems import Problem
from jiuding.services.offers.operations import imports
from jiuding.services.offers.operations import library as operations
from jiuding.services.offers.rules.comparison import Comparison
from jiuding.services.offers.rules.differences import Change, diff_libraries
from jiuding.services.offers.store import library as store


def check(path: Path | str) -> Iterator[dict[str, Any]]:
    """Yield one line per rate in the file's order, one per broken line, and last a summary.

    A rate: `{product_id, rate_index, published, computed, basis, difference_bp, …}`, fractions per
    year; `computed` is null for what is no price of its own (a discount, a penalty). A broken line:
    `{line, problem}`. The summary: `{summary: …}`. What cannot be read at all is one `{problem}`.
    """
    try:
        library = store.read_library(path)
    except Problem as problem:
        yield {"problem": problem.to_dict()}
        return
    found = operations.check_library(library)
    for row in found:
        yield _line(row)
    for broken in library.quarantined:
        problem = {"code": broken.code, "detail": broken.reason, "file": broken.file}
        yield {"line": broken.line, "problem": problem}
    yield {"summary": _summary(library, found)}


def _line(row: Comparison) -> dict[str, Any]:
    """Return one rate as it is written on the wire."""
    fees = {name: float(amount) for name, amount in row.fees.items() if amount}
    return {
        "product_id": row.product_id,
        "lender": row.lender,
        "rate_index": row.rate_index,
        "published": _float(row.published),
        "computed": _float(row.computed),
        "basis": row.basis,
        "difference_bp": _float(row.difference_bp),
        "rate": _float(row.bare),
        "reverts_to": _float(row.reverts_to),
        "fees": fees,
        "reason": row.miss_reason,
        "is_dirty": row.is_dirty,
    }


def _summary(library: Any, found: tuple[Comparison, ...]) -> dict[str, Any]:
    """Return what the lines add up to."""
    with_published = [row for row in found if row.published is not None]
    groups = [share.to_dict() for share in operations.shares(found)]
    named = {group["group"]: group for group in groups}
    return {
        "products": len(library.products),
        "rates": len(found),
        "published": len(with_published),
        "within_5bp": {
            name: named.get(group, {}).get("within_5bp") for name, group in _HEADLINES.items()
        },
        "within_5bp_without_dirty": {
            name: named.get(group, {}).get("within_5bp_without_dirty")
            for name, group in _HEADLINES.items()
        },
        "misses_by_reason": dict(
            Counter(row.miss_reason for row in with_published if row.miss_reason).most_common()
        ),
        "dirty": sum(row.is_dirty for row in with_published),
        "groups": groups,
        "largest_misses": [_line(row) for row in operations.largest_misses(found)],
        "unquotable_rates": library.unquotable,
        "quarantined": len(library.quarantined),
        "origin": library.origin,
        "licence": library.licence,
        "version": library.version,
    }


_HEADLINES = {
    "home_variable": "mortgage.variable.principal_and_interest",
    "home_variable_interest_only": "mortgage.variable.interest_only",
    "home_fixed": "mortgage.fixed.principal_and_interest",
    "home_fixed_interest_only": "mortgage.fixed.interest_only",
    "personal_variable": "personal.variable.principal_and_interest",
    "personal_fixed": "personal.fixed.principal_and_interest",
    "business_variable": "business.variable.principal_and_interest",
    "business_fixed": "business.fixed.principal_and_interest",
}


def _float(value: Any) -> float | None:
    """Return a decimal as a JSON number, without noise behind its tenth place."""
    return None if value is None else round(float(value), 10)


def differences(old: str, new: str) -> Iterator[dict[str, Any]]:
    """Yield one line per change between two libraries, and last a summary by kind of change.

    Each is a path, or the address of a live source. A change: `{code, lender, product_id, name,
    detail, before, after}`, rates as fractions per year.

    Refuses: what reading files or sources refuses.
    """
    before, after = imports.read_anywhere(old), imports.read_anywhere(new)
    changes = diff_libraries(before, after)
    for change in changes:
        yield _change(change)
    counts = Counter(change.code for change in changes)
    yield {
        "summary": {
            "old": before.version,
            "new": after.version,
            "products": [len(before.products), len(after.products)],
            "changes": dict(counts.most_common()),
        }
    }


def bring_in(
    engine: Engine, bank_id: str, where: str, *, is_again: bool = False
) -> Iterator[dict[str, Any]]:
    """Remember the library at a path or an address; yield its changes, what was set aside, a sum.

    Said again, an unchanged library makes no new import; only its age starts again. What was
    withdrawn comes back only with `is_again`.

    Refuses: what reading files or sources refuses; ImportWithdrawn.
    """
    library = imports.read_anywhere(where)
    now = clock.now()
    with transaction(engine) as session:
        made = imports.record_import(
            session, bank_id=bank_id, library=library, source=imports.name_of(where),
            now=now, is_again=is_again,
        )  # fmt: skip
    is_new = made.imported_at == now
    for change in made.changes if is_new else ():
        yield _change(change)
    for broken in library.quarantined:
        problem = {"code": broken.code, "detail": broken.reason, "file": broken.file}
        yield {"line": broken.line, "problem": problem}
    yield {
        "summary": {
            "source": made.source,
            "number": made.number,
            "version": made.version,
            "is_new": is_new,
            "imported_at": made.imported_at.isoformat(),
            "products": made.product_count,
            "changes": dict(made.changed) if is_new else {},
            "unquotable_rates": dict(made.unquotable),
            "quarantined": made.quarantined_count,
        }
    }


def take_back(
    engine: Engine, bank_id: str, where: str, reason: str, number: int | None = None
) -> dict[str, Any]:
    """Withdraw an import of a source; return what it was and what the source shows now.

    Refuses: what `withdraw_import` refuses.
    """
    source, now = imports.name_of(where), clock.now()
    with transaction(engine) as session:
        found = imports.withdraw_import(
            session, bank_id=bank_id, source=source, reason=reason, number=number, now=now
        )
        age = imports.read_freshness(session, bank_id=bank_id, source=source, now=now)
    return {
        "source": source,
        "number": found.number,
        "version": found.version,
        "withdrawn_at": found.withdrawn_at and found.withdrawn_at.isoformat(),
        "reason": found.withdrawn_reason,
        "stands": None if age is None else {"version": age.version, "age_days": age.age_days},
    }


def _change(change: Change) -> dict[str, Any]:
    """Return a change as it is written on the wire."""
    return {
        "code": change.code,
        "lender": change.lender,
        "product_id": change.product_id,
        "name": change.name,
        "detail": change.detail,
        "before": _float(change.before),
        "after": _float(change.after),
    }
