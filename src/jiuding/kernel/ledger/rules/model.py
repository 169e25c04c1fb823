"""The reference model: the ledger's rules in plain Python, without speed and without a database.

It is the oracle that tests compare the posting function with, outcome by outcome and balance by
balance, and the shortest full statement of what the ledger does. Numbers are result codes: 0
posted, 1 exists, others a `Refusal`.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from jiuding.base.amounts import UNITS_MAX
from jiuding.kernel.ledger.rules import marking
from jiuding.kernel.ledger.types import (
    Account,
    AccountClass,
    Capture,
    HoldStatus,
    Instruction,
    Limits,
    Mark,
    NewHold,
    NewTransfer,
    Refusal,
    Status,
    Void,
)

POSTED, EXISTS = 0, 1
_OUT = (AccountClass.LIABILITY, AccountClass.EQUITY, AccountClass.INCOME)


@dataclass
class State:
    """One account and the sums of its postings and open holds, in units."""

    account: Account
    debits: int = 0
    credits: int = 0
    debits_held: int = 0
    credits_held: int = 0
    posting_count: int = 0
    outflows: list[tuple[date, int]] = field(default_factory=list)
    marked: dict[str, int] = field(default_factory=dict)

    def room_out(self, is_debit: bool) -> int | None:
        """Return what may still leave by this side; None when it is an inflow or unlimited."""
        grows = is_debit == self.account.account_class.is_debit_normal
        least = self.account.limits.overdraft_max
        if grows or least is None:
            return None
        held = self.debits_held if is_debit else self.credits_held
        return self.balance - held + least.units

    def room_in(self, is_debit: bool) -> int | None:
        """Return what may still come in by this side; None when it is an outflow or unlimited."""
        grows = is_debit == self.account.account_class.is_debit_normal
        most = self.account.limits.balance_max
        if not grows or most is None:
            return None
        held = self.debits_held if is_debit else self.credits_held
        return most.units - self.balance - held

    @property
    def balance(self) -> int:
        """The balance on the account's normal side."""
        units = self.debits - self.credits
        return units if self.account.account_class.is_debit_normal else -units


@dataclass
class HeldState:
    """A hold and what is left of it."""

    item: NewHold
    left: int
    status: HoldStatus = HoldStatus.OPEN


@dataclass
class Carried:
    """Which marks a transfer's units carry, and how many of them stayed where they arrived."""

    units: dict[str, int]
    taken: dict[str, int]
    kept: dict[str, int] = field(default_factory=dict)


