"""PostgreSQL's own record of the process that serves a data folder, and whether it is true.

PostgreSQL believes `postmaster.pid` when any process of the same user has the id in it: after a
restart of a container that may be a stranger, or a dead process that nobody has reaped.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from jiuding.base.database.embedded import places
from jiuding.base.database.embedded.places import Identity

# Larger than any process id of any system, so nobody has it.
_NO_PROCESS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A living server: its process, and what it says of itself."""

    process_id: int
    socket_folder: Path | None
    port: int
    is_ready: bool

    @property
    def socket_exists(self) -> bool:
        """The socket that clients connect to is still there."""
        folder = self.socket_folder
        return folder is not None and (folder / f".s.PGSQL.{self.port}").exists()


def find_postmaster(data: Path, who: Identity) -> Postmaster | None:
    """Return the server that runs on this data; None when the record is missing or untrue."""
    lines = _read(data)
    process_id = _process_id(lines)
    if process_id is None or not _is_postmaster(process_id, data, who):
        return None
    # Lines: process id, data folder, start time, port, socket folder, listen address, memory, state
    lines += [""] * (8 - len(lines))
    sockets = Path(lines[4].strip()) if lines[4].strip() else None
    port = int(lines[3]) if lines[3].strip().isdigit() else 0
    return Postmaster(process_id, sockets, port, lines[7].strip() == "ready")


def disown(data: Path, who: Identity) -> bool:
    """Correct a record that names a stranger, so that PostgreSQL sees it is stale.

    Returns whether no living server has the data. Only the process id is changed: PostgreSQL still
    checks, by the record's last lines, that no process of the dead server holds its shared memory.
    """
    lines = _read(data)
    process_id = _process_id(lines)
    if process_id is None:
        return not lines
    if _is_postmaster(process_id, data, who):
        return False
    if process_id != _NO_PROCESS:
        text = "\n".join([str(_NO_PROCESS), *lines[1:]]) + "\n"
        places.write(data / "postmaster.pid", text, who)
    return True


def _read(data: Path) -> list[str]:
    with contextlib.suppress(FileNotFoundError):
        return places.read(data / "postmaster.pid").split("\n")
    return []


def _process_id(lines: list[str]) -> int | None:
    if lines and lines[0].strip().lstrip("-").isdigit():
        return abs(int(lines[0]))
    return None


def _is_postmaster(process_id: int, data: Path, who: Identity) -> bool:
    """Tell whether this process is a living `postgres` of this user at work in this folder."""
    if process_id in (0, _NO_PROCESS):
        return False
    facts = Path(f"/proc/{process_id}")
    if not Path("/proc/self").exists():
        return _is_postgres_by_ps(process_id)
    try:
        status = (facts / "status").read_text(errors="replace").splitlines()
    except OSError:
        return False
    said = dict(line.split(":", 1) for line in status if ":" in line)
    is_alive = said.get("State", "Z").split()[0] not in ("Z", "X")
    is_theirs = said.get("Uid", "-1").split()[0] == str(who.uid)
    if not (is_alive and is_theirs and said.get("Name", "").strip() == "postgres"):
        return False
    try:
        return os.path.samefile(facts / "cwd", data)
    except PermissionError:
        return True  # root without the right to trace cannot look further
    except OSError:
        return False


def _is_postgres_by_ps(process_id: int) -> bool:
    said = subprocess.run(
        ["ps", "-o", "comm=", "-p", str(process_id)], capture_output=True, text=True, timeout=10
    )
    return "postgres" in said.stdout
