"""Simulate borrowers who use a loan as agreed, and those who lead it where it may not go.

Honest: cars and goods paid to a dealer, with returns and refunds; schooling; renovations paid in
parts to shops and craftsmen elsewhere; firms that pay suppliers and wages; family gifts; some have
a monthly savings plan in securities out of the same account. Shops sell to others too and pay
wages. Attackers pay a broker or a home's deposit directly, through a friend, through layers, round
trips and waiting, thinned with other money, in cash or to their own and friends' accounts at other
banks, or through a shop that gives the money back. The adapted ones take loans whose purpose lets
them pay people, in small parts, over weeks, and use shops that also trade.

An attack is reached when more than a third of the loan arrived where it may not, or left for it.
Amounts are in minor units. Names are labels: the desk opens an account for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from jiuding.services.abuse.rules import people
from jiuding.services.abuse.rules.people import DAY, HOUR
from jiuding.services.abuse.types import Act, Actor, Attackers, Family, Gate, Steps, World

USE = Gate("loan_use", "", "payer")
BORROWERS, DAYS = 240, 60
PURPOSES = {"car": 25, "goods": 25, "education": 12, "renovation": 23, "working_capital": 15}
SAVERS = 0.01  # of borrowers: a savings plan in securities out of the very account of the loan
SPARED = 3  # an attack is reached beyond one part in three


@dataclass(frozen=True, slots=True)
class Town:
    """The shops that everyone pays, and brokers and developers."""

    shops: tuple[str, ...]
    broker: str
    developer: str


@dataclass(slots=True)
class Loan:
    """A borrower's loan: who, for what, how much."""

    who: str
    purpose: str
    units: int
    day: int

    def at(self, draw: Random, days: float) -> int:
        """Return an instant so many days after the loan."""
        return people.START + int((self.day + days) * DAY) + draw.randrange(8, 20) * HOUR


def move(at: int, verb: str, payer: str, payee: str, kind: str, units: int, **more) -> Act:
    """Return a payment as the bank sees it; `verb` is lend, income, pay or undo."""
    ref, judged = more.pop("ref", ""), more.pop("judged", verb == "pay")
    values = {
        "verb": verb, "payer": payer, "payee": payee, "payee_kind": kind, "units": units,
        "purpose": more.pop("purpose", ""), "ref": ref,
    }  # fmt: skip
    return Act(at, "loan_use", values, judged=judged, **more)


def lend(draw: Random, loan: Loan, own: int) -> Iterator[Act]:
    """Yield the borrower's own money and the loan."""
    yield move(loan.at(draw, -1), "income", "", loan.who, "person", own)
    at = loan.at(draw, 0)
    yield move(at, "lend", "", loan.who, "person", loan.units, purpose=loan.purpose)


def _plan(draw: Random, loan: Loan, town: Town) -> Iterator[tuple[float, str, str, float]]:
    """Yield (days, payee, kind, part of the loan) of an honest use."""
    shop = draw.choice(town.shops)
    if loan.purpose in ("car", "goods", "education"):
        first = draw.uniform(0.2, 5)
        if draw.random() < 0.3:
            yield first, shop, "merchant", 0.3
            yield first + draw.uniform(1, 15), shop, "merchant", 0.68
        else:
            yield first, shop, "merchant", draw.uniform(0.9, 1.0)
        if draw.random() < 0.1:
            yield first + 1, people.opaque(draw), "outside_person", draw.uniform(0.02, 0.06)
        return
    if loan.purpose == "renovation":
        for step in range(draw.randrange(2, 5)):
            yield step * 8 + draw.uniform(0, 6), draw.choice(town.shops), "merchant", 0.17
        for step in range(draw.randrange(1, 4)):
            part = draw.uniform(0.03, 0.10)
            kind = "outside_person" if draw.random() < 0.7 else "person"
            yield step * 10 + draw.uniform(2, 9), people.opaque(draw), kind, part
        if draw.random() < 0.3:
            yield draw.uniform(1, 30), "cash", "cash", draw.uniform(0.01, 0.06)
        return
    for step in range(draw.randrange(3, 7)):
        yield step * 6 + draw.uniform(0, 5), draw.choice(town.shops), "merchant", 0.12
    for month in range(2):
        for _ in range(draw.randrange(2, 6)):
            part = draw.uniform(0.01, 0.03)
            yield month * 28 + 5, people.opaque(draw), "outside_person", part


