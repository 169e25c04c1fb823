"""Replay a loan case: its events in order, its rows as they stand at the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from jiuding.kernel.products.errors import BadScheduleCase
from jiuding.kernel.products.rules.allocation import allocate, allocate_in_order
from jiuding.kernel.products.rules.cumulative import cumulative_rows
from jiuding.kernel.products.rules.loan_cases import AllocationRule, CaseEvent, LoanCase
from jiuding.kernel.products.rules.loan_periods import ZERO, money
from jiuding.kernel.products.rules.loan_rows import Row, table
from jiuding.kernel.products.rules.progressive import Progressive

_PAYMENTS = {
    "repayment": "REPAYMENT",
    "merchant_issued_refund": "MERCHANT_ISSUED_REFUND",
    "payout_refund": "PAYOUT_REFUND",
    "goodwill_credit": "GOODWILL_CREDIT",
    "interest_payment_waiver": "INTEREST_PAYMENT_WAIVER",
}
_REFUNDS = ("merchant_issued_refund", "payout_refund")
_PENALTY_WORDS = ("NSF", "LATE", "PENALTY", "OVERDUE")


def rows_of(case: LoanCase) -> list[dict[str, Any]]:
    """Return the printed rows of a case, as the examples print them."""
    return _Replay(case).run()


class _Replay:
    """The state of one case while its events pass."""

    def __init__(self, case: LoanCase) -> None:
        self.case = case
        self.paid_out: list[tuple[date, Decimal]] = []
        self.lent: list[tuple[date, Decimal]] = []  # paid out less what is paid down at once
        self.rows: list[Row] = []
        self.model: Progressive | None = None
        self.charges: list[CaseEvent] = []
        self.refunds: list[CaseEvent] = []
        self.given_back = ZERO
        self.overpaid: list[tuple[date, Decimal]] = []
        self.received: list[tuple[date, Decimal]] = []

    def run(self, until: date | None = None) -> list[dict[str, Any]]:
        """Let the events pass, in order of their days, and return the printed rows."""
        events = [event for event in self.case.events if event.kind not in ("approve", "cob")]
        self.charges = [event for event in events if event.kind == "charge"]
        passing = sorted((e for e in events if e.kind != "charge"), key=lambda event: event.on)
        if not any(event.kind == "disburse" for event in passing):
            approved = [event for event in self.case.events if event.kind == "approve"]
            amount = approved[-1].amount if approved else ZERO
            day = self.case.expected_on or self.case.submitted_on
            self._pay_out(day, amount or self.case.principal, is_expected=True)
            return self._printed(is_paid_out=False)
        for event in passing:
            if event.kind == "disburse":
                self._behind(event.on)
                self._pay_out(event.on, event.amount)
            elif event.kind in _PAYMENTS:
                self._behind(event.on)
                self._pay(event)
        self._behind(until or max(event.known_on for event in self.case.events))
        return self._printed(is_paid_out=True)

    def _printed(self, *, is_paid_out: bool) -> list[dict[str, Any]]:
        return table(
            self.rows,
            self.paid_out,
            is_paid_out=is_paid_out,
            money_first=not self.case.is_progressive,
        )

    # Money out ------------------------------------------------------------------------------

    def _pay_out(self, on: date, amount: Decimal, *, is_expected: bool = False) -> None:
        if self.paid_out and on > self.case.due_on(self.paid_out[0][0], self.case.count):
            raise BadScheduleCase("money is paid out after the last row is due")
        self.paid_out.append((on, amount))
        down = ZERO
        if self.case.down_payment is not None:
            down = money(amount * self.case.down_payment)
            if self.case.multiple_of:
                steps = (down / self.case.multiple_of).quantize(Decimal(1))
                down = steps * self.case.multiple_of
        self.lent.append((on, amount - down))
        if self.case.is_progressive:
            self._level(on, amount - down)
        else:
            self._rebuild()
        if down:
            place = sum(
                (row.due <= on and row.is_down_payment) or row.due < on for row in self.rows
            )
            self.rows.insert(place, Row(on, on, down, is_down_payment=True))
        self._charge()
        for day, received in self.received:
            allocate_in_order(self.rows, received, day, self.case.strategy)
        if down and self.case.pays_down_at_once and not is_expected:
            rule = self.case.allocation("DOWN_PAYMENT")
            self._allocate(down, on, rule)
        self._use_overpaid()

    def _level(self, on: date, amount: Decimal) -> None:
        if not self.case.annual_rate:
            self._spread(on, amount)
            return
        if self.model is None:
            self.model = Progressive.begin(self.case, on)
            self.rows += [Row(period.start, period.due) for period in self.model.periods]
        self.model.pay_out(on, amount)
        self._take_model()

    def _spread(self, on: date, amount: Decimal) -> None:
        """Spread money without interest evenly over the rows ahead; the last takes the rest."""
        if not any(not row.is_down_payment for row in self.rows):
            start = on
            for number in range(1, self.case.count + 1):
                due = self.case.due_on(on, number)
                self.rows.append(Row(start, due))
                start = due
        normal = [row for row in self.rows if not row.is_down_payment and not row.is_extra]
        ahead = [row for row in normal if row.due > on] or normal[-1:]
        part = amount / len(ahead)
        multiple = self.case.multiple_of
        part = (part / multiple).quantize(Decimal(1)) * multiple if multiple else money(part)
        for row in ahead:
            row.principal += amount - part * (len(ahead) - 1) if row is ahead[-1] else part
            row.reopen()

    def _rebuild(self) -> None:
        downs = [row for row in self.rows if row.is_down_payment]
        for row in downs:
            row.forget_payments()
        fresh = cumulative_rows(self.case, self.paid_out[0][0], self.lent)
        self.rows = sorted([*downs, *fresh], key=lambda row: (row.due, not row.is_down_payment))

    def _take_model(self, on: date | None = None) -> None:
        """Bring principal and interest of the model into the rows."""
        if self.model is None:
            return
        by_due = {period.due: period for period in self.model.periods}
        for row in self.rows:
            if row.is_down_payment or row.is_extra or row.due not in by_due:
                continue
            period = by_due[row.due]
            row.principal, row.interest = period.due_principal, period.due_interest
            if on is not None:
                row.settle(on)
            row.reopen()

    # Charges ----------------------------------------------------------------------------------

    def _charge(self) -> None:
        normal = [row for row in self.rows if not row.is_down_payment and not row.is_extra]
        for row in self.rows:
            row.fee = row.penalty = ZERO
        for event in self.charges:
            last = normal[-1]
            if event.on > last.due:
                self._extra_row(last, event.on)
                target = self.rows[-1]
            else:
                target = next(row for row in normal if event.on <= row.due)
            if any(word in event.charge.upper() for word in _PENALTY_WORDS):
                target.penalty += event.amount
            else:
                target.fee += event.amount

    def _extra_row(self, last: Row, due: date) -> None:
        """A charge after maturity is due on a row of its own."""
        if not self.rows[-1].is_extra:
            self.rows.append(Row(last.due, due, is_extra=True))
        self.rows[-1].due = max(self.rows[-1].due, due)

    # Money in -----------------------------------------------------------------------------------

    def _pay(self, event: CaseEvent) -> None:
        rule = self.case.allocation(_PAYMENTS[event.kind])
        if not self.case.is_progressive:
            self.received.append((event.on, event.amount))
            allocate_in_order(self.rows, event.amount, event.on, self.case.strategy)
            return
        self._receive(event.amount, event.on, rule)
        if event.kind in _REFUNDS and self.case.refunds_interest:
            interest = self._interest_refund(event)
            self._receive(interest, event.on, self.case.allocation("INTEREST_REFUND"))

    def _receive(self, amount: Decimal, on: date, rule: AllocationRule) -> None:
        """Use a payment; what is too much waits for money that is paid out later."""
        left = self._allocate(amount, on, rule)
        if left > 0:
            self.overpaid.append((on, left))

    def _use_overpaid(self) -> None:
        waiting, self.overpaid = self.overpaid, []
        for on, amount in waiting:
            self._receive(amount, on, self.case.allocation("DEFAULT"))

    def _allocate(self, amount: Decimal, on: date, rule: AllocationRule) -> Decimal:
        pay = reaches = None
        if self.model is not None and self.case.recalculates:
            skipped: list[Row] = []
            pay = self._recalculating(on, skipped)

            def reaches(row: Row) -> bool:
                return not row.total and not any(row is each for each in skipped)

        return allocate(
            self.rows,
            amount,
            on,
            rule,
            is_horizontal=self.case.is_horizontal,
            pay=pay,
            reaches=reaches,
        )

    def _recalculating(self, on: date, skipped: list[Row]):
        """Return the paying of a loan whose interest follows what was really paid."""
        model = self.model

        def pay(row: Row, when: str, what: str, most: Decimal) -> Decimal:
            if row.is_down_payment or row.is_extra:
                skipped.append(row)
                return row.pay(what, most, on)
            if when == "IN_ADVANCE":
                principal, interest = model.amounts_due(row.due, on)
                if not principal and not interest:
                    skipped.append(row)
                if what == "INTEREST":
                    row.interest = interest
                elif what == "PRINCIPAL":
                    row.principal = principal
            if what == "PRINCIPAL":
                most = min(most, model.total_paid_out - model.total_paid_principal)
            used = row.pay(what, most, on)
            if what == "PRINCIPAL":
                model.pay_principal(row.due, on, used)
                self._take_model(on)
            elif what == "INTEREST":
                model.pay_interest(row.due, on, used)
                self._take_model(on)
            return used

        return pay

    def _behind(self, day: date) -> None:
        if self.model is not None and self.case.recalculates and self.model.fall_behind(day):
            self._take_model()

    def _interest_refund(self, event: CaseEvent) -> Decimal:
        """Return the interest that a refund gives back.

        It is what was earned to this day less what would have been earned had all refunds so far
        come on the day of the first payment out, less what was given back before.
        """
        if self.model is None:
            return ZERO
        first = self.paid_out[0][0]
        self.refunds.append(event)
        others = [
            each
            for each in self.case.events
            if each.kind not in _REFUNDS and each.kind != "charge" and each.on <= event.on
        ]
        moved = [replace(each, on=first, known_on=first) for each in self.refunds]
        outs = [each for each in others if each.kind == "disburse" and each.on == first]
        rest = [each for each in others if each not in outs]
        twin = _Replay(replace(self.case, events=(*outs, *moved, *rest), refunds_interest=False))
        twin.run(until=event.on)
        earned = self.model.interest_until(event.on)
        kept = twin.model.interest_until(event.on) if twin.model is not None else ZERO
        given = max(ZERO, earned - kept - self.given_back)
        self.given_back += given
        return given
