"""Learn the card fraud model, and measure it by the handbook's protocol beside the book's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from jiuding.kernel import decisions
from jiuding.services.risk.errors import BadData
from jiuding.services.risk.rules import fraud_protocol as protocol
from jiuding.services.risk.rules.fraud_features import DAY, FEATURES, LABEL_DELAY, CardPast
from jiuding.services.risk.rules.fraud_simulation import Payments, simulate_payments
from jiuding.services.risk.rules.trees import SEED, content_of, learn_trees
from jiuding.services.risk.types.fraud import CardPayment, FraudLabel

NAME = "card_fraud"
DAYS, CUSTOMERS, TERMINALS = 120, 5_000, 10_000
POPULATIONS = 2  # seeded SEED, SEED + 1, …
# Honest payments are plenty: one in eight is learned from, which shifts the log-odds by log 8.
HONEST_SHARE = 8
# Some rows are learned from a second time without labels, for streams that never hear one.
UNLABELLED_SHARE = 0.15
PAST_DAYS = 60
BOUNDS = (0.1, 0.2, 0.5, 0.9)
# Few leaves of many rows: what cannot be known (a terminal broken into this week) is not guessed.
SETTINGS = {
    "max_iter": 100,
    "learning_rate": 0.08,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 400,
    "l2_regularization": 5.0,
}
GROUPS = {
    "payment.amount": "amount",
    "card.amount_to_usual": "amount",
    "card.amount_to_highest": "amount",
    "card.usual_amount": "amount",
    "card.unusual_14d": "streak",
    "card.payments_before": "habit",
}
LABEL_COLUMNS = [
    place
    for place, name in enumerate(FEATURES)
    if name.startswith("terminal.") and "count" not in name
]
# A larger multiple of the usual amount, or more unusual payments before, never make it safer.
MONOTONE = {"card.amount_to_usual": 1, "card.amount_to_highest": 1, "card.unusual_14d": 1}


def group_of(name: str) -> str:
    """Return the group under which an input's part is told."""
    return GROUPS.get(name) or ("terminal" if name.startswith("terminal.") else "habit")


