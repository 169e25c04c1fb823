"""Rules of abuse: simulated worlds by family, and what a play of one comes to."""

from __future__ import annotations

from jiuding.services.abuse.rules import (
    address_pools,
    bonus_hunters,
    credential_stuffing,
    exposed_text,
    fake_orders,
    loan_use,
    mule_accounts,
    staff_access,
)
from jiuding.services.abuse.rules.world import figures, merged, play
from jiuding.services.abuse.types import Gate

_EVERY = (
    address_pools,
    bonus_hunters,
    credential_stuffing,
    exposed_text,
    fake_orders,
    mule_accounts,
    staff_access,
)
FAMILIES = {each.FAMILY.name: each.FAMILY for each in _EVERY}
# These move money in a bank's books, and are played there.
ON_BOOKS = {loan_use.FAMILY.name: loan_use.FAMILY}
# Gates without a stream have desks of their own, and are not asked here by name.
GATES = {gate.name: gate for family in FAMILIES.values() for gate in family.gates if gate.stream}


def gates_of(stream: str) -> tuple[Gate, ...]:
    """Return the gates whose acts a stream counts."""
    return tuple(gate for gate in GATES.values() if gate.stream == stream)


__all__ = ["FAMILIES", "GATES", "ON_BOOKS", "figures", "gates_of", "merged", "play"]
