"""Percentages as said, and what they come to in a year.

A rate carries a time base: 月息八厘 is 0.8 % a month and so 9.6 % a year; 日息万三 is 0.03 % a day
and so 10.95 % a year (simple, 365 days, as lenders quote it). In 厘 and 分 the base decides the
size: a year's 厘 is 1 %, a month's 0.1 %, a day's 0.01 %; 分 is ten times that. 成 is a tenth.
"""

from __future__ import annotations

import re
from decimal import Decimal

from jiuding.channels.assistant.rules.numbers import NUMERAL, value_of
from jiuding.channels.assistant.types import Kind, Mention, Number

_BASE = (
    r"(?P<base>(?:按?[年月日天]|每[年月日天]|一[年月天])(?:化|利|息|率|利率|的?利息|化利率)*)?"
    r"(?P<mid>[是为约大概在到,:\s不超过别低于高能要]{0,6})"
)
_ZH_DIGIT = r"[一二两三四五六七八九十\d]"
_SPECIAL = (
    ("wan",
        rf"{_BASE}万分?之?(?P<n>{_ZH_DIGIT}(?:点{_ZH_DIGIT}|"
        rf"\.\d+)?)(?P<n2>半)?(?![\d万千百元块年])"),
    ("qian", rf"{_BASE}千分之?(?P<n>{_ZH_DIGIT}(?:点{_ZH_DIGIT}|\.\d+)?)(?P<n2>)"),
    ("bai", rf"{_BASE}百分之(?P<n>{NUMERAL}(?:点[零一二三四五六七八九\d]+)?)(?P<n2>半)?"),
    ("li", rf"{_BASE}(?P<n>{NUMERAL}(?:点{_ZH_DIGIT})?)厘(?P<n2>{_ZH_DIGIT}|半)?"),
    ("fen",
        rf"{_BASE}(?P<n>[一二两三四五六七\d](?:\.\d+)?)分(?P<n2>{_ZH_DIGIT}|半)?(?=的?[利息]|"
        rf"以?[内下]|,|$|\.|了)"),
    ("cheng",
        rf"(?P<base>)(?P<mid>)(?P<n>[一二两三四五六七八九\d](?:\.\d)?)成(?P<n2>{_ZH_DIGIT}|"
        rf"半)?(?![功立本])"),
    ("dian",
        rf"{_BASE}(?P<n>{NUMERAL}(?:点{_ZH_DIGIT})?)个(?P<n2>半)?多?(?:百分)?点(?P<n3>"
        rf"{_ZH_DIGIT})?"),
)  # fmt: skip
_SPECIALS = tuple((name, re.compile(pattern)) for name, pattern in _SPECIAL)
_PERCENT = re.compile(r"\s?(?:%|percent\b|pct\b|per ?cent\b)")
_RATE_WORD = re.compile(
    r"(?:利率|年化|年利|利息|apr|\brates?|interest|月息|日息|年息)[^\d,;%]{0,14}$"
)
# 房贷五点六: a loan that is said to be a small number with decimals is at that rate.
_RATED = re.compile(
    r"(?:房贷|车贷|贷款|网贷|按揭|\b(?:mortgage|home loan|car loan|loan|card)s?(?: is| are|'s)?"
    r"(?: now| currently)?(?: at| on)?)(?:现在|目前|是|为|都|还|在|,|\s){0,4}$"
)
_AT = re.compile(r"\b(?:years?|yrs?|months?|mortgage|loan) at\s*$")
_RATE_WORD_AFTER = re.compile(r"的?(?:年化|年利率|利率)")
# 五点八的房贷: a loan named by its rate is one that runs.
_RATE_OF_LOAN = re.compile(r"的(?:房贷|车贷|按揭|网贷)")
_MONTHLY = re.compile(
    r"\s*(?:a|per|each|every)\s*month|\s*monthly|\s*/\s*mo|\s*(?:一个?|每)月|\s*p\.?m\b"
)
_DAILY = re.compile(r"\s*(?:a|per|each|every)\s*day|\s*daily|\s*/\s*day|\s*(?:一|每)[天日]")
_COUNT = tuple("零一二两三四五六七八九十百千半几0123456789")
_PLAIN_MAX = Decimal(60)


