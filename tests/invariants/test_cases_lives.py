"""Long random lives of cases: whatever people try, the promises of cases hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.base.problems import Problem
from jiuding.kernel import eventlog
from jiuding.services import cases
from jiuding.services.cases import rules
from jiuding.services.cases.store import steps_of

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PEOPLE = ("ann", "bob", "cat")
VERBS = ("claim_case", "release_case", "propose_outcome", "return_outcome", "approve_outcome",
         "read_case", "add_evidence")  # fmt: skip
ACTS = st.lists(
    st.tuples(st.sampled_from(VERBS), st.sampled_from(PEOPLE), st.integers(0, 40)), max_size=25
)


@given(ACTS)
@settings(max_examples=25, deadline=None)
def test_a_case_is_the_sum_of_its_steps_whatever_is_tried(engine, acts):
    now = NOW
    bank_id = new_id("bank", now)
    with transaction(engine) as session:
        case_id = cases.open_case(
            session, bank_id=bank_id, kind="fraud", subject="pty_1", source="s:1", by="system:t",
            now=now,
        ).case_id  # fmt: skip
        at, proposer = now, None
        for place, (verb, by, minutes) in enumerate(acts):
            at += timedelta(minutes=minutes)
            before = cases.peek(session, bank_id=bank_id, case_id=case_id)
            more = {
                "propose_outcome": {"outcome": cases.CaseOutcome.CONFIRMED, "reason": "r"},
                "return_outcome": {"reason": "r"},
                "add_evidence": {"evidence": cases.note_evidence("n", note_id=f"n{place}", at=at)},
            }.get(verb, {})
            try:
                getattr(cases, verb)(
                    session, bank_id=bank_id, case_id=case_id, by=by, now=at,
                    idempotency_key=f"{bank_id}{place}", **more,
                )  # fmt: skip
            except Problem as problem:
                assert problem.code.startswith("cases.")
                assert cases.peek(session, bank_id=bank_id, case_id=case_id) == before
                continue
            holder = before.holder_at(at)
            assert verb == "read_case" or holder in (None, by)
            proposer = by if verb == "propose_outcome" else proposer
            assert verb != "approve_outcome" or by != proposer
        case = cases.peek(session, bank_id=bank_id, case_id=case_id)
        steps = steps_of(session, bank_id, case_id)
        news = eventlog.events_about(session, bank_id=bank_id, subject=case_id, limit_max=200)
    assert [each.number for each in steps] == list(range(1, len(steps) + 1))
    assert len(news) == len(steps) == case.step_count
    made = rules.opened(case_id, "fraud", "pty_1", 1, "system:t", now, cases.declared())
    for step in steps:
        made = rules.after(made, step, lease_seconds=cases.declared().lease_seconds)
    assert made == case
