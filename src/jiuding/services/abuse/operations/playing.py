"""Play a family of abuse against the bank's policies, in memory, and tell what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jiuding.kernel import decisions
from jiuding.services.abuse import rules
from jiuding.services.abuse.errors import FamilyNotFound
from jiuding.services.abuse.operations.desk import MemoryDesk
from jiuding.services.abuse.types import Attackers, Family, Tally


def family_of(name: str) -> Family:
    """Return a family by its name. Refuses: FamilyNotFound."""
    if name not in rules.FAMILIES:
        raise FamilyNotFound(f"there is no family {name[:40]!r}", family=name[:40])
    return rules.FAMILIES[name]


def play_family(
    name: str,
    *,
    seeds: Sequence[int],
    size: float = 1.0,
    attackers: Attackers = Attackers.USUAL,
    policies: Mapping[str, decisions.Policy] | None = None,
) -> Tally:
    """Play a family once for each seed, each time with fresh counters; return the counts of all.

    `policies` stand in for those of the catalogue, by gate. Refuses: FamilyNotFound.
    """
    family = family_of(name)
    return rules.merged(
        rules.play(family.simulate(seed, size, attackers), MemoryDesk(family.gates, policies))
        for seed in seeds
    )
