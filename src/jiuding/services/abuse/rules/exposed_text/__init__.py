"""Scripts and illegal content through fields that others read."""

from __future__ import annotations

from jiuding.services.abuse.rules.exposed_text.simulation import FAMILY

__all__ = ["FAMILY"]
