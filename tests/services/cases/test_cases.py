"""Cases: opened once, worked by one, decided by two, and what was found feeds back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy

from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.kernel import decisions, eventlog
from jiuding.services import cases
from jiuding.services.cases import reactions
from jiuding.services.cases.rules import read_declared


def told(room, case_id: str) -> list[str]:
    found = eventlog.events_about(
        room.session, bank_id=room.bank_id, subject=case_id, limit_max=100
    )
    return [each.kind.removeprefix("cases.") for each in reversed(found)]


def test_one_source_opens_one_case_and_its_priority_says_when_it_is_due(room):
    first = room.open(source="decision:1")
    again = room.open(source="decision:1")
    assert again.case_id == first.case_id
    assert (first.priority, first.due_at - first.opened_at) == (1, timedelta(hours=4))
    assert room.open(source="decision:2").case_id != first.case_id
    low = room.open(priority="low")
    assert low.due_at - low.opened_at == timedelta(hours=168)
    assert told(room, first.case_id) == ["case_opened"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"kind": "nothing"}, "cases.bad_case"),
        ({"priority": "soon"}, "cases.bad_case"),
        ({"subject": "Ann Lee"}, "cases.bad_case"),
        ({"subject": "林岚"}, "cases.bad_case"),
        ({"source": "x" * 301}, "cases.bad_case"),
    ],
)
def test_a_case_that_is_not_declared_or_names_no_id_is_refused(room, more, code):
    with pytest.raises(cases.BadCase) as refused:
        room.open(**more)
    assert refused.value.code == code


def test_a_source_that_opened_another_case_is_refused(room):
    room.open(source="s:1")
    with pytest.raises(cases.KeyReused):
        room.open(source="s:1", subject="pty_2")
    room.open(source="k:1", content_hash="a")
    with pytest.raises(cases.KeyReused):
        room.open(source="k:1", content_hash="b")


def test_two_people_never_hold_one_case_until_the_lease_has_ended(room):
    case = room.open()
    held = room.do("claim_case", case.case_id, "ann")
    assert held.holder_at(room.now) == "ann"
    with pytest.raises(cases.CaseHeld) as refused:
        room.do("claim_case", case.case_id, "bob")
    assert refused.value.fields["holder"] == "ann"
    later = room.now + timedelta(minutes=30)
    assert room.do("claim_case", case.case_id, "bob", at=later).holder == "bob"
    with pytest.raises(cases.CaseHeld):
        room.do("release_case", case.case_id, "ann", at=later)
    freed = room.do("release_case", case.case_id, "bob", at=later)
    assert freed.holder is None
    with pytest.raises(cases.NotHolder):
        room.do("release_case", case.case_id, "bob", at=later)


def test_what_waits_is_handed_out_by_priority_and_age_and_only_once(room):
    old = room.open(priority="normal")
    room.now += timedelta(minutes=1)
    urgent, young = room.open(priority="urgent"), room.open(priority="normal")
    asked = [
        cases.claim_next(
            room.session, bank_id=room.bank_id, by=by, now=room.now, idempotency_key=f"next-{by}"
        ).case_id
        for by in ("ann", "bob", "cat", "ann")
    ]
    assert asked == [urgent.case_id, old.case_id, young.case_id, urgent.case_id]
    with pytest.raises(cases.QueueEmpty):
        cases.claim_next(
            room.session, bank_id=room.bank_id, by="dan", now=room.now, idempotency_key="n"
        )


def test_it_takes_two_and_who_proposed_cannot_approve(room):
    case = room.open()
    with pytest.raises(cases.NotHolder):
        room.do(
            "propose_outcome", case.case_id, "ann", outcome=cases.CaseOutcome.CONFIRMED, reason="x"
        )
    proposed = room.propose(case.case_id, "ann")
    assert (proposed.status, proposed.proposed_by, proposed.holder) == ("proposed", "ann", None)
    with pytest.raises(cases.SamePerson):
        room.do("approve_outcome", case.case_id, "ann")
    closed = room.do("approve_outcome", case.case_id, "bob")
    assert (closed.status, closed.outcome, closed.closed_at) == ("closed", "confirmed", room.now)
    assert told(room, case.case_id) == [
        "case_opened", "case_claimed", "outcome_proposed", "outcome_approved",
    ]  # fmt: skip
    for verb in ("claim_case", "approve_outcome"):
        with pytest.raises(cases.StepNotAllowed):
            room.do(verb, case.case_id, "cat")


def test_an_outcome_that_is_returned_waits_again(room):
    case = room.open()
    room.propose(case.case_id, "ann")
    waits = room.do("return_outcome", case.case_id, "bob", reason="look at the device too")
    assert (waits.status, waits.outcome, waits.proposed_by) == ("open", None, None)
    again = room.propose(case.case_id, "bob", "unfounded")
    assert again.proposed_by == "bob"
    assert room.do("approve_outcome", case.case_id, "ann").outcome == "unfounded"
    with pytest.raises(cases.BadCase):
        room.do("return_outcome", case.case_id, "bob", reason="  ")


def test_a_step_said_twice_happens_once_and_a_key_stands_for_one_thing(room):
    case = room.open()
    first = room.do("claim_case", case.case_id, "ann", key="once")
    again = room.do("claim_case", case.case_id, "ann", key="once")
    assert first == again
    assert told(room, case.case_id).count("case_claimed") == 1
    with pytest.raises(cases.KeyReused):
        room.do("claim_case", case.case_id, "bob", key="once")
    with pytest.raises(cases.KeyReused):
        room.do("claim_case", room.open().case_id, "ann", key="once")


def test_a_decision_left_to_a_person_opens_its_case_by_news_and_only_once(
    engine, room, bank_id, now
):
    Room = type(room)
    with transaction(engine) as session:
        room = Room(session, bank_id, now)
        referred, _ = room.decide(200), room.decide(50)
    for _ in range(2):
        reactions.take_up_news(engine, bank_id=bank_id, now=now)
    with transaction(engine) as session:
        page = cases.list_cases(
            session, bank_id=bank_id, wanted=cases.Wanted(), now=now, limit_max=10
        )
        assert [(each.kind, each.subject, each.opened_by) for each in page.cases] == [
            ("referral", "pty_1", "policy:referring")
        ]
        found = Room(session, bank_id, now).read(page.cases[0].case_id)
    (piece,) = found.evidence
    assert (piece.kind, piece.reference) == ("decision", referred.decision_id)
    assert piece.data["reasons"][0]["en"] == "The amount is 200."


def test_news_that_cannot_become_a_case_holds_up_no_other(engine, room, bank_id, now):
    Room = type(room)
    with transaction(engine) as session:
        gone = decisions.DecisionReferred(decision_id=new_id("dec", now), policy="gone")
        words = {"bank_id": bank_id, "source": "tests", "occurred_at": now, "recorded_at": now}
        eventlog.append(session, subject="pty_0", event=gone, **words)
        Room(session, bank_id, now).decide(200, subject="pty_after")
    assert reactions.take_up_news(engine, bank_id=bank_id, now=now) == 2
    with transaction(engine) as session:
        page = cases.list_cases(
            session, bank_id=bank_id, wanted=cases.Wanted(), now=now, limit_max=10
        )
    assert [each.subject for each in page.cases] == ["pty_after"]


def test_a_reason_with_endless_values_still_fits_a_case(room):
    decision = room.decide(900)
    long = replace(decision.reasons[0], values={"a": "x" * 200_000}, text_en="y" * 200_000)
    whole = replace(decision, reasons=(long,) * 50)
    case = room.open(evidence=[cases.decision_evidence(whole)])
    (piece,) = room.read(case.case_id).evidence
    assert len(piece.data["reasons"]) == 20


@pytest.mark.parametrize(
    ("outcome", "label"), [("confirmed", False), ("unfounded", True), ("inconclusive", None)]
)
def test_an_approved_outcome_labels_the_decisions_for_back_tests_and_learners(room, outcome, label):
    decision = room.decide()
    case = cases.refer_decision(
        room.session, bank_id=room.bank_id, decision_id=decision.decision_id, now=room.now
    )
    room.propose(case.case_id, "ann", outcome)
    room.do("approve_outcome", case.case_id, "bob", key="yes")
    room.do("approve_outcome", case.case_id, "bob", key="yes")
    later = room.now + timedelta(seconds=1)
    read = {"bank_id": room.bank_id, "now": later, "limit_max": 10}
    tested = decisions.back_test(
        room.session, policy=decisions.read_policy_texts("r.toml", STRICT, {}), **read
    )
    more = tested.refused_more
    assert (more.count, more.good, more.bad) == (1, int(label is True), int(label is False))
    rows = list(decisions.labelled_history(room.session, policy_name="referring", **read))
    assert [row["label"] for row in rows] == ([] if label is None else ["good" if label else "bad"])
    # What `jiuding cases labels` writes is what `jiuding decisions backtest --events` reads.
    strict = decisions.read_policy_texts("r.toml", STRICT, {})
    again = decisions.back_test_events(strict, strict, rows).refused_fewer
    assert (again.count, again.bad) == (0, 0)
    counted = decisions.back_test_events(
        strict, strict, [{**row, "outcome": "approve"} for row in rows]
    )
    assert counted.refused_more.count == len(rows)
    told = cases.labels_of(room.session, bank_id=room.bank_id, until=later, limit_max=10)
    assert [ids for _, ids in told] == ([] if label is None else [(decision.decision_id,)])


def test_a_decision_outlives_its_time_for_as_long_as_its_case_is_open(room):
    decision = room.decide()
    long_after = room.now + timedelta(days=2)
    old = decisions.Retention(1, {})
    case = cases.refer_decision(
        room.session, bank_id=room.bank_id, decision_id=decision.decision_id, now=room.now
    )

    def removed() -> int:
        gone = decisions.remove_past_decisions(
            room.session, bank_id=room.bank_id, now=long_after, retention=old
        )
        return sum(gone.values())

    assert removed() == 0
    room.propose(case.case_id, "ann", "inconclusive")
    assert removed() == 0
    room.do("approve_outcome", case.case_id, "bob")
    assert removed() == 1


STRICT = """
name = "referring"
version = 2
title = { zh = "例", en = "Example" }
[fields]
"amount" = { type = "decimal" }
[[rules]]
id = "large"
when = "amount > 100"
outcome = "decline"
code = "referring.large"
weight = 1
zh = "例。"
en = "Example."
"""


def test_looking_at_a_case_is_one_of_its_steps_and_everything_is_in_one_order(room):
    case = room.open(
        evidence=[
            cases.signal_evidence(
                code="signals.shared_device", at=room.now - timedelta(days=2), value="4"
            )
        ]
    )
    room.now += timedelta(minutes=5)
    found = room.read(case.case_id, "cat")
    assert [(each.part, each.name) for each in found.timeline] == [
        ("evidence", "signal"), ("step", "opened"), ("step", "evidence_added"), ("step", "viewed"),
    ]  # fmt: skip
    assert found.timeline[-1].by == "cat"
    assert told(room, case.case_id)[-1] == "case_viewed"
    instants = [(each.at, each.number) for each in found.timeline]
    assert instants == sorted(instants)


def test_search_and_filter_find_a_case_by_its_ids(room):
    decision = room.decide()
    case = cases.refer_decision(
        room.session, bank_id=room.bank_id, decision_id=decision.decision_id, now=room.now
    )
    other = room.open(subject="pty_2")

    def found(**wanted):
        page = cases.list_cases(
            room.session, bank_id=room.bank_id, wanted=cases.Wanted(**wanted), now=room.now,
            limit_max=10,
        )  # fmt: skip
        return [each.case_id for each in page.cases]

    assert found(search=case.case_id) == found(search="pty_1") == [case.case_id]
    assert found(search=decision.decision_id) == [case.case_id]
    assert found(search="' OR 1=1 --") == found(search="%") == []
    assert found(kind="fraud") == [other.case_id]
    room.do("claim_case", other.case_id, "ann")
    assert found(held_by="ann") == [other.case_id]
    assert found(status=cases.Status.CLOSED) == []
    counts = cases.count_cases(room.session, bank_id=room.bank_id, now=room.now + timedelta(days=1))
    assert (counts.open, counts.overdue, counts.proposed) == (2, 1, 0)


def test_pages_of_the_queue_join_without_a_gap(room):
    opened = [room.open(priority=each).case_id for each in ("low", "urgent", "high", "urgent")]
    seen, after = [], None
    while True:
        page = cases.list_cases(
            room.session, bank_id=room.bank_id, wanted=cases.Wanted(), now=room.now, limit_max=2,
            after=after,
        )  # fmt: skip
        seen += [each.case_id for each in page.cases]
        after = page.next_after
        if after is None:
            break
    assert seen == [opened[1], opened[3], opened[2], opened[0]]


def test_steps_and_evidence_are_never_changed(room):
    room.open()
    for table in ("steps", "evidence", "sources"):
        refused = pytest.raises(sqlalchemy.exc.DatabaseError, match="append-only")
        with refused, room.session.begin_nested():
            room.session.execute(sqlalchemy.text(f"DELETE FROM cases.{table}"))


def test_another_banks_case_is_not_here(room):
    case = room.open()
    room.bank_id = new_id("bank", room.now)
    with pytest.raises(cases.CaseNotFound):
        room.read(case.case_id)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "lease_minutes"),
        ({"lease_minutes": True}, "lease_minutes"),
        ({"lease_minutes": 5, "due_hours": {"urgent": 0}}, "urgent"),
        ({"kinds": {}}, "at least one"),
        ({"kinds": {"a": {"priority": "soon", "title": {"zh": "一", "en": "a"}}}}, "priority"),
        ({"kinds": {"a": {"priority": "low", "title": {"en": "a"}}}}, "both titles"),
    ],
)
def test_a_catalogue_that_does_not_say_how_is_refused(given, why):
    whole = {
        "lease_minutes": 5, "due_hours": {"urgent": 1, "high": 1, "normal": 1, "low": 1},
        "kinds": {"a": {"priority": "low", "title": {"zh": "一", "en": "a"}}},
    }  # fmt: skip
    assert read_declared(whole).lease_seconds == 300
    wrong = given if "lease_minutes" in given or not given else {**whole, **given}
    with pytest.raises(cases.BadDeclaration, match=why):
        read_declared(wrong)
