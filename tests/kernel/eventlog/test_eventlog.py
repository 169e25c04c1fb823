"""News is told once, in order, to everyone who listens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar

import pytest
import sqlalchemy
from sqlalchemy import text

from jiuding.base.amounts import Amount, currency
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.base.problems import BrokenInvariant
from jiuding.kernel import eventlog


@dataclass(frozen=True, slots=True)
class TripodCast(eventlog.Event):
    """A tripod was cast (for these tests)."""

    kind: ClassVar[str] = "tests.tripod_cast"
    tripod_id: str
    cost: Amount | None = None


def tell(session, bank_id, now, subject="ln_1", event=None):
    return eventlog.append(
        session,
        bank_id=bank_id,
        event=event or TripodCast(tripod_id=subject),
        subject=subject,
        source="tests",
        occurred_at=now,
        recorded_at=now,
    )


def read(session, bank_id, listener="statements", limit_max=100):
    return eventlog.read_news(session, bank_id=bank_id, listener=listener, limit_max=limit_max)


def advance(session, bank_id, position, listener="statements"):
    eventlog.advance(session, bank_id=bank_id, listener=listener, position=position)


def test_a_listener_gets_the_news_in_order_until_it_advances(engine, bank_id, now):
    for subject in ("a", "b", "c"):
        with engine.begin() as session:
            tell(session, bank_id, now, subject)
    with engine.begin() as session:
        assert [news.subject for news in read(session, bank_id)] == ["a", "b", "c"]
    with engine.begin() as session:
        first = read(session, bank_id, limit_max=2)
        assert [news.position for news in first] == [1, 2]
        advance(session, bank_id, 2)
    with engine.begin() as session:
        assert [news.subject for news in read(session, bank_id)] == ["c"]
        assert len(read(session, bank_id, listener="another")) == 3


def test_news_of_an_undone_change_was_never_told(engine, bank_id, now):
    with engine.connect() as session:
        tell(session, bank_id, now)
        session.rollback()
    with engine.begin() as session:
        assert read(session, bank_id) == ()


def test_a_late_commit_is_not_skipped(engine, bank_id, now):
    with engine.connect() as slow, slow.begin() as change:
        tell(slow, bank_id, now, "slow")
        with engine.begin() as fast:
            tell(fast, bank_id, now, "fast")
        with engine.begin() as session:
            assert read(session, bank_id) == ()
        change.commit()
    with engine.begin() as session:
        assert [news.subject for news in read(session, bank_id)] == ["slow", "fast"]


def test_one_subject_stays_in_order_when_an_older_transaction_tells_later(engine, bank_id, now):
    """The older transaction waits for the younger, and a third keeps the horizon down."""
    with engine.connect() as older, engine.connect() as third:
        older.execute(text("SELECT pg_current_xact_id()"))
        third.execute(text("SELECT pg_current_xact_id()"))
        with engine.begin() as younger:
            tell(younger, bank_id, now, "loan", TripodCast(tripod_id="first"))
        tell(older, bank_id, now, "loan", TripodCast(tripod_id="second"))
        older.commit()
        with engine.begin() as session:
            early = read(session, bank_id)
        third.commit()
    with engine.begin() as session:
        told = read(session, bank_id)
    assert early == ()
    assert [news.data["tripod_id"] for news in told] == ["first", "second"]


def test_own_news_waits_for_its_own_commit(engine, bank_id, now):
    with engine.begin() as session:
        tell(session, bank_id, now)
        assert read(session, bank_id) == ()
    with engine.begin() as session:
        assert len(read(session, bank_id)) == 1


def test_news_restored_from_a_dump_is_put_in_order_too(engine, bank_id, now):
    with engine.begin() as session:
        tell(session, bank_id, now)
        session.execute(text("UPDATE eventlog.waiting SET horizon = 1::bigint << 60"))
    with engine.begin() as session:
        assert len(read(session, bank_id)) == 1


def test_two_workers_never_read_for_one_listener(engine, bank_id, now):
    with engine.begin() as session:
        tell(session, bank_id, now)
    with engine.begin() as session:
        read(session, bank_id)
    with engine.begin() as one, engine.begin() as two:
        assert len(read(one, bank_id)) == 1
        assert read(two, bank_id) == ()


def test_a_cursor_never_goes_back_nor_past_the_news(engine, bank_id, now):
    with engine.begin() as session:
        tell(session, bank_id, now)
    with engine.begin() as session:
        read(session, bank_id)
        advance(session, bank_id, 1)
        for position in (0, 2):
            with pytest.raises(eventlog.CursorWentBack):
                advance(session, bank_id, position)


def test_banks_do_not_hear_each_other(engine, bank_id, now):
    other = new_id("bank", now)
    with engine.begin() as session:
        tell(session, bank_id, now)
        tell(session, other, now)
    with engine.begin() as session:
        assert [news.position for news in read(session, bank_id)] == [1]
        assert [news.position for news in read(session, other)] == [1]


def test_a_timeline_is_read_newest_first_by_page(session, bank_id, now):
    told = [tell(session, bank_id, now + timedelta(seconds=place)) for place in range(5)]
    tell(session, bank_id, now, "someone_else")
    page = eventlog.events_about(session, bank_id=bank_id, subject="ln_1", limit_max=3)
    rest = eventlog.events_about(
        session, bank_id=bank_id, subject="ln_1", limit_max=3, before=page[-1].event_id
    )
    expected = [event.event_id for event in reversed(told)]
    assert [event.event_id for event in page + rest] == expected


def test_data_holds_ids_numbers_and_amounts(session, bank_id, now):
    event = TripodCast(tripod_id="ln_2", cost=Amount(1234, currency("CNY")))
    tell(session, bank_id, now, "ln_2", event)
    (kept,) = eventlog.events_about(session, bank_id=bank_id, subject="ln_2", limit_max=1)
    assert kept.kind == "tests.tripod_cast"
    assert kept.data == {"tripod_id": "ln_2", "cost": {"units": 1234, "asset": "CNY"}}
    assert kept.occurred_at == now


@pytest.mark.parametrize(
    "value",
    ["Li Lei", "李雷", "li@example.com", 1.5, {"a": {"b": 1}}, "x" * 129, ["ok", "not ok"]],
)
def test_personal_details_and_floats_are_refused(session, bank_id, now, value):
    with pytest.raises(eventlog.BadEvent):
        eventlog.append(
            session, bank_id=bank_id, kind="tests.said", data={"field": value}, subject="a",
            source="tests", occurred_at=now, recorded_at=now,
        )  # fmt: skip


def test_plain_data_is_kept(session, bank_id, now):
    data = {"rate": Decimal("0.0435"), "on": date(2026, 1, 2), "codes": ("a.b", "c.d"), "n": None}
    kept = eventlog.append(
        session, bank_id=bank_id, kind="tests.measured", data=data, subject="a",
        source="tests", occurred_at=now, recorded_at=now,
    )  # fmt: skip
    expected = {"rate": "0.0435", "on": "2026-01-02", "codes": ["a.b", "c.d"], "n": None}
    assert kept.data == expected


def test_news_cannot_be_altered(engine, bank_id, now):
    with engine.begin() as session:
        tell(session, bank_id, now)
    for statement in ("UPDATE eventlog.events SET kind = 'a.b'", "DELETE FROM eventlog.positions"):
        with engine.connect() as session, pytest.raises(sqlalchemy.exc.DBAPIError) as refusal:
            session.execute(text(statement))
        assert "is append-only" in str(refusal.value)


def test_two_events_cannot_share_a_kind():
    with pytest.raises(BrokenInvariant):

        @dataclass(frozen=True, slots=True)
        class Impostor(eventlog.Event):
            kind: ClassVar[str] = "tests.tripod_cast"

    assert eventlog.registered_events()["tests.tripod_cast"] is TripodCast


def test_the_same_behaviour_sent_twice_is_kept_once(session, bank_id, now):
    rows = [
        eventlog.Behaviour(
            event_id=new_id("evt", now), kind="tests.page_viewed", subject="pty_1",
            source="console", occurred_at=now, data={"page": "loans"},
        )
        for _ in range(3)
    ]  # fmt: skip
    for _ in range(2):
        eventlog.record_behaviour(session, bank_id=bank_id, rows=rows, recorded_at=now)
    count = session.execute(
        text("SELECT count(*) FROM eventlog.behaviour WHERE kind = 'tests.page_viewed'")
    ).scalar_one()
    assert count == 3


def test_too_many_rows_are_refused(session, bank_id, now):
    row = eventlog.Behaviour("evt", "tests.page_viewed", "pty_1", "console", now, {})
    rows = [row] * (eventlog.BEHAVIOUR_ROWS_MAX + 1)
    with pytest.raises(eventlog.TooManyRows):
        eventlog.record_behaviour(
            session,
            bank_id=bank_id,
            recorded_at=now,
            rows=rows,
        )


def test_much_news_is_told_at_once_in_order_and_within_its_bound(engine, bank_id, now):
    rows = [("ln_1", TripodCast(tripod_id=f"t{number}")) for number in range(50)]
    words = {"bank_id": bank_id, "source": "tests", "occurred_at": now, "recorded_at": now}
    with transaction(engine) as session:
        eventlog.append_all(session, rows=[], **words)
        eventlog.append_all(session, rows=rows, **words)
        tell(session, bank_id, now, event=TripodCast(tripod_id="last"))
    with transaction(engine) as session:
        told = eventlog.read_news(session, bank_id=bank_id, listener="l", limit_max=100)
        wanted = [*(f"t{number}" for number in range(50)), "last"]
        assert [each.data["tripod_id"] for each in told] == wanted
        assert {each.source for each in told} == {"tests"}
        with pytest.raises(eventlog.BadEvent):
            eventlog.append_all(session, rows=[("two words", rows[0][1])], **words)
        with pytest.raises(eventlog.TooManyRows):
            eventlog.append_all(session, rows=rows * 201, **words)
