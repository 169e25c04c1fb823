"""The demonstration bank: invented people with invented histories, the same at every first start.

Everything here is synthetic. A fixed seed draws 200 customers, half in market `cn` (CNY) and half
in `au` (AUD), each with a *story* that says what its 24 months of account history show:

- steady (60 %): a salary on the same day each month, rent, bills and daily spending;
- merchant (14 %): irregular business income, no salary;
- indebted (8 %): a steady salary of which old loans take a large part;
- struggling (8 %): a salary that stopped or shrank, missed payments, balances near zero;
- newcomer (6 %): two months of history, which prove no income yet;
- suspended (4 %): a steady history, and the bank has stopped new business.

Amounts are log-normal around round figures; no real person, firm or account is behind them. Every
movement is a transfer in the ledger with a code such as `income.salary` or `living.rent`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from jiuding.base.amounts import Asset, currency
from jiuding.base.clock import add_months
from jiuding.kernel import identity

SEED = 20_261_123
CUSTOMERS = 200
MONTHS = 24
PIN = "246810"
SLUG = "demonstration"
STORIES = (
    ("steady", 60),
    ("merchant", 14),
    ("indebted", 8),
    ("struggling", 8),
    ("newcomer", 6),
    ("suspended", 4),
)
NEWCOMER_MONTHS = 2

FAMILY_ZH = "林陈张李王刘赵周吴郑孙马朱胡郭何高罗梁宋谢唐许邓冯韩曹彭曾肖"
GIVEN_ZH = [
    "岚",
    "晨",
    "雨桐",
    "子轩",
    "佳怡",
    "浩然",
    "思远",
    "静",
    "明",
    "欣妍",
    "立",
    "文博",
    "可心",
    "宇",
    "雪",
    "志强",
    "海燕",
    "建国",
    "春梅",
    "磊",
    "婷婷",
    "俊杰",
    "晓彤",
    "一鸣",
    "丹",
    "国栋",
    "慧",
    "鑫",
    "凯",
    "雅琴",
]
GIVEN_EN = [
    "Ava",
    "Noah",
    "Mia",
    "Jack",
    "Isla",
    "Leo",
    "Ruby",
    "Oscar",
    "Zoe",
    "Ethan",
    "Lily",
    "Max",
    "Grace",
    "Hugo",
    "Chloe",
    "Finn",
    "Ella",
    "Sam",
    "Ivy",
    "Owen",
    "Maya",
    "Luca",
    "Nina",
    "Theo",
    "Sara",
    "Ben",
    "Alice",
    "Tom",
    "Eva",
    "Kai",
]
FAMILY_EN = [
    "Mitchell",
    "Nguyen",
    "Walker",
    "Patel",
    "Turner",
    "Kelly",
    "Reid",
    "Campbell",
    "Foster",
    "Hughes",
    "Morgan",
    "Bailey",
    "Fraser",
    "Singh",
    "Doyle",
    "Ellis",
    "Grant",
    "Harper",
    "Jensen",
    "Khan",
    "Lewis",
    "Moore",
    "Novak",
    "Osei",
    "Perry",
    "Quinn",
    "Rossi",
    "Shaw",
    "Tran",
    "Young",
]

# A typical month in each market, in whole currency: salary, rent, and what living takes.
LIVING = {
    "cn": {"salary": 14_000, "rent": 3_600, "bills": 420, "food": 2_300, "leisure": 1_100},
    "au": {"salary": 6_900, "rent": 1_900, "bills": 310, "food": 900, "leisure": 520},
}


@dataclass(frozen=True, slots=True)
class Movement:
    """One invented movement on a customer's account; positive comes in."""

    on: date
    code: str
    units: int


@dataclass(frozen=True, slots=True)
class Character:
    """One invented customer and the movements of its account, oldest first."""

    person: identity.NewPerson
    story: str
    asset: Asset
    opening_units: int
    movements: tuple[Movement, ...]


