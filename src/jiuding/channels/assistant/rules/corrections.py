"""When people correct themselves, the later value stands and the earlier one is gone.

八万，不，九万 is 90,000; "forty, sorry, fourteen thousand" is 14,000; 不是八万是九万 is 90,000.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from jiuding.channels.assistant.types import Kind, Mention, Number

# Spoken after the wrong value and before the right one.
_MARK = re.compile(
    r"[,.\s;!](?:哦|啊|呃|额|诶|哎呀?)?\s*不[,.!;\s]+|不对(?!称)|哦不|不不|说错了?|讲错了?|"
    r"口误|打错了?|记错了?|写错了?|搞错了?|更正|应该是|改成|改为|还是改|"
    r"还是(?=[\d一二两三四五六七八九十])|算了[,\s]*(?:还是|就)?|不好意思[,\s]*(?:是|应该)?|"
    r"抱歉[,\s]*(?:是|应该)?|等等|等一下|错了|"
    r"噢不|呸|(?<=[,.\s])哦[,\s]*(?=是?[\d一二两三四五六七八九十])|"
    r"(?<=[,.\s])不是[,\s]*(?:是)?(?=[\d一二两三四五六七八九十])"
    r"|\b(?:no,? wait|wait,? no|no no|oh no|scratch that|sorry|i mean|i meant|actually|"
    r"correction|rather|oops|make (?:that|it)|(?:no,? )?let's (?:say|do|go (?:for|with)|make it)|"
    r"strike that|or rather|my mistake|"
    r"my bad|hang on|hold on|wait|hmm,? no|nope|change (?:that|it) to|better|"
    r"on second thou?ghts?|apologies|pardon)\b|(?<=[\s,.-])no[,.]\s|[-,]\s?no\s(?=\W?\d|make|"
    r"it's|a\b|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)|\ber,?\s"
)
# The wrong value stands between the two parts: 不是 X 是 Y, not X but Y, Y instead of X.
_NOT_BUT = re.compile(
    r"(?:不是|不要|并不是|没说|\bnot)\s*(?:[借贷要说分还]|首付|月供)?\s*(?:for\s)?(?:a\s)?$"
)
_INSTEAD = re.compile(r"^\s*(?:,\s*)?(?:instead of|rather than|not|而不是|不是)\s*(?:for\s)?$")
_REACH = 36  # characters between a mark and the value that follows it
_FILLER_MAX = 24


def correct(norm: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions without those that were taken back."""
    kept = sorted(mentions, key=lambda mention: mention.start)
    for mark in _MARK.finditer(norm):
        kept = _apply(norm, kept, mark.start(), mark.end())
    gone: set[int] = set()
    for place, mention in enumerate(kept):
        before = norm[max(0, mention.start - 12) : mention.start]
        later = next((m for m in kept[place + 1 :] if m.kind == mention.kind), None)
        if later is None:
            continue
        between = norm[mention.end : later.start]
        if _INSTEAD.match(between):
            gone.add(id(later))
        elif _NOT_BUT.search(before) and len(between) <= _REACH:
            gone.add(id(mention))
    return [mention for mention in kept if id(mention) not in gone]


def _apply(norm: str, kept: list[Mention], start: int, end: int) -> list[Mention]:
    after = [m for m in kept if m.start >= end and m.start - end <= _FILLER_MAX]
    before = [m for m in kept if m.end <= start + 1]
    replaced: list[Mention] = []
    heirs: list[Mention] = []
    seen: set[tuple[Kind, str]] = set()
    for mention in after:
        same = [m for m in before if m.kind == mention.kind and m.role != "other"]
        key = (mention.kind, mention.role)
        if not same or key in seen or len(seen) > 1:
            continue
        seen.add(key)
        named = [m for m in same if m.role == mention.role]
        if mention.kind is Kind.MONEY and mention.role not in ("", "need"):
            # "首付六万...不对，首付八万": the same role, or a number whose role was open.
            choice = named or [m for m in same if m.role in ("", "need")]
            if not choice and start - same[-1].end <= 3 and mention.role == "amount":
                choice = same[-1:]
        else:
            choice = same
        if choice and mention not in before:
            replaced.append(choice[-1])
            heirs.append(mention)
    if not replaced:
        return kept
    result = []
    for mention in kept:
        if any(mention is old for old in replaced):
            continue
        is_heir = any(mention is heir for heir in heirs)
        result.append(_inherit(mention, replaced) if is_heir else mention)
    return result


def _inherit(mention: Mention, replaced: list[Mention]) -> Mention:
    """Give the new value the role of the one that it takes the place of."""
    old = next((m for m in replaced if m.kind == mention.kind), None)
    if old is None or mention.role not in ("", "need") or mention.kind is Kind.PURPOSE:
        return mention
    return replace(mention, role=old.role, strength=old.strength)


