"""Which numbers are money, in what currency, and which only count things.

A number is money when a currency or a money unit stands beside it, or when it is large and counts
nothing else. Small bare numbers are never taken for money: the assistant asks instead.
"""

from __future__ import annotations

import re
from decimal import Decimal

from jiuding.channels.assistant.types import Kind, Mention, Number

_PREFIX = re.compile(
    r"(?<![a-z])(?P<code>us\$|a\$|au\$|aud|usd|hk\$|hkd|nz\$|nzd|ca\$|c\$|cad|s\$|sgd|rmb|cny|"
    r"eur|gbp|jpy|inr"
    r"|\$|£|€|¥|₹|人民币|美元|美金|港币|欧元|英镑|澳元|澳币|rs\.?)\s*$"
)
_SUFFIX = re.compile(
    r"\s*(?P<code>元整|元人民币|块人民币|人民币|元|块钱?|rmb|cny|yuan|kuai|us dollars|"
    r"u\.?s\.? dollars|"
    r"(?:dollars )?australian(?: dollars)?|aussie dollars|canadian dollars|hong kong dollars|"
    r"dollars?|bucks|usd|aud|"
    r"cad|nzd|sgd|hkd|euros?|eur|pounds?(?: sterling)?|quid|gbp|sterling|yen|jpy|rupees|inr|"
    r"美元|美金|刀(?![具片])|港币|港元|欧元|英镑|澳元|澳币|日元|加元|新币|\$|£|€|毛|钱(?=[,.]|$))"
    r"(?![a-z])"
)
CURRENCIES = {
    "us$": "USD", "usd": "USD", "$": "USD", "dollar": "USD", "dollars": "USD", "bucks": "USD",
    "us dollars": "USD", "u.s. dollars": "USD", "美元": "USD", "美金": "USD", "刀": "USD",
    "a$": "AUD", "au$": "AUD", "aud": "AUD", "australian dollars": "AUD", "aussie dollars": "AUD",
    "dollars australian": "AUD", "australian": "AUD", "澳元": "AUD", "澳币": "AUD", "ca$": "CAD",
    "c$": "CAD", "cad": "CAD", "加元": "CAD",
    "canadian dollars": "CAD", "nz$": "NZD", "nzd": "NZD", "s$": "SGD", "sgd": "SGD", "新币": "SGD",
    "hk$": "HKD", "hkd": "HKD", "港币": "HKD", "港元": "HKD", "hong kong dollars": "HKD",
    "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "quid": "GBP", "英镑": "GBP",
    "pounds sterling": "GBP", "sterling": "GBP", "€": "EUR", "eur": "EUR", "euro": "EUR",
    "euros": "EUR", "欧元": "EUR", "jpy": "JPY", "yen": "JPY", "日元": "JPY", "₹": "INR",
    "inr": "INR", "rupees": "INR", "rs": "INR", "rs.": "INR",
}  # fmt: skip
_COUNTED = re.compile(
    r"\s?(?:个(?![亿万w])|[台辆套件张次口人位岁号点楼层亩米里斤吨只头条把家间份道天年月期分成%"
    r"厘倍轮折届种店瓶寸级名户栋幢艘头时秒度股手批周]"
    r"|平(?:方|米)?|公里|平米|㎡|m2|km|kg|sqm|sq\b|am\b|pm\b|hp\b|gb\b|th\b|st\b|nd\b|rd\b|x\b|"
    r"(?:years?|months?|weeks?|days?|hours?|minutes?|percent|points?|pct|miles?|people|staff|"
    r"employees|bed|bedrooms?|instal?lments?|payments?|kids|children|men|women|units|times|"
    r"litres?)\b)"
)
_COUNTED_BIG = re.compile(
    r"\s?(?:[台辆套件张次人字步公里平亩吨斤粒头只名户粉]|(?:people|miles?|km|users|customers|"
    r"employees|staff|followers|points?|steps)\b)"
)
_PLURAL_NOUN = re.compile(
    r"\s+(?!as\b|plus\b|is\b|was\b|this\b|yes\b|savings\b|us\b|towards\b|business\b|"
    r"deposits?\b|less\b)[a-z]{2,}s\b"
)
_SCORE = re.compile(
    r"(?:score|fico|信用分|评分|积分|芝麻分|分数|编号|单号|尾号|电话|手机号?|身份证号?|number|"
    r"ref|#|no\.|model|route|highway|room|id)\s*(?:是|为|of|is|:|about)?\s*$"
)
_AGE = re.compile(
    r"(?:今年|我|本人|年龄|年满|刚满|都)\s*(?P<zh>{n})\s*(?:周?岁|了)"
    r"|(?P<zh2>{n})周?岁"
    r"|\b(?:i'?m|i am|aged?|age(?: is)?|turning)\s+(?P<en>{n})(?:\s*(?:years?[ -]old|yrs? old|"
    r"yo)|(?=\s*(?:,|and\b|\.|$|years?)))"
    r"|(?P<en2>{n})[ -]?(?:years?[ -]old|yr[ -]old|yo\b)".replace(
        "{n}", r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3}|[a-z]+(?:[ -][a-z]+)?)"
    )
)
_BARE_MIN = Decimal(100)
_BARE_DIGITS_MAX = 9  # longer runs are telephone, card or document numbers