def honest(loan: Loan, town: Town) -> Actor:
    """Return a borrower who uses the loan as agreed."""

    def steps(draw: Random) -> Steps:
        yield from _all(lend(draw, loan, draw.randrange(2_000, 40_000) * 100))
        todo = [
            (loan.at(draw, days), payee, kind, int(loan.units * part))
            for days, payee, kind, part in _plan(draw, loan, town)
        ]
        if draw.random() < 0.08:
            todo.append((loan.at(draw, draw.uniform(1, 40)), people.opaque(draw), "person",
                         int(loan.units * draw.uniform(0.02, 0.1))))  # fmt: skip
        if draw.random() < SAVERS:
            first = draw.uniform(0, 28)
            todo += [(loan.at(draw, first + 28 * n), f"{town.broker}/{loan.who}", "securities",
                      50_000) for n in range(2)]  # fmt: skip
        for month in range(2):
            todo.append((loan.at(draw, 5 + 28 * month), "salary", "person", 800_000))
        last = loan.at(draw, 0) + 12 * HOUR
        for planned, payee, kind, units in sorted(todo):
            last = at = max(last, planned)
            if payee == "salary":
                yield move(at, "income", "", loan.who, "person", units)
                continue
            ref = people.opaque(draw)
            answer = yield move(at, "pay", loan.who, payee, kind, units, ref=ref, proof=0.98)
            if kind == "merchant" and answer.is_allowed and draw.random() < 0.06:
                yield from _refund(draw, loan, at, payee, units, ref)
                return

    return Actor(loan.purpose, False, steps)


def _refund(draw: Random, loan: Loan, at: int, shop: str, units: int, ref: str) -> Steps:
    """A shop takes goods back: it undoes the payment, or pays a part of it back."""
    later = at + draw.randrange(1, 6) * DAY
    if draw.random() < 0.6:
        yield move(later, "undo", shop, loan.who, "person", units, ref=ref)
        return
    part = int(units * draw.uniform(0.05, 0.3))
    yield move(later, "pay", shop, loan.who, "person", part, proof=0.98)


def _all(acts: Iterator[Act]) -> Steps:
    yield from acts


