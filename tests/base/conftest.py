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


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder whose parents let every user pass, as /srv and /var do."""
    folder = Path(tempfile.mkdtemp(prefix="jiuding-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def pattern() -> Iterator[Path]:
    """The folder of a stopped server that tests copy, since making one takes half a second."""
    home = Path(tempfile.mkdtemp(prefix="jiuding-test-", dir="/tmp"))
    home.chmod(0o755)
    with EmbeddedServer(home / "database"):
        pass
    yield home / "database"
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def server(open_folder: Path, pattern: Path) -> Iterator[EmbeddedServer]:
    """A server of this test's own, that ran before; stopped, and removed at the end."""
    home = open_folder / "home"
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
