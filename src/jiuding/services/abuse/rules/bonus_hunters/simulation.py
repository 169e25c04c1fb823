"""Simulate new customers and the bonuses they claim, with farms of devices among them.

Honest: people who register alone or by a friend's invitation and claim at once or days later; a
student who invites a whole campus on one Wi-Fi; families on one tablet with one card; a shop whose
counter registers its customers on its Wi-Fi; second-hand phones; people behind a carrier's address.
Farms register dozens of accounts on each device and pay out to few cards, from a data centre or one
network, one inviter for all. The adapted ones have a phone for every two or three accounts and a
card for every two, mixed; proxies at homes and carriers; aged accounts with visits; chains of
invitations instead of one inviter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from jiuding.services.abuse.rules import people
from jiuding.services.abuse.rules.people import DAY, HOUR, MINUTE, START
from jiuding.services.abuse.types import Act, Actor, Attackers, Family, Gate, Result, Steps, World

LINKS = {"device": "device", "payout": "card"}
SIGN_UP = Gate("sign_up", "bonuses", "party", LINKS)
PAYOUT = Gate("bonus_payout", "bonuses", "party", LINKS)
WARM_DAYS, DAYS = 21, 28
PAYS_AFTER = 7 * DAY  # a claimed bonus is paid a week later
CUSTOMERS, FARMS, ACCOUNTS = 3_000, 4, 45


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who registers, perhaps visits, and claims."""

    party: str
    device: str
    tls: str
    payout: str
    inviter: str
    registers_at: int
    claims_after: int
    visits: int
    place: Callable[[Random], tuple[str, str]]  # address and its class
    proof: float = 0.97
    is_attack: bool = False


def live(newcomer: Newcomer) -> Callable[[Random], Steps]:
    """Return how a newcomer registers and claims a bonus, which is paid a week later."""

    def steps(draw: Random) -> Steps:
        proof = 0.97 if draw.random() < newcomer.proof else 0.0
        seen: dict[str, str | int] = {
            "party": newcomer.party, "device": newcomer.device, "tls": newcomer.tls,
        }  # fmt: skip
        if newcomer.inviter:
            seen["inviter"] = newcomer.inviter
        target = newcomer.party if newcomer.is_attack else ""
        ip, kind = newcomer.place(draw)
        answer = yield Act(
            newcomer.registers_at, "sign_up", {**seen, "ip": ip, "address_class": kind},
            Result.PASSED, proof, target,
        )  # fmt: skip
        if not answer.is_allowed:
            return
        ip, kind = newcomer.place(draw) if newcomer.claims_after > 4 * HOUR else (ip, kind)
        claim = {
            **seen, "ip": ip, "address_class": kind, "payout": newcomer.payout,
            "hours_old": newcomer.claims_after // HOUR, "visits": newcomer.visits,
        }  # fmt: skip
        at = newcomer.registers_at + newcomer.claims_after
        yield Act(at, "bonus_payout", claim, Result.ASKED, judged=False)
        yield Act(
            at + PAYS_AFTER, "bonus_payout", claim, Result.PASSED, proof, target,
            newcomer.is_attack,
        )  # fmt: skip

    return steps


def _home(draw: Random) -> Callable[[Random], tuple[str, str]]:
    address = people.home_address(draw)

    def place(each: Random) -> tuple[str, str]:
        if each.random() < 0.45:
            return people.carrier_address(each, networks=60), "shared"
        return (people.hosting_address(each), "data_centre") if each.random() < 0.02 else (
            address, "residential",
        )  # fmt: skip

    return place


def _shared(number: int) -> Callable[[Random], tuple[str, str]]:
    def place(each: Random) -> tuple[str, str]:
        if each.random() < 0.2:
            return people.carrier_address(each, networks=60), "shared"
        return people.shared_address(number, each), "shared"

    return place


def _person(draw: Random, **given) -> Newcomer:
    """Return an honest newcomer; three in ten claim at once and never did anything else."""
    in_haste = draw.random() < 0.3
    found = {
        "party": people.opaque(draw),
        "device": people.opaque(draw),
        "tls": people.browser(draw),
        "payout": people.opaque(draw),
        "inviter": people.opaque(draw) if draw.random() < 0.5 else "",
        "registers_at": people.daytime(draw, draw.randrange(WARM_DAYS + DAYS - 13)),
        "claims_after": draw.randrange(2, 50) * MINUTE
        if in_haste
        else draw.randrange(1, 120) * HOUR,
        "visits": 0 if in_haste else draw.randrange(0, 9),
        "place": _home(draw),
    }
    return Newcomer(**{**found, **given})


def _campus(draw: Random, count: int) -> list[Newcomer]:
    """A student invites a campus: one Wi-Fi, a few days, a device and a card each."""
    inviter, place = people.opaque(draw), _shared(draw.randrange(1_000))
    first = draw.randrange(WARM_DAYS - 5, WARM_DAYS + DAYS - 17)
    return [
        _person(draw, inviter=inviter, place=place,
                registers_at=people.daytime(draw, first + draw.randrange(4)))
        for _ in range(count)
    ]  # fmt: skip