def _near(between: str) -> bool:
    """Tell whether nothing but a pause or another mark stands between a value and its mark."""
    between = re.sub(r"^ but ", " ", between)
    return len(between) <= 4 or (
        len(between) <= _FILLER_MAX and not _MARK.sub("", between).strip(" ,.;!")
    )


def complete(
    norm: str, numbers: Sequence[Number], moneys: Sequence[Mention], terms: Sequence[Mention]
) -> tuple[list[Mention], list[Mention]]:
    """Give a bare number right after a correction the unit of the value that it corrects.

    "5 years, no, 4" is four years; 8万，不对，9 is 90,000.
    """
    new_moneys: list[Mention] = []
    new_terms: list[Mention] = []
    for number in numbers:
        mark = next((m for m in _MARK.finditer(norm) if 0 <= number.start - m.end() <= 3), None)
        if mark is None:
            continue
        last = max(
            (m for m in [*moneys, *terms] if m.end <= mark.start() + 1),
            key=lambda m: m.end, default=None,
        )  # fmt: skip
        if last is None or not _near(norm[last.end : mark.start()]):
            continue
        if last.kind is Kind.TERM and last.per:
            factor = 12 if last.per in ("年", "year", "yr", "y") else 1
            value = number.low * factor
            new_terms.append(
                replace(last, start=number.start, end=number.end, low=value, high=value)
            )
        elif last.kind is Kind.MONEY and number.high < 1000 <= last.low:
            factor = 10_000 if re.search(r"[万w]", norm[last.start : last.end]) else 1000
            value = number.low * factor
            fresh = replace(last, start=number.start, end=number.end, role="", strength=0)
            new_moneys.append(replace(fresh, low=value, high=value))
    return new_moneys, new_terms


_UNIT_LEFT_OUT = re.compile(
    r"(?:首付|先付|自己出|自己有|总价|房价|车价|[贷借差缺]|手[里上头]有?|凑了?|攒了?)"
    r"(?:了|个|就|能|可以|大概|是|出|付){0,2}\s*$"
)


# I've got 6 saved, put 4 down: the thousands were said with the price.
_SMALL_PUT_DOWN = re.compile(
    r"\s*(?:saved|down\b(?! to)|put (?:by|aside|away)|in savings|of (?:my|our) own|upfront|"
    r"up front|"
    r"as (?:a |the )?deposit|deposit\b|towards it)"
)
_SMALL_DOWN_BEFORE = re.compile(r"\b(?:deposit(?: of| is)?|put(?:ting)?(?: down)?)\s*$")


_IN_THOUSANDS = re.compile(r"\d\s?k$|grand|thousand|thou$")


def _thousands_left_out(
    norm: str, numbers: Sequence[Number], moneys: Sequence[Mention]
) -> list[Mention]:
    """Read "22k, I've got 6 saved" as 6,000 put down, where a price in thousands stands beside."""
    prices = [m.low for m in moneys if _IN_THOUSANDS.search(norm[m.start : m.end])]
    if max(prices, default=0) < 5_000:
        return []
    return [
        Mention(Kind.MONEY, n.start, n.end, n.low * 1000, n.high * 1000, n.is_approx, role="down")
        for n in numbers
        if n.scale == 1 and n.low >= 1 and n.high * 1000 < max(prices)
        and (_SMALL_PUT_DOWN.match(norm, n.end) or _SMALL_DOWN_BEFORE.search(norm[: n.start]))
    ]  # fmt: skip


def unit_left_out(
    norm: str, numbers: Sequence[Number], moneys: Sequence[Mention]
) -> tuple[list[Mention], list[Mention]]:
    """Read 首付一百二 beside 三百二十万 as 1,200,000: the unit was said once for both.

    Returns the amounts read so, and those of `moneys` that they take the place of.
    """
    thousands = _thousands_left_out(norm, numbers, moneys)
    if thousands:
        return thousands, []
    is_home = re.search(
        r"(?:总价|房价)[^,.;\d]{0,3}[\d一二两三四五六七八九十百]{1,5}(?:[,.;]|$)", norm
    )
    if not is_home and not any("万" in norm[m.start : m.end] and m.low >= 100_000 for m in moneys):
        return [], []
    read: list[Mention] = []
    old: list[Mention] = []
    small = [m for m in moneys if m.is_bare and m.high < 1000]
    for place in [*numbers, *small]:
        ends = re.match(r"[,.;!]|$|左右|上下|吧", norm[place.end :])
        if place.high >= 1000 or place.low < 3 or not ends:
            continue
        if _UNIT_LEFT_OUT.search(norm[: place.start]):
            low, high = place.low * 10_000, place.high * 10_000
            read.append(Mention(Kind.MONEY, place.start, place.end, low, high, place.is_approx))
            old += [m for m in small if m is place]
    return read, old
