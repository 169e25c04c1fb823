"""Find the assets that a bank uses, by the codes that are written on the wire."""

from __future__ import annotations

from collections.abc import Collection

from jiuding.base.amounts import Asset
from jiuding.base.database.engine import Session
from jiuding.base.problems import ensure
from jiuding.kernel.ledger.errors import AssetUnknown
from jiuding.kernel.ledger.store import assets as store

CODES_MAX = 8192


def read_assets(session: Session, *, bank_id: str, codes: Collection[str]) -> dict[str, Asset]:
    """Return the assets of these codes, by code; an asset's scale never changes in a bank.

    Refuses: AssetUnknown when no account was ever opened in one of them.
    """
    ensure(len(codes) <= CODES_MAX, f"read up to {CODES_MAX} assets at a time")
    found = store.read_assets(session, bank_id, codes)
    for code in codes:
        if code not in found:
            raise AssetUnknown(f"{code[:40]!r} is not an asset of this bank", asset=code[:40])
    return found
