"""Where the intent model's knowledge comes from: written templates, filled and varied with a seed.

`templates.txt` was written for this; `public_en.csv` holds rows of a public set whose intents
match ours. Neither holds a test sentence. The same seed gives the same examples, and so the same
model, to the byte.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator

from jiuding.base.problems import ensure

SEED = 20_261_123
_PER_TEMPLATE = 28
_HEAD = re.compile(r"\[(\w+) (zh|en)\]")
_SLOT = re.compile(r"\{([^{}]*)\}")
_EXPANSIONS_MAX = 40

_MONEY_ZH = (
    "十万", "5万", "二十万", "3.5万", "8000", "五千块", "12w", "三十来万", "两三万",
    "一百二十万", "200万元", "6万左右", "四万五", "¥50000", "七八万", "壹拾万元",
)  # fmt: skip
_MONEY_EN = (
    "$10,000", "5k", "20 grand", "15000", "fifty thousand", "£8,000", "250k", "$3,500",
    "about 12k", "half a million", "7500 dollars", "10 to 15k", "a hundred thousand",
)  # fmt: skip
_TERM_ZH = (
    "三年", "36期", "一年半", "24个月", "五年", "半年", "二十年", "俩月", "十个月",
    "两到三年",
)  # fmt: skip
_TERM_EN = (
    "3 years", "36 months", "five years", "18 months", "a year and a half", "30 years",
    "two years", "12 months",
)  # fmt: skip
_RATE_ZH = ("5%", "五个点", "4.5%", "月息八厘", "日息万三", "百分之六")
_RATE_EN = ("5%", "9.9% APR", "six percent", "7.25%", "1% a month")
_PURPOSE_ZH = (
    "买车", "装修", "买房", "交学费", "结婚", "看病", "旅游", "进货", "买设备", "周转",
    "付房租", "买手机", "开店", "买家具", "交保险", "还信用卡", "炒股", "买化肥",
    "培训", "买电脑", "发工资", "买面包车", "办婚礼", "做手术", "买二手房", "养猪",
    "换厨房", "留学", "种果树", "买基金",
)  # fmt: skip
_PURPOSE_EN = (
    "for a car", "to buy a house", "for a wedding", "for my kitchen", "for tuition",
    "for surgery", "for a holiday", "to buy stock for my shop", "for equipment",
    "for working capital", "for rent", "for a laptop", "for furniture", "for a van",
    "to pay off my credit cards", "to buy shares", "for my cafe", "for a tractor",
    "for dental work", "for a motorbike", "to open a salon", "for insurance",
)  # fmt: skip
_FILL = {
    "zh": {
        "money": _MONEY_ZH, "term": _TERM_ZH, "rate": _RATE_ZH, "purpose": _PURPOSE_ZH,
        "bank": ("工行", "建行", "招行", "农行", "平安", "微众"),
        "name": ("小王", "我妈", "房东", "李老师", "张伟", "老婆"),
        "day": ("明天", "下周"),
    },
    "en": {
        "money": _MONEY_EN, "term": _TERM_EN, "rate": _RATE_EN, "purpose": _PURPOSE_EN,
        "bank": ("ANZ", "Westpac", "HSBC", "Barclays", "Chase"),
        "name": ("John", "my mum", "Sarah", "the landlord", "Mike Chen"),
        "day": ("tomorrow", "next week"),
    },
}  # fmt: skip
_BEFORE = {
    "zh": ("请问", "你好，", "那个", "麻烦", "我想问下", "嗯", "", "", "", "", "", "", "", ""),
    "en": ("please ", "hi, ", "um ", "hey ", "hello ", "so ", "", "", "", "", "", "", "", ""),
}
_AFTER = {
    "zh": ("，谢谢", "？", "。", "呢", "啊", "吧", "", "", "", "", "", "", ""),
    "en": (" please", "?", ".", " thanks", "", "", "", "", "", "", ""),
}
_PLAIN = frozenset({"confirm", "chitchat"})  # said as they are, without manners around them


def mark_of(sentence: str) -> str:
    """Return the mark by which a sentence kept apart for tests is known without being shown."""
    return hashlib.sha256(sentence.strip(" ,.?!，。？").lower().encode()).hexdigest()[:16]


def examples(
    templates: str, *, seed: int = SEED, apart: frozenset[str] = frozenset()
) -> list[tuple[str, str, str]]:
    """Return (sentence, language, intent) examples from the templates, without repetition.

    Sentences whose mark is in `apart` are test sentences and are left out.
    """
    chooser = random.Random(seed)
    made: dict[tuple[str, str], str] = {}
    for intent, lang, template in _parse(templates):
        for _ in range(_PER_TEMPLATE):
            sentence = _fill(template, lang, chooser)
            if intent not in _PLAIN:
                sentence = chooser.choice(_BEFORE[lang]) + sentence + chooser.choice(_AFTER[lang])
            sentence = re.sub(r"\s+", " ", sentence).strip(" ，,")
            if sentence and mark_of(sentence) not in apart:
                made.setdefault((sentence, lang), intent)
    return [(sentence, lang, intent) for (sentence, lang), intent in made.items()]


def _parse(templates: str) -> Iterator[tuple[str, str, str]]:
    intent = lang = ""
    for line in templates.splitlines():
        line = line.strip()
        head = _HEAD.fullmatch(line)
        if head is not None:
            intent, lang = head[1], head[2]
        elif line and not line.startswith("#"):
            ensure(intent, "templates start with a heading")
            yield intent, lang, line


def _fill(template: str, lang: str, chooser: random.Random) -> str:
    """Fill innermost braces first until none is left."""
    text = template
    for _ in range(_EXPANSIONS_MAX):
        match = _SLOT.search(text)
        if match is None:
            return text
        choices = match[1].split("|")
        choice = chooser.choice(choices)
        # "{purpose|}" chooses between a purpose and nothing, so a bare name is filled too.
        if choice in _FILL[lang]:
            choice = chooser.choice(_FILL[lang][choice])
        text = text[: match.start()] + choice + text[match.end() :]
    return text
