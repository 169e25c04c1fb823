"""Statements, the books by day, and their proof."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy
from sqlalchemy import text

from jiuding.base.amounts import currency
from jiuding.base.ids import to_uuid
from jiuding.kernel import ledger


def page(bank, account_id, limit_max, cursor=None, known_at=None):
    return ledger.statement(
        bank.session, bank_id=bank.bank_id, account_id=account_id, limit_max=limit_max,
        cursor=cursor, known_at=known_at,
    )  # fmt: skip


def test_a_statement_shows_each_change_and_the_balance_after_it(bank):
    mine, yours = bank.funded(100), bank.open()
    bank.post(bank.item(mine, yours, 30), bank.item(yours, mine, 5))
    lines = page(bank, mine, 10).lines
    seen = [(line.number, line.change.units, line.balance_after.units) for line in lines]
    assert seen == [(3, 5, 75), (2, -30, 70), (1, 100, 100)]
    assert {line.other_account_id for line in lines} == {yours, bank.cash()}
    (cash_line,) = page(bank, bank.cash(), 10).lines
    assert (cash_line.change.units, cash_line.balance_after.units) == (100, 100)


def test_pages_neither_repeat_nor_skip_while_more_is_posted(bank):
    mine, yours = bank.funded(1000), bank.open()
    bank.post(*(bank.item(mine, yours, unit) for unit in range(1, 10)))
    numbers, cursor = [], None
    while True:
        part = page(bank, mine, 3, cursor)
        numbers += [line.number for line in part.lines]
        bank.post(bank.item(mine, yours, 1))
        cursor = part.cursor
        if cursor is None:
            break
    assert numbers == list(range(10, 0, -1))


def test_a_past_balance_is_the_same_before_and_after_its_postings_are_indexed(bank, now):
    mine, yours = bank.funded(1000), bank.open()
    for day in (1, 2, 3):
        bank.post(*(bank.item(mine, yours, unit, effective_on=date(2026, 11, day))
                    for unit in (1, 2)))  # fmt: skip

    def past():
        return ledger.balance(
            bank.session, bank_id=bank.bank_id, account_id=yours, as_of=date(2026, 11, 2)
        ).units

    assert past() == 6
    while ledger.seal_transfers(bank.session, bank_id=bank.bank_id, now=now):
        assert past() == 6
    bank.post(bank.item(mine, yours, 5, effective_on=date(2026, 11, 1)))
    assert past() == 11
    # A later batch that was indexed first leaves a gap; the chain tells what it hides.
    with bank.session.begin_nested() as change:
        bank.session.execute(text("ALTER TABLE ledger.postings DISABLE TRIGGER append_only"))
        bank.session.execute(text("DELETE FROM ledger.postings WHERE number = 2"))
        assert past() == 11
        change.rollback()


def test_a_statement_of_a_past_instant_leaves_out_what_came_later(bank, now):
    mine = bank.funded(100)
    bank.post(bank.item(bank.cash(), mine, 5), now=now + timedelta(hours=1))
    assert len(page(bank, mine, 10).lines) == 2
    assert len(page(bank, mine, 10, known_at=now).lines) == 1


def test_a_statement_that_cannot_be_is_refused(bank):
    mine = bank.open()
    assert page(bank, mine, 10) == ledger.StatementPage((), None)
    with pytest.raises(ledger.BadCursor):
        page(bank, mine, 10, "1; DROP TABLE")
    others = bank.item(bank.cash(), bank.open(), 1)
    bank.post(others)
    with pytest.raises(ledger.BadCursor):
        page(bank, mine, 10, others.transfer_id)
    with pytest.raises(ledger.AccountNotFound):
        page(bank, bank.id("acc"), 10)


def test_transfers_are_found_by_what_they_are_about(bank):
    mine, yours = bank.funded(100), bank.open()
    item = bank.item(mine, yours, 30, about="ln_1")
    bank.post(item, bank.item(mine, yours, 1, about="ln_2"))
    (found,) = ledger.transfers_about(bank.session, bank_id=bank.bank_id, about="ln_1")
    assert (found.transfer_id, found.amount.units) == (item.transfer_id, 30)


def test_the_books_of_each_day_balance(bank):
    mine, loan = bank.open(), bank.open("loan_receivable")
    interest = ledger.bank_account(
        bank.session, bank_id=bank.bank_id, kind="interest_income", asset=currency("CNY"),
        now=bank.now,
    ).account_id  # fmt: skip
    first, second = date(2026, 10, 1), date(2026, 11, 1)
    bank.post(
        bank.item(loan, mine, 1000, effective_on=first),
        bank.item(mine, loan, 100, effective_on=second),
        bank.item(mine, interest, 7, effective_on=second),
    )

    def shown(lines):
        return {line.kind: line.balance.units for line in lines}

    words = {"bank_id": bank.bank_id}
    early = ledger.trial_balance(bank.session, on=first, **words)
    assert shown(early) == {"loan_receivable": 1000, "customer_deposit": 1000}
    late = ledger.trial_balance(bank.session, on=second, **words)
    assert sum(line.debits.units for line in late) == sum(line.credits.units for line in late)
    sheet = shown(ledger.balance_sheet(bank.session, on=second, **words))
    assert sheet == {"loan_receivable": 900, "customer_deposit": 893}
    november = {"valid_from": second, "valid_until": date(2026, 12, 1)}
    assert shown(ledger.income_statement(bank.session, **november, **words)) == {
        "interest_income": 7
    }
    october = {"valid_from": first, "valid_until": second}
    assert ledger.income_statement(bank.session, **october, **words) == ()


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        ("UPDATE ledger.accounts SET debits_posted = 5 WHERE account_id = :mine", "unbalanced"),
        ("UPDATE ledger.accounts SET posting_count = 9 WHERE account_id = :mine", "counter_wrong"),
        ("UPDATE ledger.accounts SET debits_held = 5 WHERE account_id = :mine", "hold_wrong"),
        ("UPDATE ledger.holds SET units_captured = 1 WHERE debit_id = :mine", "capture_wrong"),
        ("UPDATE ledger.accounts SET balance_min = 500 WHERE account_id = :mine", "overdrawn"),
        ("UPDATE ledger.transfers SET credit_after = 1 WHERE credit_id = :mine", "history_wrong"),
        ("DELETE FROM ledger.accounts WHERE account_id = :yours", "account_missing"),
        ("UPDATE ledger.accounts SET asset_scale = 3 WHERE account_id = :mine", "asset_missing"),
        (
            """INSERT INTO ledger.account_changes (bank_id, account_id, number, status, reason,
                   changed_at)
               SELECT bank_id, gen_random_uuid(), 1, 0, 'x', opened_at FROM ledger.accounts
               WHERE account_id = :mine""",
            "change_missing",
        ),
        (
            "UPDATE ledger.transfers SET debit_previous_id = NULL WHERE debit_id = :mine",
            "history_wrong",
        ),
        (
            "UPDATE ledger.accounts SET last_transfer_id = NULL WHERE account_id = :mine",
            "newest_wrong",
        ),
        (
            "UPDATE ledger.postings SET change = -31 WHERE account_id = :mine AND change = -30",
            "index_wrong",
        ),
    ],
)
def test_harm_to_the_books_is_found(bank, harm, code):
    mine, yours = bank.funded(100), bank.open()
    bank.post(bank.item(mine, yours, 30), bank.hold(mine, yours, 10))
    ledger.seal_transfers(bank.session, bank_id=bank.bank_id, now=bank.now)
    assert bank.findings() == ()
    with bank.session.begin_nested() as change:
        for table in ("transfers", "postings"):
            bank.session.execute(text(f"ALTER TABLE ledger.{table} DISABLE TRIGGER append_only"))
        ids = {"mine": to_uuid("acc", mine), "yours": to_uuid("acc", yours)}
        bank.session.execute(text(harm), ids)
        assert f"ledger.{code}" in {finding.code for finding in bank.findings()}
        change.rollback()


@pytest.mark.parametrize(
    "table", ["transfers", "refusals", "account_changes", "postings", "marks", "transfer_marks"]
)
def test_what_was_posted_cannot_be_altered(bank, table):
    bank.funded(100)
    for statement in (f"DELETE FROM ledger.{table}", f"TRUNCATE ledger.{table}"):
        with bank.session.begin_nested() as change:
            with pytest.raises(sqlalchemy.exc.DBAPIError, match="is append-only"):
                bank.session.execute(text(statement))
            change.rollback()
