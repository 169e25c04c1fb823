"""The lists that an operator puts into the home: networks by class, and breached secrets.

`HOME/signals/addresses/CLASS.netset` holds networks of one class (`tor`, `proxy`, `data_centre`,
`shared`, `residential`), `HOME/signals/breached.txt` or `.bin` the secrets. Where there are none
the samples of the catalogue are used; without a file nothing is listed.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from pathlib import Path

from jiuding.base.settings import CATALOG
from jiuding.services.signals.rules import BreachedSecrets, NetworkTable, read_networks
from jiuding.services.signals.types import LISTED, AddressClass

FOLDER = "signals"


@dataclass(frozen=True, slots=True)
class Lists:
    """What addresses and secrets are looked up in."""

    networks: NetworkTable
    secrets: BreachedSecrets


def read_lists(home: Path) -> Lists:
    """Return the lists of a home. Refuses: BadNetworkList, BadPasswordList."""
    place = home / FOLDER
    folder = place / "addresses" if (place / "addresses").is_dir() else CATALOG / "addresses"
    networks: dict[AddressClass, tuple[str, ...]] = {}
    for listed in LISTED:
        path = folder / f"{listed}.netset"
        if path.is_file():
            networks[listed] = read_networks(path.read_text(encoding="utf-8"), file=path.name)
    return Lists(NetworkTable(networks), _secrets(place))


def _secrets(place: Path) -> BreachedSecrets:
    for path in (place / "breached.bin", place / "breached.txt"):
        if path.is_file() and path.stat().st_size:
            with path.open("rb") as file:
                # Mapped, not read: such a file has tens of gigabytes.
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            return BreachedSecrets(memoryview(mapped), file=path.name)
    sample = CATALOG / "secrets" / "common.sha1.txt"
    return BreachedSecrets(sample.read_bytes(), file=sample.name)
