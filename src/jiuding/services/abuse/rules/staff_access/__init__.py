"""Misuse of operator access: reads of customers' data that nobody's work needs."""

from __future__ import annotations

from jiuding.services.abuse.rules.staff_access.simulation import FAMILY

__all__ = ["FAMILY"]
