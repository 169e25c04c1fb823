"""What must be so before a bank can start, each checked alone: the doctor's questions.

A check never raises and changes nothing that lasts. Its sentence says what is so and, when it is
not well, what would help; `code` is the code of the problem that a start would meet.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import socket
import sys
import tempfile
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from jiuding.base.database.engine import require_supported
from jiuding.base.database.migrate import current_revision, newest_revision
from jiuding.base.database.roles import (
    DatabaseRoleTooStrong,
    notes_logins,
    rights_of,
    too_strong,
)
from jiuding.base.problems import Problem

OLDEST_PYTHON = (3, 11)
_TOO_STRONG = DatabaseRoleTooStrong.code
FREE_BYTES_MIN = 500 * 1024 * 1024
CLOCK_SECONDS_MAX = 5.0
HEALTH_TIMEOUT_SECONDS = 2.0
# No bank ran before this program was written: an earlier clock is a wrong one.
FIRST_DAY = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer."""

    name: str
    ok: bool
    sentence: str
    code: str | None = None


def check_python(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> Check:
    """Check that Python is new enough."""
    shown = ".".join(str(part) for part in version)
    if version[:2] < OLDEST_PYTHON:
        return Check(
            "python", False, f"Jiuding needs Python 3.11 or newer; this is {shown}.",
            "base.python_too_old",
        )  # fmt: skip
    return Check("python", True, f"Python {shown}.")


def check_home(home: Path) -> Check:
    """Check that data can be written where it will be kept."""
    place = _nearest(home)
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"0")
            file.flush()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return Check("home", False, f"{place} has no space left.", "base.database_disk_full")
        return Check(
            "home", False,
            f"{place} cannot be written ({error.strerror}); "
            "set JIUDING_HOME to a folder you may write.",
            "base.database_unwritable",
        )  # fmt: skip
    return Check("home", True, f"Data is kept in {home}.")


def check_disk(home: Path, *, free_bytes_min: int = FREE_BYTES_MIN) -> Check:
    """Check that the disk of the data has room."""
    free = shutil.disk_usage(_nearest(home)).free
    if free < free_bytes_min:
        return Check(
            "disk", False,
            f"{home} has {free // 2**20} MB left and {free_bytes_min // 2**20} MB are needed; "
            "free some space or set JIUDING_HOME to another disk.",
            "base.database_disk_full",
        )  # fmt: skip
    return Check("disk", True, f"{free // 2**20} MB are free.")


def check_port(port: int, *, ask: Callable[[int], bool] | None = None) -> Check:
    """Check that the port is free, or held by a Jiuding (`ask` tells)."""
    trouble = _why_not_bound(port)
    if trouble is None:
        return Check("port", True, f"Port {port} is free.")
    if trouble == errno.EACCES:
        return Check(
            "port", False,
            f"Port {port} needs rights that you lack; set JIUDING_PORT to one above 1023.",
            "base.port_forbidden",
        )  # fmt: skip
    if (ask or is_jiuding)(port):
        return Check(
            "port", True, f"A Jiuding serves on port {port}; JIUDING_PORT chooses another."
        )
    return Check(
        "port", False,
        f"Port {port} is held by another program; set JIUDING_PORT to a free one, "
        f"such as JIUDING_PORT={free_port(port)}.",
        "base.port_busy",
    )  # fmt: skip


def is_jiuding(port: int) -> bool:
    """Ask what serves on this port: a Jiuding names itself in `GET /health`."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with contextlib.suppress(OSError, ValueError):
        asked = opener.open(f"http://127.0.0.1:{port}/health", timeout=HEALTH_TIMEOUT_SECONDS)
        with asked as answer:
            return b"jiuding" in answer.read(4096).lower()
    return False


def free_port(after: int) -> int:
    """Return a free port near this one; it may be taken again at any moment."""
    for port in range(after + 1, min(after + 100, 65536)):
        if _why_not_bound(port) is None:
            return port
    with socket.socket() as anywhere:
        anywhere.bind(("127.0.0.1", 0))
        return anywhere.getsockname()[1]


def check_database(engine: Engine) -> list[Check]:
    """Check that the database answers, is new enough, and has the shape of this program."""
    try:
        version = require_supported(engine)
        current, newest = current_revision(engine), newest_revision()
    except Problem as problem:
        return [Check("database", False, _sentence(problem.detail), problem.code)]
    except SQLAlchemyError as error:
        words = str(error).splitlines()[0][:200]
        return [
            Check("database", False, f"The database failed: {words}", "base.database_unreachable")
        ]
    answer = Check("database", True, f"PostgreSQL {version // 10_000}.{version % 10_000} answers.")
    if current == newest:
        return [answer, Check("migrations", True, f"The database is at revision {newest}.")]
    behind = Check(
        "migrations", False,
        f"The database is at revision {current or 'none'} and {newest} is needed; "
        "jiuding up brings it there.",
        "base.database_not_migrated",
    )  # fmt: skip
    return [answer, behind]


def check_role(engine: Engine) -> Check:
    """Check that the program's own role can neither alter nor delete facts."""
    try:
        with engine.connect() as session:
            found, is_noted = rights_of(session), notes_logins(session)
    except SQLAlchemyError as error:
        words = str(error).splitlines()[0][:200]
        return Check("role", False, f"The rights cannot be read: {words}", _TOO_STRONG)
    if found.excess:
        return Check("role", False, _sentence(too_strong(found)), _TOO_STRONG)
    noted = "notes every other login" if is_noted else "does not note logins by itself"
    return Check("role", True, f"{found.role} cannot alter facts; the server {noted}.")


def check_clock(now: datetime, engine: Engine | None = None) -> Check:
    """Check this machine's clock: not before the program was written, and as the database's."""
    if now.tzinfo is None or now < FIRST_DAY:
        return Check(
            "clock", False,
            f"This machine's clock says {now:%Y-%m-%d %H:%M}, which is past; set it.",
            "base.clock_wrong",
        )  # fmt: skip
    if engine is not None:
        with contextlib.suppress(SQLAlchemyError), engine.connect() as connection:
            theirs = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
            apart = abs((theirs - now).total_seconds())
            if apart > CLOCK_SECONDS_MAX:
                return Check(
                    "clock", False,
                    f"This machine's clock and the database's are {apart:.0f} s apart; set them.",
                    "base.clock_wrong",
                )  # fmt: skip
    return Check("clock", True, f"The clock says {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC.")


def _nearest(path: Path) -> Path:
    """Return the folder itself, or the nearest parent that is there already."""
    path = path.absolute()
    return next(step for step in (path, *path.parents) if os.path.isdir(step))


def _why_not_bound(port: int) -> int | None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        # As servers do: a port whose last connections are still winding down counts as free.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError as error:
            return error.errno
    return None


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".") + "."
