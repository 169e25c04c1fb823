"""What cases does on hearing news: a decision that its policy left to a person opens a case."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import Engine

from jiuding.base.database.engine import Session, run_transaction
from jiuding.base.problems import Problem
from jiuding.kernel import decisions, eventlog
from jiuding.services.cases import operations

LISTENER = "cases"
NEWS_MAX = 500
_log = structlog.get_logger("jiuding.cases")


def take_up_news(engine: Engine, *, bank_id: str, now: datetime, rounds_max: int = 20) -> int:
    """Hear what is new, open the cases it asks for, and return how many pieces were heard.

    Opening and moving the cursor are one transaction: each decision opens one case, also after a
    crash.
    """
    heard = 0
    for _ in range(rounds_max):
        count = run_transaction(engine, lambda session: _hear(session, bank_id, now))
        heard += count
        if count < NEWS_MAX:
            break
    return heard


def _hear(session: Session, bank_id: str, now: datetime) -> int:
    news = eventlog.read_news(session, bank_id=bank_id, listener=LISTENER, limit_max=NEWS_MAX)
    for each in news:
        if each.kind == decisions.DecisionReferred.kind:
            _refer(session, bank_id, each.data["decision_id"], now)
    if news:
        position = news[-1].position
        eventlog.advance(session, bank_id=bank_id, listener=LISTENER, position=position or 0)
    return len(news)


def _refer(session: Session, bank_id: str, decision_id: str, now: datetime) -> None:
    """Open the case of one decision; one that is refused is said aloud and holds up no other."""
    try:
        with session.begin_nested():
            operations.refer_decision(session, bank_id=bank_id, decision_id=decision_id, now=now)
    except Problem as problem:
        _log.error("case_not_opened", decision_id=decision_id, code=problem.code)
