"""Bring a database to the newest shape; running it again changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text

from jiuding.base.problems import Problem
from jiuding.base.settings import MIGRATIONS

if TYPE_CHECKING:
    from alembic.config import Config

# Two programs that start at once must not both migrate; this key is ours alone.
_MIGRATION_LOCK = 0x4A69756469

MIGRATION_SECONDS_MAX = 3600
MIGRATION_WAIT_SECONDS_MAX = 600


class DatabaseNewer(Problem):
    """Refuse a database that a newer Jiuding has already changed."""

    code = "base.database_newer"
    status = 503
    title = "The database belongs to a newer Jiuding"


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(engine: Engine) -> str:
    """Run the migrations that are missing, all or none, and return the newest revision.

    A migration may take an hour; a second starter waits for it up to ten minutes.
    Refuses: DatabaseNewer.
    """
    from alembic import command

    config = _config()
    newest = newest_revision()
    with engine.begin() as connection:
        for name, seconds in (
            ("statement_timeout", MIGRATION_SECONDS_MAX),
            ("lock_timeout", MIGRATION_WAIT_SECONDS_MAX),
        ):
            connection.execute(text(f"SET LOCAL {name} = '{seconds}s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        current = _revision(connection)
        if current == newest:
            return newest
        if current is not None and current not in _known_revisions():
            raise DatabaseNewer(
                f"it is at revision {current}, and this program knows up to {newest}; "
                "start the newer Jiuding"
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return newest


def newest_revision() -> str:
    """Return the revision that this program's code is written for."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory.from_config(_config()).get_current_head())


def current_revision(engine: Engine) -> str | None:
    """Return the revision that the database is at; None before the first migration."""
    with engine.connect() as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    if connection.execute(text("SELECT to_regclass('public.alembic_version')")).scalar() is None:
        return None
    return connection.execute(text("SELECT version_num FROM public.alembic_version")).scalar()


def _known_revisions() -> set[str]:
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_config())
    return {script.revision for script in scripts.walk_revisions()}
