"""Check a library against its own published figures, search it, and compare two imports of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jiuding.kernel.products import Category, LoanProduct, RateTerm
from jiuding.services.offers.rules.comparison import WITHIN_BP, Comparison, compare
from jiuding.services.offers.types import Library

RESULTS_MAX = 200
MISSES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a group's published comparison rates were found within five basis points.

    `clean` leaves out dirty rows: a published rate below the bare rate that nothing explains.
    """

    group: str
    count: int
    within: int
    dirty: int
    clean_within: int
    bare_within: int
    median_bp: Decimal | None
    reasons: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return the group as it is written on the wire; shares are fractions."""
        clean = self.count - self.dirty
        return {
            "group": self.group,
            "rates": self.count,
            "within_5bp": _share(self.within, self.count),
            "within_5bp_without_dirty": _share(self.clean_within, clean),
            "bare_rate_within_5bp": _share(self.bare_within, self.count),
            "dirty": self.dirty,
            "median_difference_bp": None if self.median_bp is None else float(self.median_bp),
            "misses_by_reason": self.reasons,
        }


def check_library(library: Library) -> tuple[Comparison, ...]:
    """Recompute the comparison rate of every rate, in the order of the file."""
    return compare(library.products)


def shares(found: Iterable[Comparison]) -> tuple[Share, ...]:
    """Return the shares within five basis points by category, kind and repayment, largest first."""
    groups: dict[str, list[Comparison]] = {}
    for row in found:
        if row.published is not None:
            name = f"{row.category.value}.{row.kind.value}.{row.repayment.value}"
            groups.setdefault(name, []).append(row)
    listed = [_group(name, rows) for name, rows in groups.items()]
    return tuple(sorted(listed, key=lambda share: -share.count))


def _group(name: str, rows: Sequence[Comparison]) -> Share:
    """Return the share of one group."""
    differences = sorted(abs(row.difference_bp) for row in rows if row.difference_bp is not None)
    reasons = Counter(row.miss_reason for row in rows if row.miss_reason)
    return Share(
        group=name,
        count=len(rows),
        within=sum(row.is_within for row in rows),
        dirty=sum(row.is_dirty for row in rows),
        clean_within=sum(row.is_within for row in rows if not row.is_dirty),
        bare_within=sum(row.is_bare_within for row in rows),
        median_bp=differences[len(differences) // 2] if differences else None,
        reasons=dict(reasons.most_common()),
    )


def _share(part: int, whole: int) -> float | None:
    """Return a fraction with four decimals; of nothing there is none."""
    return round(part / whole, 4) if whole else None


def largest_misses(
    found: Iterable[Comparison], count: int = MISSES_SHOWN
) -> tuple[Comparison, ...]:
    """Return the rates whose difference is largest, each lender at most twice."""
    missed = [row for row in found if row.difference_bp is not None and not row.is_within]
    missed.sort(key=lambda row: -abs(row.difference_bp or WITHIN_BP))
    seen: Counter[str] = Counter()
    chosen = []
    for row in missed:
        seen[row.lender] += 1
        if seen[row.lender] <= 2 and len(chosen) < count:
            chosen.append(row)
    return tuple(chosen)


def search_products(
    library: Library,
    *,
    words: str = "",
    purpose: str | None = None,
    category: Category | None = None,
    lender: str | None = None,
    limit: int = 50,
) -> tuple[LoanProduct, ...]:
    """Return products that have all the words in their name or lender, in the library's order.

    At most `limit` of them, and never more than 200.
    """
    wanted = words.lower().split()[:20]
    found: list[LoanProduct] = []
    for product in library.products:
        if category is not None and product.category is not category:
            continue
        if purpose is not None and purpose not in product.purposes:
            continue
        if lender is not None and lender != product.lender:
            continue
        text = " ".join(
            (product.name, product.lender, product.lender_name, *product.names.values())
        )
        if all(word in text.lower() for word in wanted):
            found.append(product)
            if len(found) >= min(limit, RESULTS_MAX):
                break
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Change:
    """What differs between two imports of a product: a code, and a sentence to show."""

    code: str  # product_added | product_gone | rate_up | rate_down | rate_added | rate_gone | …
    lender: str
    product_id: str
    detail: str


def diff_libraries(before: Library, after: Library) -> tuple[Change, ...]:
    """Return what changed between two imports, in the order of the later one, the gone last.

    A product is known by its lender and id, and by which of its equals it is; a rate by its place.
    """
    old, new = _by_key(before.products), _by_key(after.products)
    found: list[Change] = []
    for key, product in new.items():
        if key not in old:
            found.append(_change("product_added", product, f"{product.name} is new"))
        elif old[key].version != product.version:
            found.extend(_product_changes(old[key], product))
    for key, product in old.items():
        if key not in new:
            found.append(_change("product_gone", product, f"{product.name} is no longer there"))
    return tuple(found)


def _by_key(products: Iterable[LoanProduct]) -> dict[tuple[str, str, int], LoanProduct]:
    """Return products by lender, id and which of their equals they are; ids repeat in files."""
    seen: Counter[tuple[str, str]] = Counter()
    found = {}
    for product in products:
        key = (product.lender, product.product_id)
        found[*key, seen[key]] = product
        seen[key] += 1
    return found


def _product_changes(old: LoanProduct, new: LoanProduct) -> Iterator[Change]:
    """Yield what differs between two versions of one product."""
    count = 0
    for before, after in zip(old.rates, new.rates, strict=False):
        if change := _rate_change(new, before, after):
            count += 1
            yield change
    for rate in new.rates[len(old.rates) :]:
        count += 1
        yield _change("rate_added", new, f"rate {rate.index} at {_percent(rate.rate)} is new")
    for rate in old.rates[len(new.rates) :]:
        count += 1
        yield _change("rate_gone", new, f"rate {rate.index} at {_percent(rate.rate)} is gone")
    if old.fees != new.fees:
        count += 1
        yield _change("fees_changed", new, f"fees of {new.name} changed")
    if (old.amount_min, old.amount_max) != (new.amount_min, new.amount_max):
        count += 1
        yield _change("limits_changed", new, f"limits of {new.name} changed")
    if not count:
        yield _change("text_changed", new, f"words of {new.name} changed")


def _rate_change(product: LoanProduct, before: RateTerm, after: RateTerm) -> Change | None:
    """Return how one rate moved, as a customer would say it."""
    if before.rate == after.rate or before.rate is None or after.rate is None:
        return None
    step = (after.rate - before.rate) * 100
    way = "up" if step > 0 else "down"
    who = product.lender_name or product.lender
    return _change(f"rate_{way}", product, f"rate {way} {abs(step).normalize():f} at {who}")


def _change(code: str, product: LoanProduct, detail: str) -> Change:
    """Return a change of a product."""
    return Change(code, product.lender, product.product_id, detail)


def _percent(rate: Decimal | None) -> str:
    """Return a rate as it is read, such as 6.19 %."""
    return "an unknown rate" if rate is None else f"{(rate * 100).normalize():f} %"
