"""The assistant: hears one sentence, in Chinese or English, and brings back the best way to pay.

*Understanding* turns a sentence into typed slots, each with the span that it came from. A *turn* is
the assistant's answer: plans, one question, a refusal with reasons, or a plain answer. A
*conversation* remembers the slots; a *policy* is the rule that an answer must name.

Always true: what a customer writes never reaches anything that decides; every value is typed and
*stated*, never verified; every sentence that we say is written in both languages and filled with
computed figures only; what was said word for word is not kept.

It does not price (that is `offers`) and does not decide (`decisions`). An *aid* (a language model,
a speech engine, a sentence encoder) is off unless the operator names one; it proposes, the grammar
decides. Nothing here can move value without a customer's own confirmation.
"""

from jiuding.channels.assistant.errors import (
    BadSlot,
    ConversationNotFound,
    TextEmpty,
    TextTooLong,
)
from jiuding.channels.assistant.events import HandedOver, NeedStated
from jiuding.channels.assistant.operations import amend, consult, hear, listen, own_statement
from jiuding.channels.assistant.rules.dialogue import money, percent, purpose_word
from jiuding.channels.assistant.rules.wire import (
    grant_body,
    loan_body,
    outlook_body,
    plan_body,
    portrait_body,
    quote_body,
    telling_body,
    turn_body,
)
from jiuding.channels.assistant.types import Intent, Span, Turn, TurnKind, Understanding

__all__ = [
    "BadSlot",
    "ConversationNotFound",
    "HandedOver",
    "Intent",
    "NeedStated",
    "Span",
    "TextEmpty",
    "TextTooLong",
    "Turn",
    "TurnKind",
    "Understanding",
    "amend",
    "consult",
    "grant_body",
    "hear",
    "listen",
    "loan_body",
    "money",
    "outlook_body",
    "own_statement",
    "percent",
    "plan_body",
    "portrait_body",
    "purpose_word",
    "quote_body",
    "telling_body",
    "turn_body",
]
