"""The life of a library: read it from where it is published, remember it, see how it changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from jiuding.base.database.engine import Session
from jiuding.base.ids import new_id
from jiuding.base.problems import BadInput, BrokenInvariant
from jiuding.kernel.products import LoanProduct
from jiuding.services.offers.errors import (
    BrokenLine,
    ImportWithdrawn,
    LibraryTooLarge,
    NoImportYet,
)
from jiuding.services.offers.gateways import CdrSource, ProductSource
from jiuding.services.offers.rules.cdr import combined_hash, product_from_cdr
from jiuding.services.offers.rules.differences import by_key, diff_libraries
from jiuding.services.offers.rules.imports import Freshness, Import, Seen, freshness
from jiuding.services.offers.store import imports as store
from jiuding.services.offers.store import library as files
from jiuding.services.offers.types import Library, Quarantined

PRODUCTS_KEPT_MAX = 100_000
CHANGES_KEPT_MAX = 2_000
QUARANTINED_KEPT_MAX = 1_000
IMPORTS_LISTED_MAX = 100
VERSIONS_LISTED_MAX = 100
ATTEMPTS_MAX = 3
SOURCE_LENGTH_MAX = 300
REASON_LENGTH_MAX = 300
_MARKET_PREFIX = "market."
_LICENCE = "published by law (Consumer Data Right)"


def is_address(where: str) -> bool:
    """Tell whether a text names a live source, not a file."""
    return where.startswith(("https://", "http://"))


def open_source(where: str) -> ProductSource:
    """Return the source behind an address.

    Refuses: BadSource.
    """
    return CdrSource(where)


def read_anywhere(where: str) -> Library:
    """Return the library at a path, or at the address of a live source.

    Refuses: what reading files or sources refuses.
    """
    return fetch_library(open_source(where)) if is_address(where) else files.read_library(where)


def name_of(where: str) -> str:
    """Return the name under which a path's or an address's imports are kept."""
    if is_address(where):
        return where.rstrip("/")[:SOURCE_LENGTH_MAX]
    path = Path(where)
    return (path.name or path.resolve().name)[:SOURCE_LENGTH_MAX]


def market_source(market: str) -> str:
    """Return the name under which a market's own library is remembered."""
    return f"{_MARKET_PREFIX}{market}"


def is_market_source(source: str) -> bool:
    """Tell whether a source is a market's own library, not one that was imported into it."""
    return source.startswith(_MARKET_PREFIX)


def fetch_library(source: ProductSource) -> Library:
    """Return the library that a source publishes, read by the importer that reads files.

    What is broken, or lends nothing, is in `quarantined` with its place in the list.

    Refuses: SourceUnavailable, SourceTooLarge.
    """
    listed: list[LoanProduct] = []
    quarantined: list[Quarantined] = []
    for number, record in enumerate(source.records(), 1):
        try:
            if isinstance(record, BrokenLine):
                raise record
            listed.append(product_from_cdr(record, len(listed), source.origin))
        except BrokenLine as broken:
            quarantined.append(Quarantined(number, broken.code, broken.detail))
    return Library(
        products=tuple(listed), unquotable=_unquotable(listed), quarantined=tuple(quarantined),
        origin=source.origin, licence=_LICENCE,
        version=combined_hash(product.version for product in listed),
    )  # fmt: skip


def _unquotable(listed: Iterable[LoanProduct]) -> dict[str, int]:
    counts = Counter(rate.unquotable for each in listed for rate in each.rates if rate.unquotable)
    return dict(counts.most_common())


def record_import(
    session: Session, *, bank_id: str, library: Library, source: str, now: datetime,
    is_again: bool = False,
) -> Import:  # fmt: skip
    """Remember a library as its source shows it now, and what changed since the import before.

    The version is the idempotency key: a library that says what the newest import said makes no
    new one; only the day on which it was last seen moves. Two at once are one. What was withdrawn
    comes back only where it is meant (`is_again`), so that no schedule brings it back.

    Refuses: LibraryTooLarge, ImportWithdrawn.
    """
    if len(library.products) > PRODUCTS_KEPT_MAX:
        raise LibraryTooLarge(
            f"at most {PRODUCTS_KEPT_MAX:,} products are remembered", limit=PRODUCTS_KEPT_MAX
        )
    source = source[:SOURCE_LENGTH_MAX]
    for _ in range(ATTEMPTS_MAX):
        before = store.latest(session, bank_id, source, lock=True)
        if before is not None and before.version == library.version:
            store.note_check(session, bank_id, before.import_id, now)
            return store.latest(session, bank_id, source) or before
        taken_back = store.withdrawn(session, bank_id, source, library.version)
        if taken_back is not None and not is_again:
            raise ImportWithdrawn(
                f"import {taken_back.number} said the same and was withdrawn: "
                f"{taken_back.withdrawn_reason}",
                number=taken_back.number,
            )
        number = store.last_number(session, bank_id, source) + 1
        made = _made(session, bank_id, library, source, before, number, now)
        keyed = {(*key, each.version): each for key, each in by_key(library.products).items()}
        shown = {key: each.place for key, each in keyed.items()}
        if store.add_import(session, bank_id, made, shown):
            _remember(session, bank_id, made, keyed, now)
            return made
    raise BrokenInvariant("an import that lost to another finds the one that won")


