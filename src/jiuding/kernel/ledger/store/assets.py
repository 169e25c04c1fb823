"""Queries on the assets that a bank uses."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from jiuding.base.amounts import Asset
from jiuding.base.database.engine import Session
from jiuding.kernel.ledger.tables import assets


def read_assets(session: Session, bank_id: str, codes: Collection[str]) -> dict[str, Asset]:
    """Return the assets of these codes, by code; those that the bank never used are missing."""
    query = select(assets.c.asset_code, assets.c.scale).where(
        assets.c.bank_id == bank_id, assets.c.asset_code.in_(codes)
    )
    return {row.asset_code: Asset(row.asset_code, row.scale) for row in session.execute(query)}
