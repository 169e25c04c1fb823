"""The progressive loan: equal payments levelled again whenever money moves.

Periods are cut into spans of equal balance; levels are set so that the balance is repaid with the
last period, which takes the rest. Factors carry 19 digits, amounts two places, halves to even.

Source: worked backwards from the row tables of `data/lending`, and the published behaviour of the
progressive schedule of Apache Fineract.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from jiuding.kernel.products.rules.loan_cases import LoanCase
from jiuding.kernel.products.rules.loan_periods import PRECISION, ZERO, Period, Span, money
from jiuding.kernel.products.rules.rate_factors import rate_factor

_LEVELLINGS_MAX = 3


@dataclass(slots=True)
class Progressive:
    """A progressive loan's periods, as they stand after the events so far."""

    case: LoanCase
    periods: list[Period] = field(default_factory=list)
    overdue_until: date | None = None
    is_copy: bool = False

    @classmethod
    def begin(cls, case: LoanCase, start: date) -> Progressive:
        """Return a loan without money yet, its periods counted from the start."""
        loan = cls(case)
        previous, opened = None, start
        for number in range(1, case.count + 1):
            due = case.due_on(start, number)
            period = Period(opened, due, [Span(opened, due)], previous=previous)
            loan.periods.append(period)
            previous, opened = period, due
        return loan

    def copy(self, *, without_payments: bool = False) -> Progressive:
        """Return a copy; without payments, as if nothing had been paid back."""
        twin = Progressive(self.case, [], self.overdue_until, without_payments)
        previous = None
        for old in self.periods:
            spans = [
                Span(
                    span.start,
                    span.end,
                    span.paid_out,
                    ZERO if without_payments else span.correction,
                    span.balance,
                    span.factor,
                    span.factor_to_due,
                )
                for span in old.spans
            ]
            previous = Period(
                old.start,
                old.due,
                spans,
                old.level,
                old.first_level,
                ZERO if without_payments else old.paid_principal,
                ZERO if without_payments else old.paid_interest,
                ZERO if without_payments else old.foreseen_interest,
                old.is_foreseen_elsewhere,
                previous,
            )
            twin.periods.append(previous)
        return twin

    @property
    def total_paid_out(self) -> Decimal:
        """All money paid out."""
        return sum((period.paid_out for period in self.periods), ZERO)

    @property
    def total_paid_principal(self) -> Decimal:
        """All principal paid back."""
        return sum((period.paid_principal for period in self.periods), ZERO)

    @property
    def total_due_interest(self) -> Decimal:
        """All interest due."""
        return sum((interest for interest, _ in self.dues()), ZERO)

    def dues(self) -> list[tuple[Decimal, Decimal]]:
        """Return (interest, principal) due on each period."""
        earned, due, found = ZERO, ZERO, []
        for period in self.periods:
            earned, due = period.bear(max(ZERO, earned - due))
            found.append((due, period.principal_beside(due)))
        return found

    def period_due(self, due: date) -> Period | None:
        """Return the period that is due on this day."""
        return next((period for period in self.periods if period.due == due), None)

    def period_at(self, day: date) -> Period | None:
        """Return the period that holds this day: start exclusive, but for the very first."""
        for period in self.periods:
            is_first = period.previous is None
            if period.start < day <= period.due or (is_first and period.start == day):
                return period
        return None

    def pay_out(self, on: date, amount: Decimal) -> None:
        """Pay money out on a day and level the payments that follow."""
        case = self.case
        if not case.is_daily and not case.counts_partial_periods:
            # Interest by whole periods only: the money counts from the period's first day.
            later = (period.start for period in self.periods if period.due > on)
            on = next(later, on)
        period = self._cut(on, amount, ZERO)
        if period is None:
            return
        due = period.due
        if due == on and period is not self.periods[-1]:
            due = self.periods[self.periods.index(period) + 1].due
        with localcontext(PRECISION):
            if case.is_flat:
                self._level_flat(due)
            else:
                self._level_declining(due, on)

    def _cut(self, on: date, paid_out: Decimal, correction: Decimal) -> Period | None:
        period = self.period_at(on)
        if period is None:
            return None
        if period is self.periods[-1] and on == period.due:
            last = period.spans[-1]
            span = last if last.start == last.end else None
        else:
            span = next((each for each in period.spans if each.end == on), None)
        if span is None:
            holders = [each for each in period.spans if each.start < on <= each.end]
            span = holders[-1] if holders else period.spans[0]
            place, old_end = period.spans.index(span), span.end
            span.end = min(max(on, span.start), span.end)
            period.spans.insert(place + 1, Span(span.end, old_end))
        span.paid_out += paid_out
        span.correction += correction
        return period

    def rate(self, periods: list[Period] | None = None) -> None:
        """Work out the rate factors of these periods, by default of all."""
        for period in self.periods if periods is None else periods:
            for span in period.spans:
                ends = (span.end, period.due)
                span.factor, span.factor_to_due = (
                    rate_factor(self.case, span.start, end, period.start, period.due)
                    for end in ends
                )

    def carry(self) -> None:
        """Carry balances from span to span."""
        before: Span | None = None
        earned, due, repaid = ZERO, ZERO, ZERO
        for period in self.periods:
            for place, span in enumerate(period.spans):
                if before is not None:
                    balance = before.balance + before.paid_out + before.correction
                    span.balance = max(ZERO, balance - repaid if place == 0 else balance)
                before = span
            earned, due = period.bear(max(ZERO, earned - due))
            repaid = period.principal_beside(due) - period.paid_principal

    def _level_declining(self, due: date, on: date) -> None:
        related = [period for period in self.periods if period.due >= due]
        is_first = self.is_copy or all(not period.level for period in self.periods)
        self.rate(related)
        self.carry()
        if is_first:
            self._set_level(related)
        elif related:
            twin = self.copy(without_payments=True)
            twin.pay_out(on, ZERO)
            for mine, other in zip(self.periods, twin.periods, strict=True):
                if mine.due >= due:
                    mine.level, mine.first_level = other.level, other.first_level
        self.carry()
        self.settle_last(due)
        if is_first and related:
            self._smooth(related)

    def _set_level(self, related: list[Period]) -> None:
        """Level the balance over periods: P x prod(1+r) / sum of later products."""
        if not related:
            return
        first = related[0]
        balance = first.paid_out
        if first.previous is not None:
            balance += first.previous.closing_balance
        growth, sums = Decimal(1), Decimal(1)
        for place, period in enumerate(related):
            factor = 1 + sum((span.factor for span in period.spans), ZERO)
            growth *= factor
            if place:
                sums = 1 + sums * factor
        level = self._in_multiples(money(growth * balance / sums))
        for period in related:
            if level >= period.paid:
                period.level = period.first_level = level

    def _in_multiples(self, level: Decimal) -> Decimal:
        multiple = self.case.multiple_of
        if not multiple:
            return level
        rounded = (level / multiple).quantize(Decimal(1), ROUND_HALF_EVEN) * multiple
        return rounded if rounded or not level else level

    def settle_last(self, day: date) -> None:
        """Let the last open period take what levels leave over, until all that is owed is due."""
        owed = max(ZERO, self.total_paid_out - self.total_paid_principal)
        for period, (_, principal) in zip(self.periods, self.dues(), strict=True):
            excess = principal - period.paid_principal - owed
            if excess > 0:
                period.level = max(period.level - excess, period.paid)
        open_periods = [period for period in self.periods if not period.is_settled]
        if not open_periods and not self.total_paid_principal:
            last = self.periods[-1]
            open_periods = [last] if last.spans and last.closing_balance > 0 else []
        if not open_periods:
            return
        last = open_periods[-1]
        last.foreseen_interest = ZERO
        for period in self.periods:
            period.is_foreseen_elsewhere = False
        levels = sum((period.full_level for period in self.periods), ZERO)
        last.level += self.total_paid_out + self.total_due_interest - levels
        if last.level < last.paid:
            last.level = last.paid
            if len(open_periods) > 1 or not last.is_settled:
                self.settle_last(day)
        self.foresee(last, day)

    def foresee(self, target: Period, day: date) -> None:
        """Move interest that later periods cannot hold to the last open period."""
        if target is self.periods[-1]:
            return
        twin = self.copy()
        twin._rate_until(day)
        for mine, period in zip(reversed(self.periods), reversed(twin.periods), strict=True):
            if mine.due > target.due and period.unfitted_interest > 0:
                target.foreseen_interest = period.unfitted_interest
                for later in self.periods:
                    if later.due > target.due:
                        later.is_foreseen_elsewhere = True
                return

    def _rate_until(self, day: date) -> None:
        """Rate the periods as if interest stopped after this day."""
        period = self.period_at(day)
        span = period.span_at(day) if period else None
        if span is not None:
            span.end = day
        self.rate()
        for each in self.periods:
            for span in each.spans:
                if day < span.end:
                    span.factor = span.factor_to_due = ZERO

    def _gap(self, periods: list[Period]) -> tuple[Decimal, Decimal, int]:
        """Return the level before the last, how far the last is from it, and how many count."""
        for last in range(len(periods) - 1, 0, -1):
            end, before = periods[last], periods[last - 1]
            if not end.is_settled and not before.is_settled:
                skipped = sum(before.level < period.paid for period in periods)
                return before.level, end.level - before.level, len(periods) - skipped
        return periods[0].level, ZERO, len(periods)

    def _smooth(self, related: list[Period]) -> None:
        """Shift the level by the last row's difference over the rows while the last gets closer.

        Only when the difference is over half a cent a row. Source: `Loan schedule examples`.
        """
        for _ in range(_LEVELLINGS_MAX):
            level, gap, counted = self._gap(related)
            half = len(related) // 2
            if half == 0 or abs(gap) * 100 <= half:
                return
            shifted = self._in_multiples(level + money(gap / max(1, counted)))
            if shifted == level:
                return
            twin = self.copy()
            chosen = [each for each in twin.periods if each.start >= related[0].start]
            for period in chosen:
                if shifted >= period.paid:
                    period.level = period.first_level = shifted
            twin.carry()
            twin.settle_last(related[0].due)
            if abs(twin._gap(twin.periods)[1]) >= abs(gap):
                return
            for mine, other in zip(related, chosen, strict=True):
                mine.level = mine.first_level = other.level
            self.carry()

    def _level_flat(self, due: date) -> None:
        """Spread interest on the money paid out, and principal, evenly over the periods."""
        related = [period for period in self.periods if period.due >= due]
        self.rate(related)
        if not related:
            return
        self._carry_flat()
        interest = ZERO
        for period in related:
            period.level = ZERO
            earned = period.interest()[0]
            period.level = earned
            interest += earned
        first = related[0]
        repaid = ZERO
        for period, (_, principal) in zip(self.periods, self.dues(), strict=True):
            repaid += principal if period.due < first.due else ZERO
        total = self.total_paid_out + interest - repaid
        level = self._in_multiples(money(total / len(related)))
        for period in related:
            rest = total - level * (len(related) - 1) if period is related[-1] else level
            period.level = period.first_level = max(rest, period.paid)
        self._carry_flat()

    def _carry_flat(self) -> None:
        """Set balances to the money paid out before: flat interest ignores paying back."""
        out = ZERO
        for period in self.periods:
            for span in period.spans:
                span.balance = out
                out += span.paid_out

    def correct(self, on: date, amount: Decimal) -> None:
        """Change the balance that earns interest from a day on."""
        period = self._cut(on, ZERO, amount)
        if period is not None:
            with localcontext(PRECISION):
                self.rate([period])
                self.carry()
                self.settle_last(on)

    def pay_principal(self, due: date, on: date, amount: Decimal) -> None:
        """Pay principal of the period due on a day."""
        period = self.period_due(due)
        if not amount or period is None:
            return
        room = self.total_paid_out - self.total_paid_principal
        period.paid_principal += min(amount, room)
        day = min(due, on)
        self.correct(day, -amount)
        several_open = sum(not each.is_settled for each in self.periods) > 1
        is_whole = period.paid > period.full_level or period.paid == period.first_level
        if several_open and on < period.start and is_whole:
            period.level = period.paid
        with localcontext(PRECISION):
            self.settle_last(day)

    def pay_interest(self, due: date, on: date, amount: Decimal) -> None:
        """Pay interest of the period due on a day."""
        period = self.period_due(due)
        if period is None:
            return
        with localcontext(PRECISION):
            still = [each for each in self.periods if not each.is_settled]
            if still and still[-1] is period and on >= period.due:
                self.foresee(period, on)
            paid = sum((each.paid_interest for each in self.periods), ZERO)
            period.paid_interest += max(ZERO, min(amount, self.total_due_interest - paid))
            self.carry()
            self.settle_last(on)

    def amounts_due(self, due: date, on: date) -> tuple[Decimal, Decimal]:
        """Return the principal and interest of a period if it were paid on this day."""
        with localcontext(PRECISION):
            twin = self._until(on)
            period = twin.period_due(due)
            if period is None:
                return ZERO, ZERO
            open_count = sum(not each.is_settled for each in twin.periods)
            owed = max(ZERO, twin.total_paid_out - twin.total_paid_principal)
            if on <= period.start:
                if open_count > 1:
                    period.level = period.first_level
                    period.level -= max(ZERO, period.owed_principal - owed)
                elif period.is_settled and open_count == 1:
                    rest = owed + period.paid_principal + period.due_interest
                    period.level = min(period.first_level, rest)
            return period.due_principal, period.due_interest

    def interest_until(self, on: date) -> Decimal:
        """Return the interest of all periods if interest stopped on this day."""
        with localcontext(PRECISION):
            return self._until(on).total_due_interest

    def _until(self, on: date) -> Progressive:
        """Return a copy in which interest stops on this day."""
        twin = self.copy()
        if on < twin.periods[0].start or on >= twin.periods[-1].due:
            if on < twin.periods[0].start:
                for period in twin.periods:
                    for span in period.spans:
                        span.factor = span.factor_to_due = ZERO
            return twin
        holder = twin.period_at(on)
        for period in twin.periods:
            if period.due <= on:
                continue
            if period is holder:
                span = period.span_at(on)
                if span is not None:
                    span.end = on
                    del period.spans[period.spans.index(span) + 1 :]
            else:
                for span in period.spans:
                    span.end = span.start
        twin.rate()
        twin.carry()
        twin.settle_last(on)
        return twin

    def fall_behind(self, day: date) -> bool:
        """Let principal that was not paid when due go on earning interest up to this day."""
        day = min(day, self.periods[-1].due)
        overdue = [period for period in self.periods if period.due < day]
        if not overdue:
            return False
        changed, owed, total = False, ZERO, ZERO
        for period in overdue:
            if owed:
                changed |= self._fall_behind_in(period, day, owed, total)
            owed = period.owed_principal
            total += owed
        current = self.period_at(day) or self.periods[-1]
        changed |= self._fall_behind_in(current, day, owed, total)
        if total > 0 and (self.overdue_until is None or self.overdue_until < day):
            self.overdue_until = day
        return changed

    def _fall_behind_in(self, period: Period, day: date, owed: Decimal, total: Decimal) -> bool:
        if day == self.overdue_until:
            return False
        if self.overdue_until is None or period.start > self.overdue_until:
            self.correct(period.start, owed)
        else:
            self.correct(self.overdue_until, owed)
        if period.start < day <= period.due:
            self.correct(day, -total)
            self.overdue_until = day
        return True