def moneys_in(norm: str, numbers: list[Number], taken: list[Mention]) -> list[Mention]:
    """Return the amounts of money, those in `taken` stretches left out; `label` is a currency."""
    found: list[Mention] = []
    for number in numbers:
        if any(number.start < other.end and number.end > other.start for other in taken):
            continue
        mention = _money(norm, number)
        if mention is not None:
            found.append(mention)
    firm = [mention for mention in found if not mention.is_bare]
    return [mention for mention in found if not _is_calendar_year(norm, mention, bool(firm))]


def currency_of(word: str) -> str:
    """Return the ISO code of a currency word; CNY for yuan, empty when the word is unknown."""
    return CURRENCIES.get(word, "CNY" if word in _YUAN else "")


_YUAN = {"人民币", "rmb", "cny", "yuan", "kuai", "元", "块", "块钱", "元整", "元人民币", "¥", "毛",
         "块人民币"}  # fmt: skip


def bare_numbers_in(norm: str, numbers: list[Number], taken: list[Mention]) -> list[Number]:
    """Return the numbers that are neither money nor anything else: they may follow a correction."""
    return [
        number
        for number in numbers
        if not number.is_range
        and not number.is_vague
        and not any(number.start < other.end and number.end > other.start for other in taken)
        and not _COUNTED.match(norm, number.end)
    ]


def _money(norm: str, number: Number) -> Mention | None:
    start, end = number.start, number.end
    low, high = number.low, number.high
    prefix = _PREFIX.search(norm[max(0, start - 8) : start])
    suffix = _SUFFIX.match(norm, end)
    code = ""
    if prefix is not None:
        code, start = currency_of(prefix["code"]), start - len(prefix.group())
    if suffix is not None:
        code, end = currency_of(suffix["code"]) or code, suffix.end()
        if suffix["code"] == "毛":
            low, high = low / 10, high / 10
    has_unit = prefix is not None or suffix is not None or number.scale >= 1000
    if not number.is_vague and high <= 0:
        return None
    if norm[start:end] in ("一块", "1块") and _TOGETHER.search(norm[max(0, start - 6) : start]):
        return None
    if norm[start:end] == "一块" and _TOGETHER_AFTER.match(norm, end):
        return None
    if not has_unit and not _is_bare_money(norm, number):
        return None
    if number.scale > 1 and suffix is None and prefix is None and _COUNTED_BIG.match(norm, end):
        return None
    is_loose = low != high and _LIKE.search(norm[:start])  # "like 7 or 8 grand" is a range already
    approx = number.is_approx or (_is_about(norm, start, end) and not is_loose)
    if norm[end : end + 1] in ("多", "余") and norm[end + 1 : end + 2] not in ("少", "久", "大"):
        approx, end = True, end + 1
    return Mention(
        Kind.MONEY, start, end, low, high, approx, not has_unit, label=code,
        role="vague" if number.is_vague else "",
    )  # fmt: skip


