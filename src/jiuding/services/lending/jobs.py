"""What lending does after a commit: ask other lenders, and take up what a crash left waiting."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from jiuding.base.clock import Stopwatch
from jiuding.base.database.engine import transaction
from jiuding.services.lending import operations
from jiuding.services.lending.errors import LenderUnavailable
from jiuding.services.lending.gateways import Lenders
from jiuding.services.lending.types import Application

WAITING = timedelta(seconds=15)
TAKEN_UP_MAX = 50


def ask_lenders(
    engine: Engine, *, bank_id: str, application_id: str, lenders: Lenders, now: datetime,
    watch: Stopwatch | None = None,
) -> Application:  # fmt: skip
    """Ask every other lender of an application, then grant or decline it in one transaction.

    A lender that does not answer leaves the application SUBMITTED; a later call asks again.
    When one lender refuses, those that accepted are told that their loan is not taken up.
    """
    watch = watch or Stopwatch()
    with transaction(engine) as session:
        requests = operations.outside_requests(
            session, bank_id=bank_id, application_id=application_id
        )
    answers = {}
    try:
        for leg, request in requests:
            answers[leg.number] = lenders.of(leg.lender).submit(request)
    except LenderUnavailable:
        with transaction(engine) as session:
            return operations.read_application(
                session, bank_id=bank_id, application_id=application_id
            )
    watch.lap("lenders")
    if not all(answer.is_accepted for answer in answers.values()):
        # Before the answer is written down: a crash here asks, and withdraws, once more.
        for leg, request in requests:
            if answers[leg.number].is_accepted:
                lenders.of(leg.lender).withdraw(request.request_id)
    with transaction(engine) as session:
        done = operations.answer_application(
            session, bank_id=bank_id, application_id=application_id, answers=answers, now=now,
            watch=watch,
        )  # fmt: skip
    watch.lap("commit")
    return done


def take_up_waiting(engine: Engine, *, bank_id: str, lenders: Lenders, now: datetime) -> int:
    """Ask again for applications that a crash or a silent lender left waiting; return how many."""
    with transaction(engine) as session:
        waiting = operations.waiting_applications(
            session, bank_id=bank_id, before=now - WAITING, limit_max=TAKEN_UP_MAX
        )
    for application_id in waiting:
        ask_lenders(
            engine, bank_id=bank_id, application_id=application_id, lenders=lenders, now=now
        )
    return len(waiting)
