"""The log of features: refused by code, counted once, rebuilt after a crash, equal in DuckDB."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy

from jiuding.base.clock import now as clock_now
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.services import risk

STREAM = risk.load_stream("payments")


def payment(number: int, at, **more):
    return {
        "id": f"e{number}", "at": at.isoformat(), "party": f"p{number % 3}", "card": "c1",
        "payee": "shop", "amount": 100 + number, "ip": "203.0.113.7", "result": "paid", **more,
    }  # fmt: skip


@pytest.fixture
def book():
    return risk.Book(new_id("bank", clock_now()), STREAM)


def observed(engine, book, events, now):
    with transaction(engine) as session:
        return risk.observe(session, book=book, events=events, now=now)


def test_an_event_sees_what_was_known_before_it_and_not_itself(engine, book, now):
    found = observed(engine, book, [payment(n, now) for n in range(3)], now)
    assert [each.sequence for each in found] == [1, 2, 3]
    assert [each.features["card.count_1h"] for each in found] == [0, 1, 2]
    assert found[2].features["card.sum_1h"] == 201
    assert found[2].features["payee.payers_7d"] == 2
    assert "card.age_seconds" not in found[0].features
    late = observed(engine, book, [payment(9, now - timedelta(hours=1))], now)
    assert late[0].features["card.count_1h"] == 0


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"at": "2026-11-23T10:00:00"}, "risk.bad_event"),
        ({"at": "yesterday"}, "risk.bad_event"),
        ({"at": None}, "risk.bad_event"),
        ({"id": 7}, "risk.bad_event"),
        ({"id": ""}, "risk.bad_event"),
        ({"amount": "12"}, "risk.bad_event"),
        ({"amount": 1.5}, "risk.bad_event"),
        ({"amount": True}, "risk.bad_event"),
        ({"amount": 10**16}, "risk.bad_event"),
        ({"card": 5}, "risk.bad_event"),
        ({"ip": "not an address"}, "risk.bad_event"),
        ({"at": "2026-11-23T09:06:00+00:00"}, "risk.event_from_future"),
        ({"at": "2026-11-22T08:59:59+00:00"}, "risk.event_too_late"),
        ({"id": "e1", "amount": 1}, "risk.event_reused"),
    ],
)
def test_a_bad_event_refuses_itself_by_its_code_and_the_rest_is_counted(
    engine, book, now, more, code
):
    observed(engine, book, [payment(1, now)], now)
    bad = {**payment(2, now), **more}
    found = observed(engine, book, [bad, payment(3, now)], now)
    assert (found[0].refusal, found[0].features, found[0].sequence) == (code, None, None)
    assert found[1].features["card.count_1h"] == 1


def test_a_missing_field_is_missing_in_what_reads_it_alone(engine, book, now):
    found = observed(engine, book, [payment(1, now, card=None), payment(2, now)], now)
    assert not any(name.startswith("card.") for name in found[0].features)
    assert found[0].features["payee.count_24h"] == 0
    assert found[1].features["card.count_1h"] == 0
    assert found[1].features["payee.count_24h"] == 1


def test_an_event_said_twice_is_counted_once(engine, book, now):
    found = observed(engine, book, [payment(1, now), payment(1, now)], now)
    again = observed(engine, book, [payment(1, now), payment(2, now)], now)
    assert found[1] == again[0] == risk.Observed("e1", None, None, None)
    assert again[1].features["card.count_1h"] == 1


def test_counters_are_rebuilt_from_the_log_and_catch_up_with_other_programs(engine, book, now):
    for number in range(6):
        observed(engine, book, [payment(number, now - timedelta(minutes=number * 7))], now)
    started_again = risk.Book(book.bank_id, STREAM)
    (one,) = observed(engine, started_again, [payment(6, now)], now)
    assert one.features["card.count_1h"] == 6
    (two,) = observed(engine, book, [payment(7, now)], now)
    assert (two.sequence, two.features["card.count_1h"]) == (8, 7)


def test_what_a_transaction_undid_is_not_counted(engine, book, now):
    observed(engine, book, [payment(1, now)], now)
    with pytest.raises(ZeroDivisionError), transaction(engine) as session:
        risk.observe(session, book=book, events=[payment(2, now), payment(3, now)], now=now)
        raise ZeroDivisionError
    (found,) = observed(engine, book, [payment(4, now)], now)
    assert (found.sequence, found.features["card.count_1h"]) == (2, 1)


def test_the_log_counts_to_the_same_values_in_duckdb(engine, book, now):
    events = [
        payment(
            n, now - timedelta(seconds=(n * 7919) % 80_000), card=f"c{n % 7}", ip=f"10.{n % 5}.0.1"
        )
        for n in range(300)
    ]
    assert all(each.refusal is None for each in observed(engine, book, events, now))
    with transaction(engine) as session:
        assert risk.parity_differences(session, bank_id=book.bank_id, stream=STREAM) == 0


def test_the_log_keeps_declared_fields_only_and_no_whole_address(engine, book, now):
    observed(engine, book, [payment(1, now, name="Lin Lan", ip="2001:db8:1:2:3::4")], now)
    with transaction(engine) as session:
        query = "SELECT data FROM risk.feature_events WHERE data->>'ip' LIKE '2001%'"
        (data,) = session.execute(sqlalchemy.text(query)).one()
        assert data["ip"] == "2001:db8:1:2::/64"
        assert "name" not in data
        with pytest.raises(sqlalchemy.exc.DatabaseError, match="append-only"):
            session.execute(sqlalchemy.text("DELETE FROM risk.feature_events"))


COUNT = 'of = "count", key = "card", window = "1h"'


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('"x" = { of = "mean", key = "card", window = "1h" }', "of is one of"),
        ('"x" = { of = "count", key = "colour", window = "1h" }', "not a declared field"),
        ('"x" = { of = "count", key = "card", window = "91d" }', "1min to 90d"),
        ('"x" = { of = "count", key = "card", window = "59s" }', "1min to 90d"),
        ('"x" = { of = "count", key = "card" }', "window lacks"),
        ('"x" = { of = "count", key = "card", window = "1h", field = "n" }', "field is unknown"),
        ('"x" = { of = "sum", key = "card", window = "1h", field = "card" }', "whole-number"),
        ('"x" = { of = "ratio", top = "y", under = "z" }', "declared before it"),
        (
            f'"x" = {{ {COUNT}, where = {{ field = "n", is = "1" }} }}',
            "never",
        ),
        ('"X" = { of = "first_seen", key = "card" }', "small letters"),
    ],
)
def test_a_stream_that_is_not_clear_is_refused_with_the_place(line, why):
    text = f'name = "s"\n[fields]\ncard = "string"\nn = "int"\n[features]\n{line}\n'
    with pytest.raises(risk.BadStream, match=why):
        risk.read_stream(text, file="s.toml")


def test_a_stream_that_is_not_declared_is_not_found():
    with pytest.raises(risk.StreamNotFound):
        risk.load_stream("nowhere")
