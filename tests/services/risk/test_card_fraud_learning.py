"""Learning card fraud from invented payments, and the handbook's way of measuring it."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest

from jiuding.kernel import decisions
from jiuding.services.risk.commands import models
from jiuding.services.risk.commands.card_payments import CardDesk
from jiuding.services.risk.errors import BadData
from jiuding.services.risk.operations import card_fraud
from jiuding.services.risk.rules import fraud_protocol as protocol
from jiuding.services.risk.rules.fraud_features import DAY, FEATURES
from jiuding.services.risk.rules.fraud_simulation import simulate_payments

SMALL = {"days": 60, "customers": 120, "terminals": 400}


@pytest.fixture(scope="module")
def payments():
    return simulate_payments(3, **SMALL)


def test_the_same_seed_invents_the_same_payments_in_time_order(payments):
    again = simulate_payments(3, **SMALL)
    assert all(
        np.array_equal(getattr(payments, name), getattr(again, name))
        for name in ("at", "customer", "terminal", "cents", "is_fraud")
    )
    assert (np.diff(payments.at) >= 0).all()
    assert 0.002 < payments.is_fraud.mean() < 0.2
    assert payments.is_fraud[payments.cents > 22_000].mean() > 0.5


def test_the_desk_says_of_a_stream_what_learning_saw_of_it(payments):
    count = 1_500
    rows = card_fraud.describe(payments)[:count]
    model = decisions.load_model("card_fraud")
    desk = CardDesk()
    for place in range(count):
        answer = desk.answer(
            {
                "tx_id": place,
                "ts": int(payments.at[place]) + 17_000 * DAY,
                "customer_id": int(payments.customer[place]),
                "terminal_id": int(payments.terminal[place]),
                "amount_cents": int(payments.cents[place]),
                "fraud": int(payments.is_fraud[place]),
            }
        )
        expected = decisions.judge_row(model, rows[place]).probability
        assert answer["score"] == float(expected)


def write(folder, payments):
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE t (tx_id INT, ts TIMESTAMP, customer_id INT, terminal_id INT,"
            " amount_cents INT, fraud TINYINT)"
        )
        rows = [
            (n, int(at) + 17_000 * DAY, int(c), int(t), int(m), int(f))
            for n, (at, c, t, m, f) in enumerate(
                zip(
                    payments.at, payments.customer, payments.terminal, payments.cents,
                    payments.is_fraud, strict=True,
                )
            )
        ]  # fmt: skip
        connection.executemany(
            "INSERT INTO t VALUES (?, make_timestamp(?::BIGINT * 1000000), ?, ?, ?, ?)", rows
        )
        connection.execute(f"COPY t TO '{folder / 'tx_all.parquet'}' (FORMAT parquet)")


def test_payments_come_back_from_a_folder_and_a_past_warms_the_desk(tmp_path, payments):
    few = type(payments)(*(getattr(payments, n)[:800] for n in payments.__slots__))
    write(tmp_path, few)
    found = card_fraud.read_payments(tmp_path)
    assert np.array_equal(found.cents, few.cents) and np.array_equal(found.is_fraud, few.is_fraud)
    warm, fed = CardDesk(), CardDesk()
    assert warm.warm(tmp_path) == 800
    for place in range(800):
        fed.answer(
            {
                "tx_id": place, "ts": int(found.at[place]), "fraud": int(found.is_fraud[place]),
                "customer_id": int(found.customer[place]),
                "terminal_id": int(found.terminal[place]), "amount_cents": int(found.cents[place]),
            }
        )  # fmt: skip
    line = {"tx_id": 9_000, "ts": int(found.at[-1]) + 3_600, "customer_id": 1, "terminal_id": 1}
    one, two = (desk.answer({**line, "amount_cents": 5_000}) for desk in (warm, fed))
    assert one["score"] == two["score"]
    newest = card_fraud.read_payments(tmp_path, days_max=2)
    assert 0 < len(newest.at) < 800 and newest.at[0] // DAY == found.at[-1] // DAY - 1


def test_a_folder_without_payments_is_refused(tmp_path):
    with pytest.raises(BadData):
        card_fraud.read_payments(tmp_path)
    (tmp_path / "tx_broken.parquet").write_bytes(b"not parquet")
    with pytest.raises(BadData):
        card_fraud.read_payments(tmp_path)


def test_a_learned_model_beats_chance_and_never_falls_with_the_multiple_of_the_usual(payments):
    rows = card_fraud.describe(payments)
    content = card_fraud.learn(rows, payments.is_fraud)
    assert content == card_fraud.learn(rows, payments.is_fraud)
    for model in (decisions.read_content(content), decisions.load_model("card_fraud")):
        place = FEATURES.index("card.amount_to_usual")
        for row in rows[5_000:5_040].tolist():
            scores = []
            for ratio in np.linspace(0.1, 12, 40):
                row[place] = ratio
                scores.append(decisions.log_odds(model, row))
            assert (np.diff(scores) >= -1e-9).all()


def test_the_command_learns_card_fraud_from_invented_payments_the_same_twice(tmp_path, monkeypatch):
    for name, value in (("DAYS", 40), ("CUSTOMERS", 60), ("TERMINALS", 300)):
        monkeypatch.setattr(card_fraud, name, value)
    first = models.train("card_fraud", None, tmp_path / "one")
    second = models.train("card_fraud", None, tmp_path / "two")
    assert first["sha256"] == second["sha256"] and first["data"] == "simulated"
    assert first["rows"] > 5_000 and first["frauds"] > 20
    loaded = decisions.load_model("card_fraud", folder=tmp_path / "one")
    assert [each.name for each in loaded.inputs] == list(FEATURES)


def test_known_cards_leave_the_test_and_only_what_was_told_counts_as_known():
    week = protocol.Week(train_from=0, test_from=14)
    # day, customer, fraud
    rows = [(3, 1, 1), (7, 2, 1), (13, 3, 1), (14, 4, 1)]
    rows += [(day, customer, 0) for day in range(14, 21) for customer in (1, 2, 3, 4)]
    day, customer, bad = (np.array(column) for column in zip(*rows, strict=True))
    tested = [
        set(customer[part].tolist()) for part in protocol.tested_rows(week, day, customer, bad)
    ]
    assert all(1 not in each for each in tested)  # fraud in the training week
    assert [2 in each for each in tested] == [True] + [False] * 6  # told on the second day
    assert [3 in each for each in tested] == [True] * 7  # told after the test week
    assert all(4 in each for each in tested)


def test_a_card_found_leaves_the_later_days():
    rows = [np.array([0, 1]), np.array([2, 3])]
    customer, bad = np.array([1, 2, 1, 2]), np.array([1, 0, 1, 0])
    score = np.array([0.9, 0.1, 0.9, 0.1])
    found = protocol.measure(rows, customer, bad, score)
    assert found["card_precision_100"] == pytest.approx(0.005)  # 1 of 100, then 0 of 100
    assert found["auc"] == 1 and found["average_precision"] == 1
