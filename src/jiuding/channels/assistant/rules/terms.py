"""How long: terms in months, and the days within which money is needed.

A number becomes a term by the unit after it. Ages, lengths of service, calendar years and "a month"
as the beat of a payment are not terms, and are told apart here by the words around them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from jiuding.channels.assistant.types import Kind, Mention, Number

_MONTHS = {
    "year": 12, "yr": 12, "y": 12, "年": 12, "month": 1, "mth": 1, "mo": 1, "m": 1, "月": 1,
    "期": 1, "instalment": 1, "installment": 1, "payment": 1, "季": 3, "quarter": 3, "decade": 120,
}  # fmt: skip
_DAYS = {"day": 1, "天": 1, "日": 1, "week": 7, "wk": 7, "周": 7, "礼": 7, "星": 7, "hour": 0}
_UNIT = re.compile(
    r"(?P<more>[多来])?\s*(?:(?P<zh>年半|个半月|周年|年|个半?月|个?季度|(?<=[两俩仨多])月|月|"
    r"期|天|日(?=内|之内|以内)|个?"
    r"(?:星期|礼拜)|周)(?!化|利率|薪|收入|底|初|息|轻|级|龄|入|终|货|间|权|待|饼|供|度假)"
    r"|[\s-]*(?P<half>and a half[\s-]*)?"
    r"(?P<en>years?|yrs?|y|months?|mths?|mos?|m|weeks?|wks?|days?|hours?|quarters?|decades?"
    r"|(?:monthly |equal )?(?:instal?lments?|payments?))(?![a-z]))(?P<tail>\s+and a half)?"
)
_PLAIN = re.compile(
    r"(?P<semi>半年|half a year|half-year|half year)"
    r"|(?P<couple>(?:[俩仨])个?月|(?:[俩仨])年)|(?P<months>一两个月)"
    r"|(?P<year>\b(?:a|an|one) year(?P<and_half> and a half)?\b)"
    r"|(?P<decade>\ba decade\b)|(?P<amonth>(?<=for )a month\b|(?<=over )a month\b)"
)
_JOIN = re.compile(r"\s*(?:零|又|加|and|,|外加)?\s*")
_NOT_BEFORE = re.compile(
    r"(?:(?:工作|上班|经营|成立|从业|工龄|车龄|结婚|入职|已还|创业|老店)(?:了|满|有|"
    r"店|已|已经)*|(?:用|住|买|还|存|跑|交|缴|开|干|做|拖|欠)了)(?:快|近|差不多|整整)?$|(?:最近|"
    r"过去|近|之前|前|连续|每|再过|再等|满|第|逾期|拖欠|欠|剩|还剩)$"
    r"|\b(?:worked|working|lived|living|been|employed|trading|running|owned|had|with you)"
    r"[a-z' ]{0,24}(?:for|the past|over)\s*(?:about |the |over )?$"
    r"|(?:last|past|previous|every|each|been|worked|for the|after|since|paid|overdue|"
    r"aged?|remaining|first|next|employed|trading|business)\s*(?:for\s*)?(?:about\s*)?$"
)
_NOT_AFTER = re.compile(
    r"\s*(?:租(?![车])|前|以前|之前|经验|工龄|车龄|的?老|多?没|的?社保|的?流水|的?公积金|后就?退休|历史|"
    r"没还|逾期|以上的?[车客]|的?(?:房租|租金|学费|保费|物业费?|工资|生活费|水电|开销))"
    r"|\s*(?:ago|old|'?s? ?(?:rent|tuition|wages|fees)\b|(?:of|'s?|worth of) (?:rent|school|"
    r"tuition|fees|expenses|living|wages|"
    r"insurance|bills|premiums)|late|overdue|behind|of (?:experience|trading|history|"
    r"employment|statements)|"
    r"left|remaining|in (?:business|my job|this job|the job)|at (?:my|the same|this)|into|"
    r"experience)"
)
_BEAT_AFTER = re.compile(
    r"[,\s]*(?:最多|大概|只能|只|能|可以|不超过|顶多|差不多|最高|别超过|要|得|控制在?|拿出?)*"
    r"(?:还|付|供|挣|赚|收入|工资|掏|出|到手|拿|左右的?月供|\d|[一二两三四五六七八九十])"
)
_YEAR_BEAT_AFTER = re.compile(
    r"\s*(?:要|得|花|学费|能?挣|能?赚|收入|下来|大概|差不多|的?(?:学费|收入|租金|房租|保费))"
)
_WITHIN_AFTER = re.compile(
    r"\s*(?:内|之内|以内|就)?\s*(?:要|用|到账|拿到|放款|下款|到手|需要|急用|得)"
)
_WITHIN_BEFORE = re.compile(
    r"(?:need(?:ed)?|funds?|cash|money|it|required?)[^,.;]{0,24}(?:in|within|"
    r"inside)\s*(?:the next\s*)?$"
    r"|(?:^|\b)(?:within|in under|in less than|inside)\s*(?:the next\s*)?$"
)
_CALENDAR_YEARS = range(1950, 2101)


def terms_in(norm: str, numbers: list[Number]) -> list[Mention]:
    """Return the terms of the sentence: months in `low` and `high`.

    A stretch in days or weeks has label `day` and holds days; the rest have label `month`.
    """
    found = [term for number in numbers if (term := _term(norm, number)) is not None]
    for match in _PLAIN.finditer(norm):
        mention = _plain(norm, match)
        if all(mention.end <= other.start or mention.start >= other.end for other in found):
            found.append(mention)
    found.sort(key=lambda mention: mention.start)
    return _add_up(norm, found)


def _term(norm: str, number: Number) -> Mention | None:
    match = _UNIT.match(norm, number.end)
    if match is None or number.is_vague or number.high > 720:
        return (
            None
            if match is None or number.high not in _CALENDAR_YEARS or not match["zh"]
            else _not_a_term(number, match)
        )
    unit, end = match["zh"] or match["en"], match.end()
    if match["zh"] == "月" and number.high <= 12 and norm[number.end - 1] not in "两俩仨":
        return _not_a_term(number, match)  # 三月 is March
    if unit == "m" and number.high % 6:
        return None
    low, high = number.low, number.high
    name = next((word for word in (unit.split()[-1].rstrip("s"), unit[:1], unit[-1:], unit[1:2])
                 if word in _MONTHS or word in _DAYS), "")  # fmt: skip
    if unit in ("年半", "个半月") or match["half"] or match["tail"]:
        low, high = low + Decimal("0.5"), high + Decimal("0.5")
    name = "年" if "年" in unit else "月" if unit.endswith("月") else name
    approx = number.is_approx or bool(match["more"])
    if name in _DAYS:
        if name == "hour":
            low, high, factor = low / 24, high / 24, 1
        else:
            factor = _DAYS[name]
        mention = Mention(Kind.TERM, number.start, end, low * factor, high * factor, approx,
                          label="day")  # fmt: skip
    else:
        factor = _MONTHS[name]
        mention = Mention(Kind.TERM, number.start, end, low * factor, high * factor, approx,
                          label="month", per=name)  # fmt: skip
    return _judge(norm, mention)


def _not_a_term(number: Number, match: re.Match[str]) -> Mention:
    return Mention(Kind.TERM, number.start, match.end(), role="other")


def _plain(norm: str, match: re.Match[str]) -> Mention:
    start, end = match.span()
    if match["semi"]:
        months = Decimal(6)
    elif match["couple"]:
        months = Decimal({"俩": 2, "仨": 3}[match["couple"][0]]) * (
            12 if match["couple"].endswith("年") else 1
        )
    elif match["year"]:
        months = Decimal(18 if match["and_half"] else 12)
    elif match["decade"]:
        months = Decimal(120)
    else:
        months = Decimal(1)
    if match["months"]:
        return _judge(norm, Mention(Kind.TERM, start, end, Decimal(1), Decimal(2), label="month"))
    mention = Mention(Kind.TERM, start, end, months, months, label="month")
    is_beat = re.search(r"[\d k]\s*$|make|earn|salary", norm[:start]) and not match["and_half"]
    is_led = re.search(r"(?:for|over|in|within|across|,|:)\s*$", norm[:start])
    if match["year"] and is_beat and not is_led:
        return Mention(Kind.TERM, start, end, role="other")
    return _judge(norm, mention)


def _judge(norm: str, mention: Mention) -> Mention:
    """Set the role: term, within (days until the money is needed), defer, beat or other."""
    before, after = norm[max(0, mention.start - 40) : mention.start], norm[mention.end :]
    role = "term"
    if (
        re.search(r"\binto an? $|\binto $", before)
        and "payment" in norm[mention.start : mention.end]
    ):
        return _with_role(mention, "other")  # "into one payment" is a consolidation
    single_year = mention.low == mention.high == 12 and mention.per == "年"
    single = mention.low == mention.high == 1 and mention.label == "month"
    if re.search(
        r"(?:延期?|展期|缓|推迟|晚|宽限|停|暂停|延后|往后[挪推拖]|挪)"
        r"\s*(?:还款?)?(?:个|到|付|缴)?\s*$",
        before,
    ) or re.search(
        r"(?:postpone|defer|delay|pause|skip|freeze|suspend|stop (?:my|the) (?:payments?|loan)|"
        r"(?:payment|repayment|mortgage) (?:holiday|break|"
        r"pause)|extension (?:on|to|of) (?:my|the) (?:loan|pay|repay|mortgage)|extend|"
        r"grace)[^.;]{0,32}$",
        before,
    ):
        role = "defer"
    elif _NOT_BEFORE.search(before) or _NOT_AFTER.match(after):
        role = "other"
    elif single and (_BEAT_AFTER.match(after) or before.endswith(("每", "每一"))):
        role = "beat"
    elif (single_year and re.search(r"(?:学费|房租|租金|费用?|开销|收入)[,\s]?$", before)) or (
        single_year and _YEAR_BEAT_AFTER.match(after) and not re.search(r"[借贷分用还期]$", before)
    ):
        role = "other"
    elif mention.label == "day" or (mention.high <= 3 and _WITHIN_AFTER.match(after)):
        role = "within" if _is_within(before, after, mention) else "term"
    elif re.search(r"(?:[下上这]|每)$", before) and mention.low == 1:
        role = "other"
    elif re.match(
        r"[\s-]*(?:payment |repayment |mortgage )?(?:holiday|pause|deferral|break|freeze|"
        r"extension|grace|breather|off (?:from )?(?:paying|payments?|repayments?))",
        after,
    ):
        role = "defer"
    return _with_role(mention, role)


def _is_within(before: str, after: str, mention: Mention) -> bool:
    if _WITHIN_AFTER.match(after) or _WITHIN_BEFORE.search(before):
        return True
    return mention.label == "day" and bool(
        re.match(r"\s*(?:内|之内|以内)(?!还)", after) or re.search(r"\bby\s*$", before)
    )


def _with_role(mention: Mention, role: str) -> Mention:
    return replace(mention, role=role)


def _add_up(norm: str, found: list[Mention]) -> list[Mention]:
    """Join years and months said one after the other, as 两年零三个月."""
    joined: list[Mention] = []
    for mention in found:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.role == mention.role
            and last.per in ("年", "year", "yr", "y")
            and mention.per in ("月", "month", "mth", "mo")
            and mention.high < 12
            and _JOIN.fullmatch(norm[last.end : mention.start])
        ):
            low, high = last.low + mention.low, last.high + mention.high
            joined[-1] = Mention(Kind.TERM, last.start, mention.end, low, high, last.is_approx,
                                 label="month", role=last.role)  # fmt: skip
        else:
            joined.append(mention)
    return joined
