"""`jiuding decide --policy card_fraud`: a stream of payments, judged as it comes."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from jiuding.base.problems import Problem
from jiuding.services.risk.commands.card_payments import CardDesk
from jiuding.services.risk.errors import BadPayment, OutOfOrder, PaymentRepeated

JIUDING = Path(sys.executable).parent / "jiuding"


def line(number, day, *, hour=12, customer=1, terminal=1, cents=2_000, **more):
    when = f"2018-{4 + day // 28:02d}-{1 + day % 28:02d}T{hour:02d}:00:00"
    return {
        "id": number, "tx_id": number, "ts": when, "customer_id": customer,
        "terminal_id": terminal, "amount_cents": cents, **more,
    }  # fmt: skip


def usual(desk, days=30, **more):
    for day in range(days):
        desk.answer(line(day, day, fraud=0, **more))


def test_a_payment_like_all_others_is_approved_without_reasons():
    desk = CardDesk()
    usual(desk)
    answer = desk.answer(line(100, 30))
    assert answer["outcome"] == "approve" and answer["reasons"] == []
    assert answer["id"] == 100 and 0 < answer["score"] < 0.05


def test_five_times_the_usual_amount_is_stopped_for_its_amount():
    desk = CardDesk()
    usual(desk)
    answer = desk.answer(line(100, 30, cents=10_000))
    assert answer["outcome"] != "approve"
    assert answer["reasons"][0]["code"] == "risk.card_unusual_amount"
    assert "100" in answer["reasons"][0]["text"]["en"]


def test_a_terminal_whose_newest_payments_were_all_fraud_is_stopped_for_its_record():
    desk = CardDesk()
    for day in range(30):
        desk.answer(line(day, day, customer=1, terminal=7, fraud=int(day >= 15)))
        desk.answer(line(1_000 + day, day, hour=13, customer=2, terminal=8, fraud=0))
    answer = desk.answer(line(2_000, 30, customer=2, terminal=7))
    assert answer["outcome"] != "approve"
    assert answer["reasons"][0]["code"] == "risk.terminal_reported"


def test_a_label_on_a_line_is_not_used_before_its_time():
    told, untold = CardDesk(), CardDesk()
    for day in range(10):
        told.answer(line(day, day, fraud=0))
        untold.answer(line(day, day, fraud=0))
    for day in range(10, 16):
        first = told.answer(line(day, day, fraud=1))
        second = untold.answer(line(day, day, fraud=0))
        assert first["score"] == second["score"]


def test_scenario_and_other_columns_are_never_read():
    plain, told = CardDesk(), CardDesk()
    for day in range(20):
        first = plain.answer(line(day, day, fraud=0))
        second = told.answer(line(day, day, fraud=0, scenario=2, secret="x"))
        assert first["score"] == second["score"]


def test_a_card_with_a_reported_fraud_steps_up_once_the_label_is_heard():
    desk = CardDesk()
    usual(desk, days=10)
    heard = desk.answer({"id": "label", "tx_id": 9, "ts": "2018-04-11T00:00:00", "fraud": 1})
    assert heard == {"id": "label", "heard": "9", "is_known": True}
    answer = desk.answer(line(100, 11))
    assert answer["outcome"] == "step_up"
    assert answer["reasons"][0]["code"] == "risk.card_reported"


def test_the_books_own_names_give_the_same_answer():
    ours, books = CardDesk(), CardDesk()
    for day in range(5):
        one = line(day, day)
        other = {
            "id": day, "TRANSACTION_ID": day, "TX_DATETIME": one["ts"].replace("T", " "),
            "CUSTOMER_ID": 1, "TERMINAL_ID": 1, "TX_AMOUNT": Decimal("20.00"),
        }  # fmt: skip
        assert ours.answer(one)["score"] == books.answer(other)["score"]


def test_whole_numbers_written_with_a_point_and_milliseconds_give_the_same_answer():
    ours, floats = CardDesk(), CardDesk()
    one = line(1, 0)
    other = {
        "id": 1, "tx_id": Decimal("1.0"), "ts": 1_522_584_000_000, "customer_id": Decimal("1.0"),
        "terminal_id": Decimal("1.0"), "amount_cents": Decimal("2000.0"), "fraud": Decimal("0.0"),
    }  # fmt: skip
    assert ours.answer(one)["score"] == floats.answer(other)["score"]
    assert floats.past.at == ours.past.at and floats.past.knows("1")


@pytest.mark.parametrize(
    "change",
    [
        {"amount_cents": None},
        {"amount_cents": -1},
        {"amount_cents": "many"},
        {"amount_cents": Decimal("1.5")},
        {"amount_cents": True},
        {"amount": 20},
        {"ts": "yesterday"},
        {"ts": None},
        {"customer_id": 1.5},
        {"terminal_id": ""},
        {"tx_id": "x" * 81},
        {"fraud": 2},
    ],
)
def test_a_payment_with_a_part_missing_or_of_another_kind_is_refused(change):
    with pytest.raises(BadPayment):
        CardDesk().answer({**line(1, 0), **change})


def test_a_payment_out_of_order_from_the_future_or_repeated_is_refused_and_changes_nothing():
    desk, calm = CardDesk(), CardDesk()
    usual(desk, days=5)
    usual(calm, days=5)
    with pytest.raises(OutOfOrder):
        desk.answer(line(50, 1))
    with pytest.raises(OutOfOrder):
        desk.answer({**line(51, 6), "ts": "2999-01-01T00:00:00"})
    with pytest.raises(OutOfOrder):
        desk.answer({"id": 1, "tx_id": 4, "ts": "2999-01-01T00:00:00", "fraud": 1})
    with pytest.raises(PaymentRepeated):
        desk.answer(line(4, 6))
    assert desk.answer(line(60, 7))["score"] == calm.answer(line(60, 7))["score"]


def test_the_command_answers_line_by_line_and_goes_on_after_a_bad_one():
    lines = [line(1, 0), {"id": "bad"}, line(2, 1)]
    done = subprocess.run(
        [JIUDING, "decide", "--policy", "card_fraud"],
        input="\n".join(map(json.dumps, lines)) + "\nnot json\n",
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    answers = [json.loads(each) for each in done.stdout.splitlines()]
    assert [each["id"] for each in answers] == [1, "bad", 2, None]
    assert answers[1]["problem"]["code"] == "risk.bad_payment"
    assert {"outcome", "reasons", "score", "ms"} <= answers[2].keys()


def test_a_past_is_only_for_a_policy_that_remembers():
    from jiuding.cli.deciding import decider

    with pytest.raises(Problem):
        decider("credit", Path())
