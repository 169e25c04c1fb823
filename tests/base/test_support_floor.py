"""The oldest PostgreSQL that we support runs the bank: Debian's 15 under our own runner."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import text

from jiuding.base.checks import check_database
from jiuding.base.database.embedded import EmbeddedServer, ensure_database
from jiuding.base.database.engine import create_engine, require_supported, run_transaction
from jiuding.base.database.migrate import migrate, newest_revision

PROGRAMS = Path(os.environ.get("JIUDING_TEST_POSTGRESQL_15") or "/usr/lib/postgresql/15/bin")


@pytest.fixture
def oldest(open_folder):
    """An engine on a migrated database of a PostgreSQL 15."""
    if not (PROGRAMS / "postgres").exists():
        reason = f"no PostgreSQL 15 in {PROGRAMS}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    server = EmbeddedServer(open_folder / "database", bin_folder=PROGRAMS)
    engine = create_engine(ensure_database(server.start(), "jiuding"))
    yield engine
    engine.dispose()
    server.remove()


def test_every_migration_runs_on_the_oldest_supported_server(oldest):
    assert require_supported(oldest) // 10_000 == 15
    assert migrate(oldest) == newest_revision()
    assert migrate(oldest) == newest_revision()
    assert all(check.ok for check in check_database(oldest))
    count = run_transaction(
        oldest,
        lambda session: session.execute(
            text("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'ledger'")
        ).scalar_one(),
    )
    assert count > 0
