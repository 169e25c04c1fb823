"""Loan money led to a forbidden use: directly, through others, through shops, out of the bank."""

from __future__ import annotations

from jiuding.services.abuse.rules.loan_use.simulation import FAMILY

__all__ = ["FAMILY"]
