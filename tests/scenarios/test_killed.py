"""Any part is killed with signal 9 at any moment: the next start is clean, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from benchmarks.served import ServedBank

from jiuding.base.database.embedded import EmbeddedServer

# A program that keeps a server, inserts one row a transaction, and says which were acknowledged.
PROGRAM = """
import sys
from pathlib import Path
import psycopg
from jiuding.base.database.embedded import EmbeddedServer
with EmbeddedServer(Path(sys.argv[1])) as server:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int PRIMARY KEY)")
        for number in range(100_000):
            connection.execute("INSERT INTO kept VALUES (%s)", [number])
            print(number, server.process_id, flush=True)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """The folder of a bank's database; whatever runs there at the end is stopped.

    It lies in memory where there is room: a killed process does not take that along.
    """
    has_room = os.path.isdir("/dev/shm") and shutil.disk_usage("/dev/shm").free > 500 * 2**20
    base = "/dev/shm" if has_room else "/tmp"
    home = Path(tempfile.mkdtemp(prefix="jiuding-test-", dir=base))
    home.chmod(0o755)
    yield home / "database"
    EmbeddedServer(home / "database").remove()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def program(folder: Path) -> Iterator[subprocess.Popen]:
    """The program at work, in a group of its own as a shell would start it."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, process_group=0,
    )  # fmt: skip
    yield process
    process.kill()
    process.wait(timeout=30)
    process.stdout.close()


def acknowledged(program: subprocess.Popen, count: int) -> tuple[int, int]:
    """Wait for this many rows; return the last one's number and the server's process id."""
    for line in program.stdout:
        number, server = map(int, line.split())
        if number >= count:
            return number, server
    raise AssertionError("the program ended before it had written its rows")


def kept(url: str) -> set[int]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute("SELECT number FROM kept")}


def log_of(server: EmbeddedServer) -> str:
    return (server.data_folder / "server.log").read_text()


def test_the_bank_is_killed_and_the_next_one_takes_its_server_over(folder, program):
    last, process = acknowledged(program, 30)
    program.send_signal(signal.SIGKILL)
    program.wait(timeout=30)
    os.kill(process, 0)  # the server outlives the bank
    with EmbeddedServer(folder) as server:
        assert server.process_id == process
        assert set(range(last + 1)) <= kept(server.url)
    assert not server.is_running  # the dead bank does not count as a user of it


def test_bank_and_database_are_killed_together(folder, program):
    last, process = acknowledged(program, 30)
    for victim in (process, program.pid):
        os.kill(victim, signal.SIGKILL)
    with EmbeddedServer(folder) as server:
        assert server.process_id != process
        assert set(range(last + 1)) <= kept(server.url)
        assert "automatic recovery" in log_of(server) or "not properly shut down" in log_of(server)


def test_ctrl_c_reaches_the_bank_which_stops_the_server_cleanly(folder, program):
    last, process = acknowledged(program, 30)
    os.killpg(program.pid, signal.SIGINT)  # as a terminal does: the whole group hears it
    program.wait(timeout=30)
    assert not EmbeddedServer(folder).is_running
    with EmbeddedServer(folder) as server:
        assert server.process_id != process
        assert set(range(last + 1)) <= kept(server.url)
        assert "not properly shut down" not in log_of(server)


@pytest.fixture
def bank(folder: Path) -> Iterator[ServedBank]:
    """A bank that is not open yet, closed at the end whatever happened."""
    bank = ServedBank(folder.parent / "home")
    yield bank
    bank.remove()


@pytest.mark.slow
def test_a_whole_bank_is_killed_while_it_is_set_up_and_while_it_is_open(bank):
    bank.begin()
    bank.wait_for(lambda: bank.server.is_running, "the database")
    time.sleep(1.0)  # now it migrates, or writes customers
    bank.kill()

    bank.open()
    os.kill(bank.server.process_id, signal.SIGKILL)
    bank.kill()

    bank.open()
    doctor = subprocess.run(
        bank.command("doctor"), env=bank.environment, capture_output=True, text=True, timeout=120
    )
    assert doctor.returncode == 0, doctor.stdout
    bank.process.terminate()
    assert bank.process.wait(timeout=60) == 0
    assert not bank.server.is_running
    said = (bank.server.data_folder / "server.log").read_text()
    assert said.count("not properly shut down") == 1  # the kill, and not the last stop
