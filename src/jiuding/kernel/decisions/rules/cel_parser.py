"""Read a condition into a tree of words, by operator precedence (a Pratt parser).

Source: Common Expression Language, language definition, section "Syntax"; the precedence table is
the specification's. The tree has no types yet: `cel_checker` gives them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jiuding.kernel.decisions.errors import BadExpression
from jiuding.kernel.decisions.rules.cel_lexer import INT_MAX, Token, tokens_of

DEPTH_MAX = 48
NODES_MAX = 1000

_BINDING = {
    "?": 1,
    "||": 2,
    "&&": 3,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "%"), 6),
    **dict.fromkeys((".", "(", "["), 8),
}
_UNARY = 7


@dataclass(frozen=True, slots=True)
class Raw:
    """A node before types: `op` is literal, name, member, call, list, ?:, !, neg or an operator.

    For member and call `value` is the name; a method call has its object as first argument.
    """

    op: str
    at: int
    args: tuple[Raw, ...] = ()
    value: Any = None
    depth: int = 1


def parse(text: str) -> Raw:
    """Return the tree of an expression.

    Refuses: BadExpression with a position for text that is not one expression, is nested deeper
    than `DEPTH_MAX` or has more than `NODES_MAX` nodes.
    """
    reader = _Reader(tokens_of(text))
    tree = reader.expression(0)
    if reader.here.kind != "end":
        raise BadExpression(f"{reader.here.value!r} does not belong here", at=reader.here.at)
    return tree


class _Reader:
    """Tokens, and how far they have been read."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.place = 0
        self.depth = 0
        self.nodes = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.place]

    def take(self) -> Token:
        token = self.here
        self.place += token.kind != "end"
        return token

    def want(self, sign: str) -> Token:
        if not self.meets(sign):
            raise BadExpression(f"{sign!r} is missing", at=self.here.at)
        return self.take()

    def meets(self, sign: str) -> bool:
        return self.here.kind == "operator" and self.here.value == sign

    def make(self, op: str, at: int, args: tuple[Raw, ...] = (), value: Any = None) -> Raw:
        self.nodes += 1
        depth = 1 + max((arg.depth for arg in args), default=0)
        if depth > DEPTH_MAX or self.nodes > NODES_MAX:
            raise BadExpression(
                f"an expression is nested at most {DEPTH_MAX} deep and has {NODES_MAX} nodes", at=at
            )
        return Raw(op, at, args, value, depth)

    def expression(self, binding: int) -> Raw:
        """Read as much as binds tighter than `binding`."""
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise BadExpression(f"nested deeper than {DEPTH_MAX}", at=self.here.at)
        left = self.prefix()
        while (tight := self.binding_here()) > binding:
            left = self.infix(left, self.take(), tight)
        self.depth -= 1
        return left

    def binding_here(self) -> int:
        if self.here.kind == "operator" or (self.here.kind == "name" and self.here.value == "in"):
            return _BINDING.get(self.here.value, 0)
        return 0

    def prefix(self) -> Raw:
        token = self.take()
        if token.kind in ("int", "decimal", "string", "bool"):
            if token.kind == "int" and token.value > INT_MAX:
                raise BadExpression("a whole number must fit in 64 bits", at=token.at)
            return self.make("literal", token.at, value=token.value)
        if token.kind == "name" and token.value != "in":
            return self.make("name", token.at, value=token.value)
        if token.kind == "operator":
            if token.value == "(":
                inner = self.expression(0)
                self.want(")")
                return inner
            if token.value == "[":
                return self.make("list", token.at, self.many("]"))
            if token.value == "!":
                return self.make("!", token.at, (self.expression(_UNARY - 1),))
            if token.value == "-":
                return self.negative(token)
        word = "the end" if token.kind == "end" else repr(token.value)
        raise BadExpression(f"a value is missing before {word}", at=token.at)

    def negative(self, token: Token) -> Raw:
        # The smallest whole number has no positive twin, so the sign belongs to the literal.
        if self.here.kind in ("int", "decimal"):
            return self.make("literal", token.at, value=-self.take().value)
        return self.make("neg", token.at, (self.expression(_UNARY - 1),))

    def infix(self, left: Raw, token: Token, tight: int) -> Raw:
        if token.value == "?":
            then = self.expression(1)
            self.want(":")
            return self.make("?:", token.at, (left, then, self.expression(0)))
        if token.value == ".":
            return self.member(left)
        if token.value == "(":
            if left.op != "name":
                raise BadExpression("only a function can be called", at=token.at)
            return self.make("call", left.at, self.many(")"), left.value)
        if token.value == "[":
            raise BadExpression("lists and fields are not read by index", at=token.at)
        return self.make(token.value, token.at, (left, self.expression(tight)))

    def member(self, left: Raw) -> Raw:
        name = self.take()
        if name.kind != "name":
            raise BadExpression("a field's name is missing after the point", at=name.at)
        if not self.meets("("):
            return self.make("member", left.at, (left,), name.value)
        self.take()
        return self.make("call", name.at, (left, *self.many(")")), "." + name.value)

    def many(self, end: str) -> tuple[Raw, ...]:
        found: list[Raw] = []
        while not self.meets(end):
            found.append(self.expression(0))
            if not self.meets(end):
                self.want(",")
        self.take()
        return tuple(found)
