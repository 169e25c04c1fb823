"""Who starts, and who still uses: two lock files, given up by the kernel when a process dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from jiuding.base.database.embedded.places import open_lock
from jiuding.base.database.embedded.problems import DatabaseBusy

_PAUSE_SECONDS = 0.02


@contextlib.contextmanager
def alone(path: Path, *, timeout_seconds: float) -> Iterator[None]:
    """Hold the lock for a while, as the only one; others wait for their turn.

    Refuses: DatabaseBusy when the turn does not come in time.
    """
    descriptor = open_lock(path)
    try:
        deadline = time.monotonic() + timeout_seconds
        while not _take(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise DatabaseBusy(
                    f"another program has been starting or stopping the database in "
                    f"{path.parent} for {timeout_seconds:.0f} s; end it and try again"
                )
            time.sleep(_PAUSE_SECONDS)
        yield
    finally:
        os.close(descriptor)


class Use:
    """A share in the server: the last one to let go is told so, and turns the server off."""

    def __init__(self, path: Path) -> None:
        self._descriptor = open_lock(path)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)

    def end(self) -> bool:
        """Let go, and tell whether nobody else uses the server; call it once, under `alone`."""
        try:
            return _take(self._descriptor, fcntl.LOCK_EX)
        finally:
            os.close(self._descriptor)


def _take(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
