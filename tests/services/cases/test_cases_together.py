"""Several people at once: each case has one holder, each source one case, each outcome one end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from jiuding.base.database.engine import transaction
from jiuding.base.problems import Problem
from jiuding.services import cases

PEOPLE = 6


def together(work):
    """Run the work of each person at the same moment and return what each got."""
    start = Barrier(PEOPLE)

    def one(number: int):
        start.wait(timeout=20)
        try:
            return work(number)
        except Problem as problem:
            return problem.code

    with ThreadPoolExecutor(PEOPLE) as pool:
        return list(pool.map(one, range(PEOPLE)))


def opened(engine, bank_id, now, source: str) -> str:
    with transaction(engine) as session:
        return cases.open_case(
            session, bank_id=bank_id, kind="fraud", subject="pty_1", source=source,
            by="system:test", now=now,
            evidence=(cases.signal_evidence(code="signals.x", at=now),),
        ).case_id  # fmt: skip


def test_one_source_opens_one_case_for_all_who_bring_it_at_once(engine, bank_id, now):
    found = together(lambda _: opened(engine, bank_id, now, "one:source"))
    assert len(set(found)) == 1
    with transaction(engine) as session:
        file = cases.read_case(
            session, bank_id=bank_id, case_id=found[0], by="ann", now=now, idempotency_key="v"
        )
    assert [each.step for each in file.steps] == ["opened", "evidence_added", "viewed"]


def test_all_who_ask_for_the_next_case_at_once_get_different_ones(engine, bank_id, now):
    known = {opened(engine, bank_id, now, f"s:{number}") for number in range(PEOPLE - 1)}

    def take(number: int) -> str:
        with transaction(engine) as session:
            return cases.claim_next(
                session, bank_id=bank_id, by=f"p{number}", now=now, idempotency_key=f"n{number}"
            ).case_id

    found = together(take)
    assert sorted(found) == sorted([*known, "cases.queue_empty"])


def test_one_case_is_claimed_by_one_and_closed_by_one(engine, bank_id, now):
    case_id = opened(engine, bank_id, now, "s:1")

    def do(verb, number: int, **more) -> str:
        with transaction(engine) as session:
            getattr(cases, verb)(
                session, bank_id=bank_id, case_id=case_id, by=f"p{number}", now=now,
                idempotency_key=f"{verb}{number}", **more,
            )  # fmt: skip
        return "done"

    claimed = together(lambda number: do("claim_case", number))
    assert sorted(claimed) == ["cases.held"] * (PEOPLE - 1) + ["done"]
    holder = claimed.index("done")
    do("propose_outcome", holder, outcome=cases.CaseOutcome.CONFIRMED, reason="r")
    ended = together(lambda number: do("approve_outcome", number))
    assert ended.count("done") == 1
    assert ended[holder] != "done"
    with transaction(engine) as session:
        labels = cases.labels_of(
            session, bank_id=bank_id, until=now + timedelta(seconds=1), limit_max=10
        )
    assert [each.case_id for each, _ in labels] == [case_id]
