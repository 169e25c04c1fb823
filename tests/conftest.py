"""Shared fixtures: a real PostgreSQL for the whole run, and an empty bank for each test that asks.

`JIUDING_TEST_DATABASE_URL` names a server to use instead of an embedded one of our own; each run
makes one database there, migrated once, and drops it at the end. With `JIUDING_TEST_AS_PROGRAM`
the tests work with the program's own role; those that harm rows as an owner then fail, and should.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy
from sqlalchemy import Engine, text

from jiuding.base.database import roles
from jiuding.base.database.engine import create_engine
from jiuding.base.database.migrate import migrate
from jiuding.base.ids import new_id

# Fixtures for the tests that drive a browser; see tests/browsing.py.
pytest_plugins = ("browsing",)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def server_url(tmp_path_factory) -> Iterator[str]:
    """The address of a PostgreSQL server that this run may make databases on."""
    url = os.environ.get("JIUDING_TEST_DATABASE_URL")
    if url:
        yield url
        return
    from jiuding.base.database.embedded import EmbeddedServer

    with EmbeddedServer(tmp_path_factory.mktemp("server") / "database") as server:
        yield server.url
        server.remove()


def as_program(owner: Engine) -> Engine:
    """Return an engine on the same database whose role owns nothing, as a bank is served."""
    password = secrets.token_hex(8)
    roles.settle(owner, password=password)
    url = roles.program_url(owner.url.render_as_string(hide_password=False), password)
    owner.dispose()
    return create_engine(url)


@pytest.fixture(scope="session")
def engine(server_url: str) -> Iterator[Engine]:
    """An engine on a fresh database with every migration run."""
    name = f"test_{secrets.token_hex(6)}"
    admin = create_engine(server_url).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = create_engine(
        sqlalchemy.make_url(server_url).set(database=name).render_as_string(hide_password=False)
    )
    migrate(engine)
    if os.environ.get("JIUDING_TEST_AS_PROGRAM"):
        engine = as_program(engine)
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[sqlalchemy.Connection]:
    """A session whose writes are undone when the test ends."""
    with engine.connect() as connection, connection.begin() as change:
        yield connection
        change.rollback()


@pytest.fixture
def now() -> datetime:
    """The instant at which tests happen."""
    return NOW


@pytest.fixture
def bank_id(now: datetime) -> str:
    """An id for a bank that no other test uses."""
    return new_id("bank", now)
