"""Queries of insight: rows go in, nouns come out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from jiuding.base.database.engine import Session
from jiuding.services.insight import tables as t
from jiuding.services.insight.types import Telling, Wish, WishKind

_ABOUT_FORESIGHT = (
    WishKind.FORESEE.value, WishKind.STOP_FORESEEING.value, WishKind.DELETE.value,
)  # fmt: skip
WISHES_MAX = 500  # of one party; older ones no longer matter


def wishes_of(session: Session, bank_id: str, party_id: str) -> tuple[Wish, ...]:
    """Return what a party said about its portrait, oldest first, the newest `WISHES_MAX`."""
    columns = t.wishes.c
    rows = session.execute(
        select(t.wishes)
        .where(columns.bank_id == bank_id, columns.party_id == party_id)
        .order_by(columns.wish_id.desc())
        .limit(WISHES_MAX)
    )
    return tuple(
        Wish(
            row.wish_id, row.party_id, WishKind(row.kind), row.figure, row.amount, row.currency,
            row.said_at,
        )
        for row in rows
    )[::-1]  # fmt: skip


def add_wish(session: Session, bank_id: str, wish: Wish) -> None:
    """Store what a party said."""
    session.execute(
        plain_insert(t.wishes).values(
            bank_id=bank_id, wish_id=wish.wish_id, party_id=wish.party_id, kind=wish.kind.value,
            figure=wish.figure, amount=wish.amount, currency=wish.currency, said_at=wish.said_at,
        )
    )  # fmt: skip


def forget_statements(session: Session, bank_id: str, party_id: str) -> int:
    """Erase every figure that a party stated, and return how many there were."""
    columns = t.wishes.c
    done = session.execute(
        delete(t.wishes).where(
            columns.bank_id == bank_id,
            columns.party_id == party_id,
            columns.kind.in_((WishKind.STATE.value, WishKind.TAKE_BACK.value)),
        )
    )
    return done.rowcount


def lock_foresight(session: Session, bank_id: str, party_id: str) -> None:
    """Wait until nobody else tells this party anything or changes its consent, then keep it so.

    Read the wishes after this, in a statement of its own: what the other wrote is then seen.
    """
    columns = t.wishes.c
    session.execute(
        select(columns.wish_id)
        .where(
            columns.bank_id == bank_id,
            columns.party_id == party_id,
            columns.kind == WishKind.FORESEE.value,
        )
        .order_by(columns.wish_id)
        .limit(1)
        .with_for_update()
    ).all()


def parties_to_tell(
    session: Session, bank_id: str, season: str, after: str | None, limit_max: int
) -> tuple[str, ...]:
    """Return parties whose last word is that we may look ahead, and who were told nothing this
    season; in the order of their ids, after one of them."""
    said, told = t.wishes.c, t.tellings.c
    later = t.wishes.alias("later")
    query = (
        select(said.party_id)
        .where(
            said.bank_id == bank_id,
            said.kind == WishKind.FORESEE.value,
            ~exists().where(
                later.c.bank_id == bank_id,
                later.c.party_id == said.party_id,
                later.c.wish_id > said.wish_id,
                later.c.kind.in_(_ABOUT_FORESIGHT),
            ),
            ~exists().where(
                told.bank_id == bank_id, told.party_id == said.party_id, told.season == season
            ),
        )
        .order_by(said.party_id)
        .limit(limit_max)
    )
    if after is not None:
        query = query.where(said.party_id > after)
    return tuple(session.execute(query).scalars())


def add_telling(session: Session, bank_id: str, telling: Telling) -> bool:
    """Store what a party is told; False where it was told something this season already."""
    done = session.execute(
        insert(t.tellings)
        .values(
            bank_id=bank_id, telling_id=telling.telling_id, party_id=telling.party_id,
            season=telling.season, told_at=telling.told_at, content=_content(telling),
        )
        .on_conflict_do_nothing(constraint="tellings_season")
        .returning(t.tellings.c.telling_id)
    )  # fmt: skip
    return done.scalar() is not None


def was_told(session: Session, bank_id: str, party_id: str, season: str) -> bool:
    """Return whether a party was told something in a season, erased or not."""
    columns = t.tellings.c
    return bool(
        session.execute(
            select(
                exists().where(
                    columns.bank_id == bank_id,
                    columns.party_id == party_id,
                    columns.season == season,
                )
            )
        ).scalar_one()
    )


def tellings_of(
    session: Session, bank_id: str, party_id: str, limit_max: int
) -> tuple[Telling, ...]:
    """Return what a party was told, newest first, without what was erased."""
    columns = t.tellings.c
    rows = session.execute(
        select(t.tellings)
        .where(
            columns.bank_id == bank_id,
            columns.party_id == party_id,
            columns.content.is_not(None),
        )
        .order_by(columns.telling_id.desc())
        .limit(limit_max)
    )
    return tuple(
        _telling(row.telling_id, row.party_id, row.season, row.told_at, row.content) for row in rows
    )


def forget_tellings(session: Session, bank_id: str, party_id: str) -> None:
    """Erase what a party was told; that it was told something in those seasons stays known."""
    columns = t.tellings.c
    session.execute(
        update(t.tellings)
        .where(columns.bank_id == bank_id, columns.party_id == party_id)
        .values(content=None)
    )


def _content(telling: Telling) -> dict[str, Any]:
    return {
        "currency": telling.currency,
        "chance": str(telling.chance),
        "common": str(telling.common),
        "usual_units": telling.usual_units,
        "window_from": telling.window_from.isoformat(),
        "window_until": telling.window_until.isoformat(),
        "windows": list(telling.windows),
        "seen_from": telling.seen_from.isoformat(),
        "seen_until": telling.seen_until.isoformat(),
        "transfer_count": telling.transfer_count,
        "transfer_ids": list(telling.transfer_ids),
        "model_version": telling.model_version,
    }


def _telling(
    telling_id: str, party_id: str, season: str, told_at: datetime, held: Mapping[str, Any]
) -> Telling:
    days = {
        name: date.fromisoformat(held[name])
        for name in ("window_from", "window_until", "seen_from", "seen_until")
    }
    return Telling(
        telling_id=telling_id, party_id=party_id, season=season, told_at=told_at,
        currency=held["currency"], chance=Decimal(held["chance"]), common=Decimal(held["common"]),
        usual_units=held["usual_units"], windows=tuple(held["windows"]),
        transfer_count=held["transfer_count"], transfer_ids=tuple(held["transfer_ids"]),
        model_version=held["model_version"], **days,
    )  # fmt: skip
