"""Simulate people who fill in fields that others read, and those who attack through them.

An honest writer fills in six fields over a month. An attacker has one text to get shown; when it is
held up they try again in other disguises, twice more. The usual ones disguise half of their texts
in one way; the adapted ones each in two ways. The attack is reached when any of its texts is shown.
"""

from __future__ import annotations

from random import Random

from jiuding.services.abuse.rules import people
from jiuding.services.abuse.rules.exposed_text import attacks, honest
from jiuding.services.abuse.types import Act, Actor, Attackers, Family, Gate, Steps, World

TEXT = Gate("public_text", "", "field")
WRITERS, TEXTS, EACH_KIND, TRIES = 2_000, 6, 60, 3
_FIELDS = ("name", "title", "memo", "review")


def writer() -> Actor:
    """Return somebody with nothing but honest texts."""

    def steps(draw: Random) -> Steps:
        for at in sorted(people.daytime(draw, draw.randrange(28)) for _ in range(TEXTS)):
            field, text = honest.text(draw)
            yield Act(at, "public_text", {"field": field, "text": text}, proof=0.98)

    return Actor("writer", False, steps)


def attacker(kind: str, adapted: bool) -> Actor:
    """Return somebody who wants one text of a kind shown."""

    def steps(draw: Random) -> Steps:
        plain, at = attacks.attack(draw, kind), people.daytime(draw, draw.randrange(25))
        target = f"{kind}/{people.opaque(draw)}"
        for attempt in range(TRIES):
            ways = attacks.DISGUISES[kind]
            count = 2 if adapted else int(attempt > 0 or draw.random() < 0.5)
            text = plain
            for way in draw.sample(ways, min(count, len(ways))):
                text = way(text, draw)
            field = "memo" if kind == "broken_lines" else draw.choice(_FIELDS)
            values = {"field": field, "text": text}
            answer = yield Act(
                at, "public_text", values, proof=0.0, target=target, moves_money=True
            )
            if answer.is_allowed:
                return
            at += draw.randrange(1, 120) * people.MINUTE

    return Actor(kind, True, steps)


def simulate(seed: int, size: float, attackers: Attackers) -> World:
    """Return a month of texts."""
    adapted = attackers is Attackers.ADAPTED
    actors = [writer() for _ in range(max(int(WRITERS * size), 100))]
    for kind in attacks.KINDS:
        actors += [attacker(kind, adapted) for _ in range(max(int(EACH_KIND * size), 6))]
    return World(seed, people.START, tuple(actors))


FAMILY = Family("exposed_text", (TEXT,), simulate)