def _made(
    session: Session, bank_id: str, library: Library, source: str, before: Import | None,
    number: int, now: datetime,
) -> Import:  # fmt: skip
    """Return the import of a library after the one before."""
    changes = ()
    if before is not None:
        changes = diff_libraries(_stored(session, bank_id, before), library)
    return Import(
        import_id=new_id("imp", now), source=source, number=number,
        version=library.version, origin=library.origin, licence=library.licence, imported_at=now,
        checked_at=now, product_count=len(library.products), unquotable=library.unquotable,
        quarantined_count=len(library.quarantined),
        quarantined=library.quarantined[:QUARANTINED_KEPT_MAX],
        changed=dict(Counter(change.code for change in changes).most_common()),
        changes=tuple(changes[:CHANGES_KEPT_MAX]),
    )  # fmt: skip


def _remember(
    session: Session, bank_id: str, made: Import, keyed: Mapping[store.Key, LoanProduct],
    now: datetime,
) -> None:  # fmt: skip
    """Write down each product's version: the new ones whole, the known ones as seen again."""
    known = store.known_keys(session, bank_id, made.source)
    fresh = [(key, each) for key, each in keyed.items() if key not in known]
    again = {key: each.place for key, each in keyed.items() if key in known}
    store.add_versions(session, bank_id, made.source, made.number, fresh, now)
    store.see_again(session, bank_id, made.source, made.number, again, now)


def _stored(session: Session, bank_id: str, found: Import) -> Library:
    """Return the library of a source's newest import."""
    listed = store.products_of(session, bank_id, found.source, found.number, PRODUCTS_KEPT_MAX)
    return Library(
        listed, dict(found.unquotable), found.quarantined, found.origin, found.licence,
        found.version,
    )  # fmt: skip


def withdraw_import(
    session: Session, *, bank_id: str, source: str, reason: str, now: datetime,
    number: int | None = None,
) -> Import:  # fmt: skip
    """Take back an import, the newest that stands unless one is named; said twice, happens once.

    Plans no longer use it from the next renewal on: the source's import before it stands again, or
    the source has none. Nothing is forgotten: it stays listed, with the day and the reason.

    Refuses: NoImportYet; BadInput without a reason, or for a market's own library, which changes
    where it is declared.
    """
    reason = " ".join(reason.split())[:REASON_LENGTH_MAX]
    if not reason:
        raise BadInput("say why the import is withdrawn", field="reason")
    if is_market_source(source):
        raise BadInput("a market's own library changes where it is declared", field="source")
    if number is None:
        found = store.latest(session, bank_id, source, lock=True)
    else:
        found = store.numbered(session, bank_id, source, number)
    if found is None:
        which = "no import stands" if number is None else f"there is no import {number}"
        raise NoImportYet(f"{which} of {source[:80]!r}")
    if found.withdrawn_at is not None:
        return found
    store.withdraw(session, bank_id, found.import_id, reason, now)
    return replace(found, withdrawn_at=now, withdrawn_reason=reason)


def imported_library(session: Session, *, bank_id: str, source: str) -> Library:
    """Return the library that a source showed at its newest import.

    Refuses: NoImportYet.
    """
    return _stored(session, bank_id, read_import(session, bank_id=bank_id, source=source))


def read_import(session: Session, *, bank_id: str, source: str) -> Import:
    """Return the newest import of a source, with its changes and what was set aside.

    Refuses: NoImportYet.
    """
    found = store.latest(session, bank_id, source)
    if found is None:
        raise NoImportYet(f"nothing was imported from {source[:80]!r}")
    return found


def list_imports(
    session: Session, *, bank_id: str, source: str | None = None,
    limit_max: int = IMPORTS_LISTED_MAX,
) -> tuple[Import, ...]:  # fmt: skip
    """Return imports, newest first."""
    return tuple(store.imports(session, bank_id, source, min(limit_max, IMPORTS_LISTED_MAX)))


def read_freshness(
    session: Session, *, bank_id: str, source: str, now: datetime
) -> Freshness | None:
    """Return how old what is known of a source is; None where nothing was imported from it."""
    found = store.latest(session, bank_id, source)
    return None if found is None else freshness(found, now)


def product_history(
    session: Session, *, bank_id: str, source: str, lender: str, product_id: str, copy: int = 0
) -> tuple[Seen, ...]:
    """Return the versions of a product that a source's imports showed, newest first.

    `copy` tells products apart whose lender and id are the same, counted in the order of the file.
    """
    found = store.history(session, bank_id, source, lender, product_id, copy, VERSIONS_LISTED_MAX)
    return tuple(found)
