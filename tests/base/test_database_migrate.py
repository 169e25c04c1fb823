"""Migrations: all or none, once, and never backwards."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text

from jiuding.base.database.embedded import ensure_database
from jiuding.base.database.engine import create_engine
from jiuding.base.database.migrate import (
    DatabaseNewer,
    current_revision,
    migrate,
    newest_revision,
)


@pytest.fixture
def empty(server_url) -> Iterator[Engine]:
    """An engine on a database in which nothing was made yet."""
    name = f"test_empty_{secrets.token_hex(6)}"
    engine = create_engine(ensure_database(server_url, name))
    yield engine
    engine.dispose()
    admin = create_engine(server_url).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def test_two_programs_that_migrate_at_once_both_end_at_the_newest_shape(empty):
    assert current_revision(empty) is None
    with ThreadPoolExecutor() as pool:
        ends = list(pool.map(lambda _: migrate(empty), range(2)))
    assert ends == [newest_revision()] * 2
    assert current_revision(empty) == newest_revision()


def test_a_failed_migration_leaves_nothing_half_done(empty):
    with empty.begin() as connection:
        connection.execute(text("CREATE SCHEMA ledger"))  # in the way of a later migration
    with pytest.raises(Exception, match="ledger"):
        migrate(empty)
    assert current_revision(empty) is None
    with empty.connect() as connection:
        schemas = connection.execute(text("SELECT nspname FROM pg_namespace")).scalars().all()
    assert "eventlog" not in schemas


def test_a_database_of_a_newer_program_is_refused(empty):
    migrate(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseNewer, match="revision 9999"):
        migrate(empty)
