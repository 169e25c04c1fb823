"""Queries of a library's life: its imports, and every version of every product seen in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from jiuding.base.database.columns import Id
from jiuding.base.database.engine import Session
from jiuding.kernel import products
from jiuding.services.offers import tables as t
from jiuding.services.offers.rules import imports as rules
from jiuding.services.offers.rules.imports import Import, Seen
from jiuding.services.offers.types import Quarantined

BATCH = 500
Key = tuple[str, str, int, str]  # lender, product id, which of its equals, version
_COLUMNS = tuple(column for column in t.library_imports.c if column.name != "shown")

_SHOWN = text(
    "SELECT h.content, h.version, (e.line->>4)::integer AS place"
    " FROM offers.library_imports AS i"
    " CROSS JOIN LATERAL jsonb_array_elements(i.shown) AS e(line)"
    " JOIN offers.product_history AS h ON h.bank_id = i.bank_id AND h.source = i.source"
    "   AND h.lender = e.line->>0 AND h.product_id = e.line->>1"
    "   AND h.copy = (e.line->>2)::integer AND h.version = e.line->>3"
    " WHERE i.bank_id = :bank_id AND i.source = :source AND i.number = :number"
    " ORDER BY place LIMIT :limit_max"
).bindparams(bindparam("bank_id", type_=Id("bank")))
_SHOWN_VERSIONS = text(
    "SELECT e.line->>3 AS version FROM offers.library_imports AS i"
    " CROSS JOIN LATERAL jsonb_array_elements(i.shown) AS e(line)"
    " WHERE i.bank_id = :bank_id AND i.source = :source AND i.number = :number"
    "   AND e.line->>0 = :lender AND e.line->>1 = :product_id AND (e.line->>2)::integer = :copy"
).bindparams(bindparam("bank_id", type_=Id("bank")))

_SEEN_AGAIN = text(
    "UPDATE offers.product_history AS h"
    " SET last_number = :number, last_seen_at = :now, place = r.place"
    " FROM jsonb_to_recordset(CAST(:rows AS jsonb))"
    "   AS r(lender text, product_id text, copy integer, version text, place integer)"
    " WHERE h.bank_id = :bank_id AND h.source = :source AND h.lender = r.lender"
    "   AND h.product_id = r.product_id AND h.copy = r.copy AND h.version = r.version"
).bindparams(bindparam("bank_id", type_=Id("bank")))


def latest(
    session: Session, bank_id: str, source: str, *, lock: bool = False
) -> Import | None:  # fmt: skip
    """Return the newest import of a source that stands, locked where asked."""
    found = t.library_imports.c
    query = (
        select(*_COLUMNS)
        .where(found.bank_id == bank_id, found.source == source, *_standing(found))
        .order_by(found.number.desc())
        .limit(1)
    )
    row = session.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _import(row)


def _standing(found: Any) -> tuple[Any, ...]:
    """Return what holds of an import that can be planned on: not withdrawn, and known whole."""
    return found.withdrawn_at.is_(None), found.shown.is_not(None)


def last_number(session: Session, bank_id: str, source: str) -> int:
    """Return the number of a source's last import, withdrawn or not; 0 where there is none."""
    found = t.library_imports.c
    query = select(func.max(found.number)).where(found.bank_id == bank_id, found.source == source)
    return session.execute(query).scalar() or 0


def numbered(session: Session, bank_id: str, source: str, number: int) -> Import | None:
    """Return an import by its number, locked."""
    found = t.library_imports.c
    query = select(*_COLUMNS).where(
        found.bank_id == bank_id, found.source == source, found.number == number
    )
    row = session.execute(query.with_for_update()).first()
    return None if row is None else _import(row)


def withdrawn(session: Session, bank_id: str, source: str, version: str) -> Import | None:
    """Return the newest withdrawn import of a version of a source's library."""
    found = t.library_imports.c
    query = (
        select(*_COLUMNS)
        .where(
            found.bank_id == bank_id, found.source == source, found.version == version,
            found.withdrawn_at.is_not(None),
        )
        .order_by(found.number.desc())
        .limit(1)
    )  # fmt: skip
    row = session.execute(query).first()
    return None if row is None else _import(row)


def withdraw(session: Session, bank_id: str, import_id: str, reason: str, now: datetime) -> None:
    """Note that an import is no longer planned on, and why."""
    found = t.library_imports.c
    session.execute(
        update(t.library_imports)
        .where(found.bank_id == bank_id, found.import_id == import_id)
        .values(withdrawn_at=now, withdrawn_reason=reason)
    )


def imports(session: Session, bank_id: str, source: str | None, limit_max: int) -> list[Import]:
    """Return imports, newest first, those that were withdrawn among them."""
    found = t.library_imports.c
    query = select(*_COLUMNS).where(found.bank_id == bank_id)
    if source is not None:
        query = query.where(found.source == source)
    query = query.order_by(found.imported_at.desc(), found.number.desc()).limit(limit_max)
    return [_import(row) for row in session.execute(query)]


def newest(session: Session, bank_id: str, limit_max: int) -> list[Import]:
    """Return the newest standing import of each source, newest first."""
    found = t.library_imports.c
    each = (
        select(*_COLUMNS)
        .where(found.bank_id == bank_id, *_standing(found))
        .ext(distinct_on(found.source))
        .order_by(found.source, found.number.desc())
        .subquery()
    )
    query = select(each).order_by(each.c.imported_at.desc(), each.c.source).limit(limit_max)
    return [_import(row) for row in session.execute(query)]


