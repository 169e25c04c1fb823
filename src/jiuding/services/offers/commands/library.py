"""The command line edge of the library: a file in, one JSON object a line out, then a summary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jiuding.base.problems import Problem
from jiuding.services.offers.operations import library as operations
from jiuding.services.offers.rules.comparison import Comparison
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
