"""Simulate sign-ins and transfers: people with their habits, and those who hold their passwords.

Honest: plain customers, a campus behind one address, people behind a carrier's, families with one
tablet, travellers, replaced phones, first days at a new desk, VPN users, people who mistype.
Attackers try a list fast from a data centre, widely over proxies with a device for each try, or
slowly over weeks; some hold one phished password, some sit in the customer's own session. The
adapted ones never reuse a device, buy proxies at carriers that the customers use too, wait days
between sign-in and transfer, spread payees, and prove themselves more often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from jiuding.services.abuse.rules import people
from jiuding.services.abuse.rules.people import DAY, HOUR, MINUTE, SECOND
from jiuding.services.abuse.types import (
    Act,
    Actor,
    Attackers,
    Family,
    Gate,
    Result,
    Steps,
    World,
)

SIGN_IN, TRANSFER = Gate("sign_in", "access", "account"), Gate("transfer", "access", "account")
WARM_DAYS, DAYS = 28, 14
CUSTOMERS, SHOPS = 2_000, 300
# Of a hundred customers so many have this case in the measured fortnight.
CASES = {
    "campus": 10, "carrier": 18, "family": 10, "traveller": 5, "replaced_phone": 1.5,
    "new_desk": 0.3, "vpn": 3, "mistypes": 6,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """An address as the bank sees it."""

    ip: str
    address_class: str


@dataclass(slots=True)
class Customer:
    """A customer: what they use, where they are, whom they pay."""

    account: str
    case: str
    device: str
    tls: str
    home: Place
    payees: list[str]
    wrong_rate: float
    visits_a_day: float
    carrier: tuple[int, ...]
    second_device: str = ""
    changes_at: int = 0
    extra: dict[str, str] = field(default_factory=dict)

    def place(self, draw: Random, at: int) -> Place:
        """Return where a visit comes from."""
        if self.case == "traveller" and self.changes_at <= at < self.changes_at + 4 * DAY:
            return Place(people.home_address(draw), draw.choice(("residential", "shared")))
        if self.case == "vpn" and draw.random() < 0.7:
            return Place(people.hosting_address(draw), "data_centre")
        if draw.random() < (0.9 if self.case == "carrier" else 0.3):
            number = draw.choice(self.carrier)
            return Place(f"117.{number // 256}.{number % 256}.{draw.randrange(1, 255)}", "shared")
        return self.home

    def tool(self, draw: Random, at: int) -> tuple[str, Place | None]:
        """Return the device of a visit, and the place that goes with it, if one does."""
        if self.second_device and at >= self.changes_at:
            if self.case == "replaced_phone":
                return self.second_device, None
            if self.case == "new_desk" and draw.random() < 0.3:
                return self.second_device, Place(self.extra["desk"], "shared")
        if self.case == "family" and draw.random() < 0.4:
            return self.second_device or self.device, None
        return self.device, None


def customers(draw: Random, count: int) -> list[Customer]:
    """Return customers with their cases; a campus shares one network, a family one tablet."""
    shops = [people.opaque(draw) for _ in range(SHOPS)]
    names, weights = [*CASES, "plain"], [*CASES.values(), 100 - sum(CASES.values())]
    campus = draw.randrange(1_000)
    found: list[Customer] = []
    tablet = ""
    for place in range(count):
        case = draw.choices(names, weights)[0]
        home = Place(people.home_address(draw), "residential")
        if case == "campus":
            home = Place(people.shared_address(campus, draw), "shared")
        if place % 3 == 0 or not tablet:
            tablet = people.opaque(draw)
        customer = Customer(
            account=people.opaque(draw),
            case=case,
            device=people.opaque(draw),
            tls=people.browser(draw),
            home=home,
            payees=draw.sample(shops, draw.randrange(3, 9)),
            wrong_rate=0.25 if case == "mistypes" else 0.04,
            visits_a_day=draw.uniform(0.3, 1.2),
            carrier=tuple(draw.randrange(400) for _ in range(draw.randrange(2, 6))),
            changes_at=people.daytime(draw, WARM_DAYS + draw.randrange(DAYS)),
            extra={"shops": ",".join(shops[:40])},
        )
        if case == "family":
            customer.second_device = tablet
        if case in ("replaced_phone", "new_desk"):
            customer.second_device = people.opaque(draw)
            customer.extra["desk"] = people.shared_address(draw.randrange(2_000, 9_000), draw)
        found.append(customer)
    return found


def values_of(account: str, device: str, tls: str, place: Place, **more: str | int) -> dict:
    """Return an act's fields as the bank sees them."""
    return {
        "account": account, "device": device, "tls": tls, "bank": "all",
        "ip": place.ip, "address_class": place.address_class, **more,
    }  # fmt: skip


