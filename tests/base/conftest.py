"""Folders for servers of a test's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiuding.base.database.embedded import EmbeddedServer

QUICK_BYTES_MIN = 500 * 2**20


def make_open_folder(base: str = "/tmp") -> Path:
    """Make a folder whose parents let every user pass, as those of /srv and /var do."""
    folder = Path(tempfile.mkdtemp(prefix="jiuding-test-", dir=base))
    folder.chmod(0o755)
    return folder


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder of this test's own that every user may pass."""
    folder = make_open_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def quick_base() -> str:
    """A disk in memory where there is a large one: copies of a server are made there."""
    memory = "/dev/shm"
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > QUICK_BYTES_MIN:
        return memory
    return "/tmp"


@pytest.fixture
def quick_folder(quick_base: str) -> Iterator[Path]:
    """A folder of this test's own in memory, if there is room, that every user may pass."""
    folder = make_open_folder(quick_base)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def pattern(quick_base: str) -> Iterator[Path]:
    """The folder of a stopped server that tests copy, since making one takes a while."""
    home = make_open_folder(quick_base)
    with EmbeddedServer(home / "database"):
        pass
    yield home / "database"
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def server(quick_folder: Path, pattern: Path) -> Iterator[EmbeddedServer]:
    """A server of this test's own, that ran before; stopped, and removed at the end."""
    home = quick_folder / "home"
    home.mkdir()
    subprocess.run(["cp", "-a", str(pattern), str(home / "database")], check=True, timeout=60)
    server = EmbeddedServer(home / "database")
    yield server
    server.remove()


@pytest.fixture
def new_server(open_folder: Path) -> Iterator[EmbeddedServer]:
    """A server whose folder is not there yet; removed at the end."""
    server = EmbeddedServer(open_folder / "home" / "database")
    yield server
    server.remove()


@pytest.fixture
def as_root() -> None:
    """Skip where only root can try it."""
    if os.geteuid() != 0:
        pytest.skip("only root can try this")
