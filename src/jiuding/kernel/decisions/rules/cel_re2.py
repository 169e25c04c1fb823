"""Spell a pattern of ours as RE2 does, which DuckDB searches with, sign for sign the same.

RE2 knows more inside a class (`[[:alpha:]]`) and less in `\\s` (no vertical tab), so every sign is
written out.
"""

from __future__ import annotations

from jiuding.kernel.decisions.rules.cel_patterns import is_escaped, quantifier, split

_SPACES = "\\t\\n\\r\\f\\v "


class NotInRe2(Exception):
    """Say, inside this package only, that a pattern has no form in RE2."""


def to_re2(text: str) -> str:
    """Return a pattern, already read by `Pattern`, in the spelling of RE2."""
    return "|".join(_branch(branch) for branch in split(text))


def _branch(text: str) -> str:
    from_start = text.startswith("^")
    body = text[1:] if from_start else text
    to_end = body.endswith("$") and not is_escaped(body, len(body) - 1)
    body = body[:-1] if to_end else body
    written, at = [], 0
    while at < len(body):
        piece, at = _atom(body, at)
        start = at
        _, _, at = quantifier(body, at)
        written.append(piece + body[start:at])
    return ("\\A" if from_start else "") + "".join(written) + ("\\z" if to_end else "")


def _atom(body: str, at: int) -> tuple[str, int]:
    sign = body[at]
    if sign == "[":
        return _class(body, at + 1)
    if sign == "\\":
        sign = body[at + 1]
        if sign in "sS":
            return f"[{'^' if sign == 'S' else ''}{_SPACES}]", at + 2
        return (f"\\{sign}" if sign in "dwDW" else _plain(sign)), at + 2
    return (sign if sign == "." else _plain(sign)), at + 1


def _class(body: str, at: int) -> tuple[str, int]:
    written = ["["]
    if body[at] == "^":
        written.append("^")
        at += 1
    while body[at] != "]":
        if body[at] == "\\":
            sign = body[at + 1]
            if sign == "S":
                raise NotInRe2("all but spaces inside a class has no form in RE2")
            written.append(
                _SPACES if sign == "s" else f"\\{sign}" if sign in "dwDW" else _plain(sign)
            )
            at += 2
        elif body[at + 1] == "-" and body[at + 2] != "]":
            written.append(f"{_plain(body[at])}-{_plain(body[at + 2])}")
            at += 3
        else:
            written.append(_plain(body[at]))
            at += 1
    return "".join(written) + "]", at + 1


def _plain(sign: str) -> str:
    return sign if sign.isalnum() or not sign.isascii() else f"\\x{{{ord(sign):x}}}"