def read_payments(folder: Path, *, days_max: int | None = None) -> Payments:
    """Read card payments from a folder's Parquet files `tx_*.parquet`, in time order.

    `days_max` keeps the newest days only.

    Refuses: BadData when there are none, or a column is missing.
    """
    import duckdb

    files = sorted(str(path) for path in folder.glob("tx_*.parquet"))
    if not files:
        raise BadData(f"there are no files tx_*.parquet in {folder.name}")
    query = (
        "SELECT epoch(ts)::BIGINT AS paid_at, customer_id, terminal_id,"
        " amount_cents::BIGINT AS cents, fraud FROM read_parquet(?) ORDER BY ts, tx_id"
    )
    try:
        with duckdb.connect() as connection:
            found = connection.execute(query, [files]).fetchnumpy()
    except duckdb.Error as error:
        raise BadData(f"the payments cannot be read: {str(error)[:120]}") from error
    columns = ("paid_at", "customer_id", "terminal_id", "cents", "fraud")
    at, customer, terminal, cents, fraud = (np.asarray(found[name]) for name in columns)
    first = 0 if days_max is None else (int(at[-1]) // DAY + 1 - days_max) * DAY
    kept = at >= first
    parts = (each[kept] for each in (at, customer, terminal, cents, fraud.astype(bool)))
    return Payments(*parts)


def describe(payments: Payments) -> np.ndarray:
    """Return each payment's features, labels heard seven days late: payments by FEATURES."""
    past = CardPast()
    rows = np.empty((len(payments.at), len(FEATURES)))
    columns = (
        payments.at, payments.customer, payments.terminal, payments.cents, payments.is_fraud
    )  # fmt: skip
    for place, (at, customer, terminal, cents, is_fraud) in enumerate(
        zip(*(each.tolist() for each in columns), strict=True)
    ):
        rows[place] = past.add(CardPayment(str(place), at, customer, terminal, cents))
        past.expect(FraudLabel(str(place), at + LABEL_DELAY, bool(is_fraud)))
    return rows


def learn(rows: np.ndarray, bad: np.ndarray) -> dict[str, Any]:
    """Return the content of a model learned from these rows."""
    draw = np.random.default_rng(SEED)
    kept = np.flatnonzero(bad | (draw.random(len(bad)) < 1 / HONEST_SHARE))
    again = kept[draw.random(len(kept)) < UNLABELLED_SHARE]
    blind = rows[again]
    blind[:, LABEL_COLUMNS] = np.nan
    learner = learn_trees(
        np.concatenate((rows[kept], blind)),
        np.concatenate((bad[kept], bad[again])),
        monotone=[MONOTONE.get(name, 0) for name in FEATURES],
        **SETTINGS,
    )
    inputs = [{"name": name, "group": group_of(name)} for name in FEATURES]
    return content_of(learner, name=NAME, inputs=inputs, shift=-float(np.log(HONEST_SHARE)))


def train_card_fraud(data: Path | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Learn from a folder's payments, or invented ones; return content and what it rests on."""
    found = (
        [read_payments(data)]
        if data is not None
        else [
            simulate_payments(SEED + number, days=DAYS, customers=CUSTOMERS, terminals=TERMINALS)
            for number in range(POPULATIONS)
        ]
    )
    rows = np.concatenate([describe(each) for each in found])
    bad = np.concatenate([each.is_fraud for each in found])
    about = {
        "data": "simulated" if data is None else data.name,
        "seed": SEED,
        "rows": len(rows),
        "frauds": int(bad.sum()),
    }
    return learn(rows, bad), about


Score = Callable[[np.ndarray], np.ndarray]


def book_features(payments: Payments, rows: np.ndarray) -> np.ndarray:
    """Return the book's 15 features: amount, weekend, night, and windows of cards and terminals."""
    # Day 0 of 1970 was a Thursday.
    weekend = (payments.at // DAY + 3) % 7 >= 5
    night = payments.at % DAY // 3_600 <= 6
    names = ["payment.amount"]
    names += [f"card.{each}_{days}d" for days in (1, 7, 30) for each in ("count", "mean")]
    names += [f"terminal.{each}_{days}d" for days in (1, 7, 30) for each in ("count", "fraud_rate")]
    found = rows[:, [FEATURES.index(name) for name in names]]
    return np.nan_to_num(np.column_stack((found, weekend, night)))


def book_regression(week: protocol.Week, day, features, bad) -> Score:
    """Return the book's logistic regression, learned from the week's seven training days."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    trained = (day >= week.train_from) & (day < week.train_from + protocol.WEEK)
    learner = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1_000, random_state=0))
    learner.fit(features[trained], bad[trained])
    return lambda rows: learner.predict_proba(rows)[:, 1]


def measure_card_fraud(
    data: Path, model: decisions.Model, *, weeks: int, own: bool = False
) -> dict[str, Any]:
    """Measure a model by the handbook's protocol on a folder's last weeks, beside the book's own.

    The past begins `PAST_DAYS` before the first test day. `own` also learns from the days of it
    whose labels were heard by then.
    """
    payments = read_payments(data, days_max=PAST_DAYS + protocol.WEEK * weeks)
    rows = describe(payments)
    day, bad = payments.at // DAY, payments.is_fraud.astype(int)
    rounds = protocol.last_weeks(day, weeks)
    tested = [protocol.tested_rows(week, day, payments.customer, bad) for week in rounds]
    every = np.concatenate([np.concatenate(each) for each in tested])
    scores = {"jiuding": np.zeros(len(bad)), "book_logistic_regression": np.zeros(len(bad))}
    scores["jiuding"][every] = [decisions.log_odds(model, row) for row in rows[every].tolist()]
    features = book_features(payments, rows)
    for week, parts in zip(rounds, tested, strict=True):
        places = np.concatenate(parts)
        regression = book_regression(week, day, features, bad)
        scores["book_logistic_regression"][places] = regression(features[places])
    if own:
        told = day < rounds[0].test_from - protocol.WEEK
        learned = decisions.read_content(learn(rows[told], payments.is_fraud[told]))
        scores["jiuding_learned_here"] = np.zeros(len(bad))
        scores["jiuding_learned_here"][every] = [
            decisions.log_odds(learned, row) for row in rows[every].tolist()
        ]
    by_week = {
        name: [protocol.measure(parts, payments.customer, bad, score) for parts in tested]
        for name, score in scores.items()
    }
    return {
        "payments": len(bad),
        "frauds": int(bad.sum()),
        "test_days_from": [str(np.datetime64(int(week.test_from), "D")) for week in rounds],
        "mean": {name: protocol.mean_of(found) for name, found in by_week.items()},
        "weeks": by_week,
        "at_bounds": _at_bounds(bad[every], scores["jiuding"][every]),
    }


def _at_bounds(bad: np.ndarray, log_odds: np.ndarray) -> dict[str, dict[str, float]]:
    """Return, for bounds on the probability, frauds caught and honest payments held up."""
    probability = 1 / (1 + np.exp(-log_odds))
    found = {}
    for bound in BOUNDS:
        flagged = probability >= bound
        found[str(bound)] = {
            "frauds_caught": float(flagged[bad == 1].mean()),
            "honest_held_up": float(flagged[bad == 0].mean()),
            "flagged_that_are_frauds": float(bad[flagged].mean()) if flagged.any() else 0.0,
        }
    return found
