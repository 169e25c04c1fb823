"""Engines: which servers are refused, and which transactions are done again."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from jiuding.base.database.engine import (
    DatabaseTooOld,
    DatabaseUnreachable,
    create_engine,
    require_supported,
    run_transaction,
)

FAIL = "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '{code}'; END $$"


class Work:
    """Fail with these SQL states, one after the other, then return how often it was tried."""

    def __init__(self, *codes: str) -> None:
        self.codes = list(codes)
        self.count = 0

    def __call__(self, session) -> int:
        self.count += 1
        if self.codes:
            session.execute(text(FAIL.format(code=self.codes.pop(0))))
        return self.count


@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_a_transaction_undone_by_the_database_is_done_again(engine, code):
    assert run_transaction(engine, Work(code, code)) == 3


def test_it_is_done_a_limited_number_of_times(engine):
    work = Work(*["40001"] * 9)
    with pytest.raises(DBAPIError):
        run_transaction(engine, work, attempts_max=3)
    assert work.count == 3


def test_another_failure_is_not_tried_again(engine):
    work = Work("23505")
    with pytest.raises(DBAPIError):
        run_transaction(engine, work)
    assert work.count == 1


def test_a_connection_that_breaks_before_commit_is_replaced(engine):
    tries = []

    def work(session) -> int:
        tries.append(1)
        if len(tries) == 1:
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return session.execute(text("SELECT 7")).scalar_one()

    assert run_transaction(engine, work) == 7
    assert len(tries) == 2


def test_a_connection_that_breaks_while_committing_is_left_to_the_caller(engine):
    """A deferred trigger ends the connection inside COMMIT: nobody knows what was kept."""
    with engine.begin() as session:
        session.execute(text("CREATE TABLE broken_commit (id int)"))
        session.execute(
            text(
                "CREATE FUNCTION break_commit() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
            )
        )
        session.execute(
            text(
                "CREATE CONSTRAINT TRIGGER break AFTER INSERT ON broken_commit"
                " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION break_commit()"
            )
        )
    tries = []

    def work(session) -> None:
        tries.append(1)
        session.execute(text("INSERT INTO broken_commit VALUES (1)"))

    try:
        with pytest.raises(OperationalError):
            run_transaction(engine, work)
        assert len(tries) == 1
    finally:
        with engine.begin() as session:
            session.execute(text("DROP TABLE broken_commit"))
            session.execute(text("DROP FUNCTION break_commit"))


def test_a_refusal_undoes_the_work(engine):
    def work(session) -> None:
        session.execute(text("CREATE TABLE undone (id int)"))
        raise LookupError

    with pytest.raises(LookupError):
        run_transaction(engine, work)
    with engine.connect() as session:
        assert session.execute(text("SELECT to_regclass('undone')")).scalar() is None


def test_a_server_that_is_too_old_is_refused(engine, monkeypatch):
    assert require_supported(engine) >= 150_000
    monkeypatch.setattr("jiuding.base.database.engine.server_version", lambda engine: 140_012)
    with pytest.raises(DatabaseTooOld, match="is PostgreSQL 14; Jiuding needs 15 or newer"):
        require_supported(engine)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://anyone:secret@127.0.0.1:1/bank",
        "postgresql://anyone:secret@/bank?host=/nowhere/at/all",
    ],
)
def test_a_silent_database_is_named_without_its_password(url):
    with pytest.raises(DatabaseUnreachable, match="does not answer") as refusal:
        require_supported(create_engine(url))
    assert "secret" not in refusal.value.detail


@pytest.mark.parametrize("url", ["", "mysql://host/bank", "postgresql://host:port/bank", "bank"])
def test_an_address_that_cannot_be_read_is_refused(url):
    with pytest.raises(DatabaseUnreachable):
        create_engine(url)
