"""Payments: which row and which component each cent settles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from jiuding.kernel.products.rules.loan_cases import AllocationRule
from jiuding.kernel.products.rules.loan_rows import Row

CENT = Decimal("0.01")
_ROUNDS_PER_ROW = 100
Pay = Callable[[Row, str, str, Decimal], Decimal]
Reach = Callable[[Row], bool]

_ORDERS = {
    "PENALTIES_FEES_INTEREST_PRINCIPAL_ORDER": ("PENALTY", "FEE", "INTEREST", "PRINCIPAL"),
    "PRINCIPAL_INTEREST_PENALTIES_FEES_ORDER": ("PRINCIPAL", "INTEREST", "PENALTY", "FEE"),
    "INTEREST_PRINCIPAL_PENALTIES_FEES_ORDER": ("INTEREST", "PRINCIPAL", "PENALTY", "FEE"),
}
_DUE = {
    "DUE_PENALTY_FEE_INTEREST_PRINCIPAL_IN_ADVANCE_PRINCIPAL_PENALTY_FEE_INTEREST": (
        ("PENALTY", "FEE", "INTEREST", "PRINCIPAL"),
        ("PRINCIPAL", "PENALTY", "FEE", "INTEREST"),
    ),
    "DUE_PENALTY_INTEREST_PRINCIPAL_FEE_IN_ADVANCE_PENALTY_INTEREST_PRINCIPAL_FEE": (
        ("PENALTY", "INTEREST", "PRINCIPAL", "FEE"),
        ("PENALTY", "INTEREST", "PRINCIPAL", "FEE"),
    ),
}


def allocate(
    rows: list[Row],
    amount: Decimal,
    on: date,
    rule: AllocationRule,
    *,
    is_horizontal: bool = True,
    pay: Pay | None = None,
    reaches: Reach | None = None,
) -> Decimal:
    """Use a payment by a rule's order; return what is left over.

    Horizontal: one row after another inside past due, due and in advance; vertical: one kind of
    debt after another over all rows. `pay(row, when, what, amount)` replaces the plain paying;
    `reaches(row)` says of a row on which nothing is due whether the last row may still be it.
    """
    pay_row = pay or (lambda row, _when, what, most: row.pay(what, most, on))
    steps_of = dict.fromkeys(when for when, _ in rule.order)
    groups = (
        [tuple(step for step in rule.order if step[0] == when) for when in steps_of]
        if is_horizontal
        else [(step,) for step in rule.order]
    )
    for steps in groups:
        amount = _rounds(rows, amount, on, steps, rule.future, pay_row, reaches)
    return amount


def _rounds(
    rows: list[Row],
    amount: Decimal,
    on: date,
    steps: tuple[tuple[str, str], ...],
    future: str,
    pay: Pay,
    reaches: Reach | None,
) -> Decimal:
    for _ in range(_ROUNDS_PER_ROW * len(rows)):
        targets = _targets(rows, on, steps[0][0], future, reaches)
        if amount <= 0 or not targets or not any(row.is_open for row in rows):
            return amount
        before = amount
        for when, what in steps:
            portion = (amount / len(targets)).quantize(CENT, ROUND_HALF_EVEN)
            rest = amount - portion * len(targets)
            for row in targets:
                most = portion + rest if row is targets[-1] else portion
                amount -= pay(row, when, what, most)
        if amount == before and targets == _targets(rows, on, steps[0][0], future, reaches):
            return amount
    return amount


def _targets(rows: list[Row], on: date, when: str, future: str, reaches: Reach | None) -> list[Row]:
    still = [row for row in rows if row.is_open]
    if when == "PAST_DUE":
        return [row for row in still if row.due < on][:1]
    if when == "DUE":
        return [row for row in still if row.due == on][:1]
    ahead = [row for row in still if row.due > on]
    within = [row for row in ahead if row.start <= on]
    if future == "LAST_INSTALLMENT" or (future == "NEXT_LAST_INSTALLMENT" and not within):
        if reaches is not None:
            ahead = [row for row in rows if row.due > on and (row.is_open or reaches(row))]
        return ahead[-1:]
    if future == "NEXT_LAST_INSTALLMENT":
        return within
    return ahead if future == "REAMORTIZATION" else ahead[:1]


def allocate_in_order(rows: list[Row], amount: Decimal, on: date, strategy: str) -> Decimal:
    """Use a payment by a named strategy, the oldest row first; return what is left over."""
    due_order, early_order = _DUE.get(strategy) or ((), ())
    plain = _ORDERS.get(strategy, _ORDERS["PENALTIES_FEES_INTEREST_PRINCIPAL_ORDER"])
    for row in rows:
        order = (due_order if row.due <= on else early_order) or plain
        for what in order:
            amount -= row.pay(what, amount, on)
    return amount
