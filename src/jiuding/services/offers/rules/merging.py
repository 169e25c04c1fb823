"""Merge what is published, what was imported and what we declare into one market's library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from jiuding.kernel.products import LoanProduct
from jiuding.services.offers.errors import BrokenLine
from jiuding.services.offers.rules.cdr import combined_hash
from jiuding.services.offers.types import Library, Quarantined


@dataclass(frozen=True, slots=True)
class Imported:
    """The newest import of a source with its products; its number orders it among others."""

    import_id: str
    source: str
    library: Library


def merge(
    market: str, published: Library | None, imported: Sequence[Imported],
    declared: Sequence[LoanProduct],
) -> Library:  # fmt: skip
    """Return a market's library; `imported` holds one import a source, newest first.

    A lender's products come from the newest import that lists the lender, else from what ships:
    whole lenders, because a product that a lender no longer publishes is no longer offered. Lenders
    that we declare ourselves are never taken from elsewhere: such products are set aside.
    """
    own = {product.lender.casefold() for product in declared}
    chosen = _sources(imported, market)
    listed = [
        product
        for product in (published.products if published else ())
        if product.lender.casefold() not in chosen
    ]
    is_published_used = bool(listed)
    aside = list(published.quarantined if published else ())
    for each in reversed(imported):
        aside += each.library.quarantined
        for product in each.library.products:
            if product.jurisdiction != market:
                continue
            lender = product.lender.casefold()
            if lender in own:
                aside.append(_reserved(product, each.source))
            elif chosen[lender] == each.import_id:
                listed.append(product)
    listed += [product for product in declared if product.jurisdiction == market]
    made = _library(listed, aside, published)
    return replace(made, as_of=published.as_of) if published and is_published_used else made


def _sources(imported: Iterable[Imported], market: str) -> Mapping[str, str]:
    """Return which import each lender's products are taken from, the newest that lists it."""
    chosen: dict[str, str] = {}
    for each in imported:
        found = {p.lender.casefold() for p in each.library.products if p.jurisdiction == market}
        chosen |= {lender: each.import_id for lender in found if lender not in chosen}
    return chosen


def _reserved(product: LoanProduct, source: str) -> Quarantined:
    reason = f"{product.lender!r} is a lender that we declare ourselves; {product.name!r}"
    return Quarantined(product.place + 1, BrokenLine.code, reason, source)


def _library(
    listed: Sequence[LoanProduct], aside: Sequence[Quarantined], published: Library | None
) -> Library:
    products = tuple(
        product if product.place == place else replace(product, place=place)
        for place, product in enumerate(listed)
    )
    reasons = Counter(
        rate.unquotable for product in products for rate in product.rates if rate.unquotable
    )
    return Library(
        products=products,
        unquotable=dict(reasons.most_common()),
        quarantined=tuple(aside),
        origin=published.origin if published else "illustrative products, in catalog/products",
        licence=published.licence if published else "the project's own",
        version=combined_hash(product.version for product in products),
    )
