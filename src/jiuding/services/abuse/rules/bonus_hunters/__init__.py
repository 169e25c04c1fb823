"""Bonus hunters and device farms: many accounts, one person, and the money goes to few cards."""

from __future__ import annotations

from jiuding.services.abuse.rules.bonus_hunters.simulation import FAMILY

__all__ = ["FAMILY"]
