"""The Fraud Detection Handbook's protocol: weeks, cards already known, and its three measures.

Train on 7 days, wait 7 for their labels, test on 7. From the test days go the cards that are known
as compromised: fraud in the training week, or up to 8 days before the test day. Card precision at
100 is the share of the 100 highest-scored cards of a day that had a fraud that day; a card found so
leaves the later days. Source: chapters 3 to 5 of the book.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jiuding.services.risk.rules import measures

WEEK = 7
TEST_AFTER = 14
CARDS_A_DAY = 100
MEASURES = ("auc", "average_precision", "card_precision_100")


@dataclass(frozen=True, slots=True)
class Week:
    """One round of the protocol: day numbers; training and testing each take seven days."""

    train_from: int
    test_from: int


def last_weeks(day: np.ndarray, count: int) -> list[Week]:
    """Return the newest rounds whose test weeks end with the data, oldest first."""
    last = int(day.max())
    tests = [last - WEEK + 1 - WEEK * back for back in range(count - 1, -1, -1)]
    return [Week(test - TEST_AFTER, test) for test in tests]


def tested_rows(week: Week, day, customer, bad) -> list[np.ndarray]:
    """Return the places of the payments to test, day by day, without cards already known."""
    frauds = bad == 1
    trained = (day >= week.train_from) & (day < week.train_from + WEEK)
    known = set(customer[trained & frauds].tolist())
    found = []
    for number in range(WEEK):
        told = week.train_from + WEEK + number - 1
        known |= set(customer[(day == told) & frauds].tolist())
        rows = np.flatnonzero(day == week.test_from + number)
        found.append(rows[~np.isin(customer[rows], list(known))])
    return found


def measure(rows: list[np.ndarray], customer, bad, score) -> dict[str, float]:
    """Return the three measures over a week's test rows; scores have one place per payment."""
    every = np.concatenate(rows)
    return {
        "auc": measures.auc(bad[every], score[every]),
        "average_precision": measures.average_precision(bad[every], score[every]),
        "card_precision_100": _card_precision(rows, customer, bad, score),
    }


def _card_precision(rows, customer, bad, score) -> float:
    found: set[int] = set()
    daily = []
    for today in rows:
        cards, places = np.unique(customer[today], return_inverse=True)
        highest, truth = np.full(len(cards), -np.inf), np.zeros(len(cards))
        np.maximum.at(highest, places, score[today])
        np.maximum.at(truth, places, bad[today])
        open_cards = ~np.isin(cards, list(found))
        cards, highest, truth = cards[open_cards], highest[open_cards], truth[open_cards]
        top = np.argsort(-highest, kind="stable")[:CARDS_A_DAY]
        daily.append(truth[top].sum() / CARDS_A_DAY)
        found |= set(cards[top][truth[top] == 1].tolist())
    return float(np.mean(daily))


def mean_of(found: list[dict[str, float]]) -> dict[str, float]:
    """Return the mean of each measure over weeks."""
    return {name: float(np.mean([each[name] for each in found])) for name in MEASURES}
