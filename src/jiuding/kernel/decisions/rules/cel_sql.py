"""The back end for history: turn a typed tree into one DuckDB expression with the same answers.

A decimal is whole units with a scale that is known when the expression is written, so all
arithmetic is on whole numbers of 128 bits and nothing is rounded. Not evaluated is NULL, and SQL's
`AND` and `OR` absorb it as CEL's do. Where the compiled form would round to 34 digits, or where
widths leave 128 bits, the tree is refused with a reason: it is never answered differently.

A quotient stays a pair of numerator and denominator and may be compared: two sides of at most 33
digits that differ, differ by more than the 34th digit, so rounding cannot make them equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from jiuding.kernel.decisions.rules.cel_re2 import NotInRe2, to_re2
from jiuding.kernel.decisions.rules.cel_values import WHOLE_DIGITS_MAX
from jiuding.kernel.decisions.types.tree import (
    Call,
    Choice,
    Field,
    Has,
    Items,
    Literal,
    Logic,
    Node,
    Type,
)

DIGITS_MAX = 34
QUOTIENT_DIGITS_MAX = 33
SQL_TEXT_MAX = 100_000
INT_DIGITS = 19


class NotInSql(Exception):
    """Say, inside this package only, why a tree has no exact form in SQL."""


@dataclass(frozen=True, slots=True)
class Sql:
    """An expression; a decimal is `text` units of `scale` digits, at most `width` digits long.

    With `under` it is the quotient of `text` and `under`, both whole numbers; `text` then counts
    units of `scale` when the quotient is taken.
    """

    text: str
    width: int = 0
    scale: int = 0
    under: str | None = None
    under_width: int = 0

    @property
    def parts(self) -> tuple[str, ...]:
        """The expressions of which each must be known for the whole to be."""
        return (self.text,) if self.under is None else (self.text, self.under)


Columns = Mapping[str, Sql]


def to_sql(node: Node, columns: Columns) -> Sql:
    """Return the expression of a tree over columns by field name.

    Refuses with NotInSql for what cannot be answered exactly, or that grows over 100,000 signs.
    """
    found = _translate(node, columns)
    if len(found.text) > SQL_TEXT_MAX:
        raise NotInSql(f"the expression has more than {SQL_TEXT_MAX} signs")
    return found


def quoted(text: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def digits_of(value: Decimal) -> tuple[int, int]:
    """Return how many digits a decimal has, and how many of them stand after the point."""
    _, digits, exponent = value.as_tuple()
    scale = max(-int(exponent), 0)
    return max(len(digits) + max(int(exponent), 0), scale, 1), scale


def units_of(value: Decimal, scale: int) -> int:
    """Return a decimal as whole units of a scale that loses nothing."""
    return int(value.scaleb(scale))


def _translate(node: Node, columns: Columns) -> Sql:
    match node:
        case Literal(value=value, type=kind):
            return _literal(value, kind)
        case Field(name=name):
            if name not in columns:
                raise NotInSql(f"{name} has no column")
            return columns[name]
        case Has(name=name):
            if name not in columns:
                raise NotInSql(f"{name} has no column")
            return Sql(f"({' AND '.join(f'{part} IS NOT NULL' for part in columns[name].parts)})")
        case Items():
            raise NotInSql("a list stands only after `in` and in `size`")
        case Logic(name=name, left=left, right=right):
            word = "AND" if name == "&&" else "OR"
            sides = [_translate(each, columns).text for each in (left, right)]
            return Sql(f"({sides[0]} {word} {sides[1]})")
        case Choice():
            return _choice(node, columns)
        case Call(name=name):
            if name not in _CALLS:
                raise NotInSql(f"{name} has no exact form in SQL")
            return _CALLS[name](node, columns)
    raise NotInSql(f"a tree holds {type(node).__name__}")


def _literal(value: object, kind: Type) -> Sql:
    if kind is Type.BOOL:
        return Sql("true" if value else "false")
    if kind is Type.STRING:
        return Sql(quoted(str(value)))
    if kind is Type.INT:
        return Sql(_whole(value))
    width, scale = digits_of(Decimal(value))
    return Sql(_whole(units_of(Decimal(value), scale)), width, scale)


def _whole(value: object) -> str:
    return f"({value})::HUGEINT"


def _args(node: Call, columns: Columns) -> list[Sql]:
    return [_translate(each, columns) for each in node.args]


def _plain_args(node: Call, columns: Columns) -> list[Sql]:
    found = _args(node, columns)
    if any(each.under is not None for each in found):
        raise NotInSql("a quotient is only compared here, not worked with further")
    return found


def _fits(found: Sql) -> Sql:
    if found.width > DIGITS_MAX or found.width - found.scale > WHOLE_DIGITS_MAX:
        raise NotInSql(f"a number may need more than {DIGITS_MAX} digits")
    return found


def _at(found: Sql, scale: int) -> str:
    """Return the units of a decimal at a larger scale."""
    more = scale - found.scale
    return f"({found.text} * {_whole(10**more)})" if more else found.text


def _aligned(one: Sql, other: Sql) -> tuple[str, str, int, int]:
    scale = max(one.scale, other.scale)
    width = max(each.width + scale - each.scale for each in (one, other))
    if width > 38:
        raise NotInSql("two numbers together need more than 38 digits")
    return _at(one, scale), _at(other, scale), width, scale


def _choice(node: Choice, columns: Columns) -> Sql:
    condition = _translate(node.condition, columns).text
    then, otherwise = (_translate(each, columns) for each in (node.then, node.otherwise))

    def chosen(one: str, other: str) -> str:
        return f"(CASE {condition} WHEN true THEN {one} WHEN false THEN {other} END)"

    if node.type is not Type.DECIMAL:
        return Sql(chosen(then.text, otherwise.text))
    one, other, width, scale = _aligned(then, otherwise)
    if then.under is None and otherwise.under is None:
        return _fits(Sql(chosen(one, other), width, scale))
    unders = [each.under or _whole(1) for each in (then, otherwise)]
    under_width = max(then.under_width, otherwise.under_width, 1)
    return Sql(chosen(one, other), width, scale, chosen(*unders), under_width)


def _sum(sign: str) -> Callable[[Call, Columns], Sql]:
    def write(node: Call, columns: Columns) -> Sql:
        left, right = _plain_args(node, columns)
        if node.type is Type.INT:
            return _bounded(f"{left.text}::HUGEINT {sign} {right.text}::HUGEINT")
        one, other, width, scale = _aligned(left, right)
        return _fits(Sql(f"({one} {sign} {other})", width + 1, scale))

    return write


def _bounded(text: str) -> Sql:
    """Return a whole number that is not evaluated where it leaves 64 bits."""
    return Sql(f"TRY_CAST({text} AS BIGINT)")


def _product(node: Call, columns: Columns) -> Sql:
    left, right = _plain_args(node, columns)
    if node.type is Type.INT:
        return _bounded(f"{left.text}::HUGEINT * {right.text}::HUGEINT")
    text = f"({left.text} * {right.text})"
    return _fits(Sql(text, left.width + right.width, left.scale + right.scale))


def _quotient(node: Call, columns: Columns) -> Sql:
    left, right = _plain_args(node, columns)
    if node.type is Type.INT:
        return _bounded(f"{left.text}::HUGEINT // NULLIF({right.text}::HUGEINT, 0)")
    # What is left after both lose their points: units of one scale over units of the same.
    one, other, width, _ = _aligned(left, right)
    if width > QUOTIENT_DIGITS_MAX:
        raise NotInSql(f"a quotient may need more than {QUOTIENT_DIGITS_MAX} digits")
    if width > WHOLE_DIGITS_MAX:
        raise NotInSql(f"a quotient may need more than {WHOLE_DIGITS_MAX} digits")
    return Sql(one, width, 0, f"NULLIF({other}, 0)", width)


def _remainder(node: Call, columns: Columns) -> Sql:
    left, right = _plain_args(node, columns)
    return _bounded(f"{left.text}::HUGEINT % NULLIF({right.text}::HUGEINT, 0)")


def _compared(sign: str) -> Callable[[Call, Columns], Sql]:
    def write(node: Call, columns: Columns) -> Sql:
        left, right = _args(node, columns)
        if node.args[0].type is not Type.DECIMAL:
            return Sql(f"({left.text} {sign} {right.text})")
        if left.under is not None and right.under is not None:
            raise NotInSql("two quotients are not compared")
        if right.under is not None:
            return _quotient_compared(right, _MIRROR[sign], left)
        if left.under is not None:
            return _quotient_compared(left, sign, right)
        one, other, _, _ = _aligned(left, right)
        return Sql(f"({one} {sign} {other})")

    return write


_MIRROR = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _quotient_compared(left: Sql, sign: str, right: Sql) -> Sql:
    """Compare by multiplying with the denominator's size, the numerator taking its sign."""
    width = right.width + left.under_width
    scale = max(left.scale, right.scale)
    if max(width - right.scale, left.width - left.scale) + scale > QUOTIENT_DIGITS_MAX:
        raise NotInSql(f"a comparison may need more than {QUOTIENT_DIGITS_MAX} digits")
    product = Sql(f"({right.text} * abs({left.under}))", width, right.scale)
    signed = replace(left, text=f"({left.text} * sign({left.under})::HUGEINT)", under=None)
    one, other, _, _ = _aligned(signed, product)
    return Sql(f"({one} {sign} {other})")