@dataclass
class Model:
    """A whole ledger of one bank."""

    accounts: dict[str, State] = field(default_factory=dict)
    transfers: dict[str, tuple[Instruction, int]] = field(default_factory=dict)
    holds: dict[str, HeldState] = field(default_factory=dict)
    refusals: dict[str, tuple[tuple, int]] = field(default_factory=dict)
    reversed_ids: set[str] = field(default_factory=set)
    marks: dict[str, Mark] = field(default_factory=dict)
    carried: dict[str, Carried] = field(default_factory=dict)

    def post(self, items: Sequence[Instruction], now: datetime) -> list[int]:
        """Post a batch and return one result code per item."""
        known = [self._known(item) for item in items]
        firsts: dict[str, int] = {}
        for place, item in enumerate(items):
            if not isinstance(item, Void):
                firsts.setdefault(_id(item), place)
        results: list[int] = []
        while len(results) < len(items):
            self._post_group(items, known, firsts, results, now)
        for place, item in enumerate(items):
            is_first = not isinstance(item, Void) and firsts[_id(item)] == place
            if is_first and known[place] is None and results[place] > EXISTS:
                self.refusals[_id(item)] = (_content(item), results[place])
        return results

    def _post_group(
        self,
        items: Sequence[Instruction],
        known: Sequence[int | None],
        firsts: dict[str, int],
        results: list[int],
        now: datetime,
    ) -> None:
        """Post the next item, or the next linked run and the item after it."""
        start = end = len(results)
        while items[end].is_linked and end + 1 < len(items):
            end += 1
        is_open, is_group = items[end].is_linked, items[start].is_linked
        before = copy.deepcopy(self.__dict__) if is_group else {}
        is_failed = False

        def fail() -> None:
            self.__dict__.update(before)
            for place in range(start, len(results)):
                if results[place] == POSTED:
                    results[place] = int(Refusal.LINKED_FAILED)

        for place in range(start, end + 1):
            code = known[place]
            if code is None:
                code = self._repeated(items, place, firsts, results)
            if code is None:
                code = Refusal.LINKED_FAILED if is_failed else self._decide(items[place], now)
            results.append(int(code))
            if is_group and not is_failed and code > EXISTS:
                is_failed = True
                fail()
        codes = results[start:]
        if is_group and not is_failed:
            if is_open or (EXISTS in codes and POSTED in codes):
                is_failed = True
                fail()
            if is_open:
                results[end] = int(Refusal.GROUP_OPEN)
        if is_failed:
            for place in range(start, end + 1):
                if results[place] == EXISTS:
                    results[place] = int(Refusal.ID_REUSED)

    def _known(self, item: Instruction) -> int | None:
        """Return what the id already stands for, or None."""
        if isinstance(item, Void):
            return None
        identity = _id(item)
        if isinstance(item, NewHold):
            if identity in self.holds:
                same = _content(self.holds[identity].item) == _content(item)
                return EXISTS if same else Refusal.ID_REUSED
        elif identity in self.transfers:
            first, units = self.transfers[identity]
            return EXISTS if _posted_same(first, units, item) else Refusal.ID_REUSED
        if identity in self.refusals:
            content, code = self.refusals[identity]
            return code if content == _content(item) else Refusal.ID_REUSED
        return None

    @staticmethod
    def _repeated(
        items: Sequence[Instruction], place: int, firsts: dict[str, int], results: Sequence[int]
    ) -> int | None:
        """Return what an earlier item of the batch with this id came to, or None."""
        if isinstance(items[place], Void):
            return None
        first = firsts[_id(items[place])]
        if first == place:
            return None
        if _content(items[first]) != _content(items[place]):
            return Refusal.ID_REUSED
        return results[first] or EXISTS

    def _decide(self, item: Instruction, now: datetime) -> int:
        """Refuse an item, or post it."""
        units = None if isinstance(item, Void) or item.amount is None else item.amount.units
        debit_id, credit_id = getattr(item, "debit_id", None), getattr(item, "credit_id", None)
        if isinstance(item, (Capture, Void)):
            code = self._hold_refusal(item, units, now)
            if code is not None:
                return code
            hold = self.holds[item.hold_id]
            debit_id, credit_id = hold.item.debit_id, hold.item.credit_id
            units = hold.left if units is None else units
        if units <= 0:
            return Refusal.AMOUNT_NOT_POSITIVE
        if debit_id == credit_id:
            return Refusal.SAME_ACCOUNT
        if debit_id not in self.accounts or credit_id not in self.accounts:
            return Refusal.ACCOUNT_NOT_FOUND
        debit, credit = self.accounts[debit_id], self.accounts[credit_id]
        code = self._account_refusal(item, units, debit, credit)
        if code is not None:
            return code
        if not isinstance(item, Void):
            marks = self._marks_of(item, units, debit)
            code = self._mark_refusal(item, marks, credit.account.use)
            if code is not None:
                return code
            if not isinstance(item, NewHold):
                self._carry(item.transfer_id, marks, units, debit, credit)
        self._apply(item, units, debit, credit)
        return POSTED

    def _marks_of(self, item: Instruction, units: int, debit: State) -> Carried:
        """Return which marks would go with an item."""
        first_id = getattr(item, "reverses_id", None)
        first = Carried({}, {}) if first_id is None else self.carried.get(first_id, Carried({}, {}))
        if first_id is not None and not debit.account.is_traced:
            carried, taken = {mark_id: first.units[mark_id] for mark_id in sorted(first.units)}, {}
        else:
            if first_id is None or not debit.marked:
                taken = marking.carried(debit.marked, debit.balance, units)
            else:
                taken = marking.brought_back(debit.marked, debit.balance, units, first.kept)
            carried = {mark_id: moved for mark_id, moved in sorted(taken.items()) if moved}
        mark_id = getattr(item, "mark_id", None)
        if mark_id is not None:
            carried[mark_id] = carried.get(mark_id, 0) + units - sum(carried.values())
        return Carried(carried, taken)

    def _mark_refusal(self, item: Instruction, marks: Carried, use: str | None) -> int | None:
        mark_id = getattr(item, "mark_id", None)
        if mark_id is not None and mark_id not in self.marks:
            return Refusal.MARK_NOT_FOUND
        for carried_id, units in marks.units.items():
            if units and use is not None and use in self.marks[carried_id].forbidden_uses:
                return Refusal.FORBIDDEN_USE
        return None

    def _carry(
        self, transfer_id: str, marks: Carried, units: int, debit: State, credit: State
    ) -> None:
        for mark_id, moved in marks.taken.items():
            debit.marked[mark_id] -= moved
        if credit.account.is_traced:
            room = max(credit.balance + units, 0) - sum(credit.marked.values())
            marks.kept = marking.keep(marks.units, room)
        for mark_id, moved in marks.kept.items():
            credit.marked[mark_id] = credit.marked.get(mark_id, 0) + moved
        for state in (debit, credit):
            state.marked = {mark_id: held for mark_id, held in state.marked.items() if held}
        if marks.units:
            self.carried[transfer_id] = marks

    def _hold_refusal(self, item: Capture | Void, units: int | None, now: datetime) -> int | None:
        hold = self.holds.get(item.hold_id)
        if hold is None:
            return Refusal.HOLD_NOT_FOUND
        if hold.status is HoldStatus.CAPTURED:
            return Refusal.HOLD_CAPTURED
        is_void = isinstance(item, Void)
        if hold.status is HoldStatus.VOIDED:
            return EXISTS if is_void and not item.is_expiry else Refusal.HOLD_VOIDED
        if hold.status is HoldStatus.EXPIRED:
            return EXISTS if is_void and item.is_expiry else Refusal.HOLD_EXPIRED
        expires_at = hold.item.expires_at
        is_past = expires_at is not None and expires_at <= now
        if is_void:
            return Refusal.HOLD_NOT_EXPIRED if item.is_expiry and not is_past else None
        if is_past:
            return Refusal.HOLD_EXPIRED
        return Refusal.HOLD_EXCEEDED if units is not None and units > hold.left else None

    def _account_refusal(
        self, item: Instruction, units: int, debit: State, credit: State
    ) -> int | None:
        sides = (debit.account, credit.account)
        amount = None if isinstance(item, Void) else item.amount
        if amount is not None and any(account.asset != amount.asset for account in sides):
            return Refusal.ASSET_MISMATCH
        if isinstance(item, Void):
            return None
        if Status.CLOSED in (sides[0].status, sides[1].status):
            return Refusal.ACCOUNT_CLOSED
        for account, is_debit in zip(sides, (True, False), strict=True):
            leaves = account.account_class.is_debit_normal != is_debit
            if account.status is Status.FROZEN or (
                account.status is Status.OUTFLOW_FROZEN and leaves
            ):
                return Refusal.ACCOUNT_FROZEN
        if isinstance(item, NewTransfer) and item.reverses_id is not None:
            code = self._reversal_refusal(item)
            if code is not None:
                return code
        return (
            None if isinstance(item, Capture) else self._limit_refusal(item, units, debit, credit)
        )

    def _reversal_refusal(self, item: NewTransfer) -> int | None:
        if item.reverses_id in self.reversed_ids:
            return Refusal.ALREADY_REVERSED
        if item.reverses_id not in self.transfers:
            return Refusal.TRANSFER_NOT_FOUND
        first, units = self.transfers[item.reverses_id]
        if isinstance(first, Capture):
            first = self.holds[first.hold_id].item
        turned = (first.credit_id, first.debit_id, units)
        same = turned == (item.debit_id, item.credit_id, item.amount.units)
        return None if same else Refusal.REVERSAL_MISMATCH

    @staticmethod
    def _limit_refusal(
        item: NewTransfer | NewHold, units: int, debit: State, credit: State
    ) -> int | None:
        if debit.debits + debit.debits_held + units > UNITS_MAX:
            return Refusal.OVERFLOW
        if credit.credits + credit.credits_held + units > UNITS_MAX:
            return Refusal.OVERFLOW
        for state, is_debit in ((debit, True), (credit, False)):
            room = state.room_out(is_debit)
            if room is not None and units > room:
                has_credit = state.account.limits.overdraft_max.units > 0
                return Refusal.CREDIT_LIMIT if has_credit else Refusal.INSUFFICIENT_FUNDS
            room = state.room_in(is_debit)
            if room is not None and units > room:
                return Refusal.BALANCE_MAX
        return _outflow_refusal(debit, debit.account.limits, units, item.effective_on)

    def _apply(self, item: Instruction, units: int, debit: State, credit: State) -> None:
        held = 0
        if isinstance(item, NewHold):
            held = units
            self.holds[item.hold_id] = HeldState(item, units)
        elif isinstance(item, (Capture, Void)):
            hold = self.holds[item.hold_id]
            gives_back = isinstance(item, Void) or item.is_final
            held = -hold.left if gives_back else -units
            hold.left += held
            if isinstance(item, Void):
                hold.status = HoldStatus.EXPIRED if item.is_expiry else HoldStatus.VOIDED
                debit.outflows.append((hold.item.effective_on, held))
            elif hold.left == 0:
                hold.status = HoldStatus.CAPTURED
        debit.debits_held += held
        credit.credits_held += held
        if isinstance(item, (NewTransfer, NewHold)):
            debit.outflows.append((item.effective_on, units))
        if isinstance(item, (NewTransfer, Capture)):
            debit.debits += units
            credit.credits += units
            debit.posting_count += 1
            credit.posting_count += 1
            self.transfers[item.transfer_id] = (item, units)
        if isinstance(item, NewTransfer) and item.reverses_id is not None:
            self.reversed_ids.add(item.reverses_id)