def characters(on: date, *, count: int = CUSTOMERS, seed: int = SEED) -> Iterator[Character]:
    """Draw the customers as they stand on a day; the same seed and day give the same people.

    The first of each market has the steady story, so that there is always someone to try with.
    """
    draw = random.Random(seed)
    names, weights = zip(*STORIES, strict=True)
    for number in range(count):
        market = "cn" if number % 2 == 0 else "au"
        story = "steady" if number < 2 else draw.choices(names, weights)[0]
        # The tail of the first hundred shows every story once in each market, whatever was drawn.
        if 2 <= number < 2 + 2 * len(names):
            story = names[(number - 2) // 2]
        yield _character(draw, market, story, number, on)


def _character(draw: random.Random, market: str, story: str, number: int, on: date) -> Character:
    person = identity.NewPerson(
        name=_name(draw, market, number),
        born_on=date(
            on.year - (34 if number < 2 else draw.randint(22, 58)),
            draw.randint(1, 12),
            draw.randint(1, 28),
        ),
        market=market,
        residency=market.upper(),
        language="zh" if market == "cn" else "en",
        story=story,
    )
    asset = currency("CNY" if market == "cn" else "AUD")
    scale = 1.3 if number < 2 else draw.lognormvariate(0.0, 0.35)
    life = _Life(draw, LIVING[market], scale, asset)
    months = NEWCOMER_MONTHS if story == "newcomer" else MONTHS
    first = add_months(on.replace(day=1), -months)
    movements: list[Movement] = []
    for past in range(months + 1):
        movements += life.month(add_months(first, past), story, months - past)
    kept = sorted((m for m in movements if m.on <= on), key=lambda m: (m.on, -m.units))
    opening = life.units(150 if story == "struggling" else 2_000 if market == "au" else 6_000)
    return Character(person, story, asset, opening, tuple(_solvent(kept, opening)))


def _name(draw: random.Random, market: str, number: int) -> str:
    if market == "cn":
        family, given = draw.choice(FAMILY_ZH), draw.choice(GIVEN_ZH)
        return "林岚" if number == 0 else family + given
    given, family = draw.choice(GIVEN_EN), draw.choice(FAMILY_EN)
    return "Ava Mitchell" if number == 1 else f"{given} {family}"


def _solvent(movements: list[Movement], opening: int) -> list[Movement]:
    """Drop what the account could not pay: a customer's account cannot be overdrawn.

    A dropped debt becomes a missed payment, which is what the bank would have seen.
    """
    balance, kept = opening, []
    for movement in movements:
        if balance + movement.units >= 0:
            kept.append(movement)
            balance += movement.units
        elif movement.code.startswith("debt.") and balance >= 100:
            kept.append(Movement(movement.on, "charge.missed_payment", -100))
            balance -= 100
    return kept


class _Life:
    """What a month costs and brings for one invented person."""

    def __init__(
        self, draw: random.Random, living: dict[str, int], scale: float, asset: Asset
    ) -> None:
        self._draw = draw
        self._living = {name: value * scale for name, value in living.items()}
        self._asset = asset
        self._payday = draw.choice((5, 10, 15, 25))

    def units(self, value: float) -> int:
        """Return whole units of about this many units of currency."""
        return max(1, round(value * 10**self._asset.scale))

    def _about(self, name: str, spread: float, share: float = 1.0) -> int:
        return self.units(self._living[name] * share * self._draw.lognormvariate(0.0, spread))

    def month(self, first: date, story: str, months_left: int) -> Iterator[Movement]:
        """Yield one month of a story; `months_left` counts down to the present."""
        draw = self._draw
        yield from self._income(first, story, months_left)
        yield Movement(first.replace(day=2), "living.rent", -self._about("rent", 0.0))
        yield Movement(first.replace(day=18), "living.bills", -self._about("bills", 0.15))
        for _ in range(4):
            day = first.replace(day=draw.randint(1, 28))
            yield Movement(day, "living.food", -self._about("food", 0.25, 0.25))
        for _ in range(3):
            day = first.replace(day=draw.randint(1, 28))
            yield Movement(day, "living.leisure", -self._about("leisure", 0.4, 1 / 3))
        if story in ("indebted", "struggling"):
            share = 0.42 if story == "indebted" else 0.3
            debt = -self.units(self._living["salary"] * share)
            yield Movement(first.replace(day=20), "debt.repayment", debt)

    def _income(self, first: date, story: str, months_left: int) -> Iterator[Movement]:
        draw = self._draw
        if story == "merchant":
            for _ in range(draw.randint(3, 8)):
                day = first.replace(day=draw.randint(1, 28))
                yield Movement(day, "income.business", self._about("salary", 0.5, 0.24))
            return
        share = 0.62 if story == "struggling" and months_left < 14 else 1.0
        if story == "struggling" and months_left in (2, 5):
            return
        yield Movement(
            first.replace(day=self._payday), "income.salary", self._about("salary", 0.01, share)
        )