def shop(name: str, rate: int, wages: float) -> Actor:
    """Return a shop that also sells to people without loans, pays wages and suppliers."""

    def steps(draw: Random) -> Steps:
        workers = [people.opaque(draw) for _ in range(3)]
        for week in range((DAYS + 30) // 7):
            at = people.START + week * 7 * DAY + 20 * HOUR
            takings = int(rate * draw.uniform(0.6, 1.4))
            yield move(at, "income", "", name, "merchant", takings)
            for worker in workers:
                at += HOUR
                wage = int(takings * wages / 3)
                yield move(at, "pay", name, worker, "person", wage, proof=0.98)
            at += HOUR
            supplies = int(takings * draw.uniform(0.3, 0.5))
            yield move(at, "pay", name, f"supplier/{name}", "merchant", supplies, proof=0.98)

    return Actor("shop", False, steps)


# A step of a way: (days, payer, payee, kind, part of the loan, whether it is the gain).
Step = tuple[float, str, str, str, float, bool]
Route = Callable[[Random, Loan, Town, bool], Iterator[Step]]


def _goal(draw: Random, loan: Loan, town: Town) -> tuple[str, str]:
    """Return where an attacker wants the money: a broker's account, or a home's deposit."""
    if draw.random() < 0.7:
        return f"{town.broker}/{loan.who}", "securities"
    return town.developer, "home_deposit"


def _direct(draw: Random, loan: Loan, town: Town, adapted: bool) -> Iterator[Step]:
    payee, kind = _goal(draw, loan, town)
    parts = 12 if adapted else 1
    for step in range(parts):
        yield 1 + step * 2, loan.who, payee, kind, 0.95 / parts, True


def _friends(draw: Random, loan: Loan, town: Town, adapted: bool) -> Iterator[Step]:
    payee, kind = _goal(draw, loan, town)
    for _ in range(3):
        friend = people.opaque(draw)
        yield 1, loan.who, friend, "person", 0.31, False
        yield 3 + draw.uniform(0, 20), friend, payee, kind, 0.31, True


def _layers(draw: Random, loan: Loan, town: Town, adapted: bool) -> Iterator[Step]:
    payee, kind = _goal(draw, loan, town)
    chain = [loan.who, *(people.opaque(draw) for _ in range(draw.randrange(3, 6)))]
    for place, (giver, taker) in enumerate(pairwise(chain)):
        yield 1 + place * 4 + draw.uniform(0, 3), giver, taker, "person", 0.95, False
    yield 28, chain[-1], payee, kind, 0.95, True


def _round_trip(draw: Random, loan: Loan, town: Town, adapted: bool) -> Iterator[Step]:
    payee, kind = _goal(draw, loan, town)
    friend = people.opaque(draw)
    yield 1, loan.who, friend, "person", 0.9, False
    yield draw.uniform(4, 20), friend, loan.who, "person", 0.9, False
    yield draw.uniform(21, 40), loan.who, payee, kind, 0.9, True


def _waiting(draw: Random, loan: Loan, town: Town, adapted: bool) -> Iterator[Step]:
    payee, kind = _goal(draw, loan, town)
    yield draw.uniform(30, 55), loan.who, payee, kind, 0.9, True


def _thinned(draw: Random, loan: Loan, town: Town, adapted: bool) -> Iterator[Step]:
    payee, kind = _goal(draw, loan, town)
    yield 1, "", loan.who, "person", 3.0, False
    for step in range(10):
        yield 2 + step, loan.who, payee, kind, 0.35, True


def _out(draw: Random, loan: Loan, town: Town, adapted: bool) -> Iterator[Step]:
    kind = "outside_person" if adapted else draw.choice(("outside_self", "cash"))
    parts = draw.randrange(8, 16) if adapted else draw.randrange(1, 4)
    for step in range(parts):
        payee = people.opaque(draw) if adapted else f"{kind}/{loan.who}"
        yield 1 + step * (2 if adapted else 0.2), loan.who, payee, kind, 0.92 / parts, True


def _gives_back(draw: Random, loan: Loan, town: Town, adapted: bool) -> Iterator[Step]:
    store, friend = people.opaque(draw), people.opaque(draw)
    if adapted:
        for week in range(3):
            yield week * 4 - 10, "", store, "merchant", 0.25, False
    elif draw.random() < 0.6:
        friend = loan.who
    yield 2, loan.who, store, "merchant", 0.95, False
    parts = 4 if adapted else 1
    for step in range(parts):
        yield 4 + step * 4, store, friend, "person", 0.9 / parts, True


ROUTES: dict[str, Route] = {
    "direct": _direct, "friends": _friends, "layers": _layers, "round_trip": _round_trip,
    "waiting": _waiting, "thinned": _thinned, "out_of_the_bank": _out,
    "shop_gives_back": _gives_back,
}  # fmt: skip


def attacker(kind: str, loan: Loan, town: Town, adapted: bool) -> Actor:
    """Return a borrower who leads the loan away; it stops after three refusals."""

    def steps(draw: Random) -> Steps:
        # Who means to lead a loan away keeps little money of their own beside it.
        yield from _all(lend(draw, loan, int(loan.units * draw.uniform(0.02, 0.1))))
        proves = 0.98 if draw.random() < (0.15 if adapted else 0.08) else 0.0
        gained = refused = 0
        todo = sorted(ROUTES[kind](draw, loan, town, adapted), key=lambda each: each[0])
        last = loan.at(draw, 0) + DAY
        for days, payer, payee, payee_kind, part, is_gain in todo:
            units = int(loan.units * part)
            last = at = max(last, loan.at(draw, days))
            if not payer:
                yield move(at, "income", "", payee, payee_kind, units)
                continue
            inside = payee_kind in ("securities", "home_deposit")
            answer = yield move(
                at, "pay", payer, payee, payee_kind, units, target=f"loan/{loan.who}",
                proof=0.0 if inside else proves,
                moves_money=is_gain and (gained + units) * SPARED > loan.units,
            )  # fmt: skip
            gained += units * (is_gain and answer.is_allowed)
            refused += not answer.is_allowed
            if refused >= 3:
                return

    return Actor(kind, True, steps)


def simulate(seed: int, size: float, attackers: Attackers) -> World:
    """Return a town's borrowers and shops for three months; attackers are one loan in six."""
    draw = Random(f"loan_use/{seed}/{attackers}")
    count = max(int(BORROWERS * size), 24)
    town = Town(tuple(people.opaque(draw) for _ in range(max(count // 8, 6))),
                people.opaque(draw), people.opaque(draw))  # fmt: skip

    def loan(purposes: dict[str, int]) -> Loan:
        purpose = draw.choices(list(purposes), list(purposes.values()))[0]
        units = draw.randrange(5_000, 200_000) * 100
        return Loan(people.opaque(draw), purpose, units, draw.randrange(10, 35))

    actors = [honest(loan(PURPOSES), town) for _ in range(count)]
    actors += [shop(name, draw.randrange(200_000, 3_000_000) * 10, draw.uniform(0.1, 0.25))
               for name in town.shops]  # fmt: skip
    adapted = attackers is Attackers.ADAPTED
    chosen = {"renovation": 60, "working_capital": 40} if adapted else PURPOSES
    for kind in ROUTES:
        for _ in range(max(count // 48, 1)):
            actors.append(attacker(kind, loan(chosen), town, adapted))
    return World(seed, people.START, tuple(actors))


FAMILY = Family("loan_use", (USE,), simulate)
