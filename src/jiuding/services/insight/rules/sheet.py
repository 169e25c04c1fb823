"""The portrait with its evidence: each figure with its transfers, each sign of stress with its day.

Figures are the ones that plans and decisions rest on, drawn by the same functions; here every one
of them opens to the transfers it was made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from statistics import median

from jiuding.base.amounts import Asset
from jiuding.base.clock import add_months
from jiuding.services.insight.rules.portrait import (
    MISSED,
    RECENT_MONTHS,
    draw_portrait,
    income_kinds,
    monthly_sums,
    whole_months_before,
)
from jiuding.services.insight.types import (
    Figure,
    Flow,
    Movement,
    Portrait,
    Sheet,
    Sign,
    Wish,
    WishKind,
)

FIGURES = (
    "income", "income_regular", "income_irregular", "fixed_costs", "expenses", "debts", "free",
)  # fmt: skip
# Parts of the income: shown where there are both, and not to be corrected by themselves.
PARTS = frozenset({"income_regular", "income_irregular"})
STATABLE = frozenset({"income", "fixed_costs", "expenses", "debts"})
EVIDENCE_MAX = 24  # transfers shown behind a figure; the count tells how many there are
# What a household pays every month whatever happens.
FIXED_CODES = ("living.rent", "living.bills", "living.insurance", "living.school")
_PREFIXES = {"income": ("income.",), "expenses": ("living.",), "debts": ("debt.",),
             "fixed_costs": FIXED_CODES}  # fmt: skip
# Signs of stress: thresholds are fractions of what is usual for this very party.
INCOME_FALL_MIN = Decimal("0.3")
LOW_BALANCE_SHARE = Decimal("0.1")  # of a month's living costs
DEBT_SHARE_MIN = Decimal("0.4")  # of income
_SIGN_MONTHS = 12


def said_by(wishes: Sequence[Wish]) -> tuple[bool, bool, dict[str, Wish]]:
    """Return whether the portrait is deleted, whether we may look ahead, and what is stated."""
    is_deleted = foresees = False
    stated: dict[str, Wish] = {}
    for wish in wishes:
        if wish.kind is WishKind.DELETE:
            is_deleted, foresees, stated = True, False, {}
        elif wish.kind is WishKind.RESTORE:
            is_deleted = False
        elif wish.kind in (WishKind.FORESEE, WishKind.STOP_FORESEEING):
            foresees = wish.kind is WishKind.FORESEE
        elif wish.kind is WishKind.STATE and wish.figure:
            stated[wish.figure] = wish
        elif wish.figure:
            stated.pop(wish.figure, None)
    return is_deleted, foresees, stated


def lay_out(
    movements: Sequence[Movement], *, asset: Asset, on: date, balance_units: int,
    wishes: Sequence[Wish],
) -> Sheet:  # fmt: skip
    """Lay out a party's portrait on a day, from the movements of the last year and its wishes.

    `movements` are in any order; those after `on` are left out.
    """
    is_deleted, foresees, stated = said_by(wishes)
    seen = sorted((m for m in movements if m.on <= on), key=lambda m: (m.on, m.transfer_id))
    if is_deleted:
        seen, balance_units = [], 0
    flows = [Flow(m.on, m.code, m.units) for m in seen]
    portrait = draw_portrait(flows, asset=asset, on=on, balance_units=balance_units)
    return Sheet(
        on=on,
        currency=asset.code,
        regularity=portrait.regularity,
        figures=tuple(_figures(seen, portrait, asset, on, stated)),
        signs=() if is_deleted else tuple(_signs(seen, portrait, asset, on, balance_units)),
        months_of_history=portrait.months_of_history,
        is_deleted=is_deleted,
        foresees=foresees,
    )


def _figures(
    seen: Sequence[Movement], portrait: Portrait, asset: Asset, on: date,
    stated: Mapping[str, Wish],
) -> Iterable[Figure]:  # fmt: skip
    months = whole_months_before(on, RECENT_MONTHS)
    fixed = [-units for units in monthly_sums(_flows(seen), FIXED_CODES, months)]
    amounts = {
        "income": portrait.income_monthly,
        "fixed_costs": Decimal(int(median(fixed))).scaleb(-asset.scale),
        "expenses": portrait.expenses_monthly,
        "debts": portrait.debts_monthly,
        "free": portrait.free_monthly,
    }
    kinds = income_kinds(_flows(seen), months)
    prefixes = {**_PREFIXES}
    has_both = len({each.regularity for each in kinds}) > 1
    for name in PARTS:
        held = [each for each in kinds if f"income_{each.regularity.value}" == name]
        amounts[name] = Decimal(sum(each.units for each in held)).scaleb(-asset.scale)
        prefixes[name] = tuple(each.code for each in held)
    first = date(*months[0], 1)
    for name in FIGURES:
        begins = prefixes.get(name, ("income.", "living.", "debt."))
        evidence = [
            m for m in seen
            if m.code.startswith(begins) and first <= m.on < on.replace(day=1)
        ]  # fmt: skip
        if name in PARTS and not (has_both and evidence):
            continue
        wish = stated.get(name)
        yield Figure(
            name=name,
            amount=amounts[name],
            basis=_basis(name, portrait),
            seen_from=evidence[0].on if evidence else None,
            seen_until=evidence[-1].on if evidence else None,
            transfer_count=len(evidence),
            transfer_ids=tuple(m.transfer_id for m in evidence[: -EVIDENCE_MAX - 1 : -1]),
            stated=None if wish is None else wish.amount,
            stated_on=None if wish is None else wish.said_at.date(),
        )


def _basis(name: str, portrait: Portrait) -> str:
    """Return how a figure was made, as a key of words: each page has its sentence for it."""
    if name == "income":
        return f"income_{portrait.regularity.value}"
    if name in PARTS:
        return name.replace("income", "part")
    return {"debts": "median_of_three", "free": "difference"}.get(name, "median_of_six")


def _flows(seen: Sequence[Movement]) -> list[Flow]:
    return [Flow(m.on, m.code, m.units) for m in seen]


def _signs(
    seen: Sequence[Movement], portrait: Portrait, asset: Asset, on: date, balance_units: int
) -> Iterable[Sign]:
    since = add_months(on, -_SIGN_MONTHS)
    missed = [m for m in seen if m.code == MISSED and m.on > since]
    if missed:
        yield _sign("missed_payments", missed)
    fall = _income_fall(seen, on)
    if fall:
        yield _sign("income_fell", fall)
    low = _low_days(seen, portrait, asset, on, balance_units)
    if low:
        yield _sign("low_balance", low)
    debts = [m for m in seen if m.code.startswith("debt.") and m.on >= add_months(on, -3)]
    income = portrait.income_monthly
    if debts and income and portrait.debts_monthly > DEBT_SHARE_MIN * income:
        yield _sign("debts_heavy", debts)


def _sign(name: str, shown: Sequence[Movement]) -> Sign:
    ids = tuple(m.transfer_id for m in shown[: -EVIDENCE_MAX - 1 : -1])
    return Sign(name, len(shown), shown[-1].on, ids)


def _income_fall(seen: Sequence[Movement], on: date) -> list[Movement]:
    """Return the last three months of income where they fell well below the three before.

    With no income at all in those months the last one that came is the evidence.
    """
    months = whole_months_before(on, RECENT_MONTHS)
    sums = monthly_sums(_flows(seen), ("income.",), months)
    before, after = sum(sums[:3]), sum(sums[3:])
    if before <= 0 or after > before * (1 - INCOME_FALL_MIN):
        return []
    incomes = [m for m in seen if m.code.startswith("income.") and m.on < on.replace(day=1)]
    recent = [m for m in incomes if m.on >= date(*months[3], 1)]
    return recent or incomes[-1:]


def _low_days(
    seen: Sequence[Movement], portrait: Portrait, asset: Asset, on: date, balance_units: int
) -> list[Movement]:
    """Return the movements of the last three months that left next to nothing, walking back."""
    floor = int(portrait.expenses_monthly.scaleb(asset.scale) * LOW_BALANCE_SHARE)
    balance, low = balance_units, []
    for movement in reversed(seen):
        if movement.on <= add_months(on, -3):
            break
        if movement.units < 0 and balance < floor:
            low.append(movement)
        balance -= movement.units
    return low[::-1]
