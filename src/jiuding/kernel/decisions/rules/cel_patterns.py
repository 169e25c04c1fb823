"""Match text against a pattern in time that grows with the text alone, never worse.

The language is a part of RE2 that a counter of states can follow: literal signs, `.`, `\\d \\w \\s`
and their capitals, classes `[...]`, the quantifiers `? * + {m} {m,} {m,n}` on one sign, `|` at the
top, `^` at the start and `$` at the end. Groups, look-around and back references are refused.
Every state is one bit of a whole number, so a text of n signs costs n steps.
Source: R. Baeza-Yates, G. Gonnet, A new approach to text searching, CACM 35 (10), 1992.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jiuding.kernel.decisions.errors import BadExpression

STATES_MAX = 256

_CLASSES: dict[str, Callable[[str], bool]] = {
    "d": lambda sign: "0" <= sign <= "9",
    "w": lambda sign: sign.isascii() and (sign.isalnum() or sign == "_"),
    "s": lambda sign: sign in " \t\n\r\f\v",
}
_QUANTIFIERS = {"?": (0, 1), "*": (0, None), "+": (1, None)}
_SPECIAL = frozenset("^$.|?*+()[]{}\\")


@dataclass(frozen=True, slots=True)
class _Step:
    """One state: which signs pass, whether it may be skipped, whether it may repeat."""

    accepts: Callable[[str], bool]
    is_optional: bool
    is_repeated: bool


class Pattern:
    """A pattern ready to search; `matches` is true when any part of the text fits."""

    def __init__(self, text: str) -> None:
        self._branches = tuple(_Branch(branch) for branch in split(text))

    def matches(self, text: str) -> bool:
        """Return whether some part of the text fits one of the branches."""
        return any(branch.matches(text) for branch in self._branches)


class _Branch:
    def __init__(self, text: str) -> None:
        self.from_start = text.startswith("^")
        body = text[1:] if self.from_start else text
        self.to_end = body.endswith("$") and not is_escaped(body, len(body) - 1)
        self.steps = _steps(body[:-1] if self.to_end else body)
        if len(self.steps) > STATES_MAX:
            raise BadExpression(f"a pattern has at most {STATES_MAX} states", at=0)
        self.optional = sum(step.is_optional << bit for bit, step in enumerate(self.steps))
        self.repeated = sum(step.is_repeated << bit for bit, step in enumerate(self.steps))
        self.end = 1 << len(self.steps)
        self.masks: dict[str, int] = {}

    def _skip(self, states: int) -> int:
        # State k waits for step k; skipping an optional step moves the bit up without a sign.
        while (more := states | ((states & self.optional) << 1)) != states:
            states = more
        return states

    def _mask(self, sign: str) -> int:
        if (mask := self.masks.get(sign)) is None:
            mask = sum(step.accepts(sign) << bit for bit, step in enumerate(self.steps))
            if len(self.masks) < 4096:
                self.masks[sign] = mask
        return mask

    def matches(self, text: str) -> bool:
        start = self._skip(1)
        states = start
        for sign in text:
            if states & self.end and not self.to_end:
                return True
            passed = states & self._mask(sign)
            states = self._skip((passed << 1) | (passed & self.repeated))
            if not self.from_start:
                states |= start
        return bool(states & self.end)


def is_escaped(text: str, at: int) -> bool:
    """Return whether the sign at a place follows an odd number of slashes."""
    slashes = len(text[:at]) - len(text[:at].rstrip("\\"))
    return slashes % 2 == 1


def split(text: str) -> list[str]:
    """Return the branches of a pattern."""
    branches, start, at, inside = [], 0, 0, False
    while at < len(text):
        sign = text[at]
        at += 1 + (sign == "\\")
        inside = sign == "[" or (inside and sign != "]")
        if sign == "|" and not inside:
            branches.append(text[start : at - 1])
            start = at
    return [*branches, text[start:]]


def _steps(text: str) -> list[_Step]:
    steps: list[_Step] = []
    at = 0
    while at < len(text):
        accepts, at = _atom(text, at)
        least, most, at = quantifier(text, at)
        steps += [_Step(accepts, False, False)] * least
        if most is None:
            steps.append(_Step(accepts, True, True))
        else:
            steps += [_Step(accepts, True, False)] * (most - least)
        if len(steps) > STATES_MAX:
            raise BadExpression(f"a pattern has at most {STATES_MAX} states", at=0)
    return steps


def _atom(text: str, at: int) -> tuple[Callable[[str], bool], int]:
    sign = text[at]
    if sign == "\\":
        return _escaped(text, at + 1), at + 2
    if sign == "[":
        return _class(text, at + 1)
    if sign == ".":
        return (lambda given: given != "\n"), at + 1
    if sign in _SPECIAL:
        raise BadExpression(f"{sign!r} is not allowed in a pattern at {at}", at=0)
    return sign.__eq__, at + 1


def _escaped(text: str, at: int) -> Callable[[str], bool]:
    sign = text[at : at + 1]
    if sign and sign in "dws":
        return _CLASSES[sign]
    if sign and sign in "DWS":
        inner = _CLASSES[sign.lower()]
        return lambda given: not inner(given)
    if sign and not sign.isalnum():
        return sign.__eq__
    raise BadExpression(f"an escape at {at} is not allowed in a pattern", at=0)


def _class(text: str, at: int) -> tuple[Callable[[str], bool], int]:
    is_negated = text[at : at + 1] == "^"
    at += is_negated
    tests: list[Callable[[str], bool]] = []
    while at < len(text) and text[at] != "]":
        if text[at] == "\\":
            tests.append(_escaped(text, at + 1))
            at += 2
        elif text[at + 1 : at + 2] == "-" and text[at + 2 : at + 3] not in ("", "]"):
            low, high = text[at], text[at + 2]
            if low > high or high == "\\":
                raise BadExpression(f"the range at {at} of a pattern is not one", at=0)
            tests.append(lambda sign, low=low, high=high: low <= sign <= high)
            at += 3
        else:
            tests.append(text[at].__eq__)
            at += 1
    if at >= len(text) or not tests:
        raise BadExpression("a class in a pattern is empty or not closed", at=0)
    return (lambda sign: any(test(sign) for test in tests) != is_negated), at + 1


def quantifier(text: str, at: int) -> tuple[int, int | None, int]:
    """Return how often what stands before a place comes, least and most, and where that ends."""
    sign = text[at : at + 1]
    if sign in _QUANTIFIERS:
        least, most = _QUANTIFIERS[sign]
        return least, most, at + 1
    if sign != "{":
        return 1, 1, at
    end = text.find("}", at)
    low, comma, high = text[at + 1 : max(end, at + 1)].partition(",")
    if not (_is_count(low) and (not high or _is_count(high))):
        raise BadExpression(f"the quantifier at {at} of a pattern is not one", at=0)
    least = int(low)
    most = (int(high) if high else None) if comma else least
    if least > STATES_MAX or (most is not None and not least <= most <= STATES_MAX) or most == 0:
        raise BadExpression(f"the quantifier at {at} of a pattern is not one", at=0)
    return least, most, end + 1


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3
