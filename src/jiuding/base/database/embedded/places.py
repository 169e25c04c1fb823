"""Who runs the server and where its files lie.

An ordinary user runs the server and owns everything, in the folder asked for:

    folder/          0700
      password       0600, the superuser's
      lock, users    0600, held while starting, and while in use
      data/          0700, PostgreSQL's own
      socket/        0700, where clients connect

Root never runs a server. Then `data` and `socket` belong to an unprivileged user and `folder` lets
that user's group pass (0710). Where a parent of `folder` is closed to that user (a home under
/root), `data` and `socket` lie in `/var/lib/jiuding/database-*` instead and `folder/location` says
so. The mode of a parent is never changed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pwd
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jiuding.base.database.embedded.problems import DatabaseUnwritable, from_os_error

# A unix socket's path fits in 107 bytes; PostgreSQL appends "/.s.PGSQL.5432". A plain path needs no
# quoting in an address, nor in a configuration file.
_SOCKET_FOLDER_BYTES_MAX = 107 - len("/.s.PGSQL.5432")
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+")

# Ids that no distribution gives out: systemd's table of user ids leaves 60706 to 61183 unused, and
# they lie below 65536, so that they exist in containers with few ids too.
_FREE_IDS = range(60800, 61000)
_ACCOUNT = "jiuding"
_SYSTEM_BASE = Path("/var/lib/jiuding")


@dataclass(frozen=True, slots=True)
class Identity:
    """A user and group that a process runs as."""

    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        """This process already runs as that user."""
        return self.uid == os.geteuid()

    @property
    def arguments(self) -> dict:
        """Keyword arguments for `subprocess` that run a program as this user."""
        return {} if self.is_us else {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True, slots=True)
class Place:
    """Where one server's files lie, and who runs it."""

    folder: Path
    storage: Path
    who: Identity

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.storage / "data"

    @property
    def password(self) -> Path:
        """The file of the superuser's password."""
        return self.folder / "password"


@contextlib.contextmanager
def refusals(folder: Path) -> Iterator[None]:
    """Turn errors of the operating system into problems about this folder."""
    try:
        yield
    except OSError as error:
        raise from_os_error(error, folder) from error


