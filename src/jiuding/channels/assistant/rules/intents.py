"""Which intent a sentence has: outright cues first, then the model and the cues together.

The model's log probabilities and the weights of the cues that match are added and made
probabilities again; the winner's is the confidence. Where that leaves much open and a sentence
encoder is installed, what the sentence means as a whole is added to the scores. A sentence that
names a sum, a term or a purpose leans towards a loan request; one that the model does not know and
no cue explains leans out of scope.
"""

from __future__ import annotations

import math
import re

from jiuding.channels.assistant.rules import cues, danger
from jiuding.channels.assistant.rules.model import MONEY_MATTERS, features, intent_model
from jiuding.channels.assistant.rules.opinions import second_opinion
from jiuding.channels.assistant.rules.purposes import PROHIBITED
from jiuding.channels.assistant.rules.slots import Frame
from jiuding.channels.assistant.types import Intent

_MODEL_WEIGHT = 1.0
_CONFIDENCE_TEMPERATURE = 1.6  # chosen by eye on the own sentences: raw scores are too sure
_ACCUSED = 0.4
# Below it the sentence as a whole is asked for; chosen, as the weight, on first readings.
_UNSURE = 0.5
_OPINION_WEIGHT = 1.0
_OPINION_WEIGHT_CUED = 0.5  # where an outright cue has spoken
_BORROWING = re.compile(r"借|贷|\b(?:loan|borrow\w*|lend|finance)\b")
_SHORT = 24  # characters of a sentence that only answers or changes one thing
_CHANGED = frozenset({
    "amount", "amount_range", "price", "down_payment", "down_payment_pct", "term_months",
    "term_months_range", "monthly_max", "rate_max_pct_pa", "repayment", "purpose",
})  # fmt: skip
_QUESTION = re.compile(
    r"[?吗]|多少|还是|哪|\b(?:what|which|how|is|are|why|when|who|can|could|would|do|does)\b"
)
_STATED = frozenset(
    {"amount", "amount_range", "price", "down_payment", "down_payment_pct", "goals"}
)


def intent_of(
    frame: Frame, *, asked: str | None, is_begun: bool = False
) -> tuple[Intent, float, str | None]:
    """Return the intent, the probability that it is right, and the rule that was run against.

    `is_begun` tells that a need was stated before: a bare term or sum then changes that need.
    """
    norm = frame.reading.norm
    outright = _outright(norm)
    if outright is not None:
        return outright
    if asked and _answers(frame, asked):
        return Intent.LOAN_REQUEST, 0.95, None
    if is_begun and _amends(frame):
        return Intent.LOAN_REQUEST, 0.9, None
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
    if _probability(scores, best) < _UNSURE:
        weight = _OPINION_WEIGHT_CUED if matched else _OPINION_WEIGHT
        scores = _with_second_opinion(scores, frame.reading.original, weight)
        best = max(scores, key=lambda label: scores[label])
    if best == "unsafe" and _probability(scores, best) < _ACCUSED:
        # No rule was named and the model is unsure: nobody is turned away on a guess.
        best = max((label for label in scores if label != best), key=lambda label: scores[label])
    return Intent(best), _probability(scores, best), None


def _with_second_opinion(scores: dict[str, float], text: str, weight: float) -> dict[str, float]:
    opinion = second_opinion(text)
    if opinion is None:
        return scores
    return {label: score + weight * opinion[label] for label, score in scores.items()}


def _outright(norm: str) -> tuple[Intent, float, str | None] | None:
    for policy, pattern in danger.POLICIES:
        if pattern.search(norm):
            if policy in danger.NOT_OF_VICTIMS and danger.REPORTED.search(norm):
                continue
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
    if len(frame.reading.norm) > _SHORT:
        return False
    wanted = {
        "amount": ("amount", "amount_range", "price"), "purpose": ("purpose",),
        "term": ("term_months", "term_months_range"), "term_months": ("term_months",),
        "price": ("price", "amount"), "monthly": ("monthly_max", "amount"),
        "monthly_income": ("monthly_income", "amount"),
    }.get(asked, ())  # fmt: skip
    return any(name in frame.slots for name in wanted) and not _says_more(frame)


def _says_more(frame: Frame) -> bool:
    """Tell whether an outright cue of another intent stands in the sentence."""
    return any(
        pattern.search(frame.reading.norm)
        for intent, weight, pattern in cues.RULES
        if weight >= 3.5 and intent != "confirm"
    )


def _amends(frame: Frame) -> bool:
    """Tell whether a short sentence only changes a need stated before: 三年, or "no, 22k"."""
    norm = frame.reading.norm
    return (
        len(norm) <= _SHORT
        and bool(_CHANGED & set(frame.slots))
        and not _QUESTION.search(norm)
        and not _says_more(frame)
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
