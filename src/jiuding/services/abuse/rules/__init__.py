"""Rules of abuse: simulated worlds by family, and what a play of one comes to."""

from __future__ import annotations

from jiuding.services.abuse.rules import credential_stuffing, staff_access
from jiuding.services.abuse.rules.world import figures, merged, play

FAMILIES = {each.name: each for each in (credential_stuffing.FAMILY, staff_access.FAMILY)}
GATES = {gate.name: gate for family in FAMILIES.values() for gate in family.gates}

__all__ = ["FAMILIES", "GATES", "figures", "merged", "play"]
