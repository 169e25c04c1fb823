"""The whole bank as `jiuding up` runs it, in a home of its own, to be killed and opened again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from jiuding.base import checks
from jiuding.base.database.embedded import EmbeddedServer

OPEN_SECONDS_MAX = 240.0
STOP_SECONDS_MAX = 60.0


class ServedBank:
    """A bank that is not open yet; whoever makes one closes it with `remove`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = checks.free_port(18_500)
        self.environment = os.environ | {"JIUDING_HOME": str(home), "JIUDING_PORT": str(self.port)}
        self.environment.pop("JIUDING_DATABASE_URL", None)
        self.server = EmbeddedServer(home / "database")
        self.process: subprocess.Popen | None = None

    def command(self, *words: str) -> list[str]:
        """Return a command of the program, as it would be typed."""
        return [str(Path(sys.executable).parent / "jiuding"), *words]

    def begin(self) -> None:
        """Start the program and do not wait."""
        with open(self.home.parent / "said", "ab") as said:
            self.process = subprocess.Popen(
                self.command("up"), env=self.environment, stdin=subprocess.DEVNULL,
                stdout=said, stderr=said, process_group=0,
            )  # fmt: skip

    def wait_for(self, is_so: Callable[[], object], what: str) -> None:
        """Wait until something is so; raise when the program ends or takes too long."""
        deadline = time.monotonic() + OPEN_SECONDS_MAX
        while not is_so():
            ended = self.process is None or self.process.poll() is not None
            if ended or time.monotonic() > deadline:
                said = (self.home.parent / "said").read_text(errors="replace")
                why = "the program ended" if ended else "it took too long"
                raise AssertionError(f"waited for {what}, {why}: {said[-2000:]}")
            time.sleep(0.05)

    def open(self) -> float:
        """Start the program and return after how many seconds it served."""
        started = time.monotonic()
        self.begin()
        self.wait_for(lambda: checks.is_jiuding(self.port), "the bank to open")
        return time.monotonic() - started

    def is_open(self) -> bool:
        """Whether the program runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Kill the program with signal 9, if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(timeout=30)

    def close(self) -> int:
        """Ask the program to end, and return its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(timeout=STOP_SECONDS_MAX)

    def kill_database(self, *, whole: bool) -> None:
        """Kill the postmaster with signal 9, alone or with every process that it started."""
        process_id = self.server.process_id
        if process_id is None:
            return
        victims = family(process_id) if whole else [process_id]
        for each in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)

    def remove(self) -> None:
        """Kill what runs and delete the database."""
        self.kill()
        self.server.remove()


def family(process_id: int) -> list[int]:
    """Return a process and its children, from /proc."""
    with contextlib.suppress(OSError):
        children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
        return [process_id, *map(int, children)]
    return [process_id]
