"""What a language model proposes, read with the same distrust as a customer's text.

A proposal may quote words of the sentence as the value of a slot, and may put the question that is
to be asked anyway. A quote counts only when those very words stand in the sentence, when our own
grammar reads exactly one value of the right kind in them, and when the grammar had found nothing
for that slot; what the grammar found is never changed. A question counts only when it is short,
holds no figure, no address and no promise; which question is asked is never its choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jiuding.base.problems import Problem
from jiuding.channels.assistant.rules.frames import asked_for
from jiuding.channels.assistant.rules.slots import frame_of
from jiuding.channels.assistant.rules.text import prepare
from jiuding.channels.assistant.types import Intent, Span, Understanding

QUESTION_CHARACTERS_MAX = 120
_QUOTE_CHARACTERS_MAX = 60
# A slot that may be proposed → the slots that our grammar must find alone in the quote.
_SLOTS = {"amount": "amount", "term": "term_months", "purpose": "purpose"}
_OPEN_TO_PROPOSALS = frozenset({Intent.LOAN_REQUEST, Intent.LOAN_COMPARE})
_RIVALS = {
    "amount": ("amount", "amount_range", "goals", "price", "debt"),
    "term": ("term_months", "term_months_range"),
    "purpose": ("purpose", "goals"),
}
_NOT_IN_A_QUESTION = re.compile(
    r"\d|[零一二两三四五六七八九十百千万亿%$£€¥<>{}\[\]@/\\]|https?|www|批准|通过|放款|保证|承诺|"
    r"利率|密码|验证码|"
    r"\b(?:approv\w*|grant\w*|guarante\w*|promise\w*|rate|password|pin|code|one|two|three|"
    r"hundred|thousand|million|percent|free|ignore|account number)\b",
    re.IGNORECASE,
)


def with_proposal(heard: Understanding, proposal: Mapping[str, Any] | None) -> Understanding:
    """Return the understanding with those quotes in it that stand up to the grammar.

    Money, unsafe texts and every intent but a wish to borrow are out of a model's reach: intent,
    policy and what is already known stay as they are.
    """
    quotes = proposal.get("quotes") if isinstance(proposal, Mapping) else None
    if not isinstance(quotes, Mapping) or heard.intent not in _OPEN_TO_PROPOSALS:
        return heard
    if heard.policy is not None:
        return heard
    slots, spans = dict(heard.slots), dict(heard.spans)
    for name, slot in _SLOTS.items():
        found = _value(heard, slot, quotes.get(name))
        if found is None or any(rival in slots for rival in _RIVALS[name]):
            continue
        slots[slot], spans[slot] = found
    if slots == dict(heard.slots):
        return heard
    return replace(
        heard, slots=slots, spans=spans, ask=asked_for(heard.intent, slots, heard.policy)
    )


def _value(heard: Understanding, slot: str, quote: Any) -> tuple[Any, Span] | None:
    """Return what our grammar reads in a quote that stands in the text exactly once."""
    if not isinstance(quote, str) or not 0 < len(quote) <= _QUOTE_CHARACTERS_MAX:
        return None
    start = heard.text.find(quote)
    if start < 0 or heard.text.count(quote) > 1:
        return None
    try:
        frame = frame_of(prepare(quote, lang=heard.lang or None))
        around = frame_of(prepare(_clause(heard.text, start, quote), lang=heard.lang or None))
    except Problem:
        return None
    kinds = {"amount", "amount_range", "term_months", "term_months_range", "price", "goals"}
    if slot not in frame.slots or (kinds - {slot}) & set(frame.slots):
        return None
    if around.slots.get(slot) != frame.slots[slot]:
        return None  # "worked here for 3 years", "not for a car": its own clause says otherwise
    inner = frame.spans[slot]
    span = Span(start + inner.start, start + inner.end, inner.text)
    return (frame.slots[slot], span) if _is_whole(heard.text, span) else None


def _clause(text: str, start: int, quote: str) -> str:
    """Return the clause that a quote stands in, from one mark of punctuation to the next."""
    ends = [m.end() for m in _MARK.finditer(text[:start])]
    after = _MARK.search(text, start + len(quote))
    return text[ends[-1] if ends else 0 : after.start() if after else len(text)]


_MARK = re.compile(r"[;!?。；！？，\n]|[,.](?!\d)")


def _is_whole(text: str, span: Span) -> bool:
    """Tell whether a quote cuts no number: 5 out of 50,000 is not in the sentence."""
    number = re.compile(r"[\d.,零一二两三四五六七八九十百千万亿kKwW]")
    before, after = text[max(0, span.start - 1) : span.start], text[span.end : span.end + 1]
    if not re.search(r"[\d一二两三四五六七八九十]", span.text):
        return True
    return not (before and number.match(before) and before not in ",，.。") and not (
        after and number.match(after) and after not in ",，.。"
    )


def question_of(proposal: Mapping[str, Any] | None, fallback: str) -> str:
    """Return the proposed wording of a question where it is harmless, else our own sentence."""
    question = proposal.get("question") if isinstance(proposal, Mapping) else None
    if not isinstance(question, str):
        return fallback
    plain = " ".join(question.split())
    if not 4 <= len(plain) <= QUESTION_CHARACTERS_MAX or not plain.isprintable():
        return fallback
    if not plain.endswith(("?", "？")) or _NOT_IN_A_QUESTION.search(plain):
        return fallback
    return plain
