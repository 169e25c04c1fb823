"""Simulate orders at shops, and rings that fake them.

Honest: shops with regulars and strangers; a rush of hundreds in two hours (a live sale); a canteen
whose whole campus orders behind one address; family shops where relatives buy from the owner's
home; an assistant who orders for an office, paid by colleagues; parents and friends who send the
price of one thing before it is bought.
A ring's agent sends each hired buyer the price of an order, and a fee; buyers share some devices,
nothing is sent, and they buy at the ring's shops only. The adapted ring has an agent for every few
buyers, funds several orders with one payment (so that some orders look unfunded), gives everybody a
phone, sends empty parcels, varies prices, and its buyers order elsewhere too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from jiuding.services.abuse.rules import people
from jiuding.services.abuse.rules.people import DAY, HOUR, MINUTE, START
from jiuding.services.abuse.types import Act, Actor, Attackers, Family, Gate, Result, Steps, World

GATE = Gate("order_settlement", "orders", "buyer", {"device": "device", "funder": "payee"})
WARM_DAYS, DAYS = 21, 21
BUYERS, SHOPS, RINGS, HANDS = 2_000, 90, 3, 36
SETTLES_AFTER = 3 * DAY
CASES = {
    "plain": 68, "campus": 12, "rush": 10, "relative": 3, "office_orders": 2, "child": 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, on what, from where."""

    buyer: str
    case: str
    device: str
    ip: str
    home: str
    shops: tuple[str, ...]
    orders_a_day: float
    funder: str
    funded_rate: float


@dataclass(frozen=True, slots=True)
class Order:
    """An order: placed first, and settled days later."""

    at: int
    shop: str
    amount: int
    parcel: str
    funder: str = ""  # empty where the buyer's own money pays
    ip: str = ""
    target: str = ""


def steps_of(buyer: Buyer, orders: list[Order]) -> Steps:
    """Yield the placing and the settling of orders in time order."""
    moments = [(each.at, True, each) for each in orders]
    moments += [(each.at + SETTLES_AFTER, False, each) for each in orders]
    for at, is_placed, each in sorted(moments, key=lambda moment: moment[0]):
        values: dict[str, str | int] = {
            "shop": each.shop, "buyer": buyer.buyer, "device": buyer.device,
            "ip": each.ip or buyer.ip, "home": buyer.home, "amount": each.amount,
            "parcel": each.parcel, "funded": "yes" if each.funder else "no",
            "stage": "placed" if is_placed else "settled",
        }  # fmt: skip
        if each.funder:
            values["funder"] = each.funder
        if is_placed:
            values["placed_funded"] = values["funded"]
            yield Act(at, GATE.name, values, Result.ASKED, judged=False)
        else:
            yield Act(
                at, GATE.name, values, proof=0.9, target=each.target, moves_money=bool(each.target)
            )


def live(buyer: Buyer, rush: tuple[int, str]) -> Callable[[Random], Steps]:
    """Return how an honest buyer orders."""

    def steps(draw: Random) -> Steps:
        moments = [(at, draw.choice(buyer.shops))
                   for at in people.days_of(draw, 0, WARM_DAYS + DAYS - 3, buyer.orders_a_day)
                   ]  # fmt: skip
        if buyer.case == "rush":
            at = rush[0] + int(draw.expovariate(1 / 40) * MINUTE)
            moments = [*moments[: draw.randrange(2)], (at, rush[1])]
        orders = []
        for at, shop in sorted(moments):
            is_funded = draw.random() < buyer.funded_rate
            funder = buyer.funder if draw.random() < 0.8 else people.opaque(draw)
            ip = people.carrier_address(draw) if draw.random() < 0.4 else ""
            parcel = "counter" if buyer.case == "campus" else "scanned"
            if draw.random() < 0.02:
                parcel = "none"  # lost, or a service
            amount = int(draw.triangular(10, 2_000, 90)) * 100
            orders.append(Order(at, shop, amount, parcel, funder if is_funded else "", ip))
        yield from steps_of(buyer, orders)

    return steps


