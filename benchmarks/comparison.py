"""How well are the banks' comparison rates met, also for banks that the rules were not written for?

Load: every published comparison rate of the shipped library, each recomputed from rate and fees.
The rules that read fees, choose the loan that is priced and find what a rate reverts to are taken
apart into *pieces*: every alternative of every pattern, every member of every list of words, and
every choice that code makes. Brands fall into five folds by the hash of their names; brands that
share their files count as one. For each fold the pieces are judged on the other four alone:
`held_out` keeps a piece only if the texts of two of their brands or more meet it, so that what one
brand alone could have taught is gone. `stripped` keeps it only if two of their brands or more lose
a rate within five basis points without it, all else in place: it also takes away whatever another
piece could stand in for, and leaves about one piece in twelve, so it is a floor and no estimate.
What is left recomputes the brands of the fold. What no fold can take away is that a person chose
the pieces with the whole file at hand. `held_out_by_brand` and `stripped_by_brand` are means of the
brands' own shares, in which a small credit union weighs as much as a large bank; `bare` is the
share that the rate alone, with no fee, would meet.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import platform
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from jiuding.base.settings import CATALOG
from jiuding.kernel.products import LoanProduct
from jiuding.services.offers.rules import comparison, fees, reversion
from jiuding.services.offers.rules.cdr import product_from_cdr
from jiuding.services.offers.rules.comparison import Comparison

FILE = CATALOG / "library" / "au_cdr" / "products.jsonl.gz"
# Brands of one house publish the same fees under several names.
FAMILIES = (
    ("BankSA", "St. George Bank", "Bank of Melbourne"),
    ("TMB", "HPB", "FMB", "UB"),
    ("R", "M"),
)
GROUP_MIN = 100  # rates; a smaller group says little
FOLDS = 5
SUPPORT_MIN = 2  # brands beside the ones held out
NEVER = re.compile(r"(?!)")
# What code decides, each with what stands in for it when the decision was never made.
CHOICES: tuple[tuple[Any, str, Any], ...] = (
    (fees, "_package_or_parts", lambda product, rate, charged: charged),
    (fees, "_one_of_each", lambda product, charged: list(charged)),
    (fees, "_is_secured", lambda product, text: False),
    (fees, "MONTHLY_MAX", Decimal(10**9)),
    (comparison, "_is_small_unsecured", lambda product, rate, top: False),
    (comparison, "stated_bases", lambda products: {}),
    (comparison, "INTEREST_ONLY_MONTHS", 0),
    (reversion, "_band_fit", lambda own, other: 0.0),
    (reversion, "_money_fit", lambda own, other: 0.0),
)


@dataclass(frozen=True)
class Piece:
    """One part of the rules: where it stands, and how its absence is written.

    `part` is an alternative of a pattern, a member of a set, or None for a choice of the code.
    """

    module: Any
    name: str
    part: Any
    kind: str = ""

    @property
    def is_for_reading(self) -> bool:
        """Whether the piece matters only while fees are read, not when they are charged."""
        return self.module is fees and self.name in _READING

    def is_met_by(self, brand: Brand) -> bool:
        """Tell whether a brand's texts have anything to do with this piece."""
        if not isinstance(self.part, str):
            return True
        texts = brand.fee_names if self.name in _OF_NAMES else brand.texts
        pattern = re.compile(self.part)
        return any(pattern.search(text) for text in texts)


def family(record: dict[str, Any]) -> str:
    """Return the brand of a record, or the first brand of its house."""
    brand = (record.get("brand") or record.get("brandName") or "").strip()
    return next((house[0] for house in FAMILIES if brand in house), brand)


def alternatives(pattern: str) -> list[str]:
    """Return the parts of a pattern between the bars that stand in no bracket."""
    parts, depth, in_class, at = [""], 0, False, 0
    while at < len(pattern):
        sign = pattern[at : at + 2] if pattern[at] == "\\" else pattern[at]
        in_class = sign == "[" or (in_class and sign != "]")
        if not in_class:
            depth += (sign == "(") - (sign == ")")
        if sign == "|" and depth == 0 and not in_class:
            parts.append("")
        else:
            parts[-1] += sign
        at += len(sign)
    return parts


def opened(pattern: str) -> tuple[str, list[str], str]:
    """Return what stands before, in, and after a pattern's alternatives.

    Where the pattern has none of its own, those of its largest bracket count.
    """
    if len(parts := alternatives(pattern)) > 1:
        return "", parts, ""
    best: tuple[str, list[str], str] = ("", [pattern], "")
    for begin in (found.start() for found in re.finditer(r"\(\?:", pattern)):
        for end in range(begin + 3, len(pattern) + 1):
            try:
                re.compile(pattern[begin + 3 : end])
                is_whole = pattern[end] == ")"
            except (re.error, IndexError):
                continue
            if is_whole:
                parts = alternatives(pattern[begin + 3 : end])
                if len(parts) > len(best[1]):
                    best = (pattern[: begin + 3], parts, pattern[end:])
                break
    return best


