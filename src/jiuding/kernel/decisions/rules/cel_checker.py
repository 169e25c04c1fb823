"""Give every node of a condition its type, against the fields that a policy declares.

Differs from the specification in three stated ways: numbers with a point are exact decimals; an
int becomes a decimal where the two meet; a comparison between other types is refused here
instead of being false.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches

from jiuding.kernel.decisions.errors import BadExpression
from jiuding.kernel.decisions.rules.cel_functions import (
    FUNCTIONS,
    METHODS,
    RESERVED_CALLS,
    function_names,
    pattern,
    resolve,
)
from jiuding.kernel.decisions.rules.cel_parser import Raw, parse
from jiuding.kernel.decisions.types.tree import (
    LIST_OF,
    Call,
    Choice,
    Field,
    FieldSpec,
    Has,
    Items,
    Literal,
    Logic,
    Node,
    Type,
)

Fields = Mapping[str, FieldSpec]


def read_expression(text: str, fields: Fields, wanted: Type | None = None) -> Node:
    """Parse an expression and return its typed tree.

    Refuses: BadExpression, with the position, for unreadable text, unknown names, types that do
    not fit, a text that a field can never hold, division by a constant zero, or a result that is
    not of the type wanted.
    """
    node = check(parse(text), fields)
    if wanted is Type.DECIMAL and node.type is Type.INT:
        return _converted(node, Type.DECIMAL)
    if wanted is not None and node.type is not wanted:
        raise BadExpression(f"this gives {node.type}, where {wanted} is needed", at=node.at)
    return node


def check(raw: Raw, fields: Fields) -> Node:
    """Return the typed tree of a parsed expression."""
    match raw.op:
        case "literal":
            return Literal(raw.value, _literal_type(raw.value), raw.at)
        case "name" | "member":
            return _field(raw, fields)
        case "list":
            return _items(raw, fields)
        case "&&" | "||":
            left, right = (_typed(arg, fields, Type.BOOL) for arg in raw.args)
            return Logic(raw.op, left, right, raw.at)
        case "?:":
            return _choice(raw, fields)
        case "call":
            return _call(raw, fields)
        case _:
            args = tuple(check(arg, fields) for arg in raw.args)
            return _applied(raw.op, args, raw.at, fields)


def _literal_type(value: object) -> Type:
    for kind, python in ((Type.BOOL, bool), (Type.INT, int), (Type.DECIMAL, Decimal)):
        if isinstance(value, python):
            return kind
    return Type.STRING


def _typed(raw: Raw, fields: Fields, wanted: Type) -> Node:
    node = check(raw, fields)
    if node.type is not wanted:
        raise BadExpression(f"this is {node.type}, where {wanted} is needed", at=node.at)
    return node


def _dotted(raw: Raw) -> str | None:
    if raw.op == "name":
        return raw.value
    if raw.op == "member" and (before := _dotted(raw.args[0])) is not None:
        return f"{before}.{raw.value}"
    return None


def _field(raw: Raw, fields: Fields) -> Field:
    name = _dotted(raw)
    if name is None:
        raise BadExpression("only a declared field is read with a point", at=raw.at)
    if name not in fields:
        near = get_close_matches(name, fields, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise BadExpression(f"{name[:80]} is not a declared field{hint}", at=raw.at)
    return Field(name, fields[name].type, raw.at)


def _items(raw: Raw, fields: Fields) -> Items:
    items = tuple(check(arg, fields) for arg in raw.args)
    if not items:
        raise BadExpression("an empty list holds nothing to compare with", at=raw.at)
    kind = _common(tuple(item.type for item in items))
    if kind is None or kind not in LIST_OF:
        raise BadExpression("a list holds numbers or texts of one kind", at=raw.at)
    return Items(tuple(_converted(item, kind) for item in items), LIST_OF[kind], raw.at)


def _common(types: tuple[Type, ...]) -> Type | None:
    if len(set(types)) == 1:
        return types[0]
    return Type.DECIMAL if all(kind.is_number for kind in types) else None


def _converted(node: Node, kind: Type) -> Node:
    if node.type is Type.INT and kind is Type.DECIMAL:
        if isinstance(node, Literal):
            return Literal(Decimal(node.value), kind, node.at)
        return Call("decimal", (node,), kind, node.at)
    return node


def _choice(raw: Raw, fields: Fields) -> Choice:
    condition = _typed(raw.args[0], fields, Type.BOOL)
    then, otherwise = (check(arg, fields) for arg in raw.args[1:])
    kind = _common((then.type, otherwise.type))
    if kind is None:
        text = f"the two answers are {then.type} and {otherwise.type}"
        raise BadExpression(text, at=raw.at)
    return Choice(condition, _converted(then, kind), _converted(otherwise, kind), kind, raw.at)


def _call(raw: Raw, fields: Fields) -> Node:
    name = raw.value
    if name == "has":
        if len(raw.args) != 1 or _dotted(raw.args[0]) is None:
            raise BadExpression("has(...) asks about one field", at=raw.at)
        return Has(_field(raw.args[0], fields).name, raw.at)
    if name.startswith("."):
        name = name[1:]
        if name not in METHODS:
            raise BadExpression(f"there is no method {name[:40]!r}", at=raw.at)
    elif name not in FUNCTIONS or name in RESERVED_CALLS:
        known = ", ".join(function_names())
        raise BadExpression(f"there is no function {name[:40]!r}; there are {known}", at=raw.at)
    args = tuple(check(arg, fields) for arg in raw.args)
    return _applied(name, args, raw.at, fields)


def _applied(name: str, args: tuple[Node, ...], at: int, fields: Fields) -> Call:
    found = resolve(name, tuple(arg.type for arg in args))
    if found is None:
        given = ", ".join(arg.type for arg in args)
        raise BadExpression(f"{name} does not take ({given})", at=at)
    overload, wanted = found
    args = tuple(_converted(arg, kind) for arg, kind in zip(args, wanted, strict=True))
    if name == "matches":
        _check_pattern(args[1])
    if name in ("/", "%") and isinstance(args[1], Literal) and args[1].value == 0:
        raise BadExpression("this divides by zero", at=args[1].at)
    if name in ("==", "!=", "in"):
        _check_values(args, fields)
    return Call(name, args, overload.result, at)


def _check_pattern(node: Node) -> None:
    if not isinstance(node, Literal):
        raise BadExpression("the pattern of matches is written out", at=node.at)
    try:
        pattern(str(node.value))
    except BadExpression as problem:
        raise BadExpression(problem.detail, at=node.at) from None


def _check_values(args: tuple[Node, ...], fields: Fields) -> None:
    """Refuse to compare a field with a text that it can never hold: it is a slip of the pen."""
    for one, other in (args, args[::-1]):
        if not isinstance(one, Field) or not fields[one.name].values:
            continue
        texts = other.items if isinstance(other, Items) else (other,)
        for text in texts:
            if isinstance(text, Literal) and text.value not in fields[one.name].values:
                allowed = ", ".join(fields[one.name].values)
                detail = f"{one.name} is never {text.value!r}; it is one of {allowed}"
                raise BadExpression(detail, at=text.at)
