"""A small bank to post in: two deposits, the bank's own cash, and short ways to say things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest

from jiuding.base.amounts import Amount, Asset, currency
from jiuding.base.ids import new_id
from jiuding.kernel import ledger

CNY = currency("CNY")
TODAY = date(2026, 11, 23)


@dataclass
class Bank:
    """One bank in one session, with the words that tests repeat."""

    session: Any
    bank_id: str
    now: datetime

    def id(self, prefix: str = "trf") -> str:
        return new_id(prefix, self.now)

    def open(self, kind: str = "customer_deposit", asset: Asset = CNY, **terms: Any) -> str:
        terms.setdefault("owner_id", self.id("pty"))
        return ledger.open_account(
            self.session, bank_id=self.bank_id, kind=kind, asset=asset, now=self.now, **terms
        ).account_id

    def cash(self, asset: Asset = CNY) -> str:
        return ledger.bank_account(
            self.session, bank_id=self.bank_id, kind="cash_at_central_bank", asset=asset,
            now=self.now,
        ).account_id  # fmt: skip

    def item(self, debit: str, credit: str, units: int, **terms: Any) -> ledger.NewTransfer:
        terms.setdefault("transfer_id", self.id())
        terms.setdefault("code", "tests.moved")
        terms.setdefault("effective_on", TODAY)
        asset = terms.pop("asset", CNY)
        return ledger.NewTransfer(
            debit_id=debit, credit_id=credit, amount=Amount(units, asset), **terms
        )

    def hold(self, debit: str, credit: str, units: int, **terms: Any) -> ledger.NewHold:
        terms.setdefault("hold_id", self.id("hld"))
        return ledger.NewHold(
            debit_id=debit, credit_id=credit, amount=Amount(units, CNY), code="tests.held",
            effective_on=terms.pop("effective_on", TODAY), **terms,
        )  # fmt: skip

    def capture(self, hold_id: str, units: int | None = None, **terms: Any) -> ledger.Capture:
        terms.setdefault("transfer_id", self.id())
        amount = None if units is None else Amount(units, CNY)
        return ledger.Capture(
            hold_id=hold_id, code="tests.captured", effective_on=TODAY, amount=amount, **terms
        )

    def post(self, *items: ledger.Instruction, now: datetime | None = None) -> list[str]:
        """Post and return each result, or the refusal's short name."""
        outcomes = ledger.post(
            self.session, bank_id=self.bank_id, transfers=items, now=now or self.now
        )
        return [
            outcome.refusal.name.lower() if outcome.refusal else outcome.result.value
            for outcome in outcomes
        ]

    def fund(self, account_id: str, units: int, asset: Asset = CNY) -> None:
        assert self.post(self.item(self.cash(asset), account_id, units, asset=asset)) == ["posted"]

    def funded(self, units: int, **terms: Any) -> str:
        account_id = self.open(**terms)
        self.fund(account_id, units)
        return account_id

    def balance(self, account_id: str, **at: Any) -> int:
        return ledger.balance(self.session, bank_id=self.bank_id, account_id=account_id, **at).units

    def available(self, account_id: str) -> int | None:
        amount = ledger.available(self.session, bank_id=self.bank_id, account_id=account_id)
        return None if amount is None else amount.units

    def findings(self) -> tuple[ledger.Finding, ...]:
        return ledger.check_books(self.session, bank_id=self.bank_id)


@pytest.fixture
def bank(session, bank_id, now):
    """A bank whose books are proven when the test ends."""
    bank = Bank(session, bank_id, now)
    yield bank
    assert bank.findings() == ()
