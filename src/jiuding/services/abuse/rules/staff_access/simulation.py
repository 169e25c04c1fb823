"""Simulate the staff of a bank who read customers' data, and those among them who misuse it.

Honest: tellers, service desks (one by night), credit officers, collectors who work down lists in
their cases, team leads, auditors with their audits, new hires who mistype, a busy month's end; each
has a habit of own-worded reasons, and now and then opens the wrong customer. Misusers do the same
work beside: they scrape slowly, look up colleagues, the protected or a private acquaintance, export
in one go, sell rich and quiet customers' accounts, or a stranger sits in their session at night.
The adapted ones give own-worded reasons, read fewer a day, in no order and in working hours.

An attack is reached when it gained more than its `spared` customers: 15 % of what a scraper and
10 % of what a stranger is after, three for a seller, none for look-ups and exports. `valued`
customers are the hundredth with most money among those who have not been here for 90 days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from jiuding.services.abuse.rules import people
from jiuding.services.abuse.rules.people import DAY, HOUR, MINUTE, SECOND
from jiuding.services.abuse.types import Act, Actor, Attackers, Family, Gate, Steps, World

READ = Gate("staff_read", "staff_reads", "person")
WARM_DAYS, DAYS = 28, 14
STAFF, CUSTOMERS, VALUED_SHARE, PROTECTED_SHARE = 120, 20_000, 0.01, 0.002
MONTH_END = (WARM_DAYS + 7, WARM_DAYS + 10)
# How many of a hundred staff do which work, and how many customers they read on a working day.
WORK = {
    "teller": (34, 30), "service": (26, 40), "night_service": (6, 30), "credit": (14, 14),
    "collector": (6, 35), "lead": (8, 18), "auditor": (3, 60), "new_hire": (3, 22),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """One of the staff: habits that their work and person bring."""

    person: str
    team: str
    work: str
    rate: float
    noted: float
    loose: float
    starts: int  # the first day
    night: bool


@dataclass(frozen=True, slots=True)
class Crowd:
    """The customers, by number in the order of the bank's list."""

    ids: tuple[str, ...]
    valued: frozenset[int]
    protected: frozenset[int]
    colleagues: frozenset[int]

    def relation(self, number: int, own: int = -1) -> str:
        """Return how a customer is related to a reader."""
        if number == own:
            return "self"
        if number in self.colleagues:
            return "colleague"
        return "protected" if number in self.protected else "none"


def crowd_of(draw: Random, staff: int) -> Crowd:
    """Return the bank's customers; some of them work here."""
    numbers = range(CUSTOMERS)
    return Crowd(
        ids=tuple(people.opaque(draw) for _ in numbers),
        valued=frozenset(draw.sample(numbers, int(CUSTOMERS * VALUED_SHARE))),
        protected=frozenset(draw.sample(numbers, int(CUSTOMERS * PROTECTED_SHARE))),
        colleagues=frozenset(draw.sample(numbers, staff)),
    )


def staff_of(draw: Random, count: int) -> list[Member]:
    """Return the staff with their work and habits."""
    found = []
    for place in range(count):
        work = draw.choices(list(WORK), [share for share, _ in WORK.values()])[0]
        is_new = work == "new_hire"
        found.append(
            Member(
                person=people.opaque(draw),
                team=f"{work.replace('new_hire', 'teller')}{place % 4}",
                work=work,
                rate=WORK[work][1] * draw.uniform(0.6, 1.4),
                noted=min(draw.betavariate(2, 22), 0.25),
                loose=draw.uniform(0.015, 0.03) if is_new else draw.betavariate(2, 200),
                starts=WARM_DAYS + draw.randrange(5) if is_new else 0,
                night=work == "night_service",
            )
        )
    return found


@dataclass(slots=True)
class Look:
    """One read before it is dressed as the bank sees it."""

    at: int
    number: int
    mark: str
    what: str = "account"
    rows: int = 1
    is_next: bool = False
    is_late: bool = False


