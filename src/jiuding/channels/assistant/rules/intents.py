"""Which intent a sentence has: outright cues first, then the model and the cues together.

The model's log probabilities and the weights of the cues that match are added and made
probabilities again; the winner's is the confidence. A sentence that names a sum, a term or a
purpose leans towards a loan request; one that the model does not know and no cue explains leans out
of scope.
"""

from __future__ import annotations

import math
import re

from jiuding.channels.assistant.rules import cues, danger
from jiuding.channels.assistant.rules.model import MONEY_MATTERS, features, intent_model
from jiuding.channels.assistant.rules.purposes import PROHIBITED
from jiuding.channels.assistant.rules.slots import Frame
from jiuding.channels.assistant.types import Intent

_MODEL_WEIGHT = 1.0
_CONFIDENCE_TEMPERATURE = 1.6  # chosen by eye on the own sentences: raw scores are too sure
_ACCUSED = 0.25
_BORROWING = re.compile(r"借|贷|\b(?:loan|borrow\w*|lend|finance)\b")
_STATED = frozenset(
    {"amount", "amount_range", "price", "down_payment", "down_payment_pct", "goals"}
)


def intent_of(frame: Frame, *, asked: str | None) -> tuple[Intent, float, str | None]:
    """Return the intent, the probability that it is right, and the rule that was run against."""
    norm = frame.reading.norm
    outright = _outright(norm)
    if outright is not None:
        return outright
    if asked and _answers(frame, asked):
        return Intent.LOAN_REQUEST, 0.95, None
    scores = intent_model().log_probabilities(features(frame))
    scores = {label: _MODEL_WEIGHT * score for label, score in scores.items()}
    matched = False
    for intent, weight, pattern in cues.RULES:
        if pattern.search(norm):
            scores[intent] += weight
            matched = True
    for intent, weight in _leanings(frame, matched):
        scores[intent] += weight
    best = max(scores, key=lambda label: scores[label])
    if best == "unsafe" and _probability(scores, best) < _ACCUSED:
        # No rule was named and the model is unsure: nobody is turned away on a guess.
        best = max((label for label in scores if label != best), key=lambda label: scores[label])
    return Intent(best), _probability(scores, best), None


def _outright(norm: str) -> tuple[Intent, float, str | None] | None:
    for policy, pattern in danger.POLICIES:
        if pattern.search(norm):
            if policy == "identity_must_be_own" and danger.asks_of_others(norm):
                policy = "privacy_of_others"
            return Intent.UNSAFE, 0.97, policy
    if danger.INJECTION.search(norm):
        return Intent.UNSAFE, 0.98, None
    if danger.CRISIS.search(norm):
        return Intent.HARDSHIP, 0.97, None
    return None


def _answers(frame: Frame, asked: str) -> bool:
    """Tell whether a short sentence only answers the question that was put."""
    if len(frame.reading.norm) > 24:
        return False
    wanted = {
        "amount": ("amount", "amount_range", "price"), "purpose": ("purpose",),
        "term": ("term_months", "term_months_range"), "term_months": ("term_months",),
        "price": ("price", "amount"), "monthly": ("monthly_max", "amount"),
    }.get(asked, ())  # fmt: skip
    return any(name in frame.slots for name in wanted) and not any(
        pattern.search(frame.reading.norm)
        for intent, weight, pattern in cues.RULES
        if weight >= 3.5 and intent != "confirm"
    )


def _leanings(frame: Frame, matched: bool) -> list[tuple[str, float]]:
    slots = frame.slots
    leanings: list[tuple[str, float]] = []
    if _STATED & set(slots):
        leanings.append(("loan_request", 1.0))
        leanings.append(("out_of_scope", -3.0))
        leanings.append(("chitchat", -2.0))
        if "purpose" in slots or "goals" in slots:
            leanings.append(("loan_request", 1.5))
        if "term_months" in slots or "term_months_range" in slots:
            leanings.append(("loan_request", 1.0))
    elif not slots and not matched:
        leanings.append(("out_of_scope", 2.0))
    if MONEY_MATTERS.search(frame.reading.norm):
        leanings.append(("out_of_scope", -4.0))
    elif {"term_months", "term_months_range", "defer_months"} & set(slots):
        leanings.append(("out_of_scope", -2.0))
    if "goals" in slots or "down_payment_pct" in slots or "monthly_max" in slots:
        leanings.append(("loan_request", 0.5))
    elif "purpose" in slots and slots["purpose"] not in PROHIBITED:
        leanings.append(("loan_request", 0.8))
        leanings.append(("out_of_scope", -1.5))
    if slots.get("purpose") in PROHIBITED and _BORROWING.search(frame.reading.norm):
        leanings.append(("loan_request", 3.0))
    if frame.is_vague:
        leanings.append(("loan_request", 1.0))
    return leanings


def _probability(scores: dict[str, float], best: str) -> float:
    top = scores[best]
    total = sum(math.exp((score - top) / _CONFIDENCE_TEMPERATURE) for score in scores.values())
    return 1.0 / total
