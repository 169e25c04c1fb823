"""Claim and release: one case for one person, for as long as the lease runs."""

from __future__ import annotations

from datetime import datetime

from jiuding.base.database.engine import Session
from jiuding.services.cases import store
from jiuding.services.cases.errors import KeyReused, QueueEmpty
from jiuding.services.cases.operations.taking import locked, take
from jiuding.services.cases.types import Case, StepKind, Wanted


def claim_case(
    session: Session, *, bank_id: str, case_id: str, by: str, now: datetime, idempotency_key: str
) -> Case:
    """Hold a case for half an hour (`catalog/cases.toml`), or for longer when one holds it.

    Refuses: CaseNotFound, CaseHeld, StepNotAllowed when it is closed, KeyReused.
    """
    case = locked(session, bank_id, case_id)
    return take(session, bank_id, case, StepKind.CLAIMED, by=by, now=now, key=idempotency_key)


def claim_next(
    session: Session,
    *,
    bank_id: str,
    by: str,
    now: datetime,
    idempotency_key: str,
    wanted: Wanted | None = None,
) -> Case:
    """Hold the first case of the queue that nobody holds; two who ask at once get two cases.

    Refuses: QueueEmpty; KeyReused.
    """
    known = store.step_by_key(session, bank_id, idempotency_key)
    if known is not None:
        if (known[1].step, known[1].by) != (StepKind.CLAIMED, by):
            raise KeyReused("this key stands for something else", idempotency_key=idempotency_key)
        return locked(session, bank_id, known[0])
    case = store.take_first(session, bank_id, wanted or Wanted(), by=by, now=now)
    if case is None:
        raise QueueEmpty("nothing waits that nobody works")
    return take(session, bank_id, case, StepKind.CLAIMED, by=by, now=now, key=idempotency_key)


def release_case(
    session: Session, *, bank_id: str, case_id: str, by: str, now: datetime, idempotency_key: str
) -> Case:
    """Give a case that one holds back to the queue.

    Refuses: CaseNotFound, CaseHeld, NotHolder, StepNotAllowed, KeyReused.
    """
    case = locked(session, bank_id, case_id)
    return take(session, bank_id, case, StepKind.RELEASED, by=by, now=now, key=idempotency_key)
