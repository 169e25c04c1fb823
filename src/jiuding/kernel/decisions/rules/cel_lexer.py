"""Cut the text of a condition into tokens.

Source: Common Expression Language, language definition, section "Syntax". Left out: bytes,
unsigned numbers, triple quotes, null and maps. A number with a point or an exponent is an exact
decimal, not a binary float.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jiuding.kernel.decisions.errors import BadExpression

TEXT_LENGTH_MAX = 4000
INT_MAX = 2**63 - 1
DIGITS_MAX = 28

_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n\f]+|//[^\n]*)"
    r"|(?P<decimal>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]{1,2})?|[0-9]+[eE][+-]?[0-9]{1,2})"
    r"|(?P<hex>0[xX][0-9a-fA-F]+)"
    r"|(?P<int>[0-9]+)"
    r"|(?P<raw>[rR](?:\"[^\"\n]*\"|'[^'\n]*'))"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<string>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
    r"|(?P<operator>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]])"
)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.S)
_PLAIN_ESCAPES = {
    **{sign: sign for sign in "\\'\"`?"},
    **dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True)),
}
_STATEMENTS = ("break", "const", "continue", "else", "for", "function", "if", "let", "loop")
_NAMES = ("as", "import", "namespace", "package", "return", "var", "void", "while", "null")
RESERVED = frozenset((*_STATEMENTS, *_NAMES))


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a condition: `kind` is int, decimal, string, bool, name, operator or end."""

    kind: str
    value: Any
    at: int


def tokens_of(text: str) -> list[Token]:
    """Return the tokens, the last one of kind `end`.

    Refuses: BadExpression with the position of the first piece that is not of the language.
    """
    if len(text) > TEXT_LENGTH_MAX:
        raise BadExpression(f"an expression has at most {TEXT_LENGTH_MAX} characters", at=0)
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadExpression(f"{text[at]!r} does not belong here", at=at)
        if match.lastgroup != "space":
            found.append(_token(str(match.lastgroup), match.group(), at))
        at = match.end()
    found.append(Token("end", None, at))
    return found


def _token(kind: str, piece: str, at: int) -> Token:
    if kind in ("int", "hex"):
        if len(piece) > 20 or (number := int(piece, 16 if kind == "hex" else 10)) > INT_MAX + 1:
            raise BadExpression("a whole number must fit in 64 bits", at=at)
        return Token("int", number, at)
    if kind == "decimal":
        number = Decimal(piece) if len(piece) <= DIGITS_MAX else None
        if number is None or abs(number.adjusted()) > DIGITS_MAX:
            raise BadExpression(f"a decimal has at most {DIGITS_MAX} digits", at=at)
        return Token("decimal", Decimal(format(number, "f")), at)
    if kind == "raw":
        return Token("string", piece[2:-1], at)
    if kind == "string":
        return Token("string", _unescape(piece[1:-1], at + 1), at)
    if kind == "name" and piece in ("true", "false"):
        return Token("bool", piece == "true", at)
    if kind == "name" and piece in RESERVED:
        raise BadExpression(f"{piece!r} is a reserved word", at=at)
    return Token(kind, piece, at)


def _unescape(text: str, at: int) -> str:
    def plain(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        if code is None and match[4] in _PLAIN_ESCAPES:
            return _PLAIN_ESCAPES[match[4]]
        number = int(code, 16) if code else -1
        if not 0 < number <= 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            raise BadExpression(f"{match.group()!r} is not an escape", at=at + match.start())
        return chr(number)

    return _ESCAPE.sub(plain, text)
