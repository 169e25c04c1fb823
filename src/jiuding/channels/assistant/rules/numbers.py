"""Numbers as people say them, in Chinese and English digits and words.

Two scanners return the same noun, `Number`. They know nothing of money or time: 十八万 is 180,000
and "twenty grand" is 20,000 whatever they count. A number that names no figure, such as 几十万 or
"a few grand", is marked vague, so that nobody takes it for a figure.
"""

from __future__ import annotations

import re
from decimal import Decimal

from jiuding.channels.assistant.types import Number

_DIGITS = {character: value for value, pair in enumerate(
    ("零0", "一壹", "二两贰俩", "三叁仨", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
) for character in pair if not character.isdigit()}  # fmt: skip
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "k": 1000}
_BIG = {"万": 10_000, "w": 10_000, "亿": 100_000_000}
_LITERAL = r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,6})?|\d{1,15}(?:\.\d{1,6})?"
_CN = "零一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟廿卅"
_ZH_NUMBER = re.compile(
    rf"(?:好几|几|(?:{_LITERAL})|[{_CN}半])"
    rf"(?:[{_CN}]|(?:{_LITERAL})|\s?[wk](?![a-z])|\s(?=[万亿千百])|几(?=[十百千万亿])"
    rf"|(?<=十)几(?=[万千百亿个年期块元岁天月]|$)|点(?=[{_CN[:10]}\d])|"
    rf"个(?=\s?[万亿w百千](?![a-z一]))"
    rf"|[来多余](?=个?[万千百亿w年元块]))*"
)
NUMBERS_MAX = 80  # of one sentence; what comes after is not read
_TOKEN = re.compile(rf"{_LITERAL}|.")

_EN_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_EN_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_EN_UNITS = {word: value for value, word in enumerate(_EN_ONES.split(" "))} | {
    word: 10 * value for value, word in enumerate(_EN_TENS.split(" "), start=2)
}
_EN_SCALES = {
    "hundred": 100, "thousand": 1000, "grand": 1000, "thou": 1000, "k": 1000,
    "million": 10**6, "mil": 10**6,
    "mill": 10**6, "mio": 10**6, "mn": 10**6, "m": 10**6, "billion": 10**9, "bn": 10**9,
    "lakh": 10**5, "lakhs": 10**5, "lac": 10**5, "lacs": 10**5, "crore": 10**7, "crores": 10**7,
    "gs": 1000, "w": 10_000,
}  # fmt: skip
NUMERAL = rf"(?:{_LITERAL}|[{_CN}]+)"

_SCALE_WORDS = "|".join(
    sorted((word for word in _EN_SCALES if len(word) > 1), key=len, reverse=True)
)
_EN_LITERAL = re.compile(
    rf"(?<![\w.])(?P<n>\d+ \d/\d|(?:{_LITERAL})|\.\d+)(?P<half> and a half)?"
    rf"(?:\s?(?P<scale>{_SCALE_WORDS})\b|\s?(?P<short>[kmw])(?![a-z]))?"
    rf"(?P<half2> and a half)?"
)
_EN_WORD = re.compile(r"[a-z]+")
_EN_SHARES = {"half": Decimal("0.5"), "quarter": Decimal("0.25")}
_EN_VAGUE = {"few", "several", "some"}
_EN_WORDS_MAX = 16  # the longest number said in words; more is not a number


def numbers_in(norm: str) -> list[Number]:
    """Return every number of the sentence, from left to right, none overlapping another."""
    found = _scan_chinese(norm) + _scan_literals(norm) + _scan_words(norm)
    found = sorted(found, key=lambda number: number.start)[: 2 * NUMBERS_MAX]
    # Longest first, so that 20w beats 20, and what it covers is gone.
    found.sort(key=lambda number: (-(number.end - number.start), number.start))
    kept: list[Number] = []
    for number in found:
        if all(number.end <= other.start or number.start >= other.end for other in kept):
            kept.append(number)
    return sorted(kept, key=lambda number: number.start)[:NUMBERS_MAX]