_TOGETHER = re.compile(r"(?:加在?|合在?|都|凑|放在?|算在?|放到?|弄到?)$")
_TOGETHER_AFTER = re.compile(r"儿|[贷借还买申办去弄付供算]")


def _is_bare_money(norm: str, number: Number) -> bool:
    before = norm[max(0, number.start - 16) : number.start]
    if number.high < _BARE_MIN or number.is_vague or _SCORE.search(before):
        return False
    if _COUNTED.match(norm, number.end) or _PLURAL_NOUN.match(norm, number.end):
        return False
    digits = sum(character.isdigit() for character in norm[number.start : number.end])
    if digits > _BARE_DIGITS_MAX or (re.search(r"[\w.@/-]$", before) and before[-1:].isascii()):
        return False
    return not re.match(r"[@/\\_]|\.\w|-\d|号", norm[number.end :])


_LIKE = re.compile(r"\blike\s*$")
_ABOUT_BEFORE = re.compile(
    r"(?:大概|大约|差不多|约莫?|估计|也就|可能|左右|将近|近|接近|不到|快要?|小|上下|约摸|"
    r"预计)(?:需要|要|得|是|在|借|差|贷)?\s*$"
    r"|(?:(?<!how )(?<!what )about|around|roughly|approximately|approx\.?|circa|some|nearly|almost|"
    r"maybe|probably|~|"
    r"somewhere (?:around|near)|in the region of|ballpark|close to|just (?:under|over)|"
    r"give or take|or so|(?<!would )(?<!'d )(?<!i )(?<!look )(?<!looks )(?<!we )(?<!you )\blike)"
    r"\s*(?:of\s*)?$"
)
_ABOUT_AFTER = re.compile(
    r"\s*(?:钱)?(?:左右|上下|出头|吧?大概|的样子|差不多|上下浮动)"
    r"|[\s-]*(?:ish\b|or so\b|or thereabouts|give or take|roughly|more or less|approx|or something)"
)


def _is_about(norm: str, start: int, end: int) -> bool:
    return bool(_ABOUT_BEFORE.search(norm[max(0, start - 24) : start])) or bool(
        _ABOUT_AFTER.match(norm, end)
    )


def _is_calendar_year(norm: str, mention: Mention, others: bool) -> bool:
    if not mention.is_bare or mention.low != mention.high or mention.low % 100 == 0:
        return False
    if not 1950 <= mention.low <= 2035 or mention.end - mention.start != 4:
        return False
    return others or bool(re.search(r"(?:in|since|from|a|my|款|年)\s*$", norm[: mention.start]))


_ANOTHERS = re.compile(
    r"(?:爸|妈|爷爷|奶奶|姥姥|姥爷|儿子|女儿|闺女|孩子|老婆|老公|弟弟|妹妹|哥哥|姐姐|老人|他|"
    r"她)(?:今年|都|已经|快)*$"
    r"|\b(?:dad|mum|mom|father|mother|son|daughter|wife|husband|brother|sister|he|she)(?: is|'s)? $"
)


def age_in(norm: str) -> tuple[int, int, str] | None:
    """Return where an age stands and its words, or None."""
    match = _AGE.search(norm)
    if match is None or _ANOTHERS.search(norm[: match.start()]):
        return None
    for name in ("zh", "zh2", "en", "en2"):
        if match[name]:
            return match.start(name), match.end(name), match[name]
    return None
