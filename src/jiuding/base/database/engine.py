"""Engines and sessions. A *session* is a connection inside one transaction; operations never
commit it, the edge does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy
from sqlalchemy import Connection, Engine, event

Session = Connection

POOL_SIZE = 8
POOL_OVERFLOW = 8
STATEMENT_TIMEOUT_SECONDS = 30
LOCK_TIMEOUT_SECONDS = 10


def create_engine(url: str, *, pool_size: int = POOL_SIZE) -> Engine:
    """Return an engine over psycopg 3 for a `postgresql://` address, with stated limits."""
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    engine = sqlalchemy.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=LOCK_TIMEOUT_SECONDS,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
    )

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
