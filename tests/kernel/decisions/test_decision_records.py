"""Decisions on record: said twice decided once, and replayed byte for byte."""

from __future__ import annotations

import random
import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.kernel import decisions, eventlog

TOML = """
name = "tiny"
version = 3
title = { zh = "例", en = "Example" }
currency = "currency"

[fields]
"amount" = { type = "decimal" }
"income" = { type = "decimal" }
"currency" = { type = "string" }
"payee" = { type = "string" }
"count" = { type = "int" }
"lists.blocked" = { type = "list<string>" }

[derived]
"share" = { is = "amount / income" }

[[tables]]
id = "steps"
file = "tiny.steps.csv"
hit = "COLLECT"
values = { rest = "income - amount" }

[[rules]]
id = "blocked"
when = "payee in lists.blocked"
outcome = "decline"
code = "tiny.blocked"
weight = 9
zh = "收款人在名单上。"
en = "The payee is on a list."

[[rules]]
id = "large"
when = "share > 0.5"
outcome = "refer"
code = "tiny.large"
weight = 5
values = { share = "share", third = "income / 3" }
zh = "占收入 {share|percent}，最多 {third|money}。"
en = "{share|percent} of income; at most {third|money}."

[scorecard]
base = 500
min = 300
max = 850
[[scorecard.characteristics]]
id = "score_share"
code = "tiny.score_share"
of = "share"
missing = 0
bands = [{ below = 0.3, points = 50 }, { points = -50 }]
zh = "比例 {share|percent}。"
en = "Share {share|percent}."
"""
STEPS = (
    "amount,count,outcome,code,weight,zh,en\n"
    ">= 900,,step_up,tiny.check,3,剩 {rest|money}。,{rest|money} is left.\n"
    ",> 7,refer,tiny.often,2,次数 {count}。,{count} times.\n"
)
POLICY = decisions.read_policy_texts("tiny.toml", TOML, {"tiny.steps.csv": STEPS})


def request(number: int, draw: random.Random) -> decisions.Request:
    event = {
        "amount": Decimal(draw.randrange(-100, 200_000)).scaleb(-draw.randrange(0, 3)),
        "currency": draw.choice(("CNY", "AUD", "JPY")),
        "payee": draw.choice(("p", "q", "店 '\"\\ é", "")),
        "count": draw.randrange(0, 10),
    }
    features = {"income": Decimal(draw.randrange(0, 3000))}
    for part in (event, features):
        for name in list(part):
            if draw.random() < 0.1:
                del part[name]
    lists = {"blocked": draw.choice((["q"], ["q", "r", "r"], []))} if draw.random() < 0.9 else {}
    return decisions.Request(f"sub_{number}", event, f"key_{number}", features, lists, "model-7")


def test_thousands_of_random_decisions_replay_byte_for_byte(session, bank_id, now):
    draw = random.Random(20261123)
    outcomes = set()
    for batch in range(4):
        found = decisions.decide_all(
            session,
            bank_id=bank_id,
            policy=POLICY,
            requests=[request(batch * 500 + number, draw) for number in range(500)],
            now=now + timedelta(seconds=batch % 2),
        )
        outcomes |= {decision.outcome for decision in found}
    assert outcomes == set(decisions.Outcome)
    count = decisions.replay_all(session, bank_id=bank_id, limit_max=5_000)
    assert (count.replayed_count, count.identical_count) == (2_000, 2_000)


def decide(session, bank_id, now, **changes):
    given = {
        "policy": POLICY,
        "subject": "pty_1",
        "event": {"amount": "900.10", "currency": "CNY", "payee": "p", "count": 1},
        "features": {"income": Decimal("1000")},
        "lists": {"blocked": ["q"]},
        "idempotency_key": "one",
        "model_version": None,
    } | changes
    return decisions.decide(session, bank_id=bank_id, now=now, **given)