def prepare(folder: Path) -> Place:
    """Make the folder and say who runs the server there and where its data lies.

    Refuses: DatabaseUnwritable, DatabaseDiskFull.
    """
    with refusals(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder = folder.resolve()
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
        place = find(folder)
        if os.geteuid() == 0:
            return _prepare_as_root(place)
        owner = (place.data if place.data.exists() else folder).stat().st_uid
        if owner != os.geteuid():
            raise DatabaseUnwritable(
                f"the data in {place.storage} belongs to user id {owner}, not to you; "
                "set JIUDING_HOME to a folder of your own"
            )
        folder.chmod(0o700)
        return place


def find(folder: Path) -> Place:
    """Return where things lie now, changing nothing; as root, the data's owner runs the server."""
    location = folder / "location"
    storage = Path(read(location)) if location.exists() else folder
    if os.geteuid() != 0:
        return Place(folder, storage, Identity(os.geteuid(), os.getegid()))
    for path in (storage / "data", folder):
        with contextlib.suppress(FileNotFoundError):
            facts = path.stat()
            if facts.st_uid != 0:
                return Place(folder, storage, Identity(facts.st_uid, facts.st_gid))
    return Place(folder, storage, unprivileged())


def unprivileged() -> Identity:
    """Return who runs the server when we are root: the account `jiuding`, or an unused id."""
    with contextlib.suppress(KeyError):
        account = pwd.getpwnam(_ACCOUNT)
        return Identity(account.pw_uid, account.pw_gid)
    for uid in _FREE_IDS:
        try:
            pwd.getpwuid(uid)
        except KeyError:
            return Identity(uid, uid)
    raise DatabaseUnwritable(f"make a user named {_ACCOUNT}: root may not run the database")


def named(who: Identity) -> Identity:
    """Return this user if it has a name, else one that does, in the same group.

    `initdb` alone looks its user up by name; what it made is then given to the nameless one.
    """
    with contextlib.suppress(KeyError):
        pwd.getpwuid(who.uid)
        return who
    if not who.is_us:
        accounts = sorted(pwd.getpwall(), key=lambda account: account.pw_name != "nobody")
        for account in accounts:
            if account.pw_uid != 0:
                return Identity(account.pw_uid, who.gid)
    return who


def _prepare_as_root(place: Place) -> Place:
    who = place.who
    if place.storage == place.folder and not reachable(place.folder.parent, who):
        if place.data.exists():
            raise DatabaseUnwritable(
                f"user id {who.uid}, who runs the database, cannot pass a parent of {place.data}; "
                "let it pass, or move the data"
            )
        storage = Path(tempfile.mkdtemp(prefix="database-", dir=shared_base(place.folder)))
        place = Place(place.folder, storage, who)
        write(storage / "origin", f"{place.folder}\n")
        write(place.folder / "location", f"{storage}\n")
    if place.storage.stat().st_uid == 0:
        os.chown(place.storage, 0, who.gid)
        place.storage.chmod(0o710)
    if place.data.exists() and place.data.stat().st_uid != who.uid:
        give(place.data, who)  # restored from a copy that lost its owners
    return place


def shared_base(folder: Path) -> Path:
    """Return root's own folder for what an unprivileged server must reach.

    It is `/var/lib/jiuding`; what belongs to a home under the temporary folder stays temporary.
    """
    temporary = Path(tempfile.gettempdir()).resolve()
    base = _SYSTEM_BASE
    if folder.is_relative_to(temporary) and reachable(temporary, unprivileged()):
        base = temporary / "jiuding-root"
    base.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        base.mkdir(mode=0o711)
        base.chmod(0o711)  # whatever the umask
    facts = base.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != 0 or facts.st_mode & 0o022:
        raise DatabaseUnwritable(f"{base} must be a folder that only root may write")
    return base


def reachable(path: Path, who: Identity, *, need: int = 0o1) -> bool:
    """Tell whether this user may pass every folder to the path and has `need` on the path itself.

    `need` is one octal digit (4 read, 2 write, 1 pass). Access lists are not looked at.
    """
    path = path.resolve()
    return all(_allows(step, who, need if step == path else 0o1) for step in (path, *path.parents))


def _allows(path: Path, who: Identity, need: int) -> bool:
    facts = path.stat()
    shift = 6 if facts.st_uid == who.uid else 3 if facts.st_gid == who.gid else 0
    return (facts.st_mode >> shift) & need == need


def give(path: Path, who: Identity) -> None:
    """Give a folder and all that is in it to this user, following no link."""
    if who.is_us:
        return
    for parent, folders, files in os.walk(path):
        for name in (*folders, *files):
            os.chown(os.path.join(parent, name), who.uid, who.gid, follow_symlinks=False)
    os.chown(path, who.uid, who.gid)


def write(path: Path, text: str, who: Identity | None = None) -> None:
    """Write a small private file, whole or not at all, following no link.

    It belongs to the user given; else, when root writes, to the owner of the folder.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with open(
        os.open(fresh, flags, 0o600), "w", encoding="utf-8", errors="surrogateescape"
    ) as file:
        _own(file.fileno(), path.parent, who)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def read(path: Path) -> str:
    """Return the one line of a small file, following no link."""
    with open(
        os.open(path, os.O_RDONLY | os.O_NOFOLLOW), encoding="utf-8", errors="surrogateescape"
    ) as file:
        return file.read().rstrip("\n")


def open_lock(path: Path) -> int:
    """Open a lock file; in another user's folder, root makes it that user's."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    _own(descriptor, path.parent, None)
    return descriptor


def _own(descriptor: int, folder: Path, who: Identity | None) -> None:
    if os.geteuid() == 0:
        facts = folder.stat()
        owner = who or Identity(facts.st_uid, facts.st_gid)
        os.fchown(descriptor, owner.uid, owner.gid)


def socket_folder(place: Place) -> Path:
    """Make and return a private folder for the socket, short and plain enough to be an address."""
    memory = place.folder / "socket_location"
    near = place.storage / "socket"
    if _fits(near):
        near.mkdir(mode=0o700, exist_ok=True)
        os.chown(near, place.who.uid, place.who.gid)
        return near
    if memory.exists():
        kept = Path(read(memory))
        if _is_private(kept, place.who):
            return kept
    made = Path(tempfile.mkdtemp(prefix="jiuding-", dir=_short_base(place.who)))
    os.chown(made, place.who.uid, place.who.gid)
    write(memory, f"{made}\n")
    return made


def _fits(path: Path) -> bool:
    text = str(path)
    return len(os.fsencode(text)) <= _SOCKET_FOLDER_BYTES_MAX and bool(_PLAIN.fullmatch(text))


def _is_private(path: Path, who: Identity) -> bool:
    with contextlib.suppress(FileNotFoundError):
        facts = path.lstat()
        is_closed = stat.S_ISDIR(facts.st_mode) and not facts.st_mode & 0o077
        return is_closed and facts.st_uid == who.uid
    return False


def _short_base(who: Identity) -> Path:
    wanted = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
    if who.is_us and os.environ.get("XDG_RUNTIME_DIR"):
        wanted.insert(0, Path(os.environ["XDG_RUNTIME_DIR"]))
    for path in wanted:
        is_usable = path.is_dir() and os.access(path, os.W_OK | os.X_OK)
        if is_usable and _fits(path / "jiuding-12345678") and reachable(path, who):
            return path
    raise DatabaseUnwritable("no folder with a short path can hold the database's socket")


def forget(place: Place) -> None:
    """Remove the data, the socket and the records of where they were; the folder stays."""
    memory = place.folder / "socket_location"
    if memory.exists():
        kept = Path(read(memory))
        if _is_private(kept, place.who):
            shutil.rmtree(kept, ignore_errors=True)
    for name in ("data", "fresh", "socket"):
        shutil.rmtree(place.storage / name, ignore_errors=True)
    if place.storage != place.folder:
        shutil.rmtree(place.storage, ignore_errors=True)
    for name in ("password", "location", "socket_location"):
        (place.folder / name).unlink(missing_ok=True)
