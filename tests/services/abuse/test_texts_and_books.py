"""Families that have desks of their own: texts that others read, and loan money in the books."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jiuding.base.amounts import currency
from jiuding.base.ids import new_id
from jiuding.kernel import decisions, ledger
from jiuding.services import abuse

CNY = currency("CNY")


def judged(field: str, text: str) -> decisions.Verdict:
    return abuse.TextDesk().judge("a", "public_text", 0, {"field": field, "text": text})


# Written down from common lists of payloads after the rules stood, and not used to tune them.
HELD_OUT = (
    "<ScRiPt>confirm(document.domain)</sCrIpT>",
    '<img src=1 href=1 onerror="javascript:alert(1)">',
    "<input autofocus onfocus=alert(1)>",
    "<marquee onstart=alert(1)>",
    "admin'--",
    "1 OR 1=1; EXEC xp_cmdshell('dir')",
    "' or 1=1 limit 1 -- -",
    "{{constructor.constructor('alert(1)')()}}",
    "{{ self.__init__.__globals__ }}",
    "..\\..\\windows\\win.ini",
    "=1+1+cmd|' /C notepad'!'A1'",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "加薇❤️ xiaoli8866 看货",
    "扣扣 1 2 3 4 5 6 7 8",
    "Ｗｅｃｈａｔ: dealer_9",
    "出售 海*洛*因",
    "代 开 发 票 联系我",
    "fаke pаssport",
    "h\u200beroin for you",
    "x\r\nX-Injected: 1",
)


def test_most_payloads_that_no_rule_was_tuned_on_are_held_up():
    missed = [each for each in HELD_OUT if judged("memo", each).outcome.value == "approve"]
    assert len(missed) <= len(HELD_OUT) // 10, missed


@pytest.mark.parametrize(
    "text",
    [
        "O'Brien",
        "Select Hospital",
        "1=1 双倍优惠面包店",
        "猎枪湾农家乐",
        "-5% today",
        "<3 Flowers",
        "A&B Drop Shop",
        "спасибо за обед",
        "電話亭",
        "Bai Jiale",
        "order 20261125-0034 refund",
    ],
)
def test_honest_texts_that_come_near_are_let_through(text):
    assert judged("title", text).outcome is decisions.Outcome.APPROVE


@pytest.fixture
def books(session, now):
    """A desk on an empty bank's books."""

    def open_books(policy=None):
        return abuse.BooksDesk(
            session, bank_id=new_id("bank", now), asset=CNY, now=now, policy=policy
        )

    return open_books


def move(verb: str, payer: str, payee: str, kind: str, units: int, purpose: str = "car"):
    return {"verb": verb, "payer": payer, "payee": payee, "payee_kind": kind, "units": units,
            "purpose": purpose, "ref": ""}  # fmt: skip


def pay(desk, number: int, *given) -> str:
    verdict = desk.judge(f"a{number}", "loan_use", number, move("pay", *given))
    return verdict.outcome.value


def lend(desk) -> None:
    given = move("lend", "", "me", "person", 1_000_00)
    desk.note("l", "loan_use", 0, given, abuse.Result.PASSED)


def test_layers_of_friends_hide_nothing_from_the_policy_nor_from_the_ledger(books):
    blind = replace(decisions.load_policy("loan_use"), rules=())
    for desk, said in ((books(), "step_up"), (books(blind), "decline")):
        lend(desk)
        for number, (giver, taker) in enumerate((("me", "a"), ("a", "b"), ("b", "me"))):
            assert pay(desk, number, giver, taker, "person", 900_00) == "approve"
        assert pay(desk, 9, "me", "broker", "securities", 500_00) == said
        assert ledger.check_books(desk.session, bank_id=desk.bank_id) == ()


def test_own_money_goes_where_it_likes(books):
    desk = books()
    desk.note("i", "loan_use", 0, move("income", "", "me", "person", 1_000_00), abuse.Result.PASSED)
    assert pay(desk, 1, "me", "broker", "securities", 1_000_00) == "approve"


def test_a_shop_that_gives_lent_money_back_is_asked(books):
    desk = books()
    lend(desk)
    assert pay(desk, 1, "me", "shop", "merchant", 900_00) == "approve"
    assert pay(desk, 2, "shop", "me", "person", 800_00) == "step_up"


def test_borrowers_are_played_on_the_real_ledger(books):
    found = abuse.figures(abuse.play_family("loan_use", seeds=(5_001,), size=0.1, books=books))
    assert found["attacks_tried"] >= 8
    assert found["attacks_stopped_share"] >= 0.8
    assert found["honest_declined"] == 0
    assert found["honest_held_up_share"] <= 0.05


def test_without_the_policy_the_ledger_alone_stops_what_stays_in_the_books(books):
    blind = {"loan_use": replace(decisions.load_policy("loan_use"), rules=())}
    tally = abuse.play_family("loan_use", seeds=(5_001,), size=0.1, books=books, policies=blind)
    inside = [tally.attack[kind] for kind in ("direct", "layers", "round_trip", "waiting")]
    assert all(each.stopped == each.tried for each in inside)
    assert tally.attack["shop_gives_back"].stopped < tally.attack["shop_gives_back"].tried


@pytest.mark.parametrize("name", ["loan_use", "public_text"])
def test_the_policies_of_these_desks_have_no_blocking_findings(name):
    findings = decisions.check_policy(decisions.load_policy(name))
    assert [each for each in findings if each.is_blocking] == []
