"""Queries of conversations: rows go in, nouns come out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from jiuding.base.database.engine import Session
from jiuding.channels.assistant import tables as t
from jiuding.channels.assistant.types import Conversation


def conversation(session: Session, bank_id: str, conversation_id: str) -> Conversation | None:
    """Return a conversation, locked until the session ends, so that turns come one by one."""
    row = session.execute(
        select(t.conversations)
        .where(
            t.conversations.c.bank_id == bank_id,
            t.conversations.c.conversation_id == conversation_id,
        )
        .with_for_update()
    ).first()
    if row is None:
        return None
    return Conversation(
        row.conversation_id, row.party_id, row.lang, row.slots, row.asked, row.quote_id,
        row.turn_count,
    )  # fmt: skip


def keep(
    session: Session, bank_id: str, kept: Conversation, slots: dict[str, Any], now: datetime
) -> None:
    """Store where a conversation stands; `slots` are plain JSON."""
    changing = {
        "lang": kept.lang, "slots": slots, "asked": kept.asked, "quote_id": kept.quote_id,
        "turn_count": kept.turn_count, "last_at": now,
    }  # fmt: skip
    session.execute(
        upsert(t.conversations)
        .values(
            bank_id=bank_id, conversation_id=kept.conversation_id, party_id=kept.party_id,
            began_at=now, **changing,
        )
        .on_conflict_do_update(
            index_elements=["bank_id", "conversation_id"], set_=changing
        )
    )  # fmt: skip
