"""Simulate limited releases: a rush of people, and operators who come through pools of addresses.

Honest: customers who visit now and then and rush when a release opens; a campus and an office
behind one address each, people behind a carrier's, a shop full of people on its Wi-Fi, VPN users,
travellers, and newcomers who were told of it and never visited before.
An operator drives dozens of bought accounts with one program and a new address for each request,
mostly from data centres, in the first seconds. The adapted ones rent homes' and carriers'
addresses, look like common browsers, keep a device for each account, age and visit, claim within
minutes as people do; one account in ten even keeps its address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from jiuding.services.abuse.rules import people
from jiuding.services.abuse.rules.people import DAY, HOUR, SECOND, START
from jiuding.services.abuse.types import Act, Actor, Attackers, Family, Gate, Steps, World

GATE = Gate("release_claim", "releases", "party", {"home_ip": "address", "device": "device"})
HOMES = 20_000  # networks of homes in the region
WARM_DAYS, DAYS = 40, 14
CUSTOMERS, OPERATORS, ACCOUNTS = 2_500, 3, 60
RELEASES = tuple(
    START + (WARM_DAYS + day) * DAY + hour * HOUR for day, hour in ((1, 12), (4, 20), (8, 12),
    (11, 20))
)  # fmt: skip
CASES = {
    "campus": 12, "office": 6, "carrier": 15, "shop_rush": 6, "vpn": 3, "traveller": 4,
    "newcomer": 4, "plain": 50,
}  # fmt: skip

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer: what they use and where they are."""

    party: str
    case: str
    device: str
    tls: str
    home: Place
    carrier: tuple[int, ...]
    visits_a_day: float
    travels_from: int
    shop: Place

    def place(self, draw: Random, at: int) -> Place:
        """Return where a request comes from."""
        if self.case == "traveller" and self.travels_from <= at < self.travels_from + 5 * DAY:
            return (people.home_address(draw, networks=HOMES), "residential")
        if self.case == "vpn" and draw.random() < 0.4:
            return (people.hosting_address(draw), "data_centre")
        if draw.random() < (0.92 if self.case == "carrier" else 0.3):
            number = draw.choice(self.carrier)
            return (f"117.{number // 256}.{number % 256}.{draw.randrange(1, 255)}", "shared")
        return self.home


def _act(customer_party: str, device: str, tls: str, place: Place, at: int, release: str,
         hours_old: int, **more) -> Act:  # fmt: skip
    values: dict[str, str | int] = {
        "party": customer_party, "device": device, "tls": tls, "ip": place[0],
        "address_class": place[1], "stage": "claim" if release else "visit",
        "hours_old": hours_old,
    }  # fmt: skip
    if release:
        values["release"] = release
    if place[1] == "residential":
        values["home_ip"] = place[0]
    return Act(at, GATE.name, values, judged=bool(release), **more)


def live(customer: Customer) -> Callable[[Random], Steps]:
    """Return how a customer visits, and rushes to the releases that they want."""

    def steps(draw: Random) -> Steps:
        begins = WARM_DAYS + draw.randrange(DAYS) if customer.case == "newcomer" else 0
        moments = [
            (at, "") for at in people.days_of(draw, begins, WARM_DAYS + DAYS, customer.visits_a_day)
        ]
        if customer.case == "newcomer":
            moments = moments[:1]
        for number, opens in enumerate(RELEASES):
            if draw.random() < 0.4 and opens > START + begins * DAY:
                at = opens + int(draw.expovariate(1 / 90) * SECOND)
                moments.append((at, f"release{number}"))
        for at, release in sorted(moments):
            place = customer.place(draw, at)
            if release and customer.case == "shop_rush" and draw.random() < 0.6:
                place = customer.shop
            hours_old = (at - START - begins * DAY) // HOUR + (0 if begins else 2_000)
            more = {"proof": 0.96} if release else {}
            yield _act(
                customer.party, customer.device, customer.tls, place, at, release,
                max(hours_old, 0), **more,
            )  # fmt: skip

    return steps


