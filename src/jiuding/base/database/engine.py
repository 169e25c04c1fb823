"""Engines and sessions. A *session* is a connection inside one transaction; operations never
commit it, the edge does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from jiuding.base.problems import Problem

Session = Connection
Result = TypeVar("Result")

POOL_SIZE = 8
POOL_OVERFLOW = 8
STATEMENT_TIMEOUT_SECONDS = 30
LOCK_TIMEOUT_SECONDS = 10
CONNECT_TIMEOUT_SECONDS = 10
ATTEMPTS_MAX = 3
RETRY_PAUSE_SECONDS = 0.02

OLDEST_VERSION = 15

# Serialization failure and deadlock: PostgreSQL undid the transaction and says to try again.
_TRY_AGAIN = frozenset({"40001", "40P01"})


class DatabaseTooOld(Problem):
    """Refuse a PostgreSQL that lacks what the bank relies on."""

    code = "base.database_too_old"
    status = 503
    title = "The database server is too old"


class DatabaseUnreachable(Problem):
    """Refuse to go on without a database that answers."""

    code = "base.database_unreachable"
    status = 503
    title = "The database does not answer"


def create_engine(url: str, *, pool_size: int = POOL_SIZE) -> Engine:
    """Return an engine over psycopg 3 for a `postgresql://` address, with stated limits.

    Refuses: DatabaseUnreachable for a text that is not such an address.
    """
    if not url.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        raise DatabaseUnreachable("the address of the database must start with postgresql://")
    try:
        engine = sqlalchemy.create_engine(
            "postgresql+psycopg://" + url.split("://", 1)[1],
            pool_size=pool_size,
            max_overflow=POOL_OVERFLOW,
            pool_timeout=LOCK_TIMEOUT_SECONDS,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",
            connect_args={"connect_timeout": CONNECT_TIMEOUT_SECONDS},
        )
    except (ArgumentError, ValueError) as error:
        raise DatabaseUnreachable("the address of the database cannot be read") from error

    @event.listens_for(engine, "connect")
    def _limits(connection, _record):
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = '{STATEMENT_TIMEOUT_SECONDS}s'")
            cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
            cursor.execute("SET timezone = 'UTC'")
        connection.commit()

    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Open a session; commit when the block ends, undo everything when it raises."""
    with engine.begin() as connection:
        yield connection


def run_transaction(
    engine: Engine, work: Callable[[Session], Result], *, attempts_max: int = ATTEMPTS_MAX
) -> Result:
    """Do the work in a transaction of its own, again if it was undone through nobody's fault.

    Done again: after a serialization failure or a deadlock, and when the connection broke before
    COMMIT was sent. When it breaks later, nobody knows whether the work was kept: the error goes to
    the caller, who says it again with the same idempotency key.
    """
    attempt = 1
    while True:
        is_committing = False
        try:
            with engine.connect() as session, session.begin() as change:
                result = work(session)
                is_committing = True
                change.commit()
                return result
        except DBAPIError as error:
            is_undone = getattr(error.orig, "sqlstate", None) in _TRY_AGAIN
            is_broken = error.connection_invalidated and not is_committing
            if attempt >= attempts_max or not (is_undone or is_broken):
                raise
        time.sleep(RETRY_PAUSE_SECONDS * attempt)
        attempt += 1


def server_version(engine: Engine) -> int:
    """Return the server's version number, such as 180006 for 18.6.

    Refuses: DatabaseUnreachable.
    """
    try:
        with engine.connect() as connection:
            return int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
    except OperationalError as error:
        raise DatabaseUnreachable(f"{_place(engine)} does not answer: {_words(error)}") from error


def require_supported(engine: Engine) -> int:
    """Return the server's version number if the bank can run on it.

    Refuses: DatabaseTooOld before PostgreSQL 15; DatabaseUnreachable.
    """
    version = server_version(engine)
    if version < OLDEST_VERSION * 10_000:
        raise DatabaseTooOld(
            f"{_place(engine)} is PostgreSQL {version // 10_000}; "
            f"Jiuding needs {OLDEST_VERSION} or newer"
        )
    return version


def _place(engine: Engine) -> str:
    """Name the database without its user or password."""
    url = engine.url
    host = url.host or str(url.query.get("host") or "the local socket")
    return f"the database {url.database or ''} at {host}{f':{url.port}' if url.port else ''}"


def _words(error: DBAPIError) -> str:
    """Return the reason in the driver's own words, without the address it tried."""
    lines = str(error.orig).strip().splitlines() or ["no reason given"]
    return lines[0].rsplit(" failed: ", 1)[-1].strip()[:300]