def live(customer: Customer) -> Callable[[Random], Steps]:
    """Return how a customer visits: signs in, mistypes at times, now and then pays somebody."""

    def steps(draw: Random) -> Steps:
        last = 0
        for begins in people.days_of(draw, 0, WARM_DAYS + DAYS, customer.visits_a_day):
            at = max(begins, last + MINUTE)
            device, goes_with = customer.tool(draw, at)
            place = goes_with or customer.place(draw, at)
            seen = values_of(customer.account, device, customer.tls, place)
            while draw.random() < customer.wrong_rate:
                answer = yield Act(at, "sign_in", seen, Result.FAILED, 0.97)
                at += draw.randrange(5, 40) * SECOND
                if not answer.is_allowed:
                    break
            answer = yield Act(at, "sign_in", seen, Result.PASSED, 0.97)
            last = at
            if not answer.is_allowed or draw.random() > 0.35:
                continue
            last = at = at + draw.randrange(20, 300) * SECOND
            payee, share = draw.choice(customer.payees), int(draw.triangular(0, 60, 3))
            if draw.random() < 0.06:
                payee = _new_payee(customer, draw)
                customer.payees.append(payee)
            if draw.random() < 0.01:
                share = draw.randrange(60, 100)
            yield Act(
                at, "transfer", {**seen, "payee": payee, "amount": share * 10_000, "share": share},
                Result.PASSED, 0.97,
            )  # fmt: skip

    return steps


def _new_payee(customer: Customer, draw: Random) -> str:
    """Return somebody not paid before: mostly a shop that many pay, else a person."""
    shops = customer.extra["shops"].split(",")
    return draw.choice(shops) if draw.random() < 0.7 else people.opaque(draw)


@dataclass(frozen=True, slots=True)
class Campaign:
    """One list of passwords and how it is tried."""

    kind: str
    instants: tuple[int, ...]  # of tries that fail
    hits: tuple[tuple[int, Customer], ...]  # right passwords, and when they are tried
    place: Callable[[Random], Place]
    device: Callable[[Random], str]
    tls: str
    waits: tuple[int, int]  # from the sign-in to the transfer
    proof: float
    payees: tuple[str, ...]
    share: tuple[int, int]
    retries: int


def noise(campaign: Campaign) -> Callable[[Random], Steps]:
    """Return the tries that fail, of accounts that the list has wrong."""

    def steps(draw: Random) -> Steps:
        for at in campaign.instants:
            seen = values_of(
                people.opaque(draw), campaign.device(draw), campaign.tls, campaign.place(draw)
            )
            yield Act(at, "sign_in", seen, Result.FAILED, 0.0)

    return steps


def hit(campaign: Campaign, at: int, victim: Customer) -> Callable[[Random], Steps]:
    """Return how an attacker uses a right password: in, and then out with the money."""

    def steps(draw: Random) -> Steps:
        # Who can prove to be another person once can do it again.
        proof = 0.97 if draw.random() < campaign.proof else 0.0
        device, now = campaign.device(draw), at
        for _ in range(1 + campaign.retries):
            seen = values_of(victim.account, device, campaign.tls, campaign.place(draw))
            answer = yield Act(now, "sign_in", seen, Result.PASSED, proof, victim.account)
            if answer.is_allowed:
                break
            device, now = campaign.device(draw), now + draw.randrange(1, 30) * HOUR
        else:
            return
        now += draw.randrange(*campaign.waits)
        yield from _take(campaign, victim, seen, now, proof, draw)

    return steps


def _take(
    campaign: Campaign, victim: Customer, seen: dict, at: int, proof: float, draw: Random
) -> Steps:
    share = draw.randrange(*campaign.share)
    out = {"payee": draw.choice(campaign.payees), "amount": share * 10_000, "share": share}
    yield Act(at, "transfer", {**seen, **out}, Result.PASSED, proof, victim.account, True)


