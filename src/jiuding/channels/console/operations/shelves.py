"""The product library as pages show it."""

from __future__ import annotations

from collections import Counter

from jiuding.channels.console.operations.walk import names
from jiuding.channels.console.types import LibraryView, ProductView
from jiuding.kernel import products
from jiuding.services import offers

PAGE = 25
SEARCH_MAX = 80  # characters


def counts(branch: offers.Branch) -> tuple[int, int]:
    """Return how many products of how many lenders are compared, over all markets."""
    listed = [product for market in branch.markets.values() for product in market.library.products]
    return len(listed), len({product.lender for product in listed})


def library_view(
    branch: offers.Branch, *, market: str, lang: str, search: str = "", category: str = "",
    after: int = 0,
) -> LibraryView:  # fmt: skip
    """Return a page of a market's products.

    Refuses: offers.MarketNotServed.
    """
    library = branch.market(market).library
    wanted = search[:SEARCH_MAX].strip().casefold()
    rows, matching = [], 0
    for product in library.products:
        if category and product.category.value != category:
            continue
        if wanted and wanted not in " ".join((*names(product, lang), product.name)).casefold():
            continue
        matching += 1
        if after < matching <= after + PAGE:
            rows.append(_row(product, lang))
    by_category = Counter(product.category.value for product in library.products)
    return LibraryView(
        rows=tuple(rows), product_count=len(library.products),
        lender_count=len({product.lender for product in library.products}), matching=matching,
        version=library.version[:16],
        counts=tuple(sorted(library.unquotable.items(), key=lambda each: -each[1])),
        search=search, category=category, categories=tuple(by_category.most_common()),
        next_after=after + PAGE if matching > after + PAGE else None, market=market,
        markets=tuple(branch.markets),
    )  # fmt: skip


def _row(product: products.LoanProduct, lang: str) -> ProductView:
    lender, name = names(product, lang)
    quoted = [term.rate for term in product.rates if term.rate is not None and not term.unquotable]
    return ProductView(
        product.product_id, product.place, lender, name, product.category.value, product.currency,
        min(quoted, default=None), product.is_illustrative,
    )  # fmt: skip