_UNIT_BETWEEN = (
    r"\s*(?:万?元|块钱?|年|个月|years?|months?|dollars|bucks|yuan|%|percent|(?<=\d)k)?\s*"
)
_RANGE = re.compile(rf"{_UNIT_BETWEEN}(?:到|至|-|~|或者?|,?\s?or| to )\s*(?:rmb|[$£€¥])?\s*")
_RANGE_AND = re.compile(rf"{_UNIT_BETWEEN}(?:and|和)\s*(?:[$£€¥])?\s*")
_BETWEEN = re.compile(r"(?:between|在)\s*(?:[$£€¥])?\s*$")


def join_ranges(norm: str, numbers: list[Number]) -> list[Number]:
    """Return the numbers with each pair that names the two ends of a range made one."""
    joined: list[Number] = []
    for number in numbers:
        pair = _join(norm, joined[-1], number) if joined else None
        if pair is None:
            joined.append(number)
        else:
            joined[-1] = pair
    return joined


def _join(norm: str, first: Number, second: Number) -> Number | None:
    between = norm[first.end : second.start]
    is_between = _BETWEEN.search(norm[: first.start]) is not None
    if len(between) > 16 or first.is_range or second.is_range or first.is_vague:
        return None
    if not _RANGE.fullmatch(between) and not (is_between and _RANGE_AND.fullmatch(between)):
        return None
    low, high = first.low, second.low
    if first.scale < min(second.scale, 1000) and low < 1000 and low * second.scale < high:
        low *= second.scale  # "eight to ten grand", 十五到二十万: the unit is said once
    if not low < high or low * 20 < high:
        return None
    return Number(first.start, second.end, low, high, second.is_approx, False, second.scale)


_TWO = re.compile(r"(.*[万亿w千k])(\d+|[一二两三四五六七八九十]+)")
_TERM_UNIT = re.compile(r"\s?(?:年|期|个月|个半月|天|个点|厘|%|个季度)")


def _scan_chinese(norm: str) -> list[Number]:
    found: list[Number] = []
    for match in _ZH_NUMBER.finditer(norm):
        start, text = match.start(), match.group()
        # 贷30万20年 and 十万三年: the last digits belong to the term that follows.
        split = _TWO.fullmatch(text) if _TERM_UNIT.match(norm, match.end()) else None
        pieces = (
            [(start, split[1]), (start + split.start(2), split[2])] if split else [(start, text)]
        )
        numbers = [_chinese(piece, at) for at, piece in pieces]
        found += [number for number in numbers if number is not None]
    return found


def _chinese(text: str, start: int) -> Number | None:
    text = text.rstrip(" 个点")
    end = start + len(text)
    if not text or text == "半":
        return None
    half = re.fullmatch(r"半个?([万w亿])", text)
    if half is not None:
        value = Decimal(_BIG[half[1]]) / 2
        return Number(start, end, value, value, scale=Decimal(_BIG[half[1]]))
    is_approx = any(word in text for word in "来多余几")
    plain = re.sub(r"[来多余个\s]", "", text)
    pair = _adjacent(plain)
    if pair is not None:
        low, high = pair
        low_value, high_value = value_of(low), value_of(high)
        if low_value is None or high_value is None:
            return None
        return Number(start, end, low_value, high_value, True, False, _scale(plain))
    if "几" in plain:
        if re.fullmatch(r".*十几[万千百亿]*", plain) and not plain.startswith(("几", "好几")):
            low_value = value_of(plain.replace("几", "一"))
            high_value = value_of(plain.replace("几", "九"))
            if low_value is not None and high_value is not None:
                return Number(start, end, low_value, high_value, True, False, _scale(plain))
        return Number(start, end, Decimal(0), Decimal(0), True, True, _scale(plain))
    value = value_of(plain)
    if value is None:
        return None
    return Number(start, end, value, value, is_approx, False, _scale(plain))


def _scale(text: str) -> Decimal:
    units = [
        (_BIG | _SMALL)[character] for character in text if character in _BIG or character in _SMALL
    ]
    return Decimal(max(units, default=1))


