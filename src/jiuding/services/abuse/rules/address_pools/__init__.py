"""Address pools: one operator behind many addresses takes what was meant for many people."""

from __future__ import annotations

from jiuding.services.abuse.rules.address_pools.simulation import FAMILY

__all__ = ["FAMILY"]
