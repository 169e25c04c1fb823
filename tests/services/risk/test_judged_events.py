"""Events counted and judged in one call, by what they saw; the record makes it again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jiuding.base.clock import now as clock_now
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.kernel import decisions
from jiuding.services import risk

STREAM = risk.load_stream("payments")


def payment(number: int, at, **more):
    return {
        "id": f"e{number}", "at": at.isoformat(), "party": "pty_1", "card": "c1", "payee": "shop",
        "amount": 100, "ip": "203.0.113.7", "device": "d1", "result": "paid", **more,
    }  # fmt: skip


@pytest.fixture
def book():
    return risk.Book(new_id("bank", clock_now()), STREAM)


def judged(engine, book, events, now, **more):
    with transaction(engine) as session:
        return risk.judge_events(
            session, book=book, policy="payment_velocity", events=events, now=now, **more
        )


def test_an_event_is_judged_by_what_it_saw_and_the_record_makes_it_again(engine, book, now):
    events = [payment(n, now + timedelta(seconds=n)) for n in range(7)]
    found = judged(engine, book, events[:4], now) + judged(engine, book, events[4:], now)
    outcomes = [str(each.decision.outcome) for each in found]
    assert outcomes == ["approve"] * 5 + ["step_up"] * 2
    (reason,) = found[5].decision.reasons
    assert (reason.code, reason.values["card.count_1min"]) == ("risk.card_bursts", "5")
    assert found[5].decision.subject == "pty_1"
    # Counted on: the record alone makes the decision, not what is counted by now.
    judged(engine, book, [payment(n, now + timedelta(seconds=20)) for n in range(10, 20)], now)
    with transaction(engine) as session:
        count = decisions.replay_all(session, bank_id=book.bank_id, limit_max=100)
    assert (count.replayed_count, count.different) == (17, ())


def test_an_event_said_twice_is_counted_and_judged_once(engine, book, now):
    first = judged(engine, book, [payment(1, now)], now)[0]
    again, other = judged(engine, book, [payment(1, now), payment(2, now)], now)
    assert again.decision == first.decision
    assert again.observed.features is None
    assert other.observed.features["card.count_1min"] == 1
    twice = judged(engine, book, [payment(3, now), payment(3, now)], now)
    assert twice[0].decision == twice[1].decision


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"amount": "12"}, "risk.bad_event"),
        ({"at": "2026-11-23T09:06:00+00:00"}, "risk.event_from_future"),
        ({"at": "2026-11-22T08:59:59+00:00"}, "risk.event_too_late"),
        ({"id": "e1", "amount": 1}, "risk.event_reused"),
    ],
)
def test_a_bad_event_is_refused_by_its_code_and_not_judged(engine, book, now, more, code):
    judged(engine, book, [payment(1, now)], now)
    bad, good = judged(engine, book, [{**payment(2, now), **more}, payment(3, now)], now)
    assert (bad.observed.refusal, bad.decision) == (code, None)
    assert str(good.decision.outcome) == "approve"


def test_an_event_out_of_order_is_judged_by_what_was_known_at_its_instant(engine, book, now):
    judged(engine, book, [payment(n, now + timedelta(seconds=n)) for n in range(6)], now)
    (late,) = judged(engine, book, [payment(9, now - timedelta(minutes=5))], now)
    assert str(late.decision.outcome) == "approve"
    assert late.observed.features["card.count_1min"] == 0


def test_further_features_are_part_of_the_record(engine, book, now):
    text = """
name = "with_signal"
version = 1
title = { zh = "信号", en = "Signal" }
default = "approve"
if_missing = "refer"
[fields]
"graph.group_bad" = { type = "int", zh = "团组中的不良方", en = "bad parties of the group" }
[[rules]]
id = "near_bad"
when = "graph.group_bad > 0"
outcome = "step_up"
code = "risk.near_bad"
weight = 1
zh = "关联 {graph.group_bad}。"
en = "Linked to {graph.group_bad}."
"""
    policy = decisions.read_policy_texts("with_signal.toml", text, {})
    with transaction(engine) as session:
        (found,) = risk.judge_events(
            session, book=book, policy=policy, events=[payment(1, now)], now=now,
            more=[{"graph.group_bad": 2}],
        )  # fmt: skip
        assert str(found.decision.outcome) == "step_up"
        assert decisions.replay(
            session, bank_id=book.bank_id, decision_id=found.decision.decision_id
        ).is_identical


def test_counters_notice_that_others_wrote_where_their_transaction_was_undone(engine, book, now):
    judged(engine, book, [payment(1, now)], now)
    with pytest.raises(ZeroDivisionError), transaction(engine) as session:
        risk.judge_events(
            session, book=book, policy="payment_velocity", now=now,
            events=[payment(2, now), payment(3, now)],
        )  # fmt: skip
        raise ZeroDivisionError
    other = risk.Book(book.bank_id, STREAM)
    judged(engine, other, [payment(n, now, card="c2") for n in (4, 5, 6)], now)
    (found,) = judged(engine, book, [payment(7, now)], now)
    assert found.observed.features["card.count_1min"] == 1
    assert found.observed.features["device.count_10min"] == 4


def test_a_stream_without_a_subject_is_not_judged(engine, now):
    head = 'name = "s"\n[fields]\ncard = "string"\n[features]\n'
    text = head + '"c" = { of = "count", key = "card", window = "1h" }\n'
    stream = risk.read_stream(text, file="s.toml")
    with transaction(engine) as session, pytest.raises(risk.BadStream, match="no subject"):
        risk.judge_events(
            session, book=risk.Book(new_id("bank", now), stream), policy="payment_velocity",
            events=[], now=now,
        )  # fmt: skip
    with pytest.raises(risk.BadStream, match="subject"):
        risk.read_stream('subject = "n"\n' + text, file="s.toml")