def _customers(draw: Random, count: int) -> list[Customer]:
    shared = {case: draw.randrange(3_000) for case in ("campus", "shared")}
    shops = [(people.shared_address(3_000 + draw.randrange(900), draw), "shared") for _ in range(3)]
    found = []
    for _ in range(count):
        case = draw.choices(list(CASES), list(CASES.values()))[0]
        home = (people.home_address(draw, networks=HOMES), "residential")
        if case in shared:
            home = (people.shared_address(shared[case], draw), "shared")
        found.append(
            Customer(
                party=people.opaque(draw),
                case=case,
                device=people.opaque(draw),
                tls=people.browser(draw),
                home=home,
                carrier=tuple(draw.randrange(400) for _ in range(draw.randrange(2, 5))),
                visits_a_day=draw.uniform(0.08, 0.7),
                travels_from=people.daytime(draw, draw.randrange(WARM_DAYS - 5, WARM_DAYS + DAYS)),
                shop=draw.choice(shops),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Operator:
    """Who drives accounts through a pool."""

    adapted: bool
    tools: tuple[str, ...]
    pool: tuple[Place, ...]


def _pool(draw: Random, adapted: bool) -> tuple[Place, ...]:
    """Return the addresses that an operator rents; they are used again and again."""
    found: list[Place] = []
    for _ in range(draw.randrange(250, 600)):
        if not adapted and draw.random() < 0.6:
            found.append((people.hosting_address(draw), "data_centre"))
        elif draw.random() < 0.5:
            found.append((people.carrier_address(draw), "shared"))
        else:
            found.append((people.home_address(draw, networks=HOMES), "residential"))
    return tuple(found)


def drive(operator: Operator, proof: float) -> Callable[[Random], Steps]:
    """Return how an operator drives one account: visits, if adapted, then every release."""

    def steps(draw: Random) -> Steps:
        proves = 0.96 if draw.random() < proof else 0.0
        party, device = people.opaque(draw), people.opaque(draw)
        tls, fixed = draw.choice(operator.tools), draw.choice(operator.pool)
        keeps = operator.adapted and draw.random() < 0.1
        moments = [(opens + _haste(draw, operator), f"release{number}")
                   for number, opens in enumerate(RELEASES)]  # fmt: skip
        if operator.adapted:
            moments += [
                (people.daytime(draw, draw.randrange(5, WARM_DAYS)), "")
                for _ in range(draw.randrange(3, 9))
            ]
        for at, release in sorted(moments):
            place = fixed if keeps else draw.choice(operator.pool)
            used = device if operator.adapted else people.opaque(draw)
            hours_old = 1_500 if operator.adapted else draw.randrange(10, 400)
            more = (
                {"proof": proves, "target": f"{party}/{release}", "moves_money": True}
                if release
                else {}
            )
            yield _act(party, used, tls, place, at, release, hours_old, **more)

    return steps


def _haste(draw: Random, operator: Operator) -> int:
    """Return how soon after it opens a release is claimed."""
    return int((draw.expovariate(1 / 80) if operator.adapted else draw.uniform(0.2, 8)) * SECOND)


def simulate(seed: int, size: float, attackers: Attackers) -> World:
    """Return customers over eight weeks, and operators at the releases of the last two."""
    draw = Random(f"address_pools/{seed}/{attackers}")
    adapted = attackers is Attackers.ADAPTED
    found = _customers(draw, max(int(CUSTOMERS * size), 150))
    actors = [Actor(each.case, False, live(each)) for each in found]
    for _ in range(max(int(OPERATORS * size), 1)):
        tools = tuple(people.browser(draw) for _ in range(5)) if adapted else ("tls-tool",)
        operator = Operator(adapted, tools, _pool(draw, adapted))
        proof = draw.uniform(0.03, 0.1) if adapted else draw.uniform(0.0, 0.05)
        kind = "home_pool" if adapted else "pool"
        actors += [Actor(kind, True, drive(operator, proof)) for _ in range(ACCOUNTS)]
    return World(seed, START + WARM_DAYS * DAY, tuple(actors))


FAMILY = Family("address_pools", (GATE,), simulate)