def _family(draw: Random) -> list[Newcomer]:
    """Two to four people on one tablet or two, mostly with a card for two of them."""
    devices = [people.opaque(draw) for _ in range(draw.choice((1, 1, 2)))]
    cards = [people.opaque(draw) for _ in range(draw.choice((1, 2, 2, 3)))]
    place, first = _home(draw), draw.randrange(WARM_DAYS + DAYS - 16)
    return [
        _person(draw, device=draw.choice(devices), payout=draw.choice(cards), place=place,
                registers_at=people.daytime(draw, first + draw.randrange(3)))
        for _ in range(draw.choice((2, 2, 2, 3, 3, 4)))
    ]  # fmt: skip


def _shop(draw: Random, count: int) -> list[Newcomer]:
    """A counter registers its customers on their own phones, on the shop's Wi-Fi, all day."""
    inviter, place = people.opaque(draw), _shared(1_000 + draw.randrange(1_000))
    first = draw.randrange(WARM_DAYS, WARM_DAYS + DAYS - 10)
    return [
        _person(draw, inviter=inviter, place=place, visits=0, claims_after=5 * MINUTE,
                registers_at=people.daytime(draw, first + draw.randrange(2)))
        for _ in range(count)
    ]  # fmt: skip


def _honest(draw: Random, size: float) -> list[tuple[str, Newcomer]]:
    count = max(int(CUSTOMERS * size), 150)
    found = [("plain", _person(draw)) for _ in range(count * 60 // 100)]
    for _ in range(2):
        found += [("campus", each) for each in _campus(draw, count * 8 // 100)]
    for _ in range(count * 5 // 100):
        found += [("family", each) for each in _family(draw)]
    for _ in range(2):
        found += [("shop_counter", each) for each in _shop(draw, count * 3 // 100)]
    for _ in range(count // 100):
        device = people.opaque(draw)
        found += [("second_hand_phone", _person(draw, device=device)) for _ in range(2)]
    return found


def _farm(draw: Random, count: int, adapted: bool) -> list[Newcomer]:
    """One person's accounts. The proof is the chance that a bought identity passes a face check."""
    phones = max(count * 10 // 26, 2) if adapted else max(count // draw.randrange(10, 20), 1)
    cards = max(count // 2, 2) if adapted else max(count // draw.randrange(12, 25), 1)
    devices = [people.opaque(draw) for _ in range(phones)]
    payouts = [people.opaque(draw) for _ in range(cards)]
    tools = [people.browser(draw) for _ in range(4)] if adapted else ["tls-tool"]
    begin = WARM_DAYS + draw.randrange(DAYS - 23)
    networks = [people.hosting_address(draw), people.home_address(draw)]
    parties = [people.opaque(draw) for _ in range(count)]
    root = people.opaque(draw)

    def proxy(each: Random) -> tuple[str, str]:
        if each.random() < 0.5:
            return people.carrier_address(each, networks=60), "shared"
        return people.home_address(each), "residential"

    def fixed(each: Random) -> tuple[str, str]:
        if each.random() < 0.5:
            return networks[0], "data_centre"
        return networks[1], "residential"

    found = []
    for number, party in enumerate(parties):
        if adapted:
            at = people.daytime(draw, begin + draw.randrange(8))
            after, visits = draw.randrange(48, 190) * HOUR, draw.randrange(2, 8)
        else:
            at = START + begin * DAY + 9 * HOUR + number * draw.randrange(4, 12) * MINUTE
            after, visits = draw.randrange(1, 30) * MINUTE, draw.choice((0, 0, 1))
        found.append(
            Newcomer(
                party=party,
                device=devices[number % phones],
                tls=draw.choice(tools),
                payout=draw.choice(payouts),
                inviter=parties[(number - 1) // 3] if adapted and number else root,
                registers_at=at,
                claims_after=after,
                visits=visits,
                place=proxy if adapted else fixed,
                proof=0.25 if adapted else 0.1,
                is_attack=True,
            )
        )
    return found


def simulate(seed: int, size: float, attackers: Attackers) -> World:
    """Return new customers over seven weeks, and farms in the last four."""
    draw = Random(f"bonus_hunters/{seed}/{attackers}")
    adapted = attackers is Attackers.ADAPTED
    actors = [Actor(kind, False, live(each)) for kind, each in _honest(draw, size)]
    kind = "spread_farm" if adapted else "farm"
    for _ in range(max(int(FARMS * size), 1)):
        count = draw.randrange(ACCOUNTS * 2 // 3, ACCOUNTS * 4 // 3)
        actors += [Actor(kind, True, live(each)) for each in _farm(draw, count, adapted)]
    return World(seed, START + WARM_DAYS * DAY, tuple(actors))


FAMILY = Family("bonus_hunters", (SIGN_UP, PAYOUT), simulate)
