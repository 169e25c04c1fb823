"""Judge payments by a policy and post them on the real ledger, which has the last word.

What the policy sees comes from the ledger's provenance: how much of a payment is lent money, and
where earlier parts of the same loan went. What is let through is posted at once; the ledger's own
refusal of marked money at a forbidden use is told as a decline.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jiuding.base.amounts import Amount, Asset
from jiuding.base.database.engine import Session
from jiuding.base.ids import new_id
from jiuding.kernel import decisions, ledger
from jiuding.services.abuse.errors import GateNotFound
from jiuding.services.abuse.types import Result

GATE = "loan_use"
DAY = 86_400_000_000
WINDOW = 60 * DAY
FORBIDDEN = ("home_deposit", "securities")
_ALLOWED = (Result.PASSED, Result.PROVED)
# Which account of the books a payee has, by its kind; elsewhere money leaves by the clearing.
_TERMS: dict[str, dict[str, Any]] = {
    "person": {"kind": "customer_deposit"},
    "merchant": {"kind": "merchant_settlement"},
    "securities": {"kind": "customer_deposit", "use": "securities"},
    "home_deposit": {"kind": "customer_deposit", "use": "home_deposit"},
}


@dataclass(slots=True)
class Lent:
    """A loan as the desk follows it: who borrowed, for what, how much, and what left the books."""

    borrower: str
    purpose: str
    units: int
    to_self: int = 0
    to_people: int = 0


class BooksDesk:
    """Judges and posts payments of one bank, in the order in which they come."""

    def __init__(
        self, session: Session, *, bank_id: str, asset: Asset, now: datetime,
        policy: decisions.Policy | None = None,
    ) -> None:  # fmt: skip
        self.session, self.bank_id, self.asset, self.now = session, bank_id, asset, now
        self.policy = policy or decisions.load_policy(GATE)
        self.accounts: dict[str, str] = {}
        self.loans: dict[str, Lent] = {}
        self.posted: dict[str, str] = {}
        self.done: set[str] = set()
        self.circle: dict[str, set[str]] = defaultdict(set)
        # Of each shop: what it took (instant, payer, units, lent units) and paid to people.
        self.took: dict[str, list[tuple[int, str, int, int]]] = defaultdict(list)
        self.paid: dict[str, list[tuple[int, str, int]]] = defaultdict(list)
        self.refused_by_ledger = 0

    def judge(
        self, act_id: str, gate: str, at: int, values: Mapping[str, str | int]
    ) -> decisions.Verdict:
        """Judge a payment by what the ledger knows of its money; post it where it may.

        Refuses: GateNotFound.
        """
        if gate != GATE:
            raise GateNotFound(f"there is no gate {gate[:40]!r} here", gate=gate[:40])
        carried = self._carried(values)
        event = {f"event.{name}": value for name, value in self._seen(at, values, carried).items()}
        inputs = decisions.read_inputs(self.policy, event=event, features={}, lists={})
        verdict = decisions.assess(self.policy, inputs)
        if verdict.outcome is not decisions.Outcome.APPROVE:
            return verdict
        if self._pay(at, values, carried):
            self.done.add(act_id)
            return verdict
        self.refused_by_ledger += 1
        return decisions.Verdict(decisions.Outcome.DECLINE, (), None, ())

    def note(
        self, act_id: str, gate: str, at: int, values: Mapping[str, str | int], result: Result
    ) -> None:
        """Post what was proven, and what happens in the bank without a judge."""
        verb = values["verb"]
        if verb == "lend":
            self._lend(values)
        elif verb == "income":
            self._income(at, values)
        elif verb == "undo":
            self._undo(at, values)
        elif (
            result in _ALLOWED
            and act_id.removesuffix(".result") not in self.done
            # Who proves a payment at a forbidden use pays it from other money, not from here.
            and values["payee_kind"] not in FORBIDDEN
        ):
            self._pay(at, values, self._carried(values))

    def _account(self, name: str, kind: str) -> str:
        if kind not in _TERMS:
            name = "elsewhere"
        if name not in self.accounts:
            common = {"bank_id": self.bank_id, "asset": self.asset, "now": self.now}
            if name == "elsewhere":
                made = ledger.bank_account(self.session, kind="payment_clearing", **common)
            else:
                made = ledger.open_account(
                    self.session, owner_id=f"sim:{name[:60]}", **_TERMS[kind], **common
                )
            self.accounts[name] = made.account_id
        return self.accounts[name]

    def _of_bank(self, kind: str) -> str:
        return ledger.bank_account(
            self.session, bank_id=self.bank_id, kind=kind, asset=self.asset, now=self.now
        ).account_id

    def _post(self, debit: str, credit: str, units: int, mark_id: str | None = None) -> str | None:
        """Post and return the transfer's id; None where the ledger refuses."""
        item = ledger.NewTransfer(
            transfer_id=new_id("trf", self.now), debit_id=debit, credit_id=credit,
            amount=Amount(units, self.asset), code="abuse.simulated",
            effective_on=self.now.date(), mark_id=mark_id,
        )  # fmt: skip
        (outcome,) = ledger.post(self.session, bank_id=self.bank_id, transfers=[item], now=self.now)
        return item.transfer_id if outcome.refusal is None else None

    def _lend(self, values: Mapping[str, Any]) -> None:
        mark = ledger.open_mark(
            self.session, bank_id=self.bank_id, origin=f"sim:{values['payee']}",
            purpose=values["purpose"], forbidden_uses=FORBIDDEN, now=self.now,
        )  # fmt: skip
        self.loans[mark.mark_id] = Lent(values["payee"], values["purpose"], values["units"])
        receivable = ledger.open_account(
            self.session, bank_id=self.bank_id, kind="loan_receivable", asset=self.asset,
            owner_id=f"sim:{values['payee']}", now=self.now,
        )  # fmt: skip
        account = self._account(values["payee"], "person")
        self._post(receivable.account_id, account, values["units"], mark.mark_id)

    def _income(self, at: int, values: Mapping[str, Any]) -> None:
        account = self._account(values["payee"], values["payee_kind"])
        self._post(self._of_bank("cash_at_central_bank"), account, values["units"])
        if values["payee_kind"] == "merchant":
            self.took[values["payee"]].append((at, "", values["units"], 0))

    def _undo(self, at: int, values: Mapping[str, Any]) -> None:
        paid = self.posted.get(values["ref"])
        if paid is None:
            return
        ledger.reverse(
            self.session, bank_id=self.bank_id, transfer_id=paid,
            reversal_id=new_id("trf", self.now), reason="abuse.simulated_return",
            effective_on=self.now.date(), now=self.now,
        )  # fmt: skip

    def _carried(self, values: Mapping[str, Any]) -> dict[str, int]:
        """Return how many of a payment's units carry which mark, as the ledger would move them."""
        payer = self.accounts.get(values["payer"])
        if payer is None:
            return {}
        named = {"bank_id": self.bank_id, "account_id": payer}
        held = ledger.marks_on(self.session, **named)
        if not held:
            return {}
        balance = max(ledger.balance(self.session, **named).units, 1)
        units = min(values["units"], balance)
        found = {each.mark.mark_id: each.amount.units * units // balance for each in held}
        return {mark_id: count for mark_id, count in found.items() if count}

    def _seen(
        self, at: int, values: Mapping[str, Any], carried: Mapping[str, int]
    ) -> dict[str, str | int]:
        """Return what the policy reads of a payment; of several loans in it, the worst counts."""
        kind = values["payee_kind"]
        seen = {
            "payee_kind": kind, "purpose": "none", "carried": sum(carried.values()),
            "self_percent": 0, "people_percent": 0, **self._shop(at, values),
        }  # fmt: skip
        for mark_id, units in carried.items():
            loan = self.loans[mark_id]
            own = loan.to_self + (units if kind in ("outside_self", "cash") else 0)
            other = loan.to_people + (units if kind == "outside_person" else 0)
            seen["self_percent"] = max(seen["self_percent"], own * 100 // loan.units)
            seen["people_percent"] = max(seen["people_percent"], other * 100 // loan.units)
            seen["purpose"] = loan.purpose
        return seen

    def _shop(self, at: int, values: Mapping[str, Any]) -> dict[str, int]:
        """Return what a shop's payment to a person shows beside what the shop took."""
        name, payee = values["payer"], values["payee"]
        took = [each for each in self.took.get(name, ()) if each[0] > at - WINDOW]
        if not took or values["payee_kind"] == "merchant":
            return {"back_percent": 0, "out_percent": 0, "lent_percent": 0, "payee_percent": 0}
        paid = [each for each in self.paid.get(name, ()) if each[0] > at - WINDOW]
        takings, lent = (max(sum(each[place] for each in took), 1) for place in (2, 3))
        out = sum(units for _, _, units in paid) + values["units"]
        near = {payee, *self.circle[payee]}
        # What the circle paid in payments that held lent money, their own money in them included.
        came = sum(units for _, payer, units, lent in took if payer in near and lent)
        back = sum(units for _, taker, units in paid if taker in near) + values["units"]
        theirs = sum(units for _, taker, units in paid if taker == payee) + values["units"]
        return {
            "payee_percent": min(theirs * 100 // lent, 1_000),
            "back_percent": min(back * 100 // came, 1_000) if came else 0,
            "out_percent": min(out * 100 // takings, 1_000),
            "lent_percent": min(lent * 100 // takings, 100),
        }

    def _pay(self, at: int, values: Mapping[str, Any], carried: Mapping[str, int]) -> bool:
        """Post a payment and remember what the policy reads later; False where it is refused."""
        payer, payee, kind = values["payer"], values["payee"], values["payee_kind"]
        debit = self.accounts.get(payer)
        if debit is None:
            return True  # nobody has paid in there: there is nothing to move
        held = ledger.available(self.session, bank_id=self.bank_id, account_id=debit)
        units = values["units"] if held is None else min(values["units"], max(held.units, 0))
        if units == 0:
            return True
        transfer_id = self._post(debit, self._account(payee, kind), units)
        if transfer_id is None:
            return False
        if values["ref"]:
            self.posted[values["ref"]] = transfer_id
        for mark_id, part in carried.items():
            loan = self.loans[mark_id]
            loan.to_self += part if kind in ("outside_self", "cash") else 0
            loan.to_people += part if kind == "outside_person" else 0
        if kind == "merchant":
            self.took[payee].append((at, payer, units, sum(carried.values())))
        elif payer in self.took:
            self.paid[payer].append((at, payee, units))
        elif kind == "person":
            self.circle[payer].add(payee)
            self.circle[payee].add(payer)
        return True
