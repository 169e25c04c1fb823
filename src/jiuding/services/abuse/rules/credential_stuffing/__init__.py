"""Credential stuffing and account takeover: lists of passwords, tried fast, widely or slowly."""

from __future__ import annotations

from jiuding.services.abuse.rules.credential_stuffing.simulation import FAMILY

__all__ = ["FAMILY"]
