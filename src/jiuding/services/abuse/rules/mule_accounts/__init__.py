"""Mule accounts: money of victims comes in from several payers and leaves within hours."""

from __future__ import annotations

from jiuding.services.abuse.rules.mule_accounts.simulation import FAMILY

__all__ = ["FAMILY"]
