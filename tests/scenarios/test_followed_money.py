"""A granted loan's money is followed: to a merchant it may go, to securities by no detour."""

from __future__ import annotations

from datetime import UTC

import pytest
from test_walk import accept, books, hear

from jiuding.base import clock
from jiuding.base.amounts import Amount
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.kernel import ledger
from jiuding.services import lending
from jiuding.services.lending import ApplicationStatus


def open_account(session, branch, owner_id, asset, **terms):
    terms.setdefault("kind", "customer_deposit")
    return ledger.open_account(
        session, bank_id=branch.bank_id, asset=asset, owner_id=owner_id, now=clock.now(), **terms
    ).account_id


def pay(session, branch, debit_id, credit_id, amount):
    now = clock.now()
    item = ledger.NewTransfer(
        transfer_id=new_id("trf", now), debit_id=debit_id, credit_id=credit_id, amount=amount,
        code="tests.paid", effective_on=now.astimezone(UTC).date(),
    )  # fmt: skip
    return ledger.transfer(session, bank_id=branch.bank_id, transfer=item, now=now)


def granted(branch, person, text):
    done = accept(branch, person, hear(branch, person, text).quote)
    assert done.status is ApplicationStatus.GRANTED, done.reasons
    with transaction(branch.engine) as session:
        (loan_id,) = done.loan_ids
        return lending.read_loan(session, bank_id=branch.bank_id, loan_id=loan_id)


def test_a_loans_money_reaches_a_merchant_and_no_securities_account(own_branch, people):
    person = people["cn", "steady"][8]
    loan = granted(own_branch, person, "借3万块买家具,分两年还")
    assert loan.terms.forbidden_uses == ("home_deposit", "securities")
    owner, asset = person.party.party_id, loan.terms.amount.asset
    words = {"bank_id": own_branch.bank_id}
    with transaction(own_branch.engine) as session:
        second = open_account(session, own_branch, owner, asset)
        broker = open_account(session, own_branch, owner, asset, use="securities")
        shop = open_account(session, own_branch, "mer_1", asset, kind="merchant_settlement")
        (held,) = ledger.marks_on(session, account_id=loan.deposit_account_id, **words)
        assert held.mark.origin == loan.agreement_id
        # The upfront fee was paid from it, pro rata.
        assert loan.terms.amount - loan.terms.fee_upfront <= held.amount <= loan.terms.amount
        pay(session, own_branch, loan.deposit_account_id, second, Amount(1_000_000, asset))
    with pytest.raises(ledger.ForbiddenUse) as refused, transaction(own_branch.engine) as session:
        pay(session, own_branch, second, broker, Amount(500_000, asset))
    told = refused.value.to_dict()
    assert told["mark_id"] == held.mark.mark_id and told["use"] == "securities"
    assert [(step["debit_account_id"], step["credit_account_id"]) for step in told["trace"]] == [
        (loan.account_id, loan.deposit_account_id), (loan.deposit_account_id, second),
    ]  # fmt: skip
    with transaction(own_branch.engine) as session:
        balances = ledger.balances(session, account_ids=[broker, shop, second], **words)
        assert balances[broker].posted.units == 0
        pay(session, own_branch, second, shop, Amount(1_000_000, asset))
        assert ledger.marks_on(session, account_id=second, **words) == ()
    assert books(own_branch) == ()


def test_where_no_law_limits_the_use_of_a_loan_its_money_carries_no_mark(own_branch, people):
    person = people["au", "steady"][4]
    loan = granted(own_branch, person, "I need 5,000 dollars for furniture over two years")
    assert loan.terms.forbidden_uses == ()
    with transaction(own_branch.engine) as session:
        assert (
            ledger.marks_on(session, bank_id=own_branch.bank_id, account_id=loan.deposit_account_id)
            == ()
        )
