"""The embedded server after a crash: what was acknowledged is kept, and the next start is clean."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jiuding.base.database.embedded import (
    DatabaseBusy,
    DatabaseDiskFull,
    DatabaseStartFailed,
    EmbeddedServer,
    locks,
    problems,
)


class Load(threading.Thread):
    """Insert one row a transaction, and remember which were acknowledged, until it breaks."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.url = url
        self.acknowledged: list[int] = []

    def run(self) -> None:
        with (
            contextlib.suppress(psycopg.Error),
            psycopg.connect(self.url, autocommit=True) as connection,
        ):
            for number in range(100_000):
                connection.execute("INSERT INTO kept VALUES (%s)", [number])
                self.acknowledged.append(number)


def family(process_id: int) -> list[int]:
    """Return the postmaster and its children, from /proc."""
    children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    return [process_id, *map(int, children)]


def rows(url: str) -> set[int]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute("SELECT number FROM kept")}


@pytest.mark.parametrize("whom", ["the postmaster alone", "every process"])
def test_a_kill_under_load_loses_no_acknowledged_row(server, whom):
    server.start()
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept (number int PRIMARY KEY)")
    load = Load(server.url)
    load.start()
    deadline = time.monotonic() + 20
    while len(load.acknowledged) < 50 and time.monotonic() < deadline:
        time.sleep(0.01)
    processes = family(server.process_id)
    for process in processes[:1] if whom == "the postmaster alone" else processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    server.start()  # at once: the dead may still hold its memory
    load.join(timeout=30)
    assert len(load.acknowledged) >= 50
    assert set(load.acknowledged) <= rows(server.url)


@pytest.fixture
def stranger(server) -> Iterator[subprocess.Popen]:
    """A living process of the user who runs the server, which is not a server."""
    server.start()
    server.stop()
    owner = server.data_folder.stat()
    arguments = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    process = subprocess.Popen(["sleep", "60"], **arguments)
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("state", ["alive", "dead but not reaped", "gone"])
def test_a_stale_pid_file_does_not_stop_the_next_start(server, stranger, state):
    if state != "alive":
        stranger.kill()
        time.sleep(0.1)
    if state == "gone":
        stranger.wait()
    record = [stranger.pid, server.data_folder, 1_795_000_000, 5432, "", "", "  123  456", "ready"]
    text = "\n".join(str(line) for line in record) + "\n"
    (server.data_folder / "postmaster.pid").write_text(text)
    assert not server.is_running
    server.start()
    assert server.process_id != stranger.pid
    assert state != "alive" or stranger.poll() is None  # the stranger was left alone


def test_an_empty_pid_file_is_a_clear_refusal(server):
    server.start()
    server.stop()
    (server.data_folder / "postmaster.pid").write_text("")
    with pytest.raises(DatabaseStartFailed, match=r"postmaster\.pid"):
        server.start()
    (server.data_folder / "postmaster.pid").unlink()
    server.start()


def test_a_start_that_takes_too_long_elsewhere_is_named(server, monkeypatch):
    server.folder.mkdir(parents=True, exist_ok=True)
    with (
        locks.alone(server.folder / "lock", timeout_seconds=1),
        pytest.raises(DatabaseBusy, match="another program"),
        locks.alone(server.folder / "lock", timeout_seconds=0.1),
    ):
        pytest.fail("two held the lock")


@pytest.fixture
def small_disk(open_folder: Path) -> Iterator[Path]:
    """A disk of 20 MB, where root may mount one."""
    disk = open_folder / "disk"
    disk.mkdir()
    mount = shutil.which("mount") or "/bin/mount"
    command = [mount, "-t", "tmpfs", "-o", "size=20m,mode=755", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, timeout=10).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True, timeout=10)


def test_a_first_start_on_a_full_disk_is_named_and_leaves_no_half_made_data(small_disk):
    server = EmbeddedServer(small_disk / "home" / "database")
    with pytest.raises(DatabaseDiskFull, match="no space is left"):
        server.start()
    assert not server.data_folder.exists()
    subprocess.run(["mount", "-o", "remount,size=300m", str(small_disk)], check=True, timeout=10)
    with server:
        assert server.is_running
        hog = small_disk / "hog"
    with contextlib.suppress(OSError), open(hog, "wb") as file:
        while True:
            file.write(bytes(1 << 20))
    with pytest.raises(DatabaseDiskFull, match="no space is left"):
        server.start()
    # Even when there was no room to write the reason down.
    assert problems.from_output("", small_disk).code == "base.database_disk_full"
    hog.unlink()
    with server:
        assert server.is_running


@pytest.mark.parametrize(
    ("output", "code"),
    [
        ("FATAL:  could not write to file: No space left on device", "base.database_disk_full"),
        ("initdb: error: could not access: Disk quota exceeded", "base.database_disk_full"),
        ("sh: 1: postgres: Exec format error", "base.database_binaries_unusable"),
        (
            "error while loading shared libraries: libz.so.1: cannot open shared object file",
            "base.database_binaries_unusable",
        ),
        ("initdb: error: could not open: Permission denied", "base.database_unwritable"),
        ("2026 UTC [1] FATAL:  could not load the thing", "base.database_start_failed"),
        ("", "base.database_start_failed"),
    ],
)
def test_the_servers_words_become_one_clear_problem(tmp_path, output, code):
    problem = problems.from_output(output, tmp_path)
    assert problem.code == code
    assert "\n" not in problem.detail
