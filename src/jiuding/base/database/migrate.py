"""Bring a database to the newest shape; running it again changes nothing."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from jiuding.base.settings import MIGRATIONS

# Two programs that start at once must not both migrate; this key is ours alone.
_MIGRATION_LOCK = 0x4A69756469


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(engine: Engine) -> str:
    """Run the migrations that are missing, all or none, and return the newest revision."""
    config = _config()
    newest = ScriptDirectory.from_config(config).get_current_head()
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return str(newest)
