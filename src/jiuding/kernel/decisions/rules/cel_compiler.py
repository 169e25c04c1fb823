"""The on-line back end: turn a typed tree into nested Python functions, once.

No source is generated and nothing is evaluated as Python. A compiled condition takes a mapping of
field name to value; it returns a value or raises `Unknown`. `&&` and `||` absorb as CEL says: a
side that decides alone wins, on either side, over a side that is unknown.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping
from typing import Any

from jiuding.base.problems import BrokenInvariant, ensure
from jiuding.kernel.decisions.rules.cel_functions import resolve
from jiuding.kernel.decisions.rules.cel_values import EXACT, Unknown
from jiuding.kernel.decisions.types.tree import (
    Call,
    Choice,
    Field,
    Has,
    Items,
    Literal,
    Logic,
    Node,
)

Environment = Mapping[str, Any]
Compiled = Callable[[Environment], Any]

# These cannot leave the bounds of numbers, so they run without a guard.
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "in", "!", "min", "max", "decimal")
_ON_TEXTS = ("size", "contains", "matches", "startsWith", "endsWith")
_SAFE = frozenset((*_COMPARISONS, *_ON_TEXTS))


def compile_node(node: Node) -> Compiled:
    """Return the function of a tree; call it inside `decimal.localcontext(EXACT)`."""
    match node:
        case Literal(value=value):
            return lambda env: value
        case Field(name=name):
            return _field(name)
        case Has(name=name):
            return lambda env: name in env
        case Items():
            return _items(node)
        case Logic(name=name, left=left, right=right):
            return _logic(name == "||", compile_node(left), compile_node(right))
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return _choice(*map(compile_node, (condition, then, otherwise)))
        case Call():
            return _call(node)
    raise BrokenInvariant(f"a tree holds {node!r}")


def evaluate(compiled: Compiled, env: Environment) -> Any:
    """Run a compiled condition on its own, with exact numbers."""
    with decimal.localcontext(EXACT):
        return compiled(env)


def constant_of(node: Node) -> Any:
    """Return the value that a tree has whatever the fields hold; None when it depends on them."""
    try:
        return evaluate(compile_node(node), _AllUnknown())
    except Unknown:
        return None


class _AllUnknown(dict):
    """An environment of which nothing is known, not even what it lacks."""

    def __contains__(self, name: object) -> bool:
        raise Unknown("missing", frozenset((str(name),)))


def _field(name: str) -> Compiled:
    missing = frozenset((name,))

    def read(env: Environment) -> Any:
        try:
            return env[name]
        except KeyError:
            raise Unknown("missing", missing) from None

    return read


def _items(node: Items) -> Compiled:
    if all(isinstance(item, Literal) for item in node.items):
        # Only `in` and `size` take a list, so a set may stand in where nothing repeats.
        values = tuple(item.value for item in node.items)
        found = frozenset(values)
        fixed = found if len(found) == len(values) else values
        return lambda env: fixed
    parts = tuple(compile_node(item) for item in node.items)
    return lambda env: tuple([part(env) for part in parts])


def _logic(decides: bool, left: Compiled, right: Compiled) -> Compiled:
    """Return `or` when true decides, `and` when false does."""

    def judge(env: Environment) -> bool:
        try:
            if left(env) is decides:
                return decides
        except Unknown as unknown:
            try:
                if right(env) is decides:
                    return decides
            except Unknown as other:
                raise unknown.joined(other) from None
            raise
        return right(env)

    return judge


def _choice(condition: Compiled, then: Compiled, otherwise: Compiled) -> Compiled:
    return lambda env: then(env) if condition(env) else otherwise(env)


def _call(node: Call) -> Compiled:
    found = resolve(node.name, tuple(arg.type for arg in node.args))
    ensure(found is not None, f"a checked tree calls {node.name} with types it does not take")
    run = found[0].run
    if len(node.args) == 2 and isinstance(node.args[1], Literal):
        plain = _with_constant(run, compile_node(node.args[0]), node.args[1].value)
    else:
        plain = _with_arguments(run, tuple(compile_node(arg) for arg in node.args))
    return plain if node.name in _SAFE else _guarded(plain)


def _with_constant(run: Callable[..., Any], left: Compiled, value: Any) -> Compiled:
    return lambda env: run(left(env), value)


def _with_arguments(run: Callable[..., Any], args: tuple[Compiled, ...]) -> Compiled:
    if len(args) == 1:
        (only,) = args
        return lambda env: run(only(env))
    if len(args) == 2:
        left, right = args
        return lambda env: run(left(env), right(env))
    return lambda env: run(*[arg(env) for arg in args])


def _guarded(run: Compiled) -> Compiled:
    def guarded(env: Environment) -> Any:
        try:
            return run(env)
        except ArithmeticError:
            raise Unknown("overflow") from None

    return guarded
