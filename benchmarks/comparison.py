"""How well are the banks' comparison rates met, also for banks that the rules were not written for?

Load: every published comparison rate of the shipped library, each recomputed from rate and fees.
Beside the plain share within five basis points stands the share *held out*: for each brand every
word of the fee rules that no other brand's fees contain is taken away first, as if the brand had
not been seen when the rules were written. Brands that share their files count as one. What this
cannot take away are the rules' other parts (periods, conditions, the loan that is priced), so an
unseen file may do somewhat worse. `by_brand` is the mean of the brands' own shares, in which a
small credit union weighs as much as a large bank.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from jiuding.base.settings import CATALOG
from jiuding.services.offers.rules import fees
from jiuding.services.offers.rules.cdr import product_from_cdr
from jiuding.services.offers.rules.comparison import Comparison, compare

FILE = CATALOG / "library" / "au_cdr" / "products.jsonl.gz"
# Brands of one house publish the same fees under several names.
FAMILIES = (
    ("BankSA", "St. George Bank", "Bank of Melbourne"),
    ("TMB", "HPB", "FMB", "UB"),
    ("R", "M"),
)
GROUP_MIN = 100  # rates; a smaller group says little


def family(record: dict[str, Any]) -> str:
    """Return the brand of a record, or the first brand of its house."""
    brand = (record.get("brand") or record.get("brandName") or "").strip()
    return next((house[0] for house in FAMILIES if brand in house), brand)


def alternatives(pattern: str) -> Iterator[str]:
    """Yield the parts of a pattern between the bars that stand in no bracket."""
    depth, part, escaped = 0, "", False
    for sign in pattern:
        if sign == "|" and depth == 0 and not escaped:
            yield part
            part = ""
            continue
        depth += 0 if escaped else (sign in "([") - (sign in ")]")
        part, escaped = part + sign, sign == "\\" and not escaped
    yield part


def words_of_one(
    records: Iterable[dict[str, Any]], words: list[tuple[str, re.Pattern[str]]]
) -> dict[str, set[int]]:
    """Return for each brand the places of the words that only its own fees contain."""
    seen: dict[int, set[str]] = defaultdict(set)
    for record in records:
        for fee in record.get("fees") or []:
            name = str(fee.get("name") or "").lower().replace("_", " ")
            for place, (_, pattern) in enumerate(words):
                if pattern.search(name):
                    seen[place].add(family(record))
    alone: dict[str, set[int]] = defaultdict(set)
    for place, brands in seen.items():
        if len(brands) == 1:
            alone[next(iter(brands))].add(place)
    return alone


def recomputed(records: list[dict[str, Any]]) -> tuple[Comparison, ...]:
    """Return every rate of these records, recomputed by the rules as they stand now."""
    fees._read.cache_clear()
    return compare([product_from_cdr(record, place) for place, record in enumerate(records)])


def run() -> dict[str, Any]:
    """Measure both shares by group of rates, and by brand."""
    begun = time.perf_counter()
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    names = [
        [(kind, re.compile(part)) for kind, pattern in listed for part in alternatives(pattern)]
        for listed in (fees._OPTIONAL, fees._CERTAIN)
    ]
    first = len(names[0])
    alone = words_of_one(records, [*names[0], *names[1]])
    brands: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        brands[family(record)].append(record)
    kept, rows = (fees._OPTIONAL_NAMES, fees._CERTAIN_NAMES), []
    for brand, own in brands.items():
        plain = recomputed(own)
        gone = alone[brand]
        fees._OPTIONAL_NAMES = tuple(w for at, w in enumerate(names[0]) if at not in gone)
        fees._CERTAIN_NAMES = tuple(w for at, w in enumerate(names[1]) if at + first not in gone)
        held = recomputed(own) if gone else plain
        fees._OPTIONAL_NAMES, fees._CERTAIN_NAMES = kept
        rows += [(brand, one, other) for one, other in zip(plain, held, strict=True)]
    fees._read.cache_clear()
    groups = _groups(rows)
    return {
        "question": "How well are published comparison rates met, also of unseen brands?",
        "load": __doc__.split("Load: ")[1],
        "results": {"groups": groups, "seconds": round(time.perf_counter() - begun, 1)},
        "ratios": {f"{name}_held_out": group["held_out"] for name, group in sorted(groups.items())},
        "machine": {"python": platform.python_version(), "cpus": os.cpu_count()},
    }


def _groups(rows: list[tuple[str, Comparison, Comparison]]) -> dict[str, dict[str, float]]:
    grouped: dict[str, list[tuple[str, bool, bool, bool]]] = defaultdict(list)
    for brand, one, other in rows:
        if one.published is not None:
            name = f"{one.category.value}_{one.kind.value}_{one.repayment.value}"
            grouped[name].append((brand, one.is_within, other.is_within, one.is_dirty))
    return {name: _shares(found) for name, found in grouped.items() if len(found) >= GROUP_MIN}


def _shares(found: list[tuple[str, bool, bool, bool]]) -> dict[str, float]:
    by_brand: dict[str, list[bool]] = defaultdict(list)
    for brand, _, held, _ in found:
        by_brand[brand].append(held)
    clean = [each for each in found if not each[3]]
    return {
        "rates": len(found),
        "brands": len(by_brand),
        "within_5bp": round(sum(each[1] for each in found) / len(found), 4),
        "held_out": round(sum(each[2] for each in found) / len(found), 4),
        "held_out_without_dirty": round(sum(each[2] for each in clean) / len(clean), 4),
        "by_brand": round(
            sum(sum(each) / len(each) for each in by_brand.values()) / len(by_brand), 4
        ),
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
