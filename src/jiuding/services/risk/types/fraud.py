"""Nouns of card fraud: a payment at a terminal, and what was later found about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardPayment:
    """A customer pays at a terminal. `at` counts seconds since 1970 in UTC."""

    payment_id: str
    at: int
    customer: str
    terminal: str
    cents: int


@dataclass(frozen=True, slots=True)
class FraudLabel:
    """What was found about a payment, heard at `at`."""

    payment_id: str
    at: int
    is_fraud: bool
