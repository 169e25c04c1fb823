"""The event log on the command line."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, text

from jiuding.kernel.eventlog.operations import verify_news

VERIFY_SECONDS_MAX = 3_600


def verify(engine: Engine, *, bank_id: str, head: str | None) -> dict[str, Any]:
    """Prove a bank's chain over its news from the data alone; no `finding` is all as sealed."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as session:
        session.execute(text("SET TRANSACTION READ ONLY"))
        session.execute(text(f"SET LOCAL statement_timeout = '{VERIFY_SECONDS_MAX}s'"))
        found = verify_news(session, bank_id=bank_id, head=head)
        session.rollback()
    finding = found.finding
    return {
        "bank_id": bank_id,
        "seals": found.seal_count,
        "sealed": found.sealed_count,
        "waiting": found.waiting_count,
        "head": found.head,
        "finding": None
        if finding is None
        else {"code": finding.code, "detail": finding.detail, "ids": list(finding.ids)},
    }
