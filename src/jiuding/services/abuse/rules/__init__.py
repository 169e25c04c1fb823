"""Rules of abuse: simulated worlds by family, and what a play of one comes to."""

from __future__ import annotations

from jiuding.services.abuse.rules import (
    address_pools,
    bonus_hunters,
    credential_stuffing,
    fake_orders,
    mule_accounts,
)
from jiuding.services.abuse.rules.world import figures, merged, play
from jiuding.services.abuse.types import Gate

_EVERY = (address_pools, bonus_hunters, credential_stuffing, fake_orders, mule_accounts)
FAMILIES = {each.FAMILY.name: each.FAMILY for each in _EVERY}
GATES = {gate.name: gate for family in FAMILIES.values() for gate in family.gates}


def gates_of(stream: str) -> tuple[Gate, ...]:
    """Return the gates whose acts a stream counts."""
    return tuple(gate for gate in GATES.values() if gate.stream == stream)


__all__ = ["FAMILIES", "GATES", "figures", "gates_of", "merged", "play"]