def percents_in(norm: str, numbers: list[Number]) -> list[Mention]:
    """Return the percentages of the sentence; `per` is year, month, day, share or empty.

    `low` and `high` are percent, already per year where a base was said.
    """
    found: list[Mention] = []
    for name, pattern in _SPECIALS:
        for match in pattern.finditer(norm):
            mention = _special(norm, name, match)
            if mention is not None and _is_free(mention, found):
                found.append(mention)
    for number in numbers:
        mention = _percent(norm, number)
        if mention is not None and _is_free(mention, found):
            found.append(mention)
    return sorted(found, key=lambda mention: mention.start)


def _is_free(mention: Mention, found: list[Mention]) -> bool:
    return all(mention.end <= other.start or mention.start >= other.end for other in found)


def _special(norm: str, name: str, match: re.Match[str]) -> Mention | None:
    value = value_of(match["n"])
    if value is None:
        return None
    tail = match["n2"]
    if tail:
        value += Decimal("0.5") if tail == "半" else (value_of(tail) or Decimal(0)) / 10
    if name == "dian" and match["n3"]:
        value += (value_of(match["n3"]) or Decimal(0)) / 10
    start, end = match.start("n"), match.end()
    if name in ("wan", "qian", "bai"):
        start = norm.rindex({"wan": "万", "qian": "千", "bai": "百"}[name], 0, start)
    if name == "cheng":
        return Mention(Kind.PERCENT, start, end, value * 10, value * 10, per="share")
    base = _base(match["base"] or "", norm, match.start(), end)
    if name == "wan" and norm[start - 1 : start] in _COUNT:
        return None  # 九万五 is an amount
    if name == "wan":
        if not base and not re.search(r"[息率利]$", norm[:start].rstrip()):
            return None
        base, value = base or "day", value / 100
    elif name == "qian":
        value /= 10
    elif name in ("li", "fen"):
        base = base or "month"
        value *= Decimal(1 if name == "li" else 10) / {"year": 1, "month": 10, "day": 100}[base]
    return _per_year(start, end, value, value, base)


def _base(said: str, norm: str, start: int, end: int) -> str:
    window = said + norm[max(0, start - 6) : start]
    if re.search(r"月(?!供|薪|收)", window) or _MONTHLY.match(norm, end):
        return "month"
    if (
        re.search(r"[日天]", said)
        or re.search(r"[日天](?:利|息)", window)
        or _DAILY.match(norm, end)
    ):
        return "day"
    return "year" if "年" in window else ""


def _percent(norm: str, number: Number) -> Mention | None:
    match = _PERCENT.match(norm, number.end)
    before = norm[max(0, number.start - 20) : number.start]
    if match is None:
        return _bare_rate(norm, number, before)
    end = match.end()
    base = ""
    if _MONTHLY.match(norm, end) or re.search(
        r"月利?[息率][^,]{0,5}$|monthly (?:interest|rate)[^,]{0,12}$", before
    ):
        base = "month"
    elif _DAILY.match(norm, end) or re.search(
        r"日利?[息率][^,]{0,5}$|daily (?:interest|rate)[^,]{0,12}$", before
    ):
        base = "day"
    return _per_year(number.start, end, number.low, number.high, base)


def _bare_rate(norm: str, number: Number, before: str) -> Mention | None:
    """Read 利率5.8 and "apr of 9" as rates though no percent sign was said."""
    told = _RATE_WORD.search(before) or _RATE_WORD_AFTER.match(norm, number.end)
    if not told and number.low != int(number.low) and 2 <= number.low <= 36:
        told = _RATED.search(before) or _AT.search(before)
    if not told and number.low != int(number.low) and 2 <= number.low <= 36:
        told = _RATE_OF_LOAN.match(norm, number.end)
    if number.scale != 1 or number.high > _PLAIN_MAX or not told:
        return None
    if norm[number.start : number.end] == "一":  # 一般, 一点, 一样: no figure
        return None
    if re.match(
        r"\s*(?:万|w\b|k\b|元|块|年|个|期|月|天|years?|months?|grand|thousand|yrs?)",
        norm[number.end :],
    ):
        return None
    base = "month" if "月息" in before else "day" if "日息" in before else ""
    return _per_year(number.start, number.end, number.low, number.high, base)


def _per_year(start: int, end: int, low: Decimal, high: Decimal, base: str) -> Mention:
    factor = {"month": 12, "day": 365}.get(base, 1)
    return Mention(Kind.PERCENT, start, end, low * factor, high * factor, per=base)