def pieces() -> list[Piece]:
    """Return every piece of the rules, as they stand."""
    found = [Piece(module, name, None) for module, name, _ in CHOICES if hasattr(module, name)]
    for module in (fees, comparison, reversion):
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern) and name.startswith("_"):
                found += [Piece(module, name, part) for part in opened(value.pattern)[1]]
            elif name in ("_OPTIONAL_NAMES", "_CERTAIN_NAMES"):
                for kind, pattern in value:
                    parts = alternatives(pattern.pattern)
                    found += [Piece(module, name, part, kind) for part in parts]
            elif name in _WORDS_TO_IGNORE:
                found.append(Piece(module, name, value))
            elif isinstance(value, frozenset) and name.startswith("_") and name not in _TYPES:
                found += [Piece(module, name, part) for part in sorted(value, key=str)]
    return found


_OF_NAMES = frozenset({"_OPTIONAL_NAMES", "_CERTAIN_NAMES", "_UNAVOIDABLE_EVENT"})
_READING = frozenset({"_OPTIONAL_NAMES", "_CERTAIN_NAMES", "_UNAVOIDABLE", "_UNAVOIDABLE_EVENT"})
_READING |= {"_IF", "_LOW_DEPOSIT", "_LARGE_WAIVER", "_EARLY", "_WAIVED", "_WAIVED_UNDER"}
_READING |= {"_ANYWAY", "_YEARLY", "_MONTHLY", "_QUARTERLY", "_ONCE", "MONTHLY_MAX"}
_WORDS_TO_IGNORE = frozenset({"_COMMON", "_NOISE"})  # each list is one piece
_TYPES = frozenset({"_PRICES", "_DISCOUNTS", "_COMPARED"})  # the file format's own words


@contextmanager
def without(gone: Sequence[Piece]) -> Iterator[None]:
    """Take pieces out of the rules, and put them back."""
    kept: dict[tuple[Any, str], Any] = {}
    grouped: dict[tuple[Any, str], list[Piece]] = defaultdict(list)
    for piece in gone:
        grouped[piece.module, piece.name].append(piece)
    for (module, name), missing in grouped.items():
        value = kept[module, name] = getattr(module, name)
        setattr(module, name, _left(module, name, value, missing))
    _forget()
    try:
        yield
    finally:
        for (module, name), value in kept.items():
            setattr(module, name, value)
        _forget()


def _forget() -> None:
    """Drop what was read by other rules."""
    fees._read.cache_clear()


def _left(module: Any, name: str, value: Any, missing: list[Piece]) -> Any:
    """Return what is left of a rule without some of its pieces."""
    parts = {(piece.kind, piece.part) for piece in missing}
    if isinstance(value, re.Pattern):
        before, own, after = opened(value.pattern)
        rest = [part for part in own if ("", part) not in parts]
        return re.compile(before + "|".join(rest) + after, value.flags) if rest else NEVER
    if isinstance(value, frozenset):
        whole = any(isinstance(part, frozenset) for _, part in parts)
        return frozenset() if whole else value - {part for _, part in parts}
    if name in ("_OPTIONAL_NAMES", "_CERTAIN_NAMES"):
        listed = []
        for kind, pattern in value:
            rest = [p for p in alternatives(pattern.pattern) if (kind, p) not in parts]
            listed.append((kind, re.compile("|".join(rest)) if rest else NEVER))
        return tuple(listed)
    return next(other for home, own, other in CHOICES if (home, own) == (module, name))


class Brand:
    """A brand's records, read once but for what the rules say of them."""

    def __init__(self, name: str, records: list[dict[str, Any]]) -> None:
        self.name, self.records = name, records
        self.products = [product_from_cdr(record, at) for at, record in enumerate(records)]
        texts = {product.name for product in self.products}
        texts |= {rate.note for product in self.products for rate in product.rates}
        for record in records:
            for fee in record.get("fees") or []:
                texts.add(str(fee.get("name") or "").replace("_", " "))
                texts.add(f"{fee.get('additionalValue') or ''} {fee.get('additionalInfo') or ''}")
        self.texts = sorted(text.lower() for text in texts)
        self.fee_names = sorted(
            {
                str(fee.get("name") or "").lower().replace("_", " ")
                for record in records
                for fee in record.get("fees") or []
            }
        )
        self.followers: dict[tuple[int, int], Any] = {}
        self.listed: Any = None
        self.fold = int(hashlib.sha256(name.encode()).hexdigest(), 16) % FOLDS

    def read(self) -> list[LoanProduct]:
        """Return the products with their fees as the rules read them now."""
        return [
            replace(product, fees=fees.read_fees(record.get("fees") or []))
            for product, record in zip(self.products, self.records, strict=True)
        ]

    def recomputed(self) -> tuple[Comparison, ...]:
        """Return every rate, recomputed by the rules as they stand now."""
        return comparison.compare(self.read())

    def met(self) -> int:
        """Return how many published rates are met by the rules as they stand now."""
        return sum(row.is_within for row in self.recomputed() if row.published is not None)

    def loses_without(self, piece: Piece, plain: int) -> bool:
        """Tell whether fewer than `plain` published rates are met while a piece is taken out.

        What the piece has no part in is not worked out again: fees as they are read, followers.
        """
        if plain == 0:
            return False
        products = self.read() if piece.is_for_reading else self.products
        if piece.is_for_reading and products == self.products:
            return False  # no fee is read otherwise
        if piece.module is reversion:
            found = comparison.compare(products)
        else:
            with self._followers_known():
                found = comparison.compare(products)
        return sum(row.is_within for row in found if row.published is not None) < plain

    @contextmanager
    def _followers_known(self) -> Iterator[None]:
        """Look for what each rate reverts to once, and remember it."""
        find, candidates = comparison.reversion, comparison.reversion_candidates

        def remembered(product: LoanProduct, rate: Any, listed: Any) -> Any:
            key = (product.place, rate.index)
            if key not in self.followers:
                if self.listed is None:
                    self.listed = candidates(self.products)
                self.followers[key] = find(product, rate, self.listed)
            return self.followers[key]

        comparison.reversion = remembered
        comparison.reversion_candidates = lambda products: {}
        try:
            yield
        finally:
            comparison.reversion, comparison.reversion_candidates = find, candidates


