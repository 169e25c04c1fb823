"""Simulate money through accounts: people with wages and bills, and mules among them.

Honest: wages that leave for rent and loans on the day they come, also in a first month at the bank;
students whose parents pay the fees through them; treasurers who collect for a group; small
merchants with many payers; freelancers; a few who gather a family's money and pay a private seller.
Mules take one to five victims' payments and pass them on within the hour, many accounts from one
device. The adapted ones have aged accounts with a modest life of their own, a device each, wait a
day, keep a part back, split what goes out, pay their payees small sums before, and get a part of
the money from a shell firm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from jiuding.services.abuse.rules import people
from jiuding.services.abuse.rules.people import DAY, HOUR, MINUTE, START
from jiuding.services.abuse.types import Act, Actor, Attackers, Family, Gate, Steps, World

GATE = Gate("mule_account", "flows", "account")
WARM_DAYS, DAYS = 75, 21
ACCOUNTS, MULES, WAVES = 1_500, 40, 2
YUAN = 100
CASES = {
    "wages": 46, "first_wages": 2, "student": 14, "treasurer": 5, "merchant": 8,
    "freelancer": 10, "private_purchase": 0.1, "quiet": 14.9,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Firms:
    """Whom everybody pays and is paid by."""

    employers: tuple[str, ...]
    landlords: tuple[str, ...]
    billers: tuple[str, ...]  # power, loans, universities, restaurants


@dataclass(slots=True)
class Holder:
    """An account and those it has to do with."""

    account: str
    case: str
    device: str
    firms: Firms
    friends: tuple[str, ...]
    wage: int
    pay_day: int
    begins: int  # the day of its first event


Moves = list[tuple[int, bool, str, str, int, int]]  # at, is_in, other, kind, amount, share


def standing(paid_before: set[str], payer: str, kind: str) -> str:
    """Return what a bank knows of a payer: payroll, known to the account, or new to it."""
    is_known = payer in paid_before
    paid_before.add(payer)
    if kind == "payroll" or is_known:
        return "payroll" if kind == "payroll" else "known"
    return "stranger" if kind == "person" else "new_firm"


def move(holder_account: str, device: str, at: int, is_in: bool, other: str, kind: str,
         amount: int, share: int, **more) -> Act:  # fmt: skip
    """Return one side of a transfer as the bank sees it; what comes in is counted only."""
    if is_in:
        values = {
            "account": holder_account, "side": "in", "payer": other, "payer_is": kind,
            "amount_in": amount,
        }  # fmt: skip
        return Act(at, GATE.name, values, judged=False)
    values = {
        "account": holder_account, "side": "out", "payee": other, "payee_kind": kind,
        "amount_out": amount, "share": share, "device": device,
    }  # fmt: skip
    return Act(at, GATE.name, values, **{"proof": 0.97, **more})


def live(holder: Holder) -> Callable[[Random], Steps]:
    """Return how money moves through an honest account."""

    def steps(draw: Random) -> Steps:
        moves: Moves = []
        for make in (_everyday, _CASES.get(holder.case, _nothing)):
            make(holder, draw, moves)
        paid_before: set[str] = set()
        for at, is_in, other, kind, amount, share in sorted(moves):
            if at >= START + holder.begins * DAY:
                told = standing(paid_before, other, kind) if is_in else kind
                yield move(
                    holder.account, holder.device, at, is_in, other, told, amount * YUAN, share
                )

    return steps


def _nothing(holder: Holder, draw: Random, moves: Moves) -> None:
    """Nothing beyond the everyday."""


def _everyday(holder: Holder, draw: Random, moves: Moves) -> None:
    """Small sums between friends, shops and billers."""
    for at in people.days_of(draw, holder.begins, WARM_DAYS + DAYS, 0.15):
        moves.append((at, True, draw.choice(holder.friends), "person", draw.randrange(10, 400), 0))
    for at in people.days_of(draw, holder.begins, WARM_DAYS + DAYS, 0.25):
        other, kind = draw.choice(holder.firms.billers), "firm"
        if draw.random() < 0.4:
            other, kind = draw.choice(holder.friends), "person"
        if draw.random() < 0.05:
            other, kind = people.opaque(draw), "person"
        amount = draw.randrange(10, 900)
        moves.append((at, False, other, kind, amount, int(draw.triangular(0, 50, 3))))


def _wages(holder: Holder, draw: Random, moves: Moves) -> None:
    """Wages in; rent, loan and family out within the day, to the same payees each month."""
    employer, landlord = draw.choice(holder.firms.employers), draw.choice(holder.firms.landlords)
    loan, spouse = draw.choice(holder.firms.billers), holder.friends[0]
    kind_in = "payroll" if draw.random() < 0.8 else "firm"
    for month in range(4):
        day = month * 30 + holder.pay_day
        if day >= WARM_DAYS + DAYS:
            return
        at = people.daytime(draw, day)
        moves.append((at, True, employer, kind_in, holder.wage, 0))
        for other, kind, part in (
            (landlord, "person", 30), (loan, "firm", 35), (spouse, "person", 25),
        ):  # fmt: skip
            at += draw.randrange(5, 300) * MINUTE
            moves.append((at, False, other, kind, holder.wage * part // 100, part))


def _student(holder: Holder, draw: Random, moves: Moves) -> None:
    """A parent's money each month; fees passed on whole within hours, once."""
    parent, school = holder.friends[0], draw.choice(holder.firms.billers)
    for at in people.days_of(draw, holder.begins, WARM_DAYS + DAYS, 1 / 25):
        moves.append((at, True, parent, "person", draw.randrange(1_000, 3_000), 0))
    at = people.daytime(draw, draw.randrange(holder.begins, WARM_DAYS + DAYS))
    fees = draw.randrange(4_000, 12_000)
    moves.append((at, True, parent, "person", fees, 0))
    at += draw.randrange(5, 600) * MINUTE
    moves.append((at, False, school, "firm", fees, draw.randrange(60, 99)))


