"""What was heard, read back: the words, and every figure in them as the grammar understands it.

Sound is misheard, so nothing is done with it: its words stand in a field that the customer can
change, with the figures beside them in digits. Nothing heard is a question, and never a guess.
"""

from __future__ import annotations

from typing import Any

from jiuding.base.problems import Problem
from jiuding.channels.assistant.rules import dialogue
from jiuding.channels.assistant.rules.frames import understand
from jiuding.channels.assistant.types import Heard

# The slots that are read back, in this order; the others hold no figure.
FIGURES = (
    "amount", "amount_range", "price", "down_payment", "down_payment_pct", "monthly_max",
    "term_months", "term_months_range", "rate_max_pct_pa", "rate_pct_pa", "current_rate_pct_pa",
    "monthly_income", "existing_monthly_debt", "debt",
)  # fmt: skip


def read_back(text: str, *, lang: str) -> Heard:
    """Return what was heard with its figures, and what is said about it in this language."""
    figures = _figures(text, lang)
    if not any(letter.isalnum() for letter in text):
        return Heard("", lang, (), (dialogue.say(lang, "unheard"),))
    if not figures:
        return Heard(text, lang, (), (dialogue.say(lang, "heard_no_figure"),))
    stop = "；" if lang == "zh" else "; "
    told = stop.join(figures)
    return Heard(text, lang, figures, (dialogue.say(lang, "heard_figures", figures=told),))


def _figures(text: str, lang: str) -> tuple[str, ...]:
    try:
        slots = understand(text, lang=lang).slots
    except Problem:
        return ()
    told = [
        dialogue.words(lang)["figure"][name].format_map({"value": _told(slots[name])})
        for name in FIGURES
        if slots.get(name) is not None
    ]
    told += [
        dialogue.words(lang)["figure"]["goal"].format_map(
            {
                "purpose": dialogue.purpose_word(lang, goal["purpose"]),
                "value": dialogue.money(goal["amount"]),
            }
        )
        for goal in slots.get("goals") or ()
    ]
    return tuple(told)


def _told(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " – ".join(dialogue.money(each) for each in value)
    return dialogue.money(value)
