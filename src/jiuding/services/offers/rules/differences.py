"""What differs between two imports of a library: codes and figures; words are made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from jiuding.kernel.products import LoanProduct, RateTerm
from jiuding.services.offers.types import Library


@dataclass(frozen=True, slots=True)
class Change:
    """What differs between two imports of a product: a code, and a sentence to show.

    `before` and `after` are rates, fractions per year, where the change is one of a rate.
    """

    code: str  # product_added | product_gone | rate_up | rate_down | rate_added | rate_gone | …
    lender: str
    product_id: str
    detail: str
    name: str = ""
    lender_name: str = ""
    before: Decimal | None = None
    after: Decimal | None = None


def diff_libraries(before: Library, after: Library) -> tuple[Change, ...]:
    """Return what changed between two imports, in the order of the later one, the gone last.

    A product is known by its lender and id, and by which of its equals it is; a rate by its place.
    """
    old, new = by_key(before.products), by_key(after.products)
    found: list[Change] = []
    for key, product in new.items():
        if key not in old:
            found.append(_change("product_added", product, f"{product.name} is new"))
        elif old[key].version != product.version:
            found.extend(product_changes(old[key], product))
    for key, product in old.items():
        if key not in new:
            found.append(_change("product_gone", product, f"{product.name} is no longer there"))
    return tuple(found)


def by_key(products: Iterable[LoanProduct]) -> dict[tuple[str, str, int], LoanProduct]:
    """Return products by lender, id and which of their equals they are; ids repeat in files."""
    seen: Counter[tuple[str, str]] = Counter()
    found = {}
    for product in products:
        key = (product.lender, product.product_id)
        found[*key, seen[key]] = product
        seen[key] += 1
    return found


def product_changes(old: LoanProduct, new: LoanProduct) -> tuple[Change, ...]:
    """Return what differs between two versions of one product."""
    return tuple(_product_changes(old, new))


def _product_changes(old: LoanProduct, new: LoanProduct) -> Iterator[Change]:
    count = 0
    for before, after in zip(old.rates, new.rates, strict=False):
        if change := _rate_change(new, before, after):
            count += 1
            yield change
    for rate in new.rates[len(old.rates) :]:
        count += 1
        words = f"rate {rate.index} at {_percent(rate.rate)} is new"
        yield _change("rate_added", new, words, after=rate.rate)
    for rate in old.rates[len(new.rates) :]:
        count += 1
        words = f"rate {rate.index} at {_percent(rate.rate)} is gone"
        yield _change("rate_gone", new, words, before=rate.rate)
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
    words = f"rate {way} {abs(step).normalize():f} at {who}"
    return _change(f"rate_{way}", product, words, before=before.rate, after=after.rate)


def _change(
    code: str, product: LoanProduct, detail: str, *,
    before: Decimal | None = None, after: Decimal | None = None,
) -> Change:  # fmt: skip
    """Return a change of a product."""
    return Change(
        code, product.lender, product.product_id, detail, product.name,
        product.lender_name or product.lender, before, after,
    )  # fmt: skip


def _percent(rate: Decimal | None) -> str:
    """Return a rate as it is read, such as 6.19 %."""
    return "an unknown rate" if rate is None else f"{(rate * 100).normalize():f} %"
