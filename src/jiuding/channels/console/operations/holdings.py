"""What a customer has here: accounts, loans, statements."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from jiuding.base.amounts import Amount, total
from jiuding.base.database.engine import Session
from jiuding.channels import assistant
from jiuding.channels.console import rules
from jiuding.channels.console.types import (
    HoldingView,
    LoanView,
    MoveView,
    PeriodView,
    ScheduleRowView,
    StatementView,
    YouView,
)
from jiuding.kernel import ledger, products
from jiuding.services import lending, offers

PAGE = 50
_CSV_PAGE = 500
CSV_LINES_MAX = 50_000
# Kinds that the console has words of its own for; the chart speaks as the bank.
CUSTOMER_KINDS = frozenset({"customer_deposit"})


def you_view(session: Session, *, branch: offers.Branch, party_id: str, lang: str) -> YouView:
    """Return a party's accounts and loans with their balances."""
    bank_id = branch.bank_id
    held = ledger.accounts_of(session, bank_id=bank_id, owner_id=party_id)
    loans = lending.loans_of(session, bank_id=bank_id, party_id=party_id)
    debts = {loan.account_id for loan in loans}
    accounts = tuple(
        HoldingView(
            account.account_id, _title(account.kind, lang),
            ledger.balance(session, bank_id=bank_id, account_id=account.account_id),
        )
        for account in held
        if account.account_id not in debts
    )  # fmt: skip
    owed = tuple(
        HoldingView(loan.loan_id, loan.terms.product_name, loan.terms.amount,
                    loan.terms.lender_name)
        for loan in loans
    )  # fmt: skip
    return YouView(accounts, owed)


def _title(kind: str, lang: str) -> str:
    return kind if kind in CUSTOMER_KINDS else kind_title(kind, lang)


def kind_title(kind: str, lang: str) -> str:
    """Return the chart's title of a kind of account."""
    held = ledger.chart()[kind]
    return held.title_zh if lang == "zh" else held.title_en


def statement_view(
    session: Session, *, branch: offers.Branch, party_id: str, account_id: str, lang: str,
    cursor: str | None,
) -> StatementView:  # fmt: skip
    """Return a page of one's own account's statement.

    Refuses: ledger.AccountNotFound, ledger.BadCursor.
    """
    page = assistant.own_statement(
        session, branch=branch, party_id=party_id, account_id=account_id, cursor=cursor,
        limit_max=PAGE,
    )  # fmt: skip
    held = ledger.read_account(session, bank_id=branch.bank_id, account_id=account_id)
    held_now = ledger.balances(session, bank_id=branch.bank_id, account_ids=[account_id])
    balance = held_now[account_id]
    return StatementView(
        account_id=account_id, title=_title(held.kind, lang), balance=balance.posted,
        available=balance.available if balance.available is not None else balance.posted,
        rows=tuple(_move(line) for line in page.lines), next_after=page.cursor,
        is_first_page=cursor is None,
    )  # fmt: skip


def _move(line: ledger.StatementLine) -> MoveView:
    return MoveView(
        line.transfer_id, line.effective_on, line.code, line.about or "", line.change,
        line.balance_after,
    )  # fmt: skip


def statement_lines(
    session: Session, *, branch: offers.Branch, party_id: str, account_id: str
) -> Iterator[MoveView]:
    """Return every line of a statement, newest first, at most `CSV_LINES_MAX`.

    Refuses: ledger.AccountNotFound.
    """
    cursor, count = None, 0
    while count < CSV_LINES_MAX:
        page = assistant.own_statement(
            session, branch=branch, party_id=party_id, account_id=account_id, cursor=cursor,
            limit_max=_CSV_PAGE,
        )  # fmt: skip
        yield from (_move(line) for line in page.lines)
        count += len(page.lines)
        cursor = page.cursor
        if cursor is None:
            return


def loan_view(session: Session, *, branch: offers.Branch, party_id: str, loan_id: str) -> LoanView:
    """Return one's own loan with its schedule and what is still owed.

    Refuses: lending.LoanNotFound.
    """
    bank_id = branch.bank_id
    loan = lending.read_loan(session, bank_id=bank_id, loan_id=loan_id, party_id=party_id)
    agreed = products.read_agreement(session, bank_id=bank_id, agreement_id=loan.agreement_id)
    asset = loan.terms.amount.asset
    rows = tuple(_schedule_row(row, asset) for row in agreed.instalments)
    _, periods = rules.by_period(_periods(rows, loan.terms.fee_upfront))
    owed = loan.terms.amount
    if loan.terms.is_own:
        owed = ledger.balance(session, bank_id=bank_id, account_id=loan.account_id)
    paid = total((row.total for row in rows), asset) + loan.terms.fee_upfront
    receipt = [("agreement", loan.agreement_id), ("application", loan.application_id)]
    if loan.lender_reference:
        receipt.append(("lender_reference", loan.lender_reference))
    return LoanView(
        loan_id=loan_id, lender=loan.terms.lender_name, product=loan.terms.product_name,
        purpose=loan.purpose, state="repaid" if owed.units == 0 else "active",
        amount=loan.terms.amount, outstanding=owed, rate=loan.terms.annual_rate,
        true_rate=agreed.true_rate if agreed.true_rate is not None else loan.terms.true_rate,
        instalment=loan.terms.instalment + loan.terms.fee_monthly,
        total_cost=paid - loan.terms.amount, term_months=loan.terms.term_months,
        granted_at=loan.granted_at, rows=rows, periods=periods,
        account_id=loan.deposit_account_id, receipt=tuple(receipt),
    )  # fmt: skip


def _schedule_row(row: products.Instalment, asset) -> ScheduleRowView:
    return ScheduleRowView(
        row.number, row.due_on, Amount(row.principal_units, asset),
        Amount(row.interest_units, asset), Amount(row.fee_units, asset),
        Amount(row.total_units, asset), Amount(row.balance_units, asset),
    )  # fmt: skip


def _periods(rows: tuple[ScheduleRowView, ...], upfront: Amount) -> list[PeriodView]:
    return [
        PeriodView(
            row.number,
            row.principal,
            row.interest,
            row.fees + upfront if row.number == 1 else row.fees,
            row.balance,
        )
        for row in rows
    ]


def as_decimal(amount: Amount) -> Decimal:
    """Return an amount as plain decimal currency, for a table that leaves the house."""
    return amount.decimal
