"""A portrait opens to its evidence, heeds its owner, and a statement never proves anything."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from jiuding.base.amounts import currency
from jiuding.base.ids import new_id
from jiuding.services import insight
from jiuding.services.insight import Movement, Wish, WishKind, lay_out

ON = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CNY = currency("CNY")


def move(on, code, units):
    return Movement(on, code, units, new_id("trf", NOW))


def monthly(code, units, months=range(5, 11), day=10):
    return [move(date(2026, month, day), code, units) for month in months]


def wish(kind, figure=None, amount=None):
    return Wish(new_id("wsh", NOW), "pty", kind, figure, amount, "CNY", NOW)


def sheet(movements, balance_units=5_000_000, wishes=()):
    return lay_out(movements, asset=CNY, on=ON, balance_units=balance_units, wishes=wishes)


def figure(found, name):
    return next(each for each in found.figures if each.name == name)


def test_every_figure_names_the_transfers_that_it_was_made_of():
    salary, rent = monthly("income.salary", 1_800_000), monthly("living.rent", -400_000)
    leisure = monthly("living.leisure", -90_000)
    found = sheet([*leisure, *salary, *rent])
    income, fixed = figure(found, "income"), figure(found, "fixed_costs")
    assert income.amount == Decimal(18_000) and fixed.amount == Decimal(4_000)
    assert set(income.transfer_ids) == {each.transfer_id for each in salary}
    assert set(fixed.transfer_ids) == {each.transfer_id for each in rent}
    assert figure(found, "expenses").amount == Decimal(4_900)
    assert figure(found, "free").amount == Decimal(13_100)
    assert income.seen_from == date(2026, 5, 10) and income.seen_until == date(2026, 10, 10)
    assert found.signs == ()


def test_what_is_stated_stands_beside_the_figure_and_changes_none():
    salary = monthly("income.salary", 1_800_000)
    plain = sheet(salary)
    said = sheet(salary, wishes=[wish(WishKind.STATE, "income", Decimal(90_000))])
    assert figure(said, "income").stated == Decimal(90_000)
    assert figure(said, "income").amount == figure(plain, "income").amount
    assert figure(said, "free").amount == figure(plain, "free").amount
    taken = sheet(salary, wishes=[wish(WishKind.STATE, "income", Decimal(1)),
                                  wish(WishKind.TAKE_BACK, "income")])  # fmt: skip
    assert figure(taken, "income").stated is None


def test_a_deleted_portrait_shows_nothing_until_it_is_restored():
    salary = monthly("income.salary", 1_800_000)
    said = wish(WishKind.STATE, "income", Decimal(90_000))
    gone = sheet(salary, wishes=[said, wish(WishKind.FORESEE), wish(WishKind.DELETE)])
    assert gone.is_deleted and not gone.foresees and gone.months_of_history == 0
    assert figure(gone, "income").amount is None and figure(gone, "income").stated is None
    assert figure(gone, "income").transfer_ids == ()
    back = sheet(salary, wishes=[said, wish(WishKind.DELETE), wish(WishKind.RESTORE)])
    assert not back.is_deleted and figure(back, "income").amount == Decimal(18_000)


def test_each_sign_of_stress_has_its_day_and_its_transfers():
    rent = monthly("living.rent", -400_000)
    fell = monthly("income.salary", 1_800_000, range(5, 8)) + monthly(
        "income.salary", 900_000, range(8, 11)
    )
    missed = move(date(2026, 9, 20), "charge.missed_payment", -100)
    debts = monthly("debt.repayment", -700_000, range(8, 12), day=20)
    found = sheet([*rent, *fell, missed, *debts], balance_units=10_000)
    signs = {sign.name: sign for sign in found.signs}
    assert set(signs) == {"missed_payments", "income_fell", "low_balance", "debts_heavy"}
    assert signs["missed_payments"].transfer_ids == (missed.transfer_id,)
    assert signs["missed_payments"].last_on == missed.on
    assert set(signs["income_fell"].transfer_ids) == {each.transfer_id for each in fell[3:]}
    assert debts[-1].transfer_id in signs["low_balance"].transfer_ids


def test_wishes_are_kept_and_erased_on_the_real_database(session):
    whose = {"bank_id": new_id("bank", NOW), "party_id": new_id("pty", NOW)}
    insight.state_figure(
        session, **whose, figure="income", amount="12,345.67", currency="CNY", now=NOW
    )
    shown = insight.show_portrait(session, **whose, asset=CNY, on=ON)
    assert figure(shown, "income").stated == Decimal("12345.67")
    assert insight.read_portrait(session, **whose, asset=CNY, on=ON).income_monthly is None
    insight.delete_portrait(session, **whose, now=NOW)
    assert insight.show_portrait(session, **whose, asset=CNY, on=ON).is_deleted
    with pytest.raises(insight.PortraitDeleted):
        insight.state_figure(session, **whose, figure="debts", amount="1", currency="CNY", now=NOW)
    insight.restore_portrait(session, **whose, now=NOW)
    shown = insight.show_portrait(session, **whose, asset=CNY, on=ON)
    assert not shown.is_deleted and figure(shown, "income").stated is None, "it was erased"


@pytest.mark.parametrize("amount", ["", "much", "-1", "NaN", "1e99", "Infinity", "1; drop"])
def test_an_amount_that_cannot_stand_is_refused(session, amount):
    with pytest.raises(insight.AmountUnusable):
        insight.state_figure(
            session, bank_id=new_id("bank", NOW), party_id=new_id("pty", NOW), figure="income",
            amount=amount, currency="CNY", now=NOW,
        )  # fmt: skip


def test_a_figure_that_follows_from_others_cannot_be_stated(session):
    for name in ("free", "score", ""):
        with pytest.raises(insight.FigureUnknown):
            insight.state_figure(
                session, bank_id=new_id("bank", NOW), party_id=new_id("pty", NOW), figure=name,
                amount="1", currency="CNY", now=NOW,
            )  # fmt: skip


def test_income_is_told_apart_by_how_it_comes():
    salary = monthly("income.salary", 1_000_000)
    extra = [
        move(date(2026, month, 3), "income.business", units)
        for month, units in zip(range(5, 11), (100_000, 900_000, 400_000, 0, 300_000, 800_000),
                                strict=True)
        if units
    ]  # fmt: skip
    gift = [move(date(2026, 9, 9), "income.gift", 5_000_000)]
    found = sheet(salary + extra + gift)
    regular, irregular = figure(found, "income_regular"), figure(found, "income_irregular")
    assert regular.amount == Decimal("10000.00") and regular.basis == "part_regular"
    assert regular.transfer_count == len(salary)
    assert irregular.amount == Decimal("1000.00"), "a lean month; a gift once proves nothing"
    assert irregular.transfer_count == len(extra) + len(gift)
    assert set(regular.transfer_ids).isdisjoint(irregular.transfer_ids)
    assert figure(found, "income").transfer_count == 6 + len(extra) + 1
    only = sheet(salary)
    assert [each.name for each in only.figures] == [
        "income", "fixed_costs", "expenses", "debts", "free",
    ]  # fmt: skip
    assert not {"income_regular", "income_irregular"} & insight.STATABLE
