"""The products of a market: published ones, what was imported since, and what we declare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from jiuding.base.database.engine import Session
from jiuding.base.settings import CATALOG
from jiuding.services.offers.operations.imports import PRODUCTS_KEPT_MAX, is_market_source
from jiuding.services.offers.rules.imports import Source, freshness
from jiuding.services.offers.rules.merging import Imported, merge
from jiuding.services.offers.store import imports as kept
from jiuding.services.offers.store import library as store
from jiuding.services.offers.types import Library

DECLARED = CATALOG / "products"
# The published library that ships for a market, by its jurisdiction.
PUBLISHED = {"au": CATALOG / "library" / "au_cdr"}
SOURCES_MAX = 200  # of imports that are planned on, the newest ones


def open_library(market: str, imported: Sequence[Imported] = ()) -> Library:
    """Return every product of a market: published, imported (newest import first), declared.

    Refuses: LibraryNotFound, BadDeclaration.
    """
    path = PUBLISHED.get(market)
    published = store.read_library(path) if path is not None else None
    return merge(market, published, imported, store.read_declared(DECLARED))


def newest_imports(session: Session, *, bank_id: str) -> tuple[str, ...]:
    """Return the ids of each source's newest import, newest first; markets' own are left out."""
    return tuple(each.import_id for each in _newest(session, bank_id))


def imported_libraries(session: Session, *, bank_id: str) -> tuple[Imported, ...]:
    """Return each source's newest import with its products, newest first."""
    found = []
    for each in _newest(session, bank_id):
        listed = kept.products_of(session, bank_id, each.source, each.number, PRODUCTS_KEPT_MAX)
        library = Library(
            listed, dict(each.unquotable), each.quarantined, each.origin, each.licence, each.version
        )
        found.append(Imported(each.import_id, each.source, library))
    return tuple(found)


def list_sources(session: Session, *, bank_id: str, now: datetime) -> tuple[Source, ...]:
    """Return what is planned on besides what ships: each source's newest import and its age."""
    return tuple(Source(each, freshness(each, now)) for each in _newest(session, bank_id))


def _newest(session: Session, bank_id: str) -> list:
    found = kept.newest(session, bank_id, SOURCES_MAX)
    return [each for each in found if not is_market_source(each.source)]
