"""Random well-typed conditions and inputs, on which every back end must agree."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from jiuding.kernel.decisions.types.tree import FieldSpec, Type

FIELDS = {
    spec.name: spec
    for spec in (
        FieldSpec("flag", Type.BOOL),
        FieldSpec("person.age", Type.INT),
        FieldSpec("count", Type.INT),
        FieldSpec("amount", Type.DECIMAL),
        FieldSpec("rate", Type.DECIMAL),
        FieldSpec("name", Type.STRING),
        FieldSpec("status", Type.STRING, ("open", "shut")),
        FieldSpec("tags", Type.STRINGS),
        FieldSpec("numbers", Type.INTS),
    )
}
INTS = st.integers(-50, 50) | st.sampled_from((0, 2**62, -(2**62), 2**63 - 1))
DECIMALS = st.decimals(-1000, 1000, places=2) | st.sampled_from((Decimal(0), Decimal("1e9")))
TEXTS = st.text("ab阿' \\%_😀", max_size=3)
ENVIRONMENTS = st.fixed_dictionaries(
    {},
    optional={
        "flag": st.booleans(),
        "person.age": INTS,
        "count": INTS,
        "amount": DECIMALS.map(lambda value: value.quantize(Decimal("0.01"))),
        "rate": DECIMALS.map(lambda value: value.quantize(Decimal("0.01"))),
        "name": TEXTS,
        "status": st.sampled_from(("open", "shut")),
        "tags": st.lists(TEXTS, max_size=3).map(tuple),
        "numbers": st.lists(INTS, max_size=3).map(tuple),
    },
)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _number(value: int | Decimal) -> str:
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return f"({text}.0)" if isinstance(value, Decimal) and "." not in text else f"({text})"


def _call(shape: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda found: shape.format(*found))


@cache
def numbers(kind: Type, depth: int) -> st.SearchStrategy[str]:
    """Return conditions' texts that give a number of this kind."""
    names = ("person.age", "count") if kind is Type.INT else ("amount", "rate")
    leaf = (INTS if kind is Type.INT else DECIMALS).map(_number) | st.sampled_from(names)
    if depth == 0:
        return leaf
    low = numbers(kind, depth - 1)
    found = [
        leaf,
        _call("({} {} {})", low, st.sampled_from("+-*/"), low),
        _call("{}({}, {})", st.sampled_from(("min", "max")), low, low),
        _call("({} ? {} : {})", truths(depth - 1), low, low),
        _call("(-{})", low),
        _call("abs({})", low),
    ]
    if kind is Type.INT:
        other = numbers(Type.DECIMAL, depth - 1)
        found += [_call("({} % {})", low, low), _call("int({})", other)]
        found += [_call("size({})", texts(depth - 1)), st.just("size(tags)")]
    else:
        found += [_call("floor_to({}, {})", low, low), _call("decimal({})", st.just("count"))]
    return st.one_of(found)


@cache
def texts(depth: int) -> st.SearchStrategy[str]:
    """Return conditions' texts that give a text."""
    leaf = TEXTS.map(_quoted) | st.just("name")
    if depth == 0:
        return leaf
    return leaf | _call("({} ? {} : {})", truths(depth - 1), leaf, leaf)


@cache
def truths(depth: int) -> st.SearchStrategy[str]:
    """Return conditions' texts that give a truth."""
    leaf = st.sampled_from(
        ("flag", "true", "false", "has(flag)", "has(count)", "has(name)", '(status == "open")')
    )
    if depth == 0:
        return leaf
    low = truths(depth - 1)
    order = st.sampled_from(("==", "!=", "<", "<=", ">", ">="))
    whole, exact = numbers(Type.INT, depth - 1), numbers(Type.DECIMAL, depth - 1)
    text = texts(depth - 1)
    test = st.sampled_from(("startsWith", "endsWith", "contains"))
    return st.one_of(
        leaf,
        _call("({} {} {})", low, st.sampled_from(("&&", "||", "==")), low),
        _call("({} {} {})", whole, order, whole),
        _call("({} {} {})", whole, order, exact),
        _call("({} {} {})", exact, order, exact),
        _call("({} {} {})", text, order, text),
        _call("{}({}, {})", test, text, text),
        _call("({} in [{}, {}])", whole, whole, whole),
        _call("({} in [{}, {}])", exact, exact, exact),
        _call("({} in tags)", text),
        _call("({} in numbers)", whole),
        _call("!({})", low),
    )


def expressions() -> st.SearchStrategy[str]:
    """Return conditions' texts of every type."""
    return truths(3) | numbers(Type.DECIMAL, 2) | numbers(Type.INT, 2) | texts(2)
