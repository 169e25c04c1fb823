"""The DuckDB back end: where it answers at all, it answers as compiled conditions do."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from expressions import ENVIRONMENTS, FIELDS, expressions
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jiuding.kernel.decisions.errors import BadExpression
from jiuding.kernel.decisions.rules.cel_checker import read_expression
from jiuding.kernel.decisions.rules.cel_compiler import compile_node, evaluate
from jiuding.kernel.decisions.rules.cel_sql import NotInSql, Sql, to_sql
from jiuding.kernel.decisions.rules.cel_values import Unknown
from jiuding.kernel.decisions.types.tree import FieldSpec, Type

SCALE = 2
SQL_TYPES = {
    Type.BOOL: "BOOLEAN",
    Type.INT: "BIGINT",
    Type.DECIMAL: "HUGEINT",
    Type.STRING: "VARCHAR",
    Type.STRINGS: "VARCHAR[]",
    Type.INTS: "BIGINT[]",
}
CONNECTION = duckdb.connect()
CONNECTION.execute("SET threads = 1")
COLUMNS = {
    name: Sql(f'"{name}"', *((15, SCALE) if spec.type is Type.DECIMAL else ()))
    for name, spec in FIELDS.items()
}


def in_sql(text: str, env: dict):
    """Return the answer of DuckDB, None for not evaluated; a decimal as the exact quotient."""
    node = read_expression(text, FIELDS)
    found = to_sql(node, COLUMNS)
    values = []
    for name, spec in FIELDS.items():
        value = env.get(name)
        if isinstance(value, Decimal):
            value = int(value.scaleb(SCALE))
        if isinstance(value, tuple | frozenset):
            value = list(value)
        values.append((f'CAST(? AS {SQL_TYPES[spec.type]}) AS "{name}"', value))
    given = ", ".join(column for column, _ in values)
    asked = f"SELECT {found.text}, {found.under or 1} FROM (SELECT {given})"
    top, under = CONNECTION.execute(asked, [value for _, value in values]).fetchone()
    if node.type is not Type.DECIMAL or top is None or under is None:
        return None if under is None else top
    if found.under is not None:
        return ("quotient", top, under * 10**found.scale)
    return Decimal(top).scaleb(-found.scale)


def in_python(text: str, env: dict):
    try:
        return evaluate(compile_node(read_expression(text, FIELDS)), env)
    except Unknown:
        return None


def agrees(text: str, env: dict) -> None:
    ours, theirs = in_python(text, env), in_sql(text, env)
    if isinstance(theirs, tuple):
        _, top, under = theirs
        assert ours is not None, text
        assert abs(ours * under - top) <= abs(top) * Decimal("1e-25"), text
        return
    assert theirs == ours, (text, env)
    assert isinstance(theirs, bool) == isinstance(ours, bool)


@given(expressions(), ENVIRONMENTS)
@settings(max_examples=700, deadline=None)
def test_duckdb_agrees_with_compiled_conditions_wherever_it_answers(text, env):
    try:
        agrees(text, env)
    except BadExpression as refusal:
        assert "zero" in refusal.detail
        assume(False)
    except NotInSql:
        assume(False)


FULL = {
    "flag": True,
    "count": -7,
    "person.age": 30,
    "amount": Decimal("100.50"),
    "rate": Decimal("-3.25"),
    "name": "阿明 M'ing",
    "status": "open",
    "tags": ("a", "b"),
    "numbers": (1, 30),
}


@pytest.mark.parametrize("missing", ["", "count", "amount", "rate", "name", "tags", "flag"])
@pytest.mark.parametrize(
    "text",
    [
        "amount / rate > -31",
        "rate / amount <= 0.1",
        "amount / rate == -30.92",
        "0.5 < amount / count",
        "int(amount / rate) == -30",
        "amount / (rate + 3.25) > 1",
        "(rate > 0 ? amount / rate : 1) < 2",
        "floor_to(amount, 7) == 98 && floor_to(rate, 2) == -4",
        "floor_to(amount, rate) > 1",
        "count / (person.age - 30) == 1 || flag",
        "count % 4 == -3 && -7 / 2 == -3",
        "person.age in numbers && !(5 in numbers)",
        "person.age in [30, count]",
        "count in [person.age, 2 * count, -7]",
        "amount in [1, rate, 100.5]",
        "'a' in tags && size(tags) == 2",
        'size(name) == 8 && name.contains("M\'")',
        "name.startsWith('阿') || name.endsWith('ing')",
        r"name.matches('^.{2}\\s[A-Z]') && name.matches('[^\\s]$')",
        r"name.matches('[[:a]|z{2,3}') || name.matches('\\S\\W')",
        "name < '阿' || name >= '阿'",
        "min(amount, rate, count) == -7 && max(count, 3) == 3",
        "9223372036854775807 + count > 0",
        "9223372036854775807 * 2 > 0 || flag",
        "abs(count) == 7 && abs(rate) == 3.25 && -rate == 3.25",
        "has(count) == has(amount)",
        "amount * rate - amount < 0",
        "status == 'open' ? flag : count > 1",
    ],
)
def test_each_operator_and_function_agrees_also_where_a_field_is_missing(text, missing):
    agrees(text, {name: value for name, value in FULL.items() if name != missing})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("amount / rate + 1 > 2", "quotient"),
        ("amount / rate > rate / amount", "quotient"),
        ("instalment(amount, rate, count) > 1", "instalment"),
        ("amount * amount * amount > 1", "digits"),
        ("amount * rate > 0.12345678901234567890123456", "38 digits"),
        (r"name.matches('[\\Sa]')", "class"),
    ],
)
def test_what_has_no_exact_form_is_refused_and_says_why(text, why):
    with pytest.raises(NotInSql, match=why):
        to_sql(read_expression(text, FIELDS), COLUMNS)


@given(
    st.lists(
        st.tuples(
            st.sampled_from((*"ab]{- .", r"\.", r"\s", r"\d", r"\W", "[^a]", r"[\s-]", "[a-b]")),
            st.sampled_from(("", "?", "*", "+", "{2}", "{1,3}")),
        ).map("".join),
        max_size=4,
    ).map("".join),
    st.sampled_from(("", "^", "$")),
    st.text("ab]{-. \v\n1", max_size=6),
)
@settings(max_examples=300, deadline=None)
def test_patterns_find_the_same_in_duckdb(body, end, text):
    pattern = f"^{body}" if end == "^" else f"{body}$" if end == "$" else body
    try:
        agrees(f"name.matches(r'{pattern}')", {"name": text})
    except BadExpression:
        assume(False)


def test_a_field_without_a_column_is_refused():
    field = {"other": FieldSpec("other", Type.INT)}
    with pytest.raises(NotInSql, match="other has no column"):
        to_sql(read_expression("has(other)", field), COLUMNS)
