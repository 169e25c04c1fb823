"""Queries of insight: rows go in, nouns come out."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from jiuding.base.database.engine import Session
from jiuding.services.insight import tables as t
from jiuding.services.insight.types import Wish, WishKind

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
        insert(t.wishes).values(
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
