"""Invent card payments and frauds, so that a model can be learned from data that may be shared.

The population and the three kinds of fraud follow the description in "Reproducible Machine Learning
for Credit Card Fraud Detection: Practical Handbook" (Le Borgne et al., 2022), chapter 3: customers
and terminals on a square of 100 by 100, a customer pays at terminals within 5; amounts around the
customer's own mean; frauds are large amounts, terminals that were broken into (every payment for 28
days) and stolen card data (a third of the payments of 14 days, five times as large). The code is
our own and nothing of the book's data is in what it makes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DAY = 86_400
SQUARE, RADIUS = 100.0, 5.0
MEAN_AMOUNT = (5.0, 100.0)
PAYMENTS_A_DAY_MAX = 4.0
NOON, SPREAD = 43_200, 20_000
LARGE_AMOUNT = 220.0
TERMINAL_DAYS, CARD_DAYS = 28, 14
CARD_FACTOR, CARD_SHARE = 5.0, 3


@dataclass(frozen=True, slots=True)
class Payments:
    """Payments in time order, one place for each: arrays of one length.

    `at` in seconds, `cents` whole; `is_fraud` is the truth, which is heard later.
    """

    at: np.ndarray
    customer: np.ndarray
    terminal: np.ndarray
    cents: np.ndarray
    is_fraud: np.ndarray


def simulate_payments(seed: int, *, days: int, customers: int, terminals: int) -> Payments:
    """Return invented payments; the same seed and sizes give the same ones.

    Each day, one in 5,000 terminals is broken into and three in 5,000 cards are stolen.
    """
    draw = np.random.default_rng(seed)
    mean = draw.uniform(*MEAN_AMOUNT, customers)
    near = _near(draw, customers, terminals)
    sizes = np.array([len(each) for each in near])
    counts = draw.poisson(
        (draw.uniform(0, PAYMENTS_A_DAY_MAX, customers) * (sizes > 0))[:, None], (customers, days)
    )
    customer = np.repeat(np.arange(customers), counts.sum(axis=1))
    day = np.repeat(np.tile(np.arange(days), customers), counts.ravel())
    second = draw.normal(NOON, SPREAD, len(day))
    kept = (second > 0) & (second < DAY)
    customer, at = customer[kept], day[kept] * DAY + second[kept].astype(np.int64)
    amount = draw.normal(mean[customer], mean[customer] / 2)
    below = amount < 0
    amount[below] = draw.uniform(0, 2 * mean[customer][below])
    flat, start = np.concatenate(near), np.cumsum(sizes) - sizes
    terminal = flat[start[customer] + (draw.random(len(at)) * sizes[customer]).astype(np.int64)]
    order = np.argsort(at, kind="stable")
    at, customer, terminal, amount = (each[order] for each in (at, customer, terminal, amount))
    amount, is_fraud = _frauds(draw, days, at // DAY, customer, terminal, amount)
    return Payments(at, customer, terminal, np.round(amount * 100).astype(np.int64), is_fraud)


def _near(draw: np.random.Generator, customers: int, terminals: int) -> list[np.ndarray]:
    """Return the terminals within reach of each customer."""
    homes = draw.uniform(0, SQUARE, (customers, 2))
    places = draw.uniform(0, SQUARE, (terminals, 2))
    return [np.flatnonzero(((places - home) ** 2).sum(axis=1) < RADIUS * RADIUS) for home in homes]


def _frauds(draw, days, day, customer, terminal, amount) -> tuple[np.ndarray, np.ndarray]:
    is_fraud = amount > LARGE_AMOUNT
    at_terminal, of_customer = _places(terminal), _places(customer)
    terminals, customers = len(at_terminal), len(of_customer)
    broken_a_day, stolen_a_day = (
        max(round(terminals / 5_000), 1),
        max(round(customers * 3 / 5_000), 1),
    )
    for today in range(days):
        for each in draw.choice(terminals, broken_a_day, replace=False):
            rows = at_terminal[each]
            is_fraud[rows[(day[rows] >= today) & (day[rows] < today + TERMINAL_DAYS)]] = True
        for each in draw.choice(customers, stolen_a_day, replace=False):
            rows = of_customer[each]
            rows = rows[(day[rows] >= today) & (day[rows] < today + CARD_DAYS)]
            rows = draw.choice(rows, len(rows) // CARD_SHARE, replace=False) if len(rows) else rows
            amount[rows] *= CARD_FACTOR
            is_fraud[rows] = True
    return amount, is_fraud


def _places(ids: np.ndarray) -> list[np.ndarray]:
    """Return, for each id from 0, the places where it stands, in order."""
    order = np.argsort(ids, kind="stable")
    return np.split(order, np.searchsorted(ids[order], np.arange(1, ids.max() + 1)))
