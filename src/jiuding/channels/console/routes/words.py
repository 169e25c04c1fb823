"""The console's words: two files, one per language, and how a page finds a sentence in them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from jiuding.base.amounts import CURRENCIES, Amount, currency
from jiuding.base.problems import ensure
from jiuding.channels.console import rules
from jiuding.channels.console.types import LANGUAGES, ProblemView, RejectionView

# Figures of a rejection that are money, and those that are names with words of their own.
_MONEY = frozenset({"extra", "monthly_extra", "amount", "amount_max", "amount_min"})
_NAMED = {
    "lends": "currencies", "wanted": "currencies", "category": "categories",
    "purposes": "purposes", "collateral": "collateral", "reasons": "rules",
}  # fmt: skip
MARKETS = frozenset({"cn", "au", "eu", "uk", "us"})
_FOLDER = Path(__file__).resolve().parents[1] / "words"


class Words:
    """Every sentence of one language, by `section.key`."""

    def __init__(self, lang: str, sections: Mapping[str, Mapping[str, str]]) -> None:
        self.lang = lang
        self.sections = sections

    def say(self, key: str, **values: Any) -> Markup:
        """Return a sentence with its values in place; values are escaped, the sentence is ours."""
        section, _, name = key.partition(".")
        text = self.sections.get(section, {}).get(name)
        ensure(text is not None, f"words/{self.lang}.toml has no {key}")
        return Markup(text).format(**values)

    def word(self, section: str, name: str) -> Markup:
        """Return the word for a name that comes from elsewhere; the section's `other`, else it."""
        held = self.sections.get(section, {})
        text = held.get(name) or held.get("other")
        return Markup(text).format(name=name) if text else Markup.escape(name)

    def by_code(self, section: str, code: str) -> Markup | None:
        """Return the sentence written for a code, whole or by its last part, or None."""
        held = self.sections.get(section, {})
        text = held.get(code) or held.get(code.rpartition(".")[2])
        return Markup(text) if text else None

    def months(self, number: int | str) -> Markup:
        """Return a term: years where it is whole years, else months."""
        count = int(str(number))
        if count and count % 12 == 0:
            return self.say("units.year") if count == 12 else self.say("units.years", n=count // 12)
        return self.say("units.month") if count == 1 else self.say("units.months", n=count)

    def date(self, day: date) -> Markup:
        """Return a day."""
        return self.say("units.date", y=day.year, month=self._month(day), d=day.day)

    def time(self, at: datetime) -> Markup:
        """Return an instant, in UTC and said so."""
        return self.say(
            "units.time", y=at.year, month=self._month(at), d=at.day, clock=f"{at:%H:%M}"
        )

    def lasting(self, span: timedelta) -> Markup:
        """Return how long: days and hours, hours and minutes, or minutes; never below zero."""
        minutes = max(int(abs(span).total_seconds()) // 60, 0)
        days, hours = divmod(minutes // 60, 24)
        if days:
            return self.say("units.days_hours", d=days, h=hours)
        if hours:
            return self.say("units.hours_minutes", h=hours, m=minutes % 60)
        return self.say("units.minutes", m=minutes)

    def _month(self, day: date) -> str:
        return self.sections["units"][f"month_{day.month}"]

    def rule(self, code: str) -> Markup:
        """Return the heading of a rule that turned products away."""
        market, _, _ = code.partition(".")
        law = self.by_code("rules", "jurisdiction") if market in MARKETS else None
        return self.by_code("rules", code) or law or self._from_code(code)

    def detail(self, row: RejectionView) -> Markup | None:
        """Return this product's own figures in words.

        Where we have no sentence, or a figure is not there: the lender's side in its own English
        words for an English reader, and nothing for another.
        """
        text = self.by_code("details", row.rule)
        figures = {name: self._figure(name, value, row) for name, value in row.figures.items()}
        if text is not None and set(re.findall(r"\{(\w+)\}", text)) <= figures.keys():
            return Markup(text).format(**figures)
        return Markup.escape(row.detail) if self.lang == "en" and row.detail else None

    def _figure(self, name: str, value: Any, row: RejectionView) -> Markup:
        if name in _MONEY and row.figures.get("currency") in CURRENCIES:
            amount = Amount.round(Decimal(str(value)), currency(row.figures["currency"]))
            return Markup(f"{rules.grouped(amount)} {self.sections['units'][amount.asset.code]}")
        if "months" in name and name not in _MONEY:
            return self.months(value)
        section = _NAMED.get(name)
        if section is not None:
            given = value if isinstance(value, list | tuple) else [value]
            return self.say("units.and").join(self.word(section, str(each)) for each in given)
        return Markup.escape(value)

    def account(self, kind: str) -> Markup:
        """Return what a customer calls an account of a kind in the chart; else the chart's title.

        A title that is no kind is returned as it is.
        """
        return self.by_code("kinds", kind) or Markup.escape(kind)

    def _from_code(self, code: str) -> Markup:
        return Markup.escape(code.rpartition(".")[2].replace("_", " ").capitalize() or code)

    def problem_title(self, view: ProblemView) -> Markup:
        """Return what happened."""
        return self.by_code("problems", view.code) or Markup.escape(view.title)

    def problem_next(self, view: ProblemView) -> Markup:
        """Return what to do about it; the problem's own detail where we wrote nothing better."""
        return self.by_code("problem_steps", view.code) or Markup.escape(view.detail)


@lru_cache
def words(lang: str) -> Words:
    """Return the words of a language that we write."""
    ensure(lang in LANGUAGES, f"{lang} is not a language of the console")
    with (_FOLDER / f"{lang}.toml").open("rb") as file:
        return Words(lang, tomllib.load(file))
