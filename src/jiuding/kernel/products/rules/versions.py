"""Versions: the hash of a content, so that what was agreed under can be named and found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from jiuding.kernel.products.types import (
    Category,
    Eligibility,
    Fee,
    FeeTiming,
    LoanProduct,
    RateKind,
    RateTerm,
    Repayment,
    Tier,
    TierUnit,
)

_SHORT = 12
_NOT_CONTENT = ("version", "place")
_PINS_MAX = 1_000
_pins: dict[int, tuple[LoanProduct, str, dict[str, Any]]] = {}


def version_of(content: Mapping[str, Any]) -> str:
    """Return "sha256:" and the hash of the canonical JSON of a content.

    Canonical: sorted keys, no spaces, UTF-8; numbers as plain decimal text without trailing zeros.
    """
    canonical = json.dumps(
        canonical_of(content), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def short_version(version: str) -> str:
    """Return a version as people read it: "sha256:" and its first 12 characters."""
    return version[: len("sha256:") + _SHORT]


def canonical_of(value: Any) -> Any:
    """Return the same value in types that JSON has, numbers as text so that none is inexact."""
    if isinstance(value, Mapping):
        return {str(key): canonical_of(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical_of(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, date):
        return value.isoformat()
    return value


def content_of(product: LoanProduct) -> dict[str, Any]:
    """Return what a product promises, in JSON types: all but its version and place in a library."""
    stated = asdict(product)
    return {key: canonical_of(value) for key, value in stated.items() if key not in _NOT_CONTENT}


def pinned(product: LoanProduct) -> tuple[str, dict[str, Any]]:
    """Return a product's version and content, worked out once while the product is in use."""
    known = _pins.get(id(product))
    # The product itself is kept beside its pin, so that its id cannot pass to another one.
    if known is not None and known[0] is product:
        return known[1], known[2]
    content = content_of(product)
    version = version_of(content)
    if len(_pins) >= _PINS_MAX:
        _pins.clear()
    _pins[id(product)] = (product, version, content)
    return version, content


def seal(product: LoanProduct) -> LoanProduct:
    """Return the product with the version of its content."""
    return replace(product, version=version_of(content_of(product)))


def product_of(content: Mapping[str, Any], *, version: str, place: int = 0) -> LoanProduct:
    """Return the product that `content_of` wrote down; the inverse of it."""
    record = dict(content)
    record["category"] = Category(record["category"])
    record["rates"] = tuple(_rate(rate) for rate in record["rates"])
    record["fees"] = tuple(
        Fee(**{**_decimals(fee, "amount", "fraction"), "timing": FeeTiming(fee["timing"])})
        for fee in record["fees"]
    )
    record["eligibility"] = tuple(Eligibility(**each) for each in record["eligibility"])
    for name in ("purposes", "collateral", "notes"):
        record[name] = tuple(record[name])
    return LoanProduct(
        **_decimals(record, "amount_min", "amount_max"), version=version, place=place
    )


def _rate(record: Mapping[str, Any]) -> RateTerm:
    made = _decimals(record, "rate", "published_comparison")
    made["kind"] = RateKind(record["kind"])
    made["repayment"] = Repayment(record["repayment"])
    made["tiers"] = tuple(
        Tier(**{**_decimals(tier, "minimum", "maximum"), "unit": TierUnit(tier["unit"])})
        for tier in record["tiers"]
    )
    return RateTerm(**made)


def _decimals(record: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return a copy whose named texts are decimals again."""
    read = {name: Decimal(record[name]) for name in names if record.get(name) is not None}
    return {**record, **read}