def _adjacent(text: str) -> tuple[str, str] | None:
    """Split 两三万, 三四十万, 十五六万, 百八十万 and 千八百 into the two ends of their range."""
    match = re.fullmatch(r"([百千万])八([十百千])(万?)", text)
    if match is not None and _SMALL.get(match[1], 10_000) == 10 * _SMALL[match[2]]:
        return f"八{match[2]}{match[3]}", f"一{match[1]}{match[3]}"
    for match in re.finditer(r"[一二两三四五六七八九]{2}", text):
        first, second = _DIGITS[text[match.start()]], _DIGITS[text[match.start() + 1]]
        longer = match.start() and text[match.start() - 1] in "零一二两三四五六七八九"
        after = text[match.end() : match.end() + 1]
        if longer or after in _DIGITS or (second - first != 1 and (first, second) != (3, 5)):
            continue
        head, tail = text[: match.start()], text[match.end() :]
        return head + text[match.start()] + tail, head + text[match.start() + 1] + tail
    return None


def value_of(text: str) -> Decimal | None:
    """Work out a Chinese or mixed numeral; None when it is not one number."""
    text = text.replace("廿", "二十").replace("卅", "三十").replace("壹拾", "一十")
    if "点" in text:
        text = re.sub(
            r"([零一二两三四五六七八九]|十|\d+)点([零一二三四五六七八九\d]+)",
            lambda m: f"{value_of(m[1])}." + "".join(str(_DIGITS.get(c, c)) for c in m[2]),
            text,
        )
        if "点" in text:
            return None
    tokens = _TOKEN.findall(text)
    if all(token in _DIGITS for token in tokens) and len(tokens) > 1:
        return Decimal("".join(str(_DIGITS[token]) for token in tokens))
    return _sum_tokens(tokens)


def _sum_tokens(tokens: list[str]) -> Decimal | None:
    total = section = Decimal(0)
    digit: Decimal | None = None
    last_unit = Decimal(0)
    for place, token in enumerate(tokens):
        if token in _DIGITS or token[0].isdigit():
            if digit is not None and digit != 0:
                return None
            digit = Decimal(_DIGITS[token]) if token in _DIGITS else _literal(token)
            continue
        if token in _SMALL:
            unit = Decimal(_SMALL[token])
            section += (Decimal(1) if digit is None else digit) * unit
        elif token in _BIG:
            unit = Decimal(_BIG[token])
            section += digit or Decimal(0)
            if section == 0:
                section = Decimal(1)
            if total and total < unit:
                total, section = (total + section) * unit, Decimal(0)
            else:
                total, section = total + section * unit, Decimal(0)
        elif token == "半" and place == len(tokens) - 1 and last_unit:
            section += last_unit / 2
            continue
        else:
            return None
        digit, last_unit = None, unit
    return total + section + _tail(digit, tokens, last_unit)


def _tail(digit: Decimal | None, tokens: list[str], last_unit: Decimal) -> Decimal:
    """Read the bare last digit of 两万五 and 3万5 as a tenth of the unit before it."""
    if digit is None:
        return Decimal(0)
    spoken_zero = len(tokens) > 1 and tokens[-2] == "零"
    if last_unit >= 100 and digit < 10 and digit == int(digit) and not spoken_zero:
        return digit * last_unit / 10
    return digit


