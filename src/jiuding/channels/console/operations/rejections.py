"""Why not the others, page by page.

A quote keeps some examples of every rule. A reader who looks further gets all of them: they are
worked out again from the quote's own need and profile, as long as the library is the same.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from jiuding.channels.console.operations.walk import names, product_at
from jiuding.channels.console.types import RejectionView, WhyNotView
from jiuding.services import offers

PAGE = 20
SEARCH_MAX = 80  # characters
_QUOTES_KEPT_MAX = 16  # quotes whose rejections this process remembers; any may be forgotten
_PLANNING_SECONDS = 0.4

_kept: OrderedDict[str, Sequence[offers.Rejection]] = OrderedDict()
_lock = threading.Lock()


def why_not(
    quote: offers.Quote, *, branch: offers.Branch, lang: str, rule: str = "", search: str = "",
    after: int = 0,
) -> WhyNotView:  # fmt: skip
    """Return a page of the products that are in no plan, of one rule or with some words."""
    market = branch.market(quote.market)
    counts = tuple(sorted(quote.plan_set.counts.items(), key=lambda each: -each[1]))
    wanted = search[:SEARCH_MAX].strip().casefold()
    matching, rows = 0, []
    for each in _all(quote, market):
        if (rule and each.rule != rule) or not _has(each, wanted, market, lang):
            continue
        matching += 1
        if after < matching <= after + PAGE:
            rows.append(_view(each, market, lang))
    return WhyNotView(
        quote_id=quote.quote_id, rows=tuple(rows), counts=counts,
        total=sum(count for _, count in counts), matching=matching, rule=rule, search=search,
        next_after=after + PAGE if matching > after + PAGE else None,
    )  # fmt: skip


def _all(quote: offers.Quote, market: offers.Market) -> Sequence[offers.Rejection]:
    if quote.library_version != market.library.version:
        return quote.plan_set.rejected
    with _lock:
        found = _kept.get(quote.quote_id)
        if found is not None:
            _kept.move_to_end(quote.quote_id)
            return found
    again = offers.plan(
        quote.need, quote.profile, market.shelf, on=quote.quoted_at.date(), pack=market.pack,
        deadline_seconds=_PLANNING_SECONDS,
    )  # fmt: skip
    with _lock:
        _kept[quote.quote_id] = again.rejected
        while len(_kept) > _QUOTES_KEPT_MAX:
            _kept.popitem(last=False)
    return again.rejected


def _has(each: offers.Rejection, wanted: str, market: offers.Market, lang: str) -> bool:
    if not wanted:
        return True
    lender, name = _names(each, market, lang)
    return wanted in f"{lender} {name} {each.rule} {each.detail}".casefold()


def _names(each: offers.Rejection, market: offers.Market, lang: str) -> tuple[str, str]:
    product = product_at(market, each.place, each.product_id)
    if product is not None:
        return names(product, lang)
    return each.lender, each.product_name


def _view(each: offers.Rejection, market: offers.Market, lang: str) -> RejectionView:
    lender, name = _names(each, market, lang)
    return RejectionView(lender, name, each.rule, each.detail, each.figures)
