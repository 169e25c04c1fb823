"""Account grades (I, II, III 类户): declared, applied on opening, and never widened."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from decimal import Decimal

import pytest

from jiuding.base.amounts import Amount, currency
from jiuding.base.settings import CATALOG
from jiuding.kernel import ledger
from jiuding.kernel.ledger.rules import chart as rules

CNY = currency("CNY")
TODAY = date(2026, 11, 23)
GRADES = ledger.grades()


def yuan(amount: int) -> Amount:
    return Amount(amount * 100, CNY)


def opened(bank, grade: str, yuan_held: int = 0, **terms) -> str:
    account_id = bank.open(grade=grade, **terms)
    if yuan_held:
        bank.fund(account_id, yuan_held * 100)
    return account_id


def test_every_grade_says_what_the_jurisdiction_pack_says():
    declared = tomllib.loads((CATALOG / "jurisdictions" / "cn.toml").read_text(encoding="utf-8"))
    numbers = {rule["id"]: rule.get("number") for rule in declared["rules"]}
    told = {
        rule: int(getattr(grade, field))
        for grade in GRADES.values()
        for rule in grade.rules
        for field in rules.GRADED
        if rule.rsplit("_", 1)[1] in field
    }
    assert told == {rule: numbers[rule] for rule in told}
    assert told == {
        "cn.account_two_day": 10_000, "cn.account_two_year": 200_000,
        "cn.account_three_balance": 2_000, "cn.account_three_day": 2_000,
        "cn.account_three_year": 50_000,
    }  # fmt: skip


def test_a_class_one_account_is_not_limited(bank):
    mine, yours = opened(bank, "cn_i", 500_000), bank.open()
    assert bank.post(bank.item(mine, yours, 500_000_00)) == ["posted"]
    assert bank.post(bank.item(mine, yours, 1)) == ["insufficient_funds"]


def test_a_class_two_account_pays_so_much_a_day_and_a_year(bank):
    mine, yours = opened(bank, "cn_ii", 300_000), bank.open()
    day = date(2026, 1, 1)
    assert bank.post(bank.item(mine, yours, 10_000_01, effective_on=day)) == ["outflow_per_day_max"]
    days = [day + timedelta(number) for number in range(20)]
    paid = [bank.item(mine, yours, 10_000_00, effective_on=on) for on in days]
    assert set(bank.post(*paid)) == {"posted"}
    assert bank.post(bank.item(mine, yours, 1, effective_on=days[0])) == ["outflow_per_day_max"]
    late = day + timedelta(100)
    assert bank.post(bank.item(mine, yours, 1, effective_on=late)) == ["outflow_per_year_max"]
    assert bank.post(bank.item(mine, yours, 1, effective_on=date(2027, 1, 1))) == ["posted"]


def test_a_class_three_account_holds_and_pays_little(bank):
    mine, yours = opened(bank, "cn_iii", 2_000), bank.open()
    assert bank.post(bank.item(bank.cash(), mine, 1)) == ["balance_max"]
    assert bank.post(bank.item(mine, yours, 1_999_99)) == ["posted"]
    assert bank.post(bank.item(bank.cash(), mine, 1_999_99)) == ["posted"]
    assert bank.post(bank.item(mine, yours, 2)) == ["outflow_per_day_max"]
    assert bank.post(bank.item(mine, yours, 1)) == ["posted"]
    day = date(2027, 1, 1)
    for number in range(25):
        on = day + timedelta(number)
        top_up = 2_000_00 - bank.balance(mine)
        items = [bank.item(bank.cash(), mine, top_up, effective_on=on)] if top_up else []
        paid = bank.item(mine, yours, 2_000_00, effective_on=on)
        assert set(bank.post(*items, paid)) == {"posted"}
    bank.fund(mine, 1)
    assert bank.post(bank.item(mine, yours, 1, effective_on=day + timedelta(40))) == [
        "outflow_per_year_max"
    ]


def test_a_hold_counts_against_the_grade_too(bank):
    mine, yours = opened(bank, "cn_iii", 2_000), bank.open()
    hold = bank.hold(mine, yours, 1_500_00)
    assert bank.post(hold, bank.item(mine, yours, 500_01)) == ["posted", "insufficient_funds"]
    assert bank.post(bank.capture(hold.hold_id), bank.item(mine, yours, 500_00)) == [
        "posted", "posted",
    ]  # fmt: skip


def test_limits_may_be_tighter_than_the_grade_and_never_wider(bank):
    tight = ledger.Limits(yuan(0), outflow_per_day_max=yuan(100))
    mine = opened(bank, "cn_ii", 500, limits=tight)
    named = {"bank_id": bank.bank_id, "account_id": mine}
    account = ledger.read_account(bank.session, **named)
    assert account.grade == "cn_ii"
    assert account.limits == ledger.Limits(yuan(0), None, yuan(100), yuan(200_000))
    wide = ledger.Limits(yuan(0), outflow_per_day_max=yuan(10_001))
    with pytest.raises(ledger.BadLimits):
        opened(bank, "cn_ii", limits=wide)
    with pytest.raises(ledger.BadLimits):
        ledger.set_limits(bank.session, limits=wide, **named)
    changed = ledger.set_limits(bank.session, limits=ledger.Limits(yuan(0)), **named)
    assert changed.limits.outflow_per_day_max == yuan(10_000)


def test_an_account_is_graded_up_and_down_as_far_as_it_fits(bank):
    mine = opened(bank, "cn_iii", 1_000)
    named = {"bank_id": bank.bank_id, "account_id": mine}
    up = ledger.set_grade(bank.session, grade="cn_i", **named)
    assert up.limits == ledger.Limits(yuan(0)) and up.grade == "cn_i"
    assert ledger.read_account(bank.session, **named) == up
    assert ledger.set_grade(bank.session, grade="cn_i", **named) == up
    bank.fund(mine, 5_000_00)
    with pytest.raises(ledger.BadLimits):
        ledger.set_grade(bank.session, grade="cn_iii", **named)
    down = ledger.set_grade(bank.session, grade="cn_ii", **named)
    assert down.limits.outflow_per_year_max == yuan(200_000)


def test_a_grade_that_is_none_or_for_another_account_is_refused(bank):
    for terms in (
        {"grade": "cn_iv"},
        {"grade": "cn_ii", "asset": currency("AUD")},
        {"grade": "cn_ii", "kind": "merchant_settlement"},
    ):
        with pytest.raises(ledger.GradeUnknown):
            bank.open(**terms)
    mine = bank.open()
    with pytest.raises(ledger.GradeUnknown):
        ledger.set_grade(bank.session, bank_id=bank.bank_id, account_id=mine, grade="cn_iv")


def test_the_same_account_under_another_grade_is_another_account(bank):
    words = {"account_id": bank.id("acc"), "owner_id": "pty_1"}
    bank.open(grade="cn_ii", **words)
    bank.open(grade="cn_ii", **words)
    with pytest.raises(ledger.IdReused):
        bank.open(grade="cn_iii", **words)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "nothing"}, {"balance_max": Decimal(-1)}, {"balance_max": "2000"}, {"more": 1},
        {"source": None},
    ],
)  # fmt: skip
def test_a_declaration_that_cannot_be_is_refused(change):
    good = {
        "kind": "customer_deposit", "asset": "CNY", "zh": "x", "en": "x", "rules": [],
        "source": "x", **change,
    }  # fmt: skip
    if change == {"source": None}:
        del good["source"]
    with pytest.raises(ledger.BadChart):
        rules.read_grades({"cn_x": good}, ledger.chart())