def test_a_decision_is_read_back_as_it_was_made(session, bank_id, now):
    made = decide(session, bank_id, now)
    assert made.outcome == "refer"
    assert [reason.code for reason in made.reasons] == ["tiny.large", "tiny.check"]
    assert made.reasons[0].text_zh == "占收入 90.01%，最多 333.33 元。"
    assert made.reasons[1].text_en == "CNY 99.90 is left."
    read = decisions.read_decision(session, bank_id=bank_id, decision_id=made.decision_id)
    assert read == made
    assert decisions.decisions_about(
        session, bank_id=bank_id, subject="pty_1", limit_max=10
    ) == (made,)  # fmt: skip
    assert decisions.replay(session, bank_id=bank_id, decision_id=made.decision_id).is_identical


def test_the_same_key_and_content_gives_the_first_decision(session, bank_id, now):
    first = decide(session, bank_id, now)
    again = decide(session, bank_id, now + timedelta(days=1))
    assert again == first
    count = session.execute(text("SELECT count(*) FROM decisions.decisions WHERE bank_id = :b"),
                            {"b": _uuid(bank_id)}).scalar()  # fmt: skip
    assert count == 1


def test_the_same_key_with_other_content_is_refused(session, bank_id, now):
    decide(session, bank_id, now)
    with pytest.raises(decisions.KeyReused):
        decide(session, bank_id, now, event={"amount": "900.11"})


def test_a_key_twice_in_one_batch_is_decided_once(session, bank_id, now):
    one = request(1, random.Random(1))
    first, second = decisions.decide_all(
        session, bank_id=bank_id, policy=POLICY, requests=[one, one], now=now
    )
    assert first == second


def test_keys_and_decisions_of_another_bank_are_not_here(session, bank_id, now):
    first = decide(session, bank_id, now)
    other = new_id("bank", now)
    assert decide(session, other, now).decision_id != first.decision_id
    with pytest.raises(decisions.DecisionNotFound):
        decisions.read_decision(session, bank_id=other, decision_id=first.decision_id)


def test_a_replay_reads_the_record_and_not_the_catalogue(session, bank_id, now):
    made = decide(session, bank_id, now)
    newer = decisions.read_policy_texts(
        "tiny.toml", TOML.replace("share > 0.5", "share > 0.95"), {"tiny.steps.csv": STEPS}
    )
    later = decide(session, bank_id, now, policy=newer, idempotency_key="two")
    assert later.outcome == "step_up"
    assert later.policy_version != made.policy_version
    assert decisions.replay_all(session, bank_id=bank_id, limit_max=10).different == ()


def _without_guard(session, table):
    """Do what only the owner of the tables could; undone when the test ends."""
    session.execute(text(f"ALTER TABLE decisions.{table} DISABLE TRIGGER append_only"))


@pytest.mark.parametrize("table", ["decisions", "policy_versions", "list_versions"])
def test_a_record_cannot_be_changed_or_deleted(session, bank_id, now, table):
    decide(session, bank_id, now)
    for change in (
        f"DELETE FROM decisions.{table}",
        f"UPDATE decisions.{table} SET bank_id = NULL",
    ):
        with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
            session.execute(text(change))


def test_an_altered_record_does_not_pass_for_the_first_one(session, bank_id, now):
    made = decide(session, bank_id, now)
    _without_guard(session, "decisions")
    session.execute(
        text("UPDATE decisions.decisions SET features = jsonb_set(features, '{income}', '\"5000\"')"
             " WHERE bank_id = :b"), {"b": _uuid(bank_id)},
    )  # fmt: skip
    replayed = decisions.replay(session, bank_id=bank_id, decision_id=made.decision_id)
    assert not replayed.is_identical
    assert decisions.replay_all(session, bank_id=bank_id, limit_max=9).different == (
        made.decision_id,
    )


def test_an_altered_policy_on_record_is_refused_by_its_hash(session, bank_id, now):
    made = decide(session, bank_id, now)
    _without_guard(session, "policy_versions")
    session.execute(
        text("UPDATE decisions.policy_versions SET content = replace(content, '0.5', '0.6')"
             " WHERE bank_id = :b"), {"b": _uuid(bank_id)},
    )  # fmt: skip
    with pytest.raises(decisions.BadPolicy, match="altered"):
        decisions.replay(session, bank_id=bank_id, decision_id=made.decision_id)