def _literal(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _scan_literals(norm: str) -> list[Number]:
    found: list[Number] = []
    for match in _EN_LITERAL.finditer(norm):
        text = match["n"]
        if " " in text:
            whole, part = text.split(" ")
            top, bottom = part.split("/")
            if bottom == "0":
                continue
            value = Decimal(whole) + Decimal(top) / Decimal(bottom)
        else:
            value = _literal(text)
        value += Decimal("0.5") if match["half"] or match["half2"] else 0
        scale = Decimal(_EN_SCALES[match["scale"] or match["short"] or ""]) if (
            match["scale"] or match["short"]
        ) else Decimal(1)  # fmt: skip
        number = Number(match.start(), match.end(), value * scale, value * scale, scale=scale)
        last = found[-1] if found else None
        if (
            last is not None
            and last.scale > scale >= 1000
            and number.low < last.scale
            and norm[last.end : number.start] in (" ", " and ")
        ):
            total = last.low + number.low  # 2 lakh 50 thousand
            found[-1] = Number(last.start, number.end, total, total, scale=last.scale)
        else:
            found.append(number)
    return found


def _scan_words(norm: str) -> list[Number]:
    words = [(match.group(), match.start(), match.end()) for match in _EN_WORD.finditer(norm)]
    found: list[Number] = []
    at = 0
    while at < len(words):
        size, number = _share(words, at)
        if number is None:
            size = _stretch(words, at, norm)
            number = _words(words[at : at + size]) if size else None
        if number is not None:
            found.append(number)
        at += max(size, 1)
    return found


_Words = list[tuple[str, int, int]]


def _share(words: _Words, at: int) -> tuple[int, Number | None]:
    """Read "half a million", "a quarter of a mil", "a few grand" and "a couple of thousand"."""
    names = [word for word, _, _ in words[at : at + 6]]
    skip = 1 if names[0] == "a" and len(names) > 1 else 0
    head, rest = names[skip], names[skip + 1 :]
    fillers = 0
    while fillers < len(rest) and rest[fillers] in ("of", "a"):
        fillers += 1
    scale_word = rest[fillers] if fillers < len(rest) else ""
    scale = _EN_SCALES.get(scale_word) if len(scale_word) > 1 else None
    size = skip + 1 + fillers + 1
    start = words[at][1]
    if head == "couple":
        size = size if scale else skip + 1 + (1 if rest[:1] == ["of"] else 0)
        value = Decimal(2 * (scale or 1))
        return size, Number(start, words[at + size - 1][2], value, value, True)
    if scale is None:
        return 0, None
    end = words[at + size - 1][2]
    if head in _EN_VAGUE:
        return size, Number(start, end, Decimal(0), Decimal(0), True, True, Decimal(scale))
    if head in _EN_SHARES:
        value = _EN_SHARES[head] * scale
        return size, Number(start, end, value, value, scale=Decimal(scale))
    return 0, None


def _stretch(words: _Words, at: int, norm: str) -> int:
    """Count how many words from here on form one number; 0 when none does."""
    size, number_words = 0, 0
    for place in range(at, min(at + _EN_WORDS_MAX, len(words))):
        word, start, _ = words[place]
        if size and not re.fullmatch(r"[ -]*", norm[words[place - 1][2] : start]):
            break
        following = words[place + 1][0] if place + 1 < len(words) else ""
        after = words[place + 2][0] if place + 2 < len(words) else ""
        is_scale = word in _EN_SCALES and (len(word) > 1 or (word == "k" and number_words > 0))
        if word in _EN_UNITS or (is_scale and (number_words or word == "thousand")):
            number_words += 1
        elif word in ("a", "an"):
            if following not in _EN_SCALES and not (following == "half" and size):
                break
            if len(following) == 1:
                break
            number_words += 1
        elif word == "half" and size and words[place - 1][0] in ("a", "and"):
            pass
        elif word == "and" and size:
            is_half = following == "half" or (following == "a" and after == "half")
            if not is_half and not (following in _EN_UNITS and words[place - 1][0] in _EN_SCALES):
                break
        elif word == "point" and size and following in _EN_UNITS:
            pass
        else:
            break
        size = place - at + 1
    return size if number_words and words[at][0] != "and" else 0


def _words(words: _Words) -> Number | None:
    total = section = Decimal(0)
    scale, fraction = Decimal(1), Decimal(0)
    seen = False
    for word, _, _ in words:
        if fraction and word in _EN_UNITS:
            section, fraction = section + _EN_UNITS[word] * fraction, fraction / 10
        elif word in _EN_UNITS:
            # "twenty five" adds up; "forty fourteen" is two numbers, and so none here.
            if section % 100 and not (section % 100 >= 20 and _EN_UNITS[word] < 10):
                return None
            section, seen = section + _EN_UNITS[word], True
        elif word == "half":
            section += Decimal("0.5")
        elif word == "point":
            fraction = Decimal("0.1")
        elif word == "hundred":
            section, scale, fraction = (section or 1) * Decimal(100), Decimal(100), Decimal(0)
            seen = True
        elif word in _EN_SCALES:
            scale, fraction, seen = Decimal(_EN_SCALES[word]), Decimal(0), True
            total, section = total + (section or 1) * scale, Decimal(0)
    if not seen:
        return None
    value = total + section
    return Number(words[0][1], words[-1][2], value, value, scale=scale)