def _buyer(draw: Random, case: str, shops: list[str], canteens: list[str]) -> Buyer:
    rates = {"office_orders": 0.5, "child": 0.35, "relative": 0.04}
    home = people.opaque(draw)
    own = draw.sample(shops, draw.randrange(3, 12))
    ip = people.home_address(draw)
    if case == "campus":
        own = [*draw.sample(canteens, 2) * 3, *own]
        ip = people.shared_address(7, draw)
    if case == "relative":
        own = [own[0]] * 6 + own
    return Buyer(
        buyer=people.opaque(draw),
        case=case,
        device=people.opaque(draw),
        ip=ip,
        home=home,
        shops=tuple(own),
        orders_a_day=draw.uniform(0.05, 0.45),
        funder=people.opaque(draw),
        funded_rate=rates.get(case, 0.015),
    )


@dataclass(frozen=True, slots=True)
class Ring:
    """Who has orders faked, where and how."""

    adapted: bool
    shops: tuple[str, ...]
    other_shops: tuple[str, ...]
    agents: tuple[str, ...]
    price: int


def hand(buyer: Buyer, ring: Ring) -> Callable[[Random], Steps]:
    """Return what a hired buyer orders: fake orders, and own ones between if adapted."""

    def steps(draw: Random) -> Steps:
        moments = [
            (at + draw.randrange(2 * HOUR), draw.choice(ring.shops), True)
            for at in people.days_of(draw, WARM_DAYS, WARM_DAYS + DAYS - 3, 0.3)
        ]
        if ring.adapted:
            moments += [
                (at, draw.choice(ring.other_shops), False)
                for at in people.days_of(draw, 0, WARM_DAYS + DAYS - 3, 0.15)
            ]
        orders = []
        for number, (at, shop, is_fake) in enumerate(sorted(moments)):
            if not is_fake:
                amount = int(draw.triangular(10, 2_000, 90)) * 100
                orders.append(Order(at, shop, amount, "scanned"))
                continue
            spread = 0.5 if ring.adapted else 0.1
            amount = int(ring.price * draw.uniform(1 - spread, 1 + spread))
            # One payment for several orders matches the price of none but the first.
            is_funded = draw.random() < (0.65 if ring.adapted else 0.97)
            parcel = "scanned" if ring.adapted and draw.random() < 0.8 else "none"
            ip = people.carrier_address(draw) if draw.random() < 0.5 else ""
            funder, target = buyer.funder if is_funded else "", f"{buyer.buyer}/{number}"
            orders.append(Order(at, shop, amount, parcel, funder, ip, target))
        yield from steps_of(buyer, orders)

    return steps


def _ring(draw: Random, hands: int, shops: list[str], adapted: bool) -> list[Actor]:
    own = draw.sample(shops, draw.randrange(1, 3)) if adapted else []
    own += [people.opaque(draw) for _ in range(draw.randrange(2, 5))]
    agents = tuple(people.opaque(draw) for _ in range(max(hands // 4, 2) if adapted else 1))
    ring = Ring(adapted, tuple(own), tuple(shops), agents, draw.randrange(8_000, 60_000))
    devices = [people.opaque(draw) for _ in range(max(hands // 5, 1))]
    found = []
    for number in range(hands):
        buyer = _buyer(draw, "plain", shops, shops)
        device = buyer.device if adapted else devices[number % len(devices)]
        agent = agents[number % len(agents)]
        mine = Buyer(buyer.buyer, "hand", device, buyer.ip, buyer.home, buyer.shops, 0.3, agent, 1)
        found.append(Actor("spread_ring" if adapted else "ring", True, hand(mine, ring)))
    return found


def simulate(seed: int, size: float, attackers: Attackers) -> World:
    """Return orders over six weeks, and rings in the last three."""
    draw = Random(f"fake_orders/{seed}/{attackers}")
    adapted = attackers is Attackers.ADAPTED
    shops = [people.opaque(draw) for _ in range(max(int(SHOPS * size), 20))]
    canteens = [people.opaque(draw) for _ in range(4)]
    rush = (START + (WARM_DAYS + 5) * DAY + 20 * HOUR, draw.choice(shops))
    actors = []
    for _ in range(max(int(BUYERS * size), 150)):
        case = draw.choices(list(CASES), list(CASES.values()))[0]
        actors.append(Actor(case, False, live(_buyer(draw, case, shops, canteens), rush)))
    for _ in range(max(int(RINGS * size), 1)):
        actors += _ring(draw, HANDS, shops, adapted)
    return World(seed, START + WARM_DAYS * DAY, tuple(actors))


FAMILY = Family("fake_orders", (GATE,), simulate)
