"""Settings: what an operator may choose, read once from the environment.

Every name is listed in `SETTINGS` with its meaning; the README's table is tested against it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jiuding.base.problems import Problem
from jiuding.base.proxies import Proxies, read_proxies

ROOT = Path(__file__).resolve().parents[3]
CATALOG = ROOT / "catalog"
MIGRATIONS = ROOT / "migrations"
WEB = ROOT / "web"

NO_PROXIES = Proxies()

SETTINGS: dict[str, str] = {
    "JIUDING_HOME": "folder that holds all data; default: jiuding under XDG_DATA_HOME",
    "JIUDING_PORT": "port that the bank serves on, loopback only; default: 8000",
    "JIUDING_DATABASE_URL": "a PostgreSQL 15 or newer to use instead of the embedded one",
    "JIUDING_DATABASE_OWNER_URL": "owner of the tables in that PostgreSQL, for migrations "
    "only; JIUDING_DATABASE_URL then names a role that owns nothing",
    "JIUDING_DATABASES": "file that names a database of its own for a bank, a line each: "
    'slug = "postgresql://…"; default: databases.toml in the home',
    "JIUDING_TRUSTED_PROXIES": "networks of your own proxies, parted by commas; only they are "
    "believed about a client's address; default: none",
    "JIUDING_PROXY_HEADER": "the one header that they write: x-forwarded-for or forwarded; "
    "default: x-forwarded-for",
}


class BadSetting(Problem):
    """Refuse a setting that cannot be used."""

    code = "base.bad_setting"
    status = 422
    title = "A setting cannot be used"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator chose."""

    home: Path
    port: int
    database_url: str | None
    databases_file: Path | None = None
    database_owner_url: str | None = None
    proxies: Proxies = NO_PROXIES

    @property
    def databases(self) -> Path:
        """The file that names banks' own databases; it need not be there."""
        return self.databases_file or self.home / "databases.toml"

    @property
    def origin(self) -> str:
        """The address that browsers open; passkeys are bound to its host name."""
        return f"http://localhost:{self.port}"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Refuses: BadSetting for a port that is not one, or a home that is not an absolute path;
    BadProxies.
    """
    values = os.environ if environment is None else environment
    port = values.get("JIUDING_PORT") or "8000"
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise BadSetting(f"JIUDING_PORT must be a number from 1 to 65535, not {port[:20]!r}")
    data = values.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    home = Path(values.get("JIUDING_HOME") or Path(data) / "jiuding").expanduser()
    if not home.is_absolute():
        home = Path.cwd() / home
    file = values.get("JIUDING_DATABASES")
    return Settings(
        home,
        int(port),
        values.get("JIUDING_DATABASE_URL") or None,
        Path(file).expanduser().absolute() if file else None,
        values.get("JIUDING_DATABASE_OWNER_URL") or None,
        read_proxies(
            values.get("JIUDING_TRUSTED_PROXIES") or "", values.get("JIUDING_PROXY_HEADER") or ""
        ),
    )


def read_secret(home: Path, name: str) -> bytes:
    """Return a 32-byte secret kept in the home, made on first use, readable by its owner only."""
    path = home / "secrets" / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f".{name}.{secrets.token_hex(8)}")  # no two makers share it
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # the first maker wins, whoever that is
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()