def test_bad_inputs_leave_no_record(session, bank_id, now):
    with pytest.raises(decisions.BadInputs):
        decide(session, bank_id, now, event={"amount": 0.1})
    for changes in ({"subject": ""}, {"subject": "é"}, {"idempotency_key": ""}):
        with pytest.raises(decisions.BadInputs):
            decide(session, bank_id, now, **changes)
    assert decisions.replay_all(session, bank_id=bank_id, limit_max=9).replayed_count == 0


def _uuid(bank_id):
    from jiuding.base.ids import to_uuid

    return to_uuid("bank", bank_id)


def test_a_prepared_list_is_hashed_once_and_stored_once(session, bank_id, now):
    spec = POLICY.fields["lists.blocked"]
    prepared = decisions.prepare_list(spec, [f"payee {number}" for number in range(5_000)])
    for number in range(3):
        decide(session, bank_id, now, lists={"blocked": prepared}, idempotency_key=f"k{number}")
    count = session.execute(text("SELECT count(*) FROM decisions.list_versions WHERE bank_id = :b"),
                            {"b": _uuid(bank_id)}).scalar()  # fmt: skip
    assert count == 1
    with pytest.raises(decisions.BadInputs):
        decisions.prepare_list(spec, ("x" for _ in range(100_001)))
    assert decisions.replay_all(session, bank_id=bank_id, limit_max=9).different == ()


def test_every_decision_is_told_to_the_event_log(session, bank_id, now):
    made = decide(session, bank_id, now)
    rows = session.execute(
        text("SELECT kind, data FROM eventlog.behaviour WHERE bank_id = :b"),
        {"b": _uuid(bank_id)},
    ).all()
    assert [(row.kind, row.data["decision_id"], row.data["codes"]) for row in rows] == [
        (decisions.DECISION_MADE, made.decision_id, ["tiny.large", "tiny.check"])
    ]


def test_the_same_request_from_two_sides_at_once_is_decided_once(engine, bank_id, now):
    start, answers = threading.Barrier(2), []

    def ask():
        with transaction(engine) as session:
            start.wait(5)
            answers.append(decide(session, bank_id, now))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(answers) == 2
    assert answers[0] == answers[1]


def test_an_undone_transaction_leaves_nothing_behind(engine, bank_id, now):
    with pytest.raises(RuntimeError), transaction(engine) as session:
        decide(session, bank_id, now)
        raise RuntimeError("the edge gives up")
    with transaction(engine) as session:
        assert decisions.replay_all(session, bank_id=bank_id, limit_max=9).replayed_count == 0
        decide(session, bank_id, now)


def test_what_is_left_to_a_person_is_news_and_nothing_else_is(session, bank_id, now):
    toml = """
name = "leaving"
version = 1
title = { zh = "例", en = "Example" }
[fields]
"amount" = { type = "decimal" }
[[rules]]
id = "large"
when = "amount > 100"
outcome = "refer"
code = "leaving.large"
weight = 1
zh = "例。"
en = "Example."
"""
    policy = decisions.read_policy_texts("leaving.toml", toml, {})
    asked = [
        decisions.Request(f"pty_{amount}", {"amount": amount}, f"k{amount}")
        for amount in (50, 150, 250)
    ]
    for _ in range(2):
        made = decisions.decide_all(
            session, bank_id=bank_id, policy=policy, requests=asked, now=now
        )
    told = [
        [
            each.data["decision_id"]
            for each in eventlog.events_about(
                session, bank_id=bank_id, subject=request.subject, limit_max=5
            )
            if each.kind == decisions.DecisionReferred.kind
        ]
        for request in asked
    ]
    assert told == [[], [made[1].decision_id], [made[2].decision_id]]
