"""Fake-order rings: shops that buy from themselves through hired hands."""

from __future__ import annotations

from jiuding.services.abuse.rules.fake_orders.simulation import FAMILY

__all__ = ["FAMILY"]