def support(brands: list[Brand], known: list[Piece]) -> tuple[list[set[str]], list[set[str]]]:
    """Return for each piece the brands whose texts meet it, and those that lose without it."""
    seen: list[set[str]] = []
    helped: list[set[str]] = []
    plain = {brand.name: brand.met() for brand in brands}
    for piece in known:
        mine = [brand for brand in brands if piece.is_met_by(brand)]
        seen.append({brand.name for brand in mine})
        with without([piece]):
            helped.append({b.name for b in mine if b.loses_without(piece, plain[b.name])})
    return seen, helped


def run() -> dict[str, Any]:
    """Measure all shares by group of rates, and by brand."""
    begun = time.perf_counter()
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            grouped[family(record)].append(record)
    brands = [
        Brand(name, records)
        for name, records in grouped.items()
        if any(rate.get("comparisonRate") for r in records for rate in r.get("lendingRates") or [])
    ]
    known = pieces()
    seen, helped = support(brands, known)
    rows, gone_counts = [], defaultdict(list)
    for fold in range(FOLDS):
        mine = [brand for brand in brands if brand.fold == fold]
        others = {brand.name for brand in brands if brand.fold != fold}
        shares = [[brand.recomputed() for brand in mine]]
        for name, backed in (("held_out", seen), ("stripped", helped)):
            gone = [
                piece
                for piece, by in zip(known, backed, strict=True)
                if len(by & others) < SUPPORT_MIN
            ]
            gone_counts[name].append(len(gone))
            with without(gone):
                shares.append([brand.recomputed() for brand in mine])
        for at, brand in enumerate(mine):
            rows += [
                (brand.name, *each) for each in zip(*(part[at] for part in shares), strict=True)
            ]
    groups = _groups(rows)
    return {
        "question": "How well are published comparison rates met, also of unseen brands?",
        "load": __doc__.split("Load: ")[1],
        "results": {
            "groups": groups,
            "brands": len(brands),
            "pieces": len(known),
            "pieces_gone_by_fold": dict(gone_counts),
            "seconds": round(time.perf_counter() - begun, 1),
        },
        "ratios": {
            f"{name}_{way}": group[way]
            for name, group in sorted(groups.items())
            for way in ("within_5bp", "held_out", "stripped")
        },
        "machine": {"python": platform.python_version(), "cpus": os.cpu_count()},
    }


Row = tuple[str, Comparison, Comparison, Comparison]


def _groups(rows: list[Row]) -> dict[str, dict[str, float]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        one = row[1]
        if one.published is not None:
            name = f"{one.category.value}_{one.kind.value}_{one.repayment.value}"
            grouped[name].append(row)
    return {name: _shares(found) for name, found in grouped.items() if len(found) >= GROUP_MIN}


def _shares(found: list[Row]) -> dict[str, float]:
    clean = [row for row in found if not row[1].is_dirty]
    shares: dict[str, float] = {
        "rates": len(found),
        "brands": len({row[0] for row in found}),
        "dirty": len(found) - len(clean),
        "bare": _share([row[1].is_bare_within for row in found]),
    }
    for place, name in enumerate(("within_5bp", "held_out", "stripped"), 1):
        by_brand: dict[str, list[bool]] = defaultdict(list)
        for row in found:
            by_brand[row[0]].append(row[place].is_within)
        means = [sum(each) / len(each) for each in by_brand.values()]
        shares[name] = _share([row[place].is_within for row in found])
        shares[f"{name}_without_dirty"] = _share([row[place].is_within for row in clean])
        shares[f"{name}_by_brand"] = round(sum(means) / len(means), 4)
    return shares


def _share(held: list[bool]) -> float:
    return round(sum(held) / max(1, len(held)), 4)


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
