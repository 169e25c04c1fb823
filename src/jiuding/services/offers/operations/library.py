"""Check a library against its own published figures, and search it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jiuding.kernel.products import Category, LoanProduct, RateKind, RateTerm, Repayment
from jiuding.services.offers.rules.comparison import (
    WITHIN_BP,
    Comparison,
    below_their_rate,
    compare,
)
from jiuding.services.offers.rules.reversion import reversion, reversion_candidates
from jiuding.services.offers.types import Library

RESULTS_MAX = 200
MISSES_SHOWN = 20
# Reasons that speak of a value, not of a kind of rate that is simply no price of its own.
DIRTY_REASONS = frozenset(
    {"rate_missing", "rate_not_a_number", "rate_negative", "rate_zero", "rate_out_of_range"}
    | {"tier_unreadable", "fixed_period_missing", "kind_unknown"}
)


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


def rate_after(
    listed: Sequence[LoanProduct], product: LoanProduct, rate: RateTerm
) -> RateTerm | None:
    """Return the rate that a home loan's rate becomes when its stated period is over.

    Files rarely name it: it is the variable rate of the same lender that is most alike. None for
    other loans, for a rate without a period, and where the lender has no such rate.
    """
    is_held = rate.kind in (RateKind.FIXED, RateKind.INTRODUCTORY) and rate.fixed_months
    is_held = is_held or rate.repayment is Repayment.INTEREST_ONLY
    if product.category is not Category.MORTGAGE or not is_held:
        return None
    own = [each for each in listed if each.lender == product.lender]
    found = reversion(product, rate, reversion_candidates(own))
    return None if found is None else found.rate


@dataclass(frozen=True, slots=True)
class DirtyValue:
    """A published value that is not used as it stands: where it is, and why.

    `rate_index` is None where the product as a whole is meant; `words` are what the file says, or
    what was noted in reading it.
    """

    place: int
    product_id: str
    rate_index: int | None
    reason: str
    rate: Decimal | None
    published: Decimal | None
    words: str


def dirty_values(library: Library) -> tuple[DirtyValue, ...]:
    """Return what a library publishes and nobody can mean, in its order, each with its reason.

    Rates without a believable number, tiers and periods that cannot be read, comparison rates
    below the rate itself (which are not used, only shown), and values that were read otherwise.
    """
    found = [
        DirtyValue(product.place, product.product_id, rate.index, rate.unquotable, rate.rate,
                   rate.published_comparison, rate.note)
        for product in library.products
        for rate in product.rates
        if rate.unquotable in DIRTY_REASONS
    ]  # fmt: skip
    found += [
        DirtyValue(product.place, product.product_id, None, "read_otherwise", None, None, note)
        for product in library.products
        for note in product.notes
    ]
    for row in below_their_rate(library.products):
        found.append(
            DirtyValue(row.place, row.product_id, row.rate_index, "published_below_rate", row.bare,
                       row.published, "")
        )  # fmt: skip
    return tuple(sorted(found, key=lambda each: each.place))


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
