"""Play a family of abuse against the bank's policies, in memory, and tell what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from jiuding.base.problems import ensure
from jiuding.kernel import decisions
from jiuding.services.abuse import rules
from jiuding.services.abuse.errors import FamilyNotFound
from jiuding.services.abuse.operations.desk import MemoryDesk
from jiuding.services.abuse.operations.text_desk import TextDesk
from jiuding.services.abuse.types import Attackers, Desk, Family, Tally

Books = Callable[[decisions.Policy | None], Desk]


def family_of(name: str) -> Family:
    """Return a family by its name. Refuses: FamilyNotFound."""
    found = rules.FAMILIES.get(name) or rules.ON_BOOKS.get(name)
    if found is None:
        raise FamilyNotFound(f"there is no family {name[:40]!r}", family=name[:40])
    return found


def play_family(
    name: str,
    *,
    seeds: Sequence[int],
    size: float = 1.0,
    attackers: Attackers = Attackers.USUAL,
    policies: Mapping[str, decisions.Policy] | None = None,
    books: Books | None = None,
) -> Tally:
    """Play a family once for each seed, each time with fresh counters; return the counts of all.

    `policies` stand in for those of the catalogue, by gate. What moves money (`ON_BOOKS`) is played
    in `books`, each time in an empty bank of it. Refuses: FamilyNotFound.
    """
    family = family_of(name)
    return rules.merged(
        rules.play(family.simulate(seed, size, attackers), _desk(family, policies or {}, books))
        for seed in seeds
    )


def _desk(family: Family, policies: Mapping[str, decisions.Policy], books: Books | None) -> Desk:
    """Return a fresh desk that judges at a family's gates."""
    (first, *_) = family.gates
    if family.name in rules.ON_BOOKS:
        ensure(books is not None, f"{family.name} is played on books")
        return books(policies.get(first.name))
    if not first.stream:
        return TextDesk(policies.get(first.name))
    return MemoryDesk(family.gates, policies)
