"""Queries of quotes: rows go in, nouns come out."""

from __future__ import annotations

from sqlalchemy import insert, select

from jiuding.base.database.engine import Session
from jiuding.services.offers import tables as t
from jiuding.services.offers.rules import records
from jiuding.services.offers.types import Quote


def add_quote(session: Session, bank_id: str, quote: Quote) -> None:
    """Store a quote."""
    session.execute(
        insert(t.quotes).values(
            bank_id=bank_id, quote_id=quote.quote_id, party_id=quote.party_id,
            market=quote.market, need=records.to_record(quote.need),
            profile=records.to_record(quote.profile), answer=records.to_record(quote.plan_set),
            library_version=quote.library_version, quoted_at=quote.quoted_at,
            expires_at=quote.expires_at,
        )
    )  # fmt: skip


def quote(session: Session, bank_id: str, quote_id: str) -> Quote | None:
    """Return a quote."""
    row = session.execute(
        select(t.quotes).where(t.quotes.c.bank_id == bank_id, t.quotes.c.quote_id == quote_id)
    ).first()
    if row is None:
        return None
    return Quote(
        row.quote_id, row.party_id, row.market, records.need_of(row.need),
        records.profile_of(row.profile), records.plan_set_of(row.answer), row.library_version,
        row.quoted_at, row.expires_at,
    )  # fmt: skip
