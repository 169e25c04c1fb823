"""Where the library comes from, how old it is, what changed last, and what was set aside."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from jiuding.base.database.engine import Session
from jiuding.channels.console.operations.walk import names
from jiuding.services import offers

PAGE = 25
CHANGES_SHOWN_MAX = 40
RECORDS_SHOWN_MAX = 40
_KEPT_MAX = 4  # libraries whose dirty values are kept at hand: finding them takes half a second
_dirty: OrderedDict[str, tuple[offers.DirtyValue, ...]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class SourceView:
    """One import that is planned on."""

    name: str
    product_count: int
    imported_at: datetime
    checked_at: datetime
    age_days: int
    is_fresh: bool
    changed: tuple[tuple[str, int], ...]  # code and count


@dataclass(frozen=True, slots=True)
class WithdrawnView:
    """One import that was taken back."""

    name: str
    number: int
    withdrawn_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class MoveView:
    """One change between the two newest versions of a market's library."""

    code: str
    lender: str
    name: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class AsideView:
    """One value that is not used as it stands."""

    place: int
    lender: str
    name: str
    reason: str
    rate: Decimal | None
    published: Decimal | None
    words: str


@dataclass(frozen=True, slots=True)
class SourcesView:
    """All of it, for one market."""

    market: str
    markets: tuple[str, ...]
    origin: str
    licence: str
    product_count: int
    sources: tuple[SourceView, ...]
    withdrawn: tuple[WithdrawnView, ...]
    changes: tuple[MoveView, ...]
    change_count: int
    changed_at: datetime | None
    records: tuple[tuple[str, int, str], ...]  # source, line, reason
    record_count: int
    values: tuple[AsideView, ...]
    value_count: int
    reason: str
    reasons: tuple[tuple[str, int], ...]
    next_after: int | None


def sources_view(
    session: Session, *, branch: offers.Branch, market: str, lang: str, now: datetime,
    reason: str = "", after: int = 0,
) -> SourcesView:  # fmt: skip
    """Return where a market's library comes from, and a page of what was set aside.

    Refuses: offers.MarketNotServed.
    """
    held = branch.market(market)
    listed = offers.list_sources(session, bank_id=branch.bank_id, now=now)
    newest = offers.list_imports(
        session, bank_id=branch.bank_id, source=offers.market_source(market), limit_max=1
    )
    last = newest[0] if newest and newest[0].number > 1 else None
    dirty = _dirty_values(held.library)
    wanted = [each for each in dirty if not reason or each.reason == reason]
    aside = held.library.quarantined
    return SourcesView(
        market=market, markets=tuple(branch.markets), origin=held.library.origin,
        licence=held.library.licence,
        product_count=len(held.library.products),
        sources=tuple(_source(each) for each in listed),
        withdrawn=tuple(
            WithdrawnView(each.source, each.number, each.withdrawn_at, each.withdrawn_reason)
            for each in offers.list_imports(session, bank_id=branch.bank_id)
            if each.withdrawn_at is not None
        ),
        changes=tuple(
            MoveView(each.code, each.lender_name or each.lender, each.name, each.before, each.after)
            for each in (last.changes[:CHANGES_SHOWN_MAX] if last else ())
        ),
        change_count=sum(last.changed.values()) if last else 0,
        changed_at=last.imported_at if last else None,
        records=tuple((each.file, each.line, each.reason) for each in aside[:RECORDS_SHOWN_MAX]),
        record_count=len(aside),
        values=tuple(_aside(each, held, lang) for each in wanted[after : after + PAGE]),
        value_count=len(wanted), reason=reason,
        reasons=tuple(Counter(each.reason for each in dirty).most_common()),
        next_after=after + PAGE if len(wanted) > after + PAGE else None,
    )  # fmt: skip


def _dirty_values(library: offers.Library) -> tuple[offers.DirtyValue, ...]:
    found = _dirty.get(library.version)
    if found is None:
        found = _dirty[library.version] = offers.dirty_values(library)
    while len(_dirty) > _KEPT_MAX:
        _dirty.popitem(last=False)
    return found


def _source(each: offers.Source) -> SourceView:
    newest = each.newest
    return SourceView(
        newest.source, newest.product_count, newest.imported_at, newest.checked_at,
        each.age.age_days, each.age.is_fresh, tuple(newest.changed.items()),
    )  # fmt: skip


def _aside(each: offers.DirtyValue, market: offers.Market, lang: str) -> AsideView:
    lender, name = names(market.library.products[each.place], lang)
    return AsideView(
        each.place, lender, name, each.reason, each.rate, each.published, each.words
    )  # fmt: skip
