"""What cards and terminals did before: windows, late labels, and nothing of the future."""

from __future__ import annotations

import math
import random

import pytest

from jiuding.services.risk.rules.fraud_features import DAY, FEATURES, LABEL_DELAY, CardPast
from jiuding.services.risk.types.fraud import CardPayment, FraudLabel

START = 18_000 * DAY


def pay(number, at, customer="c", terminal="t", cents=1_000):
    return CardPayment(str(number), int(START + at), customer, terminal, cents)


def history(seed, count=3_000, days=60):
    """Return random payments of 40 cards at 30 terminals, a tenth of them fraud."""
    draw = random.Random(seed)
    times = sorted(draw.randrange(days * DAY) for _ in range(count))
    return [
        (
            pay(
                n, at, f"c{draw.randrange(40)}", f"t{draw.randrange(30)}", draw.randrange(1, 30_000)
            ),
            draw.random() < 0.1,
        )
        for n, at in enumerate(times)
    ]


def read(past, payment):
    return dict(zip(FEATURES, past.add(payment), strict=True))


def test_windows_equal_what_counting_again_from_the_start_gives():
    past, told = CardPast(), []
    for payment, is_fraud in history(1):
        found = read(past, payment)
        past.expect(FraudLabel(payment.payment_id, payment.at + LABEL_DELAY, is_fraud))
        told.append((payment, is_fraud))
        for days in (1, 7, 30):
            mine = [
                p.cents
                for p, _ in told
                if p.customer == payment.customer and p.at > payment.at - days * DAY
            ]
            assert found[f"card.count_{days}d"] == len(mine)
            assert found[f"card.mean_{days}d"] == pytest.approx(sum(mine) / len(mine) / 100)
            known = payment.at - LABEL_DELAY
            there = [
                bad
                for p, bad in told[:-1]
                if p.terminal == payment.terminal and known - days * DAY < p.at <= known
            ]
            assert found[f"terminal.count_{days}d"] == len(there)
            if past.labels_heard:
                share = sum(there) / len(there) if there else 0
                assert found[f"terminal.fraud_rate_{days}d"] == pytest.approx(share)


def test_what_comes_later_never_changes_what_was_said():
    every = history(2, count=800)
    rows = []
    for stop in (400, 800):
        past = CardPast()
        found = []
        for payment, is_fraud in every[:stop]:
            found.append(past.add(payment))
            past.expect(FraudLabel(payment.payment_id, payment.at + LABEL_DELAY, is_fraud))
        rows.append(found[:400])
    assert repr(rows[0]) == repr(rows[1])


def test_a_label_is_not_known_before_its_seven_days_are_over():
    past = CardPast()
    past.add(pay(1, 0))
    past.expect(FraudLabel("1", START + LABEL_DELAY, True))
    assert math.isnan(read(past, pay(2, LABEL_DELAY - 1))["terminal.fraud_run"])
    found = read(past, pay(3, LABEL_DELAY))
    assert found["terminal.fraud_run"] == 1 and found["terminal.fraud_rate_7d"] == 1


def test_a_label_that_comes_late_corrects_the_windows_it_belongs_to():
    past = CardPast()
    past.learn(FraudLabel("another", START, False))
    past.add(pay(1, 0))
    assert read(past, pay(2, 8 * DAY))["terminal.fraud_rate_7d"] == 0
    assert past.learn(FraudLabel("1", START + 9 * DAY, True))
    found = read(past, pay(3, 9 * DAY))
    assert found["terminal.fraud_rate_7d"] == 1 and found["terminal.fraud_rate_1d"] == 0
    past.learn(FraudLabel("1", START + 10 * DAY, False))
    assert read(past, pay(4, 10 * DAY))["terminal.fraud_rate_7d"] == 0


def test_a_label_about_nothing_known_is_said_to_be_so():
    assert not CardPast().learn(FraudLabel("nobody", START, True))


def test_without_any_label_what_rests_on_labels_is_missing_and_counts_are_not():
    past = CardPast()
    past.add(pay(1, 0))
    found = read(past, pay(2, 20 * DAY))
    assert found["terminal.count_30d"] == 1
    assert all(math.isnan(found[f"terminal.fraud_rate_{days}d"]) for days in (1, 7, 30))


def test_a_run_of_frauds_tells_its_length_its_days_and_the_last_honest_payment():
    past = CardPast()
    truth = [False, True, True, True]
    for number, is_fraud in enumerate(truth):
        past.add(pay(number, number * DAY, customer=f"c{number}"))
        past.expect(FraudLabel(str(number), START + number * DAY + LABEL_DELAY, is_fraud))
    found = read(past, pay(9, 12 * DAY))
    assert found["terminal.fraud_run"] == 3
    assert found["terminal.fraud_run_days"] == 11 and found["terminal.honest_days_ago"] == 12


def test_a_thiefs_large_payments_do_not_become_usual():
    past = CardPast()
    for number in range(40):
        past.add(pay(number, number * DAY, cents=2_000))
    large = [read(past, pay(100 + n, 40 * DAY + n, cents=20_000)) for n in range(3)]
    assert large[0]["card.amount_to_usual"] == pytest.approx(10)
    assert large[2]["card.amount_to_usual"] > 8
    assert [each["card.unusual_14d"] for each in large] == [0, 1, 2]


def test_old_payments_are_forgotten_so_memory_does_not_grow():
    past = CardPast()
    for number in range(5_000):
        past.add(pay(number, number * 3_600))
    assert len(past._payments) <= 37 * 24 + 2
    assert not past.knows("1") and past.knows("4999")
