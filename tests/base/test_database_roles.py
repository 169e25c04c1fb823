"""The database's own roles: what the program and an analyst can and cannot do."""

from __future__ import annotations

import secrets

import pytest
import sqlalchemy
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from jiuding.base import checks, clock
from jiuding.base.database import roles
from jiuding.base.database.engine import create_engine, transaction
from jiuding.base.database.migrate import migrate
from jiuding.base.settings import Settings
from jiuding.bootstrap import open_house


@pytest.fixture(scope="module")
def owner(server_url):
    """The owner's engine on a migrated database of this module's own."""
    name = f"test_roles_{secrets.token_hex(4)}"
    admin = create_engine(server_url).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = sqlalchemy.make_url(server_url).set(database=name)
    engine = create_engine(url.render_as_string(hide_password=False))
    migrate(engine)
    roles.settle(engine, password="one-of-the-tests")
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def address(owner):
    return owner.url.render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def program(owner):
    engine = create_engine(roles.program_url(address(owner), "one-of-the-tests"))
    yield engine
    engine.dispose()


FACTS = ("ledger.transfers", "ledger.postings", "ledger.seals", "eventlog.events",
         "eventlog.positions", "eventlog.seals", "decisions.decisions",
         "risk.feature_events")  # fmt: skip


@pytest.mark.parametrize("table", FACTS)
@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET bank_id = bank_id",
     "ALTER TABLE {} DISABLE TRIGGER append_only", "DROP TABLE {}"],
)  # fmt: skip
def test_the_program_cannot_alter_or_delete_facts(program, table, statement):
    with pytest.raises(DBAPIError) as refused, program.connect() as session:
        session.execute(text(statement.format(table)))
    assert refused.value.orig.sqlstate == "42501"  # insufficient_privilege, before any trigger


def test_the_program_adds_facts_and_changes_what_may_change(program):
    with program.connect() as session:
        assert roles.rights_of(session) == roles.Rights(roles.PROGRAM, (), ())
    roles.require_weak(program)
    assert roles.is_ready(program)


def test_a_role_that_owns_the_tables_is_found_too_strong(owner):
    with pytest.raises(roles.DatabaseRoleTooStrong) as refused:
        roles.require_weak(owner)
    assert "JIUDING_DATABASE_OWNER_URL" in refused.value.detail
    with owner.connect() as session:
        assert set(FACTS) <= set(roles.rights_of(session).excess)


def test_one_right_too_many_is_found_and_settling_takes_it_away(owner, program):
    with transaction(owner) as session:
        session.execute(text(f"GRANT UPDATE (units) ON ledger.transfers TO {roles.PROGRAM}"))
    with program.connect() as session:
        assert roles.rights_of(session).excess == ("ledger.transfers",)
    roles.settle(owner, password="one-of-the-tests")
    roles.require_weak(program)


def test_an_outside_database_refuses_a_strong_role_where_an_owner_is_named(owner, tmp_path):
    settings = Settings(tmp_path, 8000, address(owner), None, address(owner))
    with (
        pytest.raises(roles.DatabaseRoleTooStrong),
        open_house(settings, now=clock.now(), seed=False),
    ):
        pass


def test_an_outside_database_serves_with_a_weak_role(owner, tmp_path):
    url = roles.program_url(address(owner), "one-of-the-tests")
    with open_house(
        Settings(tmp_path, 8000, url, None, address(owner)), now=clock.now(), seed=False
    ) as house:
        assert house.engine.url.username == roles.PROGRAM
        with house.as_owner() as engine:
            assert engine.url.username == owner.url.username


def test_an_analyst_reads_its_views_only(owner):
    login = f"analyst_{secrets.token_hex(3)}"
    password = roles.add_analyst(owner, login)
    url = owner.url.set(username=login, password=password)
    engine = create_engine(url.render_as_string(hide_password=False))
    try:
        with engine.connect() as session:
            assert session.execute(text("SELECT count(*) FROM analysis.accounts")).scalar() == 0
            columns = set(session.execute(text("SELECT * FROM analysis.accounts")).keys())
            assert not columns & {"owner_id", "purpose"}
        for statement in (
            "SELECT * FROM identity.personal",
            "SELECT * FROM ledger.transfers",
            "SELECT * FROM access.staff",
            "DELETE FROM analysis.events",
            "CREATE TABLE public.mine AS SELECT 1",
        ):
            with pytest.raises(DBAPIError), engine.connect() as session:
                session.execute(text(statement))
        with owner.connect() as session:
            is_noted = roles.notes_logins(session)
        if is_noted:  # a login that could not be noted is refused
            sly = create_engine(f"{address(engine)}&options=-cdefault_transaction_read_only%3Don")
            with pytest.raises(DBAPIError, match="cannot be noted"), sly.connect():
                pass
    finally:
        engine.dispose()
        with transaction(owner) as session:
            session.execute(text(f"DROP OWNED BY {login}"))
            session.execute(text(f"DROP ROLE {login}"))


def test_a_login_of_another_role_than_the_program_is_noted(owner, program):
    with transaction(owner) as session:
        if not roles.notes_logins(session):
            pytest.skip("events on login begin with PostgreSQL 17")
        before = session.execute(text("SELECT count(*) FROM database_watch.logins")).scalar_one()
    with program.connect() as session:
        session.execute(text("SELECT 1"))
    stranger = create_engine(address(owner))
    with stranger.connect() as session:
        session.execute(text("SELECT 1"))
    stranger.dispose()
    with owner.connect() as session:
        noted = session.execute(text("SELECT login FROM database_watch.logins")).scalars().all()
    assert len(noted) == before + 1
    assert roles.PROGRAM not in noted


def test_the_doctor_says_which_role_serves(owner, program):
    weak, strong = checks.check_role(program), checks.check_role(owner)
    assert weak.ok and roles.PROGRAM in weak.sentence
    assert not strong.ok and strong.code == "base.database_role_too_strong"