def _negated(node: Call, columns: Columns) -> Sql:
    (only,) = _args(node, columns)
    if node.type is Type.INT:
        return _bounded(f"-({only.text}::HUGEINT)")
    return replace(only, text=f"(-{only.text})")


def _absolute(node: Call, columns: Columns) -> Sql:
    (only,) = _plain_args(node, columns)
    if node.type is Type.INT:
        return _bounded(f"abs({only.text}::HUGEINT)")
    return replace(only, text=f"abs({only.text})")


def _not(node: Call, columns: Columns) -> Sql:
    return Sql(f"(NOT {_translate(node.args[0], columns).text})")


def _in(node: Call, columns: Columns) -> Sql:
    item = _translate(node.args[0], columns)
    found = node.args[1]
    if not isinstance(found, Items):
        if node.args[0].type is Type.DECIMAL:
            raise NotInSql("a list of decimals has no column")
        return Sql(f"list_contains({_translate(found, columns).text}, {item.text})")
    each_is = Call("==", (node.args[0], node.args[0]), Type.BOOL, node.at)
    same = []
    for entry in found.items:
        pair = replace(each_is, args=(node.args[0], entry))
        same.append(_translate(pair, columns).text)
    # An entry that is not known leaves the whole list unknown, also where another one is equal.
    unknown = [
        f"{_translate(entry, columns).text} IS NULL"
        for entry in found.items
        if not isinstance(entry, Literal)
    ]
    any_same = f"({' OR '.join(same)})"
    if not unknown:
        return Sql(any_same)
    return Sql(f"(CASE WHEN {' OR '.join(unknown)} THEN NULL ELSE {any_same} END)")


