"""Decisions are kept for their policy's time, longer while held, and go whole or not at all."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy

from jiuding.base.database.engine import transaction
from jiuding.kernel import decisions, eventlog
from jiuding.worker import Retaining

POLICY = """
name = "{name}"
version = 1
title = {{ zh = "留存", en = "Kept" }}
default = "approve"
if_missing = "refer"
[fields]
"event.x" = {{ type = "int", zh = "数", en = "x" }}
[[rules]]
id = "r"
when = "event.x > 5"
outcome = "decline"
code = "test.r"
weight = 1
zh = "数为 {{event.x}}。"
en = "x is {{event.x}}."
"""
STATED = decisions.Retention(100, {"brief": 10})


def decide(session, bank_id, name, key, at):
    policy = decisions.read_policy_texts(f"{name}.toml", POLICY.format(name=name), {})
    return decisions.decide(
        session, bank_id=bank_id, policy=policy, subject="s", event={"event.x": 7}, features={},
        now=at, idempotency_key=key,
    ).decision_id  # fmt: skip


def left(session, bank_id):
    found = decisions.decisions_about(session, bank_id=bank_id, subject="s", limit_max=100)
    return {each.decision_id for each in found}


def test_what_is_past_its_policys_time_goes_and_what_is_held_stays(session, bank_id, now):
    old = decide(session, bank_id, "brief", "old-key-1", now - timedelta(days=11))
    held = decide(session, bank_id, "brief", "old-key-2", now - timedelta(days=11))
    young = decide(session, bank_id, "brief", "old-key-3", now - timedelta(days=9))
    other = decide(session, bank_id, "long", "old-key-4", now - timedelta(days=11))
    label = decisions.Label(old, True, now, "test")
    decisions.record_labels(session, bank_id=bank_id, labels=[label], now=now)
    named = {"bank_id": bank_id, "decision_id": held, "held_for": "case_1"}
    for _ in range(2):
        decisions.hold_decision(session, **named, by="lin", now=now)
    ask = {"bank_id": bank_id, "now": now, "retention": STATED}
    assert decisions.remove_past_decisions(session, **ask) == {"brief": 1}
    assert left(session, bank_id) == {held, young, other}
    assert decisions.remove_past_decisions(session, **ask) == {}
    told = eventlog.events_about(session, bank_id=bank_id, subject="brief", limit_max=10)
    (gone,) = [each for each in told if each.kind == "decisions.decisions_removed"]
    assert gone.data["count"] == 1
    assert decisions.release_decision(session, **named)
    assert not decisions.release_decision(session, **named)
    assert decisions.remove_past_decisions(session, **ask) == {"brief": 1}
    assert left(session, bank_id) == {young, other}
    count = decisions.replay_all(session, bank_id=bank_id, limit_max=10)
    assert (count.replayed_count, count.different) == (2, ())


def test_only_so_many_go_at_a_time_the_oldest_first(session, bank_id, now):
    made = [
        decide(session, bank_id, "brief", f"key-{n:05}", now - timedelta(days=30 - n))
        for n in range(5)
    ]
    ask = {"bank_id": bank_id, "now": now, "retention": STATED, "removed_max": 2}
    assert decisions.remove_past_decisions(session, **ask) == {"brief": 2}
    assert left(session, bank_id) == set(made[2:])


@pytest.mark.parametrize("statement", ["DELETE FROM", "TRUNCATE"])
def test_records_are_still_append_only_for_everybody_else(engine, bank_id, now, statement):
    with transaction(engine) as session:
        decide(session, bank_id, "brief", "a-key-here", now - timedelta(days=20))
        decisions.remove_past_decisions(session, bank_id=bank_id, now=now, retention=STATED)
        decide(session, bank_id, "brief", "a-key-here", now)
        with pytest.raises(sqlalchemy.exc.DatabaseError, match="append-only"):
            session.execute(sqlalchemy.text(f"{statement} decisions.labels"))
        session.rollback()


def test_the_shipped_times_are_read_and_the_worker_looks_once_a_day(engine, bank_id, now):
    assert decisions.read_retention().days_of("credit") >= 365
    with transaction(engine) as session:
        decide(session, bank_id, "login", "login-key-1", now - timedelta(days=181))
    house = SimpleNamespace(engine=engine, bank=SimpleNamespace(bank_id=bank_id))
    retaining = Retaining()
    assert retaining.run_once(house, now) == {"login": 1}
    assert retaining.run_once(house, now + timedelta(hours=1)) is None
    assert retaining.run_once(house, now + timedelta(days=1)) == {}


def test_days_that_are_none_are_refused(tmp_path):
    path = tmp_path / "retention.toml"
    path.write_text("[decisions]\ndefault_days = 0\n")
    with pytest.raises(decisions.BadPolicy):
        decisions.read_retention(path)
