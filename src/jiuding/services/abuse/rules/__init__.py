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
GATES = {
    gate.name: gate for family in (*FAMILIES.values(), *ON_BOOKS.values()) for gate in family.gates
}

__all__ = ["FAMILIES", "GATES", "ON_BOOKS", "figures", "merged", "play"]
