"""Several independent databases: each bank's whole data is in one of them.

Nothing crosses banks, neither a transaction, a join nor a foreign key, so a bank can live on a
server of its own and N servers serve N times the banks. `databases.toml` in the home says which:

    north_bank = "postgresql://jiuding@10.0.0.2/jiuding"
    south_bank = "postgresql://jiuding@10.0.0.3/jiuding"

Banks that it does not name are in the default database.
"""

from __future__ import annotations

import re
import stat
import threading
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType

from sqlalchemy import Engine

from jiuding.base.database.engine import create_engine
from jiuding.base.problems import NotFound
from jiuding.base.settings import BadSetting

BANKS_MAX = 1_000
# Connections kept open to each database; engines of many banks share one program's limit.
POOL_SIZE = 4
_SLUG = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_SCHEMES = ("postgresql://", "postgres://", "postgresql+psycopg://")


class BankNotPlaced(NotFound):
    """Refuse to look for a bank for which no database is named."""

    code = "base.bank_not_placed"
    status = 404
    title = "No database is named for this bank"


def read_databases(path: Path) -> dict[str, str]:
    """Return the addresses that the file names, by the bank's slug; no file means none.

    Refuses: BadSetting for a file that others may read (addresses hold passwords), that is not
    TOML, or that does not map slugs to PostgreSQL addresses.
    """
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise BadSetting(f"{path} holds passwords: let only its owner read it (chmod 600)")
        declared = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        # What a parser says may quote a line, and a line may hold a password.
        raise BadSetting(f"{path} cannot be read as TOML") from error
    if len(declared) > BANKS_MAX:
        raise BadSetting(f"{path} names {len(declared)} banks; at most {BANKS_MAX}")
    for slug, url in declared.items():
        if not _SLUG.fullmatch(slug):
            raise BadSetting(f"{path}: {slug[:64]!r} is not a bank's slug")
        if not isinstance(url, str) or not url.startswith(_SCHEMES):
            raise BadSetting(f"{path}: {slug} is not followed by a postgresql:// address")
    return declared


class Shards:
    """Engines by bank, made when first asked for; banks at one address share an engine."""

    def __init__(self, urls: Mapping[str, str], *, default_url: str | None = None) -> None:
        self._urls = dict(urls)
        self._default_url = default_url
        self._engines: dict[str, Engine] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Shards:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.dispose()

    def url_for(self, slug: str) -> str:
        """Return the address of the database that holds a bank.

        Refuses: BankNotPlaced when the bank is not named and there is no default.
        """
        url = self._urls.get(slug, self._default_url)
        if url is None:
            raise BankNotPlaced(f"no database is named for {slug[:64]!r}")
        return url

    def engine_for(self, slug: str) -> Engine:
        """Return the engine of the database that holds a bank.

        Refuses: BankNotPlaced, DatabaseUnreachable for an address that cannot be read.
        """
        return self._engine(self.url_for(slug))

    def every_engine(self) -> Iterator[Engine]:
        """Return the engine of every database once, the default first; such as to migrate them."""
        urls = [*([self._default_url] if self._default_url else []), *self._urls.values()]
        for url in dict.fromkeys(urls):
            yield self._engine(url)

    def dispose(self) -> None:
        """Close all connections."""
        with self._lock:
            engines, self._engines = list(self._engines.values()), {}
        for engine in engines:
            engine.dispose()

    def _engine(self, url: str) -> Engine:
        with self._lock:
            found = self._engines.get(url)
            if found is None:
                found = self._engines[url] = create_engine(url, pool_size=POOL_SIZE)
            return found
