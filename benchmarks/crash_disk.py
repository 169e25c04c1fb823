"""Let the disk run full under load, on a small disk in memory that only root may mount."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.crash_load import Clients, Place
from benchmarks.crash_truth import Truth, open_accounts, prove, say_again
from jiuding.base.database.embedded import EmbeddedServer, ensure_database
from jiuding.base.database.engine import create_engine
from jiuding.base.database.migrate import migrate
from jiuding.base.ids import new_id

KIND = "full_disk"
SIZE = "320m"
ACKNOWLEDGED_MIN = 20
LOAD_SECONDS_MAX = 30.0
FULL_SECONDS_MAX = 20.0
HOG_BLOCK = bytes(1 << 18)


def rounds(clients: Clients, count: int) -> Truth | str:
    """Run so many rounds and return what they showed, or why there were none."""
    if count == 0:
        return "not asked for"
    if os.geteuid() != 0:
        return "only root may mount a small disk"
    with _small_disk() as disk:
        if disk is None:
            return "a small disk cannot be mounted here"
        return _rounds(clients, count, disk)


@contextmanager
def _small_disk() -> Iterator[Path | None]:
    folder = Path(tempfile.mkdtemp(prefix="jiuding-bench-"))
    folder.chmod(0o755)
    disk = folder / "disk"
    disk.mkdir()
    mount = shutil.which("mount") or "/bin/mount"
    command = [mount, "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "tmpfs", str(disk)]
    is_mounted = subprocess.run(command, capture_output=True, timeout=10).returncode == 0
    try:
        yield disk if is_mounted else None
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(disk)], check=True, timeout=10)
        shutil.rmtree(folder, ignore_errors=True)


def _rounds(clients: Clients, count: int, disk: Path) -> Truth:
    truth = Truth()
    server = EmbeddedServer(disk / "home" / "database")
    try:
        url = ensure_database(server.start(), "jiuding")
        engine = create_engine(url, pool_size=1)
        migrate(engine)
        bank_id = new_id("bank", datetime.now(UTC))
        place = Place(0, "", url, bank_id, open_accounts(engine, bank_id))
        engine.dispose()
        for _ in range(count):
            truth.count(KIND, rounds=1)
            clients.begin(place, only_direct=True)
            clients.wait(ACKNOWLEDGED_MIN, LOAD_SECONDS_MAX)
            hog = _fill(disk, clients, truth)
            said = clients.end()
            started = time.monotonic()
            hog.unlink()
            server.start()
            truth.starts.setdefault(KIND, []).append(time.monotonic() - started)
            say_again(place, said, KIND, truth)
            prove(place, truth, KIND, newest=None)
    finally:
        server.remove()
    return truth


def _fill(disk: Path, clients: Clients, truth: Truth) -> Path:
    """Fill the disk to the last byte, again as files are freed, until no client gets an answer."""
    hog = disk / "hog"
    deadline = time.monotonic() + FULL_SECONDS_MAX
    with open(hog, "wb", buffering=0) as file:
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                while file.write(HOG_BLOCK):
                    pass
            if clients.heard(0.5) == 0:
                return hog
    truth.fault(KIND, "stuck", "the clients went on though the disk was full")
    return hog