def _outflow_refusal(debit: State, limits: Limits, units: int, on: date) -> int | None:
    if debit.account.account_class not in _OUT:
        return None
    by_day = sum(moved for day, moved in debit.outflows if day == on)
    by_year = sum(moved for day, moved in debit.outflows if day.year == on.year)
    if limits.outflow_per_day_max and by_day + units > limits.outflow_per_day_max.units:
        return Refusal.OUTFLOW_PER_DAY_MAX
    if limits.outflow_per_year_max and by_year + units > limits.outflow_per_year_max.units:
        return Refusal.OUTFLOW_PER_YEAR_MAX
    return None


def _id(item: Instruction) -> str:
    return item.transfer_id if isinstance(item, (NewTransfer, Capture)) else item.hold_id


def _content(item: Instruction) -> tuple:
    values = (getattr(item, name) for name in type(item).__slots__ if name != "is_linked")
    return (type(item).__name__, *values)


def _posted_same(first: Instruction, units: int, item: Instruction) -> bool:
    """Return whether an item says again what was posted; "all of it" says the amount it came to."""
    if type(first) is not type(item):
        return False
    names = {name for name in type(item).__slots__ if name not in ("is_linked", "is_final")}
    if isinstance(item, Capture):
        names.remove("amount")
        if item.amount is not None and item.amount.units != units:
            return False
    return all(getattr(first, name) == getattr(item, name) for name in names)