def act_of(member: Member, crowd: Crowd, draw: Random, look: Look, **more) -> Act:
    """Return a read as the bank sees it."""
    valued = look.number in crowd.valued
    is_loose = look.mark != "backed"
    is_late = look.is_late and look.mark == "loose" and not member.night
    values = {
        "person": member.person, "team": member.team, "subject": crowd.ids[look.number],
        "read": people.opaque(draw), "what": look.what, "mark": look.mark,
        "kept": f"{look.mark}_valued" if valued and is_loose else look.mark,
        "order": "loose_next" if look.is_next and is_loose else "other",
        "hours": "late_loose" if is_late else "day",
        "rows": look.rows, "relation": more.pop("relation", crowd.relation(look.number)),
        "valued": int(valued),
    }  # fmt: skip
    return Act(look.at, "staff_read", values, proof=more.pop("proof", 0.98), **more)


def work_of(member: Member, crowd: Crowd, draw: Random) -> Iterator[Look]:
    """Yield a member's honest reads, day by day, in time order."""
    audit = WARM_DAYS + draw.randrange(DAYS - 4)
    for day in range(member.starts, WARM_DAYS + DAYS):
        if day % 7 >= 5 and not member.night:
            continue
        rate = member.rate
        if MONTH_END[0] <= day < MONTH_END[1]:
            rate *= draw.uniform(1.4, 2.2)
        if member.work == "auditor":
            rate = 110.0 if audit <= day < audit + 4 else 12.0
        begin = people.START + day * DAY + (20 if member.night else 8) * HOUR
        count = max(int(draw.gauss(rate, rate**0.5)), 1)
        instants = sorted(draw.randrange(0, 9 * HOUR) for _ in range(count))
        number = draw.randrange(CUSTOMERS)
        for offset in instants:
            in_list = member.work in ("collector", "auditor") and draw.random() < 0.7
            number = (number + 1) % CUSTOMERS if in_list else draw.randrange(CUSTOMERS)
            yield from _honest(member, draw, begin + offset, number, in_list)
        if member.work == "lead" and day % 5 == 4:
            yield Look(begin + 9 * HOUR, number, "backed", "export", draw.randrange(200, 2_000))


def _honest(member: Member, draw: Random, at: int, number: int, in_list: bool) -> Iterator[Look]:
    """Yield one honest read; where the wrong customer was opened, the right one follows."""
    late = draw.random() < 0.01
    what = draw.choice(("account", "statement", "balance", "person"))
    if draw.random() < member.loose:
        wrong = draw.choice((number + 1, number - 1, draw.randrange(CUSTOMERS))) % CUSTOMERS
        yield Look(at, wrong, "loose", what, is_late=late)
        at += SECOND * draw.randrange(5, 50)
    mark = "noted" if draw.random() < member.noted and not in_list else "backed"
    yield Look(at, number, mark, what, is_next=in_list, is_late=late)


def honest(member: Member, crowd: Crowd, own: int) -> Actor:
    """Return a member of staff who does nothing but their work."""

    def steps(draw: Random) -> Steps:
        last = 0
        slip = draw.randrange(WARM_DAYS, WARM_DAYS + DAYS) if draw.random() < 0.002 else -1
        for look in work_of(member, crowd, draw):
            look.at = last = max(look.at, last)
            # A colleague or a protected customer is served on a case or request, as rules say.
            if look.mark != "backed" and crowd.relation(look.number) != "none":
                look.mark = "backed"
            yield act_of(member, crowd, draw, look)
            if slip >= 0 and look.at > people.START + slip * DAY:
                slip = -1  # opened one's own page by mistake
                mistaken = Look(look.at, own, "loose")
                yield act_of(member, crowd, draw, mistaken, relation="self")

    return Actor(member.work, False, steps)


@dataclass(frozen=True, slots=True)
class Misuse:
    """What a misuser is after, and how."""

    kind: str
    looks: tuple[Look, ...]
    spared: int
    relation: str = ""


def misuser(member: Member, crowd: Crowd, plan: Misuse, proof: float) -> Actor:
    """Return a member whose misuse runs beside their work; it ends after three refusals."""

    def steps(draw: Random) -> Steps:
        proves = 0.98 if draw.random() < proof else 0.0
        own = ((look, False) for look in work_of(member, crowd, draw))
        queue = sorted([*own, *((look, True) for look in plan.looks)], key=lambda each: each[0].at)
        gained = refused = last = 0
        for look, is_misuse in queue:
            look.at = last = max(look.at, last)
            if not is_misuse:
                if look.mark != "backed" and crowd.relation(look.number) != "none":
                    look.mark = "backed"
                yield act_of(member, crowd, draw, look)
                continue
            if refused >= 3:
                continue
            more = {"relation": plan.relation} if plan.relation else {}
            answer = yield act_of(
                member, crowd, draw, look, proof=proves, target=f"{plan.kind}/{member.person}",
                moves_money=gained >= plan.spared, **more,
            )  # fmt: skip
            gained += answer.is_allowed
            refused += not answer.is_allowed

    return Actor(plan.kind, True, steps)