def add_import(session: Session, bank_id: str, made: Import, shown: Mapping[Key, int]) -> bool:
    """Store an import and the place of each product it showed.

    False when another session has just stored one of this number.
    """
    done = session.execute(
        upsert(t.library_imports)
        .values(
            bank_id=bank_id, import_id=made.import_id, source=made.source, number=made.number,
            version=made.version, origin=made.origin, licence=made.licence,
            imported_at=made.imported_at, checked_at=made.checked_at,
            product_count=made.product_count, unquotable=dict(made.unquotable),
            quarantined_count=made.quarantined_count,
            quarantined=[rules.quarantined_to_record(each) for each in made.quarantined],
            changed=dict(made.changed),
            changes=[rules.change_to_record(each) for each in made.changes],
            shown=[[*key, place] for key, place in shown.items()],
        )
        .on_conflict_do_nothing(constraint="library_imports_number")
        .returning(t.library_imports.c.import_id)
    )  # fmt: skip
    return done.first() is not None


def note_check(session: Session, bank_id: str, import_id: str, now: datetime) -> None:
    """Note that a source still says what this import read."""
    found = t.library_imports.c
    session.execute(
        update(t.library_imports)
        .where(found.bank_id == bank_id, found.import_id == import_id, found.checked_at < now)
        .values(checked_at=now)
    )


def known_keys(session: Session, bank_id: str, source: str) -> set[Key]:
    """Return every version of every product that a source ever showed."""
    found = t.product_history.c
    rows = session.execute(
        select(found.lender, found.product_id, found.copy, found.version).where(
            found.bank_id == bank_id, found.source == source
        )
    )
    return {tuple(row) for row in rows}  # type: ignore[misc]


def see_again(
    session: Session, bank_id: str, source: str, number: int,
    places: Mapping[Key, int], now: datetime,
) -> None:  # fmt: skip
    """Note that these versions are still shown, and at which places."""
    rows = [
        {"lender": key[0], "product_id": key[1], "copy": key[2], "version": key[3], "place": place}
        for key, place in places.items()
    ]
    for start in range(0, len(rows), 10 * BATCH):
        session.execute(
            _SEEN_AGAIN,
            {
                "bank_id": bank_id, "source": source, "number": number, "now": now,
                "rows": json.dumps(rows[start : start + 10 * BATCH]),
            },
        )  # fmt: skip


def add_versions(
    session: Session, bank_id: str, source: str, number: int,
    listed: Sequence[tuple[Key, products.LoanProduct]], now: datetime,
) -> None:  # fmt: skip
    """Store versions that were never seen before."""
    for start in range(0, len(listed), BATCH):
        session.execute(
            insert(t.product_history),
            [
                {
                    "bank_id": bank_id, "source": source, "lender": key[0], "product_id": key[1],
                    "copy": key[2], "version": key[3], "place": product.place,
                    "content": products.content_of(product), "first_number": number,
                    "last_number": number, "first_seen_at": now, "last_seen_at": now,
                }
                for key, product in listed[start : start + BATCH]
            ],
        )  # fmt: skip


def products_of(
    session: Session, bank_id: str, source: str, number: int, limit_max: int
) -> tuple[products.LoanProduct, ...]:
    """Return the products that an import of a source showed, in the order of their file."""
    rows = session.execute(
        _SHOWN, {"bank_id": bank_id, "source": source, "number": number, "limit_max": limit_max}
    )
    return tuple(
        products.product_of(row.content, version=row.version, place=row.place) for row in rows
    )


def history(
    session: Session, bank_id: str, source: str, lender: str, product_id: str, copy: int,
    limit_max: int,
) -> list[Seen]:  # fmt: skip
    """Return the versions of a product that a source showed, newest first."""
    found, newest = t.product_history.c, latest(session, bank_id, source)
    asked = {"lender": lender, "product_id": product_id, "copy": copy}
    current: set[str] = set()
    if newest is not None:
        asked |= {"bank_id": bank_id, "source": source, "number": newest.number}
        current = set(session.execute(_SHOWN_VERSIONS, asked).scalars())
    rows = session.execute(
        select(t.product_history)
        .where(
            found.bank_id == bank_id, found.source == source, found.lender == lender,
            found.product_id == product_id, found.copy == copy,
        )
        .order_by(found.last_seen_at.desc(), found.first_seen_at.desc())
        .limit(limit_max)
    )  # fmt: skip
    return [
        Seen(
            products.product_of(row.content, version=row.version, place=row.place),
            row.first_seen_at, row.last_seen_at, row.version in current,
        )
        for row in rows
    ]  # fmt: skip


def _import(row: Any) -> Import:
    return Import(
        import_id=row.import_id, source=row.source, number=row.number, version=row.version,
        origin=row.origin, licence=row.licence, imported_at=row.imported_at,
        checked_at=row.checked_at, product_count=row.product_count,
        unquotable=dict(row.unquotable), quarantined_count=row.quarantined_count,
        quarantined=tuple(Quarantined(**each) for each in row.quarantined),
        changed=dict(row.changed),
        changes=tuple(rules.change_of(each) for each in row.changes),
        withdrawn_at=row.withdrawn_at, withdrawn_reason=row.withdrawn_reason or "",
    )  # fmt: skip