def _treasurer(holder: Holder, draw: Random, moves: Moves) -> None:
    """Collects from many for a dinner or a trip, then pays the whole at once."""
    for begins in people.days_of(draw, holder.begins, WARM_DAYS + DAYS, 1 / 20):
        each, count, at = draw.randrange(50, 600), draw.randrange(5, 15), begins
        for friend in range(count):
            at += draw.randrange(1, 40) * MINUTE
            other = holder.friends[friend % len(holder.friends)]
            moves.append((at, True, other, "person", each, 0))
        at += draw.randrange(10, 900) * MINUTE
        other = draw.choice(holder.firms.billers)
        moves.append((at, False, other, "firm", each * count, draw.randrange(30, 95)))


def _merchant(holder: Holder, draw: Random, moves: Moves) -> None:
    """Many small payers a day; suppliers are paid every second day, the same ones."""
    suppliers = [(other, "person") for other in holder.friends[:2]]
    suppliers += [(draw.choice(holder.firms.billers), "firm")]
    for day in range(holder.begins, WARM_DAYS + DAYS):
        taken = 0
        for _ in range(draw.randrange(4, 14)):
            amount = draw.randrange(20, 300)
            taken += amount
            at = people.daytime(draw, day)
            moves.append((at, True, people.opaque(draw), "person", amount, 0))
        if day % 2:
            other, kind = draw.choice(suppliers)
            paid = int(taken * draw.uniform(0.8, 1.8))
            moves.append((people.daytime(draw, day), False, other, kind, paid,
                          draw.randrange(40, 95)))  # fmt: skip


