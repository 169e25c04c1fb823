"""`EmbeddedServer`: start a PostgreSQL in a folder, or join the one that runs there; stop it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import subprocess
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from jiuding.base.database.embedded import binaries, places
from jiuding.base.database.embedded.locks import Use, alone
from jiuding.base.database.embedded.places import Identity, Place
from jiuding.base.database.embedded.postmaster import Postmaster, disown, find_postmaster
from jiuding.base.database.embedded.problems import (
    DatabaseBusy,
    DatabaseOtherVersion,
    DatabasePasswordLost,
    DatabaseStartFailed,
    from_os_error,
    from_output,
)
from jiuding.base.problems import BadInput, ensure

USER = "jiuding"
PORT = 5432  # only names the socket inside its private folder; no TCP port is opened

START_SECONDS = 300  # replaying the log after a crash may take minutes
STOP_SECONDS = 60
# After kill -9 the dead server's last processes still hold its shared memory for a moment.
AFTERMATH_SECONDS = 20
LOG_BYTES_MAX = 10_000_000

_AFTERMATH = ("is still in use", 'lock file "postmaster.pid" already exists')

_SETTINGS = """\
# Written by the bank at each start: change the bank, not this file.
listen_addresses = ''               # nobody reaches us over a network
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700      # only the user who runs the server, and root
port = {port}
password_encryption = 'scram-sha-256'
fsync = on                          # what was acknowledged survives a power cut
synchronous_commit = on
full_page_writes = on
max_connections = 100               # the bank's pools take at most 16 per process
superuser_reserved_connections = 3
shared_buffers = '256MB'            # the hot accounts and indexes of a small bank
max_wal_size = '1GB'                # fewer checkpoints under load; also the disk it may take
min_wal_size = '256MB'              # files are used again instead of being zeroed anew
wal_writer_delay = '10ms'           # what a large batch writes is on disk before its commit waits
wal_compression = 'pglz'            # full pages after a checkpoint shrink to a third
jit = off                           # our statements are short
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'                   # problems are recognised by their English words
log_line_prefix = '%m [%p] %q%u@%d '  # who, for statements of analysts
log_min_messages = warning
log_checkpoints = off
"""


class EmbeddedServer:
    """A PostgreSQL server in a folder of its own, for one or more programs at a time.

    `start` joins a server that already runs there; `stop` turns it off when no other program uses
    it. The folder holds everything, unless root starts it in a closed home (see `places`).
    `bin_folder` names other PostgreSQL programs than those of the wheel.
    """

    def __init__(self, folder: Path, *, bin_folder: Path | None = None) -> None:
        self.folder = Path(folder)
        self._given = bin_folder
        self._place: Place | None = None
        self._programs: Path | None = None
        self._use: Use | None = None
        self._url: str | None = None

    def __enter__(self) -> EmbeddedServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The superuser's address of database `postgres`; holds the password."""
        ensure(self._url is not None, "the server was started before its address was asked for")
        return str(self._url)

    @property
    def data_folder(self) -> Path:
        """PostgreSQL's data folder, known once there is one."""
        if self._place is None and self.folder.is_dir():
            return places.find(self.folder.resolve()).data
        return self._known_place().data

    @property
    def is_running(self) -> bool:
        """A server runs on this data, whoever started it."""
        return self.process_id is not None

    @property
    def process_id(self) -> int | None:
        """The process id of the server that runs on this data, if one does."""
        place = self._place
        if place is None and self.folder.is_dir():
            place = places.find(self.folder.resolve())
        found = find_postmaster(place.data, place.who) if place else None
        return found.process_id if found else None

    def start(self) -> str:
        """Start the server, or join the one that runs here, and return its address.

        Returns when the server answers. Refuses: DatabaseUnwritable, DatabaseDiskFull,
        DatabaseBinariesUnusable, DatabaseOtherVersion, DatabasePasswordLost, DatabaseBusy,
        DatabaseStartFailed.
        """
        if self._use is not None and _why_silent(self.url) is None:
            return self.url
        place = self._place = places.prepare(self.folder)
        with places.refusals(place.folder), self._alone():
            use = self._use or Use(place.folder / "users")
            try:
                self._url = self._join() or self._launch()
            except BaseException:
                use.end()
                self._use = None
                raise
            self._use = use
        return self.url

    def stop(self) -> None:
        """Let go of the server; turn it off, cleanly, when no other program uses it."""
        if self._use is None:
            return
        with self._alone():
            use, self._use = self._use, None
            if use.end():
                self._turn_off()

    def remove(self) -> None:
        """Stop the server and delete its data; for tests and throw-away banks.

        Refuses: DatabaseBusy while another program uses it.
        """
        self._place = place = self._place or places.prepare(self.folder)
        with self._alone():
            use = self._use or Use(place.folder / "users")
            self._use = None
            if not use.end():
                raise DatabaseBusy(f"another program uses the database in {place.folder}; close it")
            self._turn_off()
            places.forget(place)

    # What follows runs under the lock `alone`.

    def _join(self) -> str | None:
        """Return the address of the server that already runs here; None when none does."""
        place = self._known_place()
        deadline = time.monotonic() + START_SECONDS
        while (found := self._postmaster()) is not None:
            url = self._address(found.socket_folder) if found.socket_folder else None
            if url and _why_silent(url) is None:
                return url
            if found.is_ready and found.socket_folder and not found.socket_exists:
                self._turn_off()  # somebody swept its socket away: nobody can reach it any more
            if time.monotonic() > deadline:
                raise DatabaseStartFailed(
                    f"the server that runs on {place.data} (process {found.process_id}) "
                    f"has not answered for {START_SECONDS} s"
                )
            time.sleep(0.05)
        return None

    def _launch(self) -> str:
        place = self._known_place()
        programs = self._known_programs()
        major = binaries.major_version(programs)
        if not place.data.exists():
            self._initialise(major)
        written = places.read(place.data / "PG_VERSION")
        if written != str(major):
            raise DatabaseOtherVersion(
                f"the data in {place.data} was written by PostgreSQL {written}, this is {major}; "
                "start the older bank, or move the data over with pg_upgrade"
            )
        sockets = places.socket_folder(place)
        settings = _SETTINGS.format(sockets=sockets, port=PORT)
        places.write(place.data / "jiuding.conf", settings, place.who)
        url = self._address(sockets)
        log = place.data / "server.log"
        if log.exists() and log.lstat().st_size > LOG_BYTES_MAX:
            log.replace(log.with_suffix(".log.1"))
        self._start_patiently(sockets, log)
        if reason := _why_silent(url):
            self._turn_off()
            raise DatabaseStartFailed(f"it started but takes no connection: {reason}")
        return url

    def _start_patiently(self, sockets: Path, log: Path) -> None:
        place = self._known_place()
        deadline = time.monotonic() + AFTERMATH_SECONDS
        while True:
            if disown(place.data, place.who):
                # The dead server's socket names a stranger too, and nobody else may use its folder.
                for left in sockets.glob(f".s.PGSQL.{PORT}*"):
                    left.unlink(missing_ok=True)
            read_from = log.lstat().st_size if log.exists() else 0
            tried = self._run(
                "pg_ctl", "start", "-w", "-s", "-t", str(START_SECONDS),
                "-D", "data", "-l", "data/server.log",
                cwd=place.storage, timeout=START_SECONDS + 30,
            )  # fmt: skip
            if tried.returncode == 0:
                return
            output = _tail(log, read_from) or tried.stderr + tried.stdout
            if time.monotonic() > deadline or not any(sign in output for sign in _AFTERMATH):
                raise from_output(output, place.storage)
            time.sleep(0.2)

    def _initialise(self, major: int) -> None:
        """Make the data folder, complete or not at all."""
        place = self._known_place()
        fresh = place.storage / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        maker = places.named(place.who)
        password = secrets.token_urlsafe(32)
        places.write(place.password, f"{password}\n")
        places.write(fresh / "first", f"{password}\n", maker)
        if not maker.is_us:
            os.chown(fresh, maker.uid, maker.gid)
        # Sorted by code point everywhere; from 17 on letters also have case beyond ASCII.
        locale = ["--locale=C"]
        if major >= 17:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        try:
            made = self._run(
                "initdb", "-D", "fresh/data", "-U", USER, "--pwfile=fresh/first",
                "--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums",
                "--no-instructions", *locale,
                cwd=place.storage, timeout=START_SECONDS, who=maker,
            )  # fmt: skip
            if made.returncode:
                raise from_output(made.stderr + made.stdout, place.storage)
            with open(fresh / "data" / "postgresql.conf", "a", encoding="utf-8") as file:
                file.write("\ninclude_if_exists = 'jiuding.conf'\n")
            places.give(fresh / "data", place.who)
            (fresh / "data").rename(place.data)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _turn_off(self) -> None:
        place = self._known_place()
        found = self._postmaster()
        if found is None:
            return
        for mode in ("fast", "immediate"):
            self._run(
                "pg_ctl", "stop", "-s", "-w", "-m", mode, "-t", str(STOP_SECONDS), "-D", "data",
                cwd=place.storage, timeout=STOP_SECONDS + 30,
            )  # fmt: skip
            if self._postmaster() is None:
                break
        if found.socket_folder and found.socket_folder != place.storage / "socket":
            with contextlib.suppress(OSError):
                found.socket_folder.rmdir()

    def _run(
        self, program: str, *arguments: str, cwd: Path, timeout: float, who: Identity | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the server's user, in a session of its own.

        So a Ctrl-C in the terminal reaches the bank, which then stops the server, and not the
        server itself. Paths are given relative to `cwd`, so that no shell reads them.
        """
        who = who or self._known_place().who
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "PGTZ": "UTC"}
        try:
            return subprocess.run(
                [str(self._known_programs() / program), *arguments],
                cwd=cwd, timeout=timeout, env=environment, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, errors="replace", start_new_session=True,
                umask=0o077, **who.arguments,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise DatabaseStartFailed(f"{program} was not done after {timeout:.0f} s") from error
        except OSError as error:
            raise from_os_error(error, cwd) from error

    def _alone(self) -> contextlib.AbstractContextManager[None]:
        lock = self._known_place().folder / "lock"
        return alone(lock, timeout_seconds=START_SECONDS + STOP_SECONDS)

    def _postmaster(self) -> Postmaster | None:
        place = self._known_place()
        return find_postmaster(place.data, place.who)

    def _known_place(self) -> Place:
        ensure(self._place is not None, "the server's place was prepared by start")
        return self._place  # type: ignore[return-value]

    def _known_programs(self) -> Path:
        if self._programs is None:
            self._programs = binaries.runnable_folder(self._known_place(), self._given)
        return self._programs

    def _address(self, sockets: Path) -> str:
        place = self._known_place()
        try:
            password = places.read(place.password)
        except FileNotFoundError as error:
            raise DatabasePasswordLost(
                f"{place.password} is missing; put it back from your copy of the home"
            ) from error
        return f"postgresql://{USER}:{password}@/postgres?host={quote(str(sockets))}&port={PORT}"


def ensure_database(url: str, name: str) -> str:
    """Make the database if it is missing and return its address, like `url` but for the name.

    Refuses: BadInput for a name that is not plain: lower case letters, digits, underscores.
    """
    import psycopg
    from sqlalchemy import make_url

    if not (name.isascii() and name.isidentifier() and name == name.lower() and len(name) <= 63):
        raise BadInput(f"{name[:70]!r} is not the name of a database")
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if found.fetchone() is None:
            with contextlib.suppress(
                psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation
            ):
                connection.execute(f'CREATE DATABASE "{name}"')
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _why_silent(url: str) -> str | None:
    """Return why the server takes no connection; None when it answers.

    Refuses: DatabasePasswordLost, since waiting does not mend a wrong password.
    """
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=10, autocommit=True).close()
    except psycopg.OperationalError as error:
        said = str(error)
        if "too many clients" in said or "connection slots are reserved" in said:
            return None  # it does answer: it is busy
        if "password authentication failed" in said:
            raise DatabasePasswordLost(
                "the password kept beside the data is refused; put back the file `password` "
                "from your copy of the home"
            ) from error
        return said.strip().splitlines()[0].rsplit(" failed: ", 1)[-1][:300]
    return None


def _tail(log: Path, read_from: int, bytes_max: int = 20_000) -> str:
    with contextlib.suppress(OSError):
        descriptor = os.open(log, os.O_RDONLY | os.O_NOFOLLOW)
        with open(descriptor, "rb") as file:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                file.seek(read_from)
                return file.read(bytes_max).decode("utf-8", "replace")
    return ""
