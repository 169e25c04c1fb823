"""The products of a market: what is published there, and what is declared in the catalogue."""

from __future__ import annotations

from dataclasses import replace

from jiuding.base.settings import CATALOG
from jiuding.services.offers.rules.cdr import combined_hash
from jiuding.services.offers.store import library as store
from jiuding.services.offers.types import Library

DECLARED = CATALOG / "products"
# The published library that ships for a market, by its jurisdiction.
PUBLISHED = {"au": CATALOG / "library" / "au_cdr"}


def open_library(market: str) -> Library:
    """Return every product of a market: published ones in the order of their files, then ours.

    Refuses: LibraryNotFound, BadDeclaration.
    """
    path = PUBLISHED.get(market)
    published = store.read_library(path) if path is not None else None
    declared = [
        product for product in store.read_declared(DECLARED) if product.jurisdiction == market
    ]
    listed = [*(published.products if published else ()), *declared]
    products = tuple(
        product if product.place == place else replace(product, place=place)
        for place, product in enumerate(listed)
    )
    version = combined_hash(product.version for product in products)
    if published is None:
        return Library(
            products=products, unquotable={}, quarantined=(), version=version,
            origin="illustrative products, declared in catalog/products",
            licence="the project's own",
        )  # fmt: skip
    return replace(published, products=products, version=version)