def _spread(draw: Random, a_day: int, late: bool) -> Iterator[int]:
    """Yield instants on the working days of the measured weeks."""
    for day in range(WARM_DAYS, WARM_DAYS + DAYS):
        if day % 7 < 5:
            first = 22 * HOUR if late else 8 * HOUR
            begin = people.START + day * DAY + first
            yield from sorted(begin + draw.randrange(0, (1 if late else 9) * HOUR)
                              for _ in range(a_day))  # fmt: skip


def _plan(kind: str, crowd: Crowd, draw: Random, adapted: bool) -> Misuse:
    def mark() -> str:
        return "noted" if draw.random() < (0.7 if adapted else 0.15) else "loose"

    if kind == "slow_scraper":
        looks, number = [], draw.randrange(CUSTOMERS)
        for at in _spread(draw, 9 if adapted else 25, late=False):
            number = draw.randrange(CUSTOMERS) if adapted else (number + 1) % CUSTOMERS
            looks.append(Look(at, number, mark(), is_next=not adapted))
        return Misuse(kind, tuple(looks), len(looks) * 15 // 100, "none")
    if kind == "account_seller":
        valued = sorted(crowd.valued)
        instants = [at for at in _spread(draw, 2, late=False) if draw.random() < 0.8]
        looks = [Look(at, draw.choice(valued), mark(), "statement") for at in instants]
        return Misuse(kind, tuple(looks), 3, "none")
    if kind == "stranger_in_session":
        begin = people.START + draw.randrange(WARM_DAYS, WARM_DAYS + DAYS) * DAY
        begin += draw.randrange(9, 17) * HOUR if adapted else 23 * HOUR
        number, looks = draw.randrange(CUSTOMERS), []
        for step in range(120):
            at = begin + step * (2 * MINUTE if adapted else 5 * SECOND)
            number = draw.randrange(CUSTOMERS) if adapted else (number + 1) % CUSTOMERS
            looks.append(Look(at, number, "loose", is_next=not adapted, is_late=not adapted))
        return Misuse(kind, tuple(looks), 12, "none")
    at = people.START + draw.randrange(WARM_DAYS, WARM_DAYS + DAYS - 4) * DAY + 11 * HOUR
    if kind == "mass_copy":
        number = draw.randrange(CUSTOMERS)
        looks = [Look(at, number, mark(), "export", draw.randrange(2_000, 50_000))]
        return Misuse(kind, tuple(looks), 0, "none")
    if kind == "private_acquaintance":
        number = draw.randrange(CUSTOMERS)
        looks = [Look(at + day * DAY, number, mark(), "statement") for day in range(3)]
        return Misuse(kind, tuple(looks), 0, "none")
    relation = draw.choice(("self", "colleague", "colleague", "protected"))
    known = crowd.protected if relation == "protected" else crowd.colleagues
    looks = [Look(at, draw.choice(sorted(known)), mark(), "statement") for _ in range(2)]
    return Misuse(kind, tuple(looks), 0, relation)


KINDS = {
    "slow_scraper": 15, "account_seller": 15, "stranger_in_session": 12, "mass_copy": 12,
    "curious_look": 24, "private_acquaintance": 3,
}  # fmt: skip


def simulate(seed: int, size: float, attackers: Attackers) -> World:
    """Return a bank's staff for six weeks, the misuse in the last two."""
    draw = Random(f"staff_access/{seed}/{attackers}")
    members = staff_of(draw, max(int(STAFF * size), 80))
    crowd = crowd_of(draw, len(members))
    own = dict(zip((each.person for each in members), sorted(crowd.colleagues), strict=True))
    actors = [honest(each, crowd, own[each.person]) for each in members]
    adapted = attackers is Attackers.ADAPTED
    for kind, count in KINDS.items():
        for member in staff_of(draw, max(round(count * size), 1)):
            plan = _plan(kind, crowd, draw, adapted)
            actors.append(misuser(member, crowd, plan, 0.08 if adapted else 0.04))
    return World(seed, people.START + WARM_DAYS * DAY, tuple(actors))


FAMILY = Family("staff_access", (READ,), simulate)
