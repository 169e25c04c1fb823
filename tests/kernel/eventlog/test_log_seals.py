"""The chain over the news: sealed in order, and the first row that was touched is named."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from jiuding.base.database.engine import transaction
from jiuding.base.ids import to_uuid
from jiuding.kernel import eventlog


def tell(engine, bank_id, now, count):
    """Append news, each in a transaction of its own, and return the ids."""
    ids = []
    for number in range(count):
        with transaction(engine) as session:
            ids.append(
                eventlog.append(
                    session, bank_id=bank_id, subject=f"pty_{number}", source="tests",
                    occurred_at=now, recorded_at=now, kind="tests.happened",
                    data={"number": number},
                ).event_id
            )  # fmt: skip
    return ids


@pytest.fixture
def sealed(engine, bank_id, now):
    """Five events under two seals: three, then two."""
    ids = tell(engine, bank_id, now, 3)
    with transaction(engine) as session:
        assert eventlog.seal_news(session, bank_id=bank_id, now=now).last_position == 3
    ids += tell(engine, bank_id, now, 2)
    with transaction(engine) as session:
        assert eventlog.seal_news(session, bank_id=bank_id, now=now).number == 2
        assert eventlog.seal_news(session, bank_id=bank_id, now=now) is None
    return ids


def past_the_program(session, *statements, **values):
    """Do what a superuser could: switch the guard off and write."""
    for table in ("events", "positions", "seals"):
        session.execute(text(f"ALTER TABLE eventlog.{table} DISABLE TRIGGER append_only"))
    for statement in statements:
        assert session.execute(text(statement), values).rowcount >= 1


def test_what_is_as_it_was_sealed_has_no_finding_and_leads_to_every_seal(session, sealed, bank_id):
    found = eventlog.verify_news(session, bank_id=bank_id)
    assert (found.seal_count, found.sealed_count, found.waiting_count) == (2, 5, 0)
    assert found.finding is None
    assert eventlog.verify_news(session, bank_id=bank_id, head=found.head).finding is None


@pytest.mark.parametrize(
    "change",
    ["kind = 'tests.other'", "subject = 'pty_9'", "data = '{\"number\": 7}'",
     "recorded_at = recorded_at + interval '1 microsecond'", "source = 'x'"],
)  # fmt: skip
def test_an_event_that_was_changed_directly_is_named(session, sealed, bank_id, change):
    past_the_program(
        session, f"UPDATE eventlog.events SET {change} WHERE event_id = :event",
        event=to_uuid("evt", sealed[1]),
    )  # fmt: skip
    found = eventlog.verify_news(session, bank_id=bank_id).finding
    assert (found.code, found.ids) == ("eventlog.event_touched", (sealed[1],))


@pytest.mark.parametrize("tables", [("events",), ("events", "positions"), ("positions",)])
def test_an_event_that_was_deleted_directly_is_named(session, sealed, bank_id, tables):
    past_the_program(
        session, *(f"DELETE FROM eventlog.{table} WHERE event_id = :event" for table in tables),
        event=to_uuid("evt", sealed[3]),
    )  # fmt: skip
    found = eventlog.verify_news(session, bank_id=bank_id).finding
    assert (found.code, found.ids) == ("eventlog.event_missing", (sealed[3],))


def test_a_seal_made_anew_does_not_lead_to_the_seal_that_was_kept(session, sealed, bank_id, now):
    kept = eventlog.verify_news(session, bank_id=bank_id).head
    bank = to_uuid("bank", bank_id)
    past_the_program(
        session, "DELETE FROM eventlog.seals WHERE bank_id = :bank",
        "UPDATE eventlog.events SET kind = 'tests.other' WHERE event_id = :event",
        bank=bank, event=to_uuid("evt", sealed[0]),
    )  # fmt: skip
    while eventlog.seal_news(session, bank_id=bank_id, now=now):
        pass
    assert eventlog.verify_news(session, bank_id=bank_id).finding is None
    found = eventlog.verify_news(session, bank_id=bank_id, head=kept).finding
    assert found.code == "eventlog.seal_unknown"


def test_a_seal_that_was_touched_is_named(session, sealed, bank_id):
    past_the_program(session, "UPDATE eventlog.seals SET leaves = leaves || seal WHERE number = 2")
    found = eventlog.verify_news(session, bank_id=bank_id).finding
    assert (found.code, found.detail[:6]) == ("eventlog.seal_broken", "seal 2")


def test_an_event_whose_place_was_taken_before_it_was_sealed_is_named(
    session, engine, bank_id, now
):
    (only,) = tell(engine, bank_id, now, 1)
    past_the_program(
        session, "DELETE FROM eventlog.waiting WHERE event_id = :event", event=to_uuid("evt", only)
    )
    found = eventlog.verify_news(session, bank_id=bank_id).finding
    assert (found.code, found.ids) == ("eventlog.event_unordered", (only,))