def _size(node: Call, columns: Columns) -> Sql:
    (found,) = node.args
    if isinstance(found, Items):
        texts = [_translate(each, columns).text for each in found.items]
        unknown = " OR ".join(f"{text} IS NULL" for text in texts)
        return Sql(f"(CASE WHEN {unknown} THEN NULL ELSE {_whole(len(texts))} END)")
    return Sql(f"length({_translate(found, columns).text})")


def _on_texts(function: str) -> Callable[[Call, Columns], Sql]:
    def write(node: Call, columns: Columns) -> Sql:
        text, part = (each.text for each in _args(node, columns))
        return Sql(f"{function}({text}, {part})")

    return write


def _matches(node: Call, columns: Columns) -> Sql:
    text, wanted = node.args
    if not isinstance(wanted, Literal):
        raise NotInSql("the pattern of matches is written out")
    try:
        pattern = quoted(to_re2(str(wanted.value)))
    except NotInRe2 as refusal:
        raise NotInSql(str(refusal)) from None
    return Sql(f"regexp_matches({_translate(text, columns).text}, {pattern})")


def _extreme(function: str) -> Callable[[Call, Columns], Sql]:
    def write(node: Call, columns: Columns) -> Sql:
        found = _plain_args(node, columns)
        scale = max(each.scale for each in found)
        width = max(each.width + scale - each.scale for each in found)
        _fits(Sql("", width, scale))
        texts = [_at(each, scale) for each in found]
        # LEAST and GREATEST pass over NULL; what is not known must stay so.
        unknown = " OR ".join(f"{text} IS NULL" for text in texts)
        text = f"(CASE WHEN {unknown} THEN NULL ELSE {function}({', '.join(texts)}) END)"
        return Sql(text, width, scale)

    return write


def _decimal(node: Call, columns: Columns) -> Sql:
    return Sql(f"({_translate(node.args[0], columns).text})::HUGEINT", INT_DIGITS, 0)


def _truncated(node: Call, columns: Columns) -> Sql:
    (only,) = _args(node, columns)
    if only.under is None:
        return _bounded(f"{only.text} // {_whole(10**only.scale)}")
    under = f"({only.under} * {_whole(10**only.scale)})"
    if only.under_width + only.scale > QUOTIENT_DIGITS_MAX or only.width > QUOTIENT_DIGITS_MAX:
        raise NotInSql(f"a quotient may need more than {QUOTIENT_DIGITS_MAX} digits")
    return _bounded(f"{only.text} // {under}")


def _floor_to(node: Call, columns: Columns) -> Sql:
    value, step = _plain_args(node, columns)
    one, other, width, scale = _aligned(value, step)
    if width > WHOLE_DIGITS_MAX:
        raise NotInSql(f"floor_to may need more than {WHOLE_DIGITS_MAX} digits")
    safe = f"(CASE WHEN {other} > 0 THEN {other} END)"
    rest = f"((({one} % {safe}) + {safe}) % {safe})"
    return _fits(Sql(f"({one} - {rest})", width + 1, scale))


_CALLS: dict[str, Callable[[Call, Columns], Sql]] = {
    "==": _compared("="),
    "!=": _compared("<>"),
    "<": _compared("<"),
    "<=": _compared("<="),
    ">": _compared(">"),
    ">=": _compared(">="),
    "in": _in,
    "+": _sum("+"),
    "-": _sum("-"),
    "*": _product,
    "/": _quotient,
    "%": _remainder,
    "neg": _negated,
    "!": _not,
    "size": _size,
    "startsWith": _on_texts("starts_with"),
    "endsWith": _on_texts("ends_with"),
    "contains": _on_texts("contains"),
    "matches": _matches,
    "min": _extreme("LEAST"),
    "max": _extreme("GREATEST"),
    "abs": _absolute,
    "decimal": _decimal,
    "int": _truncated,
    "floor_to": _floor_to,
}
