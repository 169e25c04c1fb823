"""Nouns of understanding: what a sentence asks for, value by value, each with where it stood.

Money is a decimal count of the stated currency's unit (yuan, not ten thousands of them), terms are
months, rates are percent per year. Everything here is *stated* by the customer, never verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Intent(StrEnum):
    """What the customer wants the assistant to do."""

    LOAN_REQUEST = "loan_request"
    LOAN_COMPARE = "loan_compare"
    LOAN_INFO = "loan_info"
    AFFORDABILITY = "affordability"
    APPLICATION_STATUS = "application_status"
    PREPAY = "prepay"
    REFINANCE = "refinance"
    HARDSHIP = "hardship"
    CANCEL = "cancel"
    CONSENT_WITHDRAW = "consent_withdraw"
    HUMAN = "human"
    DECLINE_REASON = "decline_reason"
    DATA_RIGHTS = "data_rights"
    ACCOUNT_QUERY = "account_query"
    PAYMENT = "payment"
    INVEST = "invest"
    CONFIRM = "confirm"
    CHITCHAT = "chitchat"
    OUT_OF_SCOPE = "out_of_scope"
    UNSAFE = "unsafe"


class Kind(StrEnum):
    """What sort of value a mention holds."""

    MONEY = "money"
    TERM = "term"
    PERCENT = "percent"
    PURPOSE = "purpose"


@dataclass(frozen=True, slots=True)
class Span:
    """Where a value stood: `text` is the customer's own characters from `start` to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number as said, by its place in the reading copy of the sentence.

    `low` and `high` differ for a range; `is_vague` is a number that names no figure (several tens
    of thousands); `scale` is the unit word's factor (10,000 for 万), 1 when there is none.
    """

    start: int
    end: int
    low: Decimal
    high: Decimal
    is_approx: bool = False
    is_vague: bool = False
    scale: Decimal = Decimal(1)

    @property
    def is_range(self) -> bool:
        """Tell whether the number is a range of two ends."""
        return self.low != self.high


@dataclass(frozen=True, slots=True)
class Mention:
    """A value found in the sentence, before it has a role.

    Money is in units, terms in months, percents as said with `per` (year, month, day or none).
    `role` is set by the nearest cue; `label` holds a purpose's word or a currency's code.
    """

    kind: Kind
    start: int
    end: int
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    is_approx: bool = False
    is_bare: bool = False  # a number without any unit or currency
    per: str = ""
    label: str = ""
    role: str = ""
    strength: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence prepared for reading: `norm` is folded, `places` maps each character back."""

    original: str
    norm: str
    places: tuple[int, ...]
    lang: str

    def span(self, start: int, end: int) -> Span:
        """Return the customer's own characters behind a stretch of the reading copy."""
        end = max(end, start + 1)
        first = self.places[start]
        last = self.places[min(end, len(self.places)) - 1]
        return Span(first, last + 1, self.original[first : last + 1])


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a sentence asks for.

    `slots` holds exact values, `spans` where each stood; `ask` names what must be asked before a
    quote; `policy` names the rule that the answer must state; `confidence` is the probability that
    the intent is right; `actions` is what the assistant will do, and nothing else.
    """

    intent: Intent
    slots: Mapping[str, Any]
    spans: Mapping[str, Span]
    ask: tuple[str, ...]
    policy: str | None
    confidence: float
    lang: str
    actions: tuple[str, ...]
    text: str = field(default="", repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the understanding as JSON-ready values; numbers are whole where they can be."""
        return {
            "intent": str(self.intent),
            "slots": {name: _plain(value) for name, value in self.slots.items()},
            "ask": list(self.ask),
            "policy": self.policy,
            "confidence": self.confidence,
            "actions": list(self.actions),
        }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value


class TurnKind(StrEnum):
    """What the assistant's turn is: plans, a question, a refusal with reasons, or an answer."""

    PLANS = "plans"
    QUESTION = "question"
    DECLINE = "decline"
    ANSWER = "answer"
    HAND_OVER = "hand_over"


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where a conversation stands: the slots so far, and what was asked last."""

    conversation_id: str
    party_id: str
    lang: str
    slots: Mapping[str, Any]
    asked: str | None
    quote_id: str | None
    turn_count: int


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer of the assistant.

    `say` holds its sentences in `lang`; `slots` all that is known so far and `spans` where this
    sentence said it; `quote` the plans, where there are any; `ask` the slots that are missing;
    `reasons` why it cannot be, each a `lending.Reason`; `steps` the milliseconds of each step.
    """

    conversation_id: str
    lang: str
    kind: TurnKind
    intent: str
    slots: Mapping[str, Any]
    spans: Mapping[str, Span]
    say: tuple[str, ...]
    ask: tuple[str, ...] = ()
    quote: Any = None
    reasons: tuple[Any, ...] = ()
    confidence: float = 1.0
    steps: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """What sound says: its words, each figure in them in words and digits, what is said about it.

    Empty `text` is nothing heard; `say` then holds the question.
    """

    text: str
    lang: str
    figures: tuple[str, ...]
    say: tuple[str, ...]
