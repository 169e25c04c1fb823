"""The doctor's questions: each says yes, and each says no in one sentence with a code."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from jiuding.base import checks
from jiuding.base.database.engine import create_engine


def assert_refuses(check: checks.Check, code: str, *words: str) -> None:
    assert not check.ok
    assert check.code == code
    assert check.sentence.endswith(".") and "\n" not in check.sentence
    for word in words:
        assert word in check.sentence


def test_python_is_checked():
    assert checks.check_python().ok
    assert_refuses(checks.check_python((3, 9, 2)), "base.python_too_old", "3.11", "3.9.2")


def test_the_home_is_checked_without_making_it(tmp_path):
    home = tmp_path / "not" / "yet"
    assert checks.check_home(home).ok
    assert not home.parent.exists()
    assert_refuses(checks.check_home(Path("/proc/x")), "base.database_unwritable", "JIUDING_HOME")


def test_the_disk_is_checked(tmp_path):
    assert checks.check_disk(tmp_path, free_bytes_min=1).ok
    check = checks.check_disk(tmp_path / "not yet", free_bytes_min=2**60)
    assert_refuses(check, "base.database_disk_full", "MB left")


@pytest.fixture
def listener() -> Iterator[int]:
    """A port on which some other program listens and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        yield holder.getsockname()[1]


def test_a_free_port_is_free():
    assert checks.check_port(checks.free_port(20_000)).ok


def test_a_busy_port_is_named_with_the_way_out(listener):
    check = checks.check_port(listener, ask=lambda port: False)
    assert_refuses(check, "base.port_busy", f"Port {listener}", "JIUDING_PORT=")
    assert checks.check_port(listener, ask=lambda port: True).ok


@pytest.mark.parametrize(("name", "is_ours"), [("jiuding", True), ("another", False)])
def test_what_holds_the_port_is_asked_for_its_name(name, is_ours):
    class Health(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"service": "%s"}' % name.encode())

        def log_message(self, *words):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Health) as held:
        threading.Thread(target=held.serve_forever, daemon=True).start()
        assert checks.is_jiuding(held.server_port) is is_ours
        assert checks.check_port(held.server_port).ok is is_ours
        held.shutdown()


def test_the_database_is_checked(engine):
    assert [check.name for check in checks.check_database(engine)] == ["database", "migrations"]
    assert all(check.ok for check in checks.check_database(engine))


def test_a_silent_database_and_a_missing_migration_are_named(engine, monkeypatch):
    (check,) = checks.check_database(create_engine("postgresql://a:secret@127.0.0.1:1/bank"))
    assert_refuses(check, "base.database_unreachable", "does not answer")
    assert "secret" not in check.sentence
    monkeypatch.setattr(checks, "newest_revision", lambda: "9999")
    _, behind = checks.check_database(engine)
    assert_refuses(behind, "base.database_not_migrated", "9999", "jiuding up")


def test_the_clock_is_checked(engine):
    with engine.connect() as session:
        true = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    assert checks.check_clock(true, engine).ok
    assert_refuses(
        checks.check_clock(true - timedelta(hours=1), engine), "base.clock_wrong", "s apart"
    )
    assert_refuses(checks.check_clock(datetime(1970, 1, 1, tzinfo=UTC)), "base.clock_wrong", "1970")