def _freelancer(holder: Holder, draw: Random, moves: Moves) -> None:
    """Clients pay; a part goes at once to an own account elsewhere, always the same."""
    for at in people.days_of(draw, holder.begins, WARM_DAYS + DAYS, 1 / 8):
        amount = draw.randrange(1_500, 9_000)
        kind = draw.choice(("firm", "person"))
        moves.append((at, True, people.opaque(draw), kind, amount, 0))
        at += draw.randrange(30, 2_000) * MINUTE
        part = draw.randrange(50, 95)
        moves.append((at, False, holder.friends[0], "person", amount * part // 100, part))


def _private_purchase(holder: Holder, draw: Random, moves: Moves) -> None:
    """Relatives help to buy a car or a home from a person: all in, all out, one day."""
    at, total = people.daytime(draw, WARM_DAYS + draw.randrange(DAYS - 2)), 0
    for relative in holder.friends[: draw.randrange(2, 5)]:
        amount = draw.randrange(10_000, 60_000)
        total += amount
        at += draw.randrange(10, 300) * MINUTE
        moves.append((at, True, relative, "person", amount, 0))
    at += draw.randrange(30, 900) * MINUTE
    moves.append((at, False, people.opaque(draw), "person", total, 95))


_CASES: dict[str, Callable[[Holder, Random, Moves], None]] = {
    "wages": _wages, "first_wages": _wages, "student": _student, "treasurer": _treasurer,
    "merchant": _merchant, "freelancer": _freelancer, "private_purchase": _private_purchase,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ring:
    """Who runs mules: how victims' money comes, and how it leaves."""

    adapted: bool
    devices: tuple[str, ...]
    collectors: tuple[str, ...]
    shell: str
    proof: float


def mule(holder: Holder, ring: Ring, place: int) -> Callable[[Random], Steps]:
    """Return the life of a mule account: little of its own, then waves of victims' money."""

    def steps(draw: Random) -> Steps:
        proof = 0.95 if draw.random() < ring.proof else 0.0
        device = holder.device if ring.adapted else ring.devices[place % len(ring.devices)]
        payees = draw.sample(ring.collectors, 3)
        moves: Moves = []
        if ring.adapted:
            _everyday(holder, draw, moves)
            for payee in payees:
                at = people.daytime(draw, WARM_DAYS - draw.randrange(3, 20))
                moves.append((at, False, payee, "person", draw.randrange(20, 200), 2))
        waves = sorted(draw.randrange(DAYS - 4) for _ in range(WAVES))
        planned = [(*each, "") for each in moves]
        for number, day in enumerate(waves):
            name = f"{holder.account}/{number}"
            for each in _wave(ring, draw, people.daytime(draw, WARM_DAYS + day), payees):
                planned.append((*each, name))
        paid_before: set[str] = set()
        for at, is_in, other, kind, amount, share, target in sorted(planned):
            told = standing(paid_before, other, kind) if is_in else kind
            more = {"proof": proof, "target": target, "moves_money": True} if target else {}
            yield move(holder.account, device, at, is_in, other, told, amount * YUAN, share, **more)

    return steps


def _wave(ring: Ring, draw: Random, at: int, payees: list[str]) -> Moves:
    """Return victims' payments and what goes out after them."""
    found: Moves = []
    total = 0
    for _ in range(draw.randrange(1, 3 if ring.adapted else 6)):
        at += draw.randrange(1, 90) * MINUTE
        amount = draw.randrange(3_000, 20_000 if ring.adapted else 50_000)
        total += amount
        is_shell = ring.adapted and draw.random() < 0.15
        other, kind = (ring.shell, "firm") if is_shell else (people.opaque(draw), "person")
        found.append((at, True, other, kind, amount, 0))
    outs = draw.randrange(2, 4) if ring.adapted else draw.randrange(1, 3)
    part = draw.uniform(0.7, 0.9) if ring.adapted else draw.uniform(0.93, 1.0)
    at += draw.randrange(2 * HOUR, 26 * HOUR) if ring.adapted else draw.randrange(2, 50) * MINUTE
    for number in range(outs):
        share = int(100 * part / (outs - number * part))
        amount = int(total * part / outs)
        found.append((at, False, payees[number], "person", amount, min(share, 100)))
        at += draw.randrange(5, 40) * MINUTE
    return found


def _holder(draw: Random, case: str, firms: Firms, begins: int) -> Holder:
    return Holder(
        account=people.opaque(draw),
        case=case,
        device=people.opaque(draw),
        firms=firms,
        friends=tuple(people.opaque(draw) for _ in range(draw.randrange(4, 12))),
        wage=int(draw.triangular(4_000, 30_000, 8_000)),
        pay_day=draw.randrange(30),
        begins=begins,
    )


def simulate(seed: int, size: float, attackers: Attackers) -> World:
    """Return accounts over fourteen weeks, and mules among them in the last three."""
    draw = Random(f"mule_accounts/{seed}/{attackers}")
    adapted = attackers is Attackers.ADAPTED
    firms = Firms(*(tuple(people.opaque(draw) for _ in range(count)) for count in (60, 250, 80)))
    count = max(int(ACCOUNTS * size), 60)
    actors = []
    for _ in range(count):
        case = draw.choices(list(CASES), list(CASES.values()))[0]
        begins = 0 if draw.random() < 0.95 else draw.randrange(WARM_DAYS + DAYS - 10)
        if case == "first_wages":
            begins = WARM_DAYS + draw.randrange(5)
        if case == "private_purchase":
            begins = 0
        actors.append(Actor(case, False, live(_holder(draw, case, firms, begins))))
    mules = max(int(MULES * size), 10)
    ring = Ring(
        adapted=adapted,
        devices=tuple(people.opaque(draw) for _ in range(max(mules // 8, 1))),
        collectors=tuple(people.opaque(draw) for _ in range(max(mules // 3, 4))),
        shell=people.opaque(draw),
        proof=draw.uniform(0.6, 0.9) if adapted else draw.uniform(0.2, 0.5),
    )
    for place in range(mules):
        begins = draw.randrange(0, 20) if adapted else WARM_DAYS + DAYS
        kind = "aged_mule" if adapted else "fresh_mule"
        steps = mule(_holder(draw, "quiet", firms, begins), ring, place)
        actors.append(Actor(kind, True, steps))
    return World(seed, START + WARM_DAYS * DAY, tuple(actors))


FAMILY = Family("mule_accounts", (GATE,), simulate)
