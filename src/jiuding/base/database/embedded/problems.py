"""Refusals of the embedded server: each says in one sentence what is wrong and what would help."""

from __future__ import annotations

import contextlib
import errno
import re
import shutil
from pathlib import Path

from jiuding.base.problems import Problem


class DatabaseUnwritable(Problem):
    """Refuse to start where the bank may not keep its data."""

    code = "base.database_unwritable"
    status = 503
    title = "The database folder cannot be used"


class DatabaseDiskFull(Problem):
    """Refuse to start on a disk that has no space left."""

    code = "base.database_disk_full"
    status = 503
    title = "The disk of the database is full"


class DatabaseBinariesUnusable(Problem):
    """Refuse to start without PostgreSQL binaries that run on this machine."""

    code = "base.database_binaries_unusable"
    status = 503
    title = "PostgreSQL cannot be run on this machine"


class DatabaseOtherVersion(Problem):
    """Refuse to open data that another major version of PostgreSQL wrote."""

    code = "base.database_other_version"
    status = 503
    title = "The data belongs to another version of PostgreSQL"


class DatabasePasswordLost(Problem):
    """Refuse to open data whose password is gone or was changed."""

    code = "base.database_password_lost"
    status = 503
    title = "The password of the database is not known"


class DatabaseBusy(Problem):
    """Refuse to wait longer for another program that is starting or stopping the database."""

    code = "base.database_busy"
    status = 503
    title = "Another program holds the database"


class DatabaseStartFailed(Problem):
    """Refuse to go on: PostgreSQL would not start, for a reason of its own."""

    code = "base.database_start_failed"
    status = 503
    title = "PostgreSQL would not start"


_FULL = re.compile(r"No space left on device|Disk quota exceeded|File too large")
_UNRUNNABLE = re.compile(
    r"Exec format error|error while loading shared libraries|cannot execute|GLIBC_|dyld"
)
_UNWRITABLE = re.compile(r"Permission denied|Read-only file system|Operation not permitted")
# With less than this left PostgreSQL cannot even write down why it stopped.
_FULL_BYTES = 1_000_000
_NOBODY = re.compile(r"could not look up effective user ID (\d+)")
# One line of the log: "2026-11-23 09:00:00.000 UTC [42] FATAL:  the reason".
_REASON = re.compile(r"(?:FATAL|PANIC|ERROR|error|fatal):\s+(.+)")


def from_output(output: str, folder: Path) -> Problem:
    """Return the problem that PostgreSQL's own words tell of, for the data kept in this folder."""
    reasons = _REASON.findall(output)
    words = reasons[-1] if reasons else " ".join(output.split())[-300:] or "it said nothing"
    if _FULL.search(output) or _is_full(folder):
        return DatabaseDiskFull(f"no space is left for the database in {folder}; free some")
    if unknown := _NOBODY.search(output):
        return DatabaseUnwritable(
            f"user id {unknown[1]} has no name on this machine and PostgreSQL asks for one; "
            "run as a user that is listed in /etc/passwd"
        )
    if _UNRUNNABLE.search(output):
        return DatabaseBinariesUnusable(f"its programs do not run here: {words}")
    if _UNWRITABLE.search(output):
        return DatabaseUnwritable(f"PostgreSQL cannot use {folder}: {words}")
    return DatabaseStartFailed(f"it says: {words}")


def _is_full(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        return shutil.disk_usage(folder).free < _FULL_BYTES
    return False


def from_os_error(error: OSError, folder: Path) -> Problem:
    """Return the problem behind an operating system error met while preparing this folder."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DatabaseDiskFull(f"no space is left for the database in {folder}; free some")
    if error.errno == errno.ENOEXEC:
        return DatabaseBinariesUnusable(
            f"{error.filename} was built for another kind of machine; "
            "set JIUDING_DATABASE_URL to a PostgreSQL 15 or newer"
        )
    what = error.filename or folder
    return DatabaseUnwritable(
        f"the database folder {folder} cannot be used: {error.strerror} "
        f"({what}); set JIUDING_HOME to a folder you may write"
    )