def hijack(victim: Customer, at: int, proof: float, payee: str, share: int) -> Actor:
    """Return an attacker who sits in the customer's own session, on their own device."""

    def steps(draw: Random) -> Steps:
        proves = 0.97 if draw.random() < proof else 0.0
        seen = values_of(victim.account, victim.device, victim.tls, victim.home)
        out = {"payee": payee, "amount": share * 10_000, "share": share}
        yield Act(at, "transfer", {**seen, **out}, Result.PASSED, proves, victim.account, True)

    return Actor("hijacked_session", True, steps)


def _spread(draw: Random, first: int, last: int, count: int) -> tuple[int, ...]:
    return tuple(sorted(draw.randrange(first, last) for _ in range(count)))


def _campaigns(
    draw: Random, victims: Iterator[Customer], size: float, attackers: Attackers
) -> Iterator[Campaign]:
    adapted = attackers is Attackers.ADAPTED
    begin = people.START + WARM_DAYS * DAY
    nets = [people.hosting_address(draw) for _ in range(draw.randrange(1, 4))]
    tool = people.opaque(draw)
    tls_tool = people.browser(draw) if adapted else "tls-tool"

    def proxy(each: Random) -> Place:
        if each.random() < (0.6 if adapted else 0.3):
            return Place(people.carrier_address(each), "shared")
        if each.random() < (0.0 if adapted else 0.2):
            return Place(people.hosting_address(each), "data_centre")
        return Place(people.home_address(each), "residential")

    def centre(each: Random) -> Place:
        return proxy(each) if adapted else Place(each.choice(nets), "data_centre")

    def same(each: Random) -> str:
        return people.opaque(each) if adapted else tool

    days = (4 * DAY, 8 * DAY) if adapted else (MINUTE, HOUR)
    plans = (
        # kind, begins, lasts, failing tries, hits, place, device, proof
        ("fast", draw.randrange(DAYS - 8) * DAY, HOUR, 1_500, 30, centre, same, 0.03),
        ("distributed", draw.randrange(DAYS - 9) * DAY, 12 * HOUR, 1_500, 30, proxy,
         people.opaque, 0.03),
        ("slow", 0, (DAYS - 8) * DAY, 250, 25, proxy, people.opaque, 0.04),
        ("phished", 0, (DAYS - 8) * DAY, 0, 20, proxy, people.opaque, 0.12),
    )  # fmt: skip
    for kind, begins, lasts, tries, hits, place, device, proof in plans:
        count = max(int(hits * size), 2)
        first, last = begin + begins, begin + begins + lasts * (3 if adapted else 1)
        last = min(last, begin + (DAYS - 8) * DAY + DAY)
        yield Campaign(
            kind=kind,
            instants=_spread(draw, first, last, int(tries * size)),
            hits=tuple(
                (at, victim)
                for at, victim in zip(_spread(draw, first, last, count), victims, strict=False)
            ),
            place=place,
            device=device,
            tls=tls_tool,
            waits=days,
            proof=proof * (1.5 if adapted else 1) * draw.uniform(0.7, 1.3),
            payees=tuple(people.opaque(draw) for _ in range(count if adapted else 4)),
            share=(15, 50) if adapted else (60, 100),
            retries=1 if adapted else 0,
        )


def simulate(seed: int, size: float, attackers: Attackers) -> World:
    """Return customers of a bank for six weeks, and those who hold their passwords for two."""
    draw = Random(f"credential_stuffing/{seed}/{attackers}")
    found = customers(draw, max(int(CUSTOMERS * size), 60))
    actors = [Actor(each.case, False, live(each)) for each in found]
    victims = iter(draw.sample(found, len(found)))
    for campaign in _campaigns(draw, victims, size, attackers):
        if campaign.instants:
            actors.append(Actor(campaign.kind, True, noise(campaign)))
        for at, victim in campaign.hits:
            actors.append(Actor(campaign.kind, True, hit(campaign, at, victim)))
    adapted = attackers is Attackers.ADAPTED
    mules = [people.opaque(draw) for _ in range(6)]
    for victim, _ in zip(victims, range(max(int(8 * size), 1)), strict=False):
        at = people.daytime(draw, WARM_DAYS + draw.randrange(DAYS))
        share = draw.randrange(40, 90) if adapted else draw.randrange(60, 100)
        actors.append(hijack(victim, at, 0.2, draw.choice(mules), share))
    return World(seed, people.START + WARM_DAYS * DAY, tuple(actors))


FAMILY = Family("credential_stuffing", (SIGN_IN, TRANSFER), simulate)
