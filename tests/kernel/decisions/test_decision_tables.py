"""Tables: the index of rows agrees with reading every row in turn."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from jiuding.kernel.decisions.rules.cells import TableIndex, passes, read_cell
from jiuding.kernel.decisions.types.decisions import Outcome
from jiuding.kernel.decisions.types.policies import AnyCell, HitPolicy, Row, Table
from jiuding.kernel.decisions.types.tree import FieldSpec, Type

SPECS = (
    FieldSpec("amount", Type.DECIMAL),
    FieldSpec("age", Type.INT),
    FieldSpec("kind", Type.STRING),
    FieldSpec("flag", Type.BOOL),
)
BOUNDS = st.integers(0, 6)
NUMBER_CELLS = st.one_of(
    st.just(""),
    st.just("-"),
    BOUNDS.map(str),
    st.tuples(st.sampled_from(("<", "<=", ">", ">=", "=")), BOUNDS).map(lambda p: f"{p[0]} {p[1]}"),
    st.tuples(BOUNDS, BOUNDS).filter(lambda p: p[0] < p[1]).map(lambda p: f"{p[0]}..{p[1]}"),
)
TEXT_CELLS = st.sampled_from(("", "a", "a|b", "!a", "!b|c", "c"))
FLAG_CELLS = st.sampled_from(("", "true", "false", "!true"))
ROWS = st.lists(st.tuples(NUMBER_CELLS, NUMBER_CELLS, TEXT_CELLS, FLAG_CELLS), max_size=12)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "amount": st.integers(-1, 14).map(lambda value: Decimal(value) / 2),
        "age": st.integers(-1, 7),
        "kind": st.sampled_from(("a", "b", "c", "d")),
        "flag": st.booleans(),
    },
)


def table_of(rows) -> Table:
    return Table(
        id="t",
        file="t.csv",
        hit=HitPolicy.FIRST,
        inputs=tuple(spec.name for spec in SPECS),
        outputs=(),
        rows=tuple(
            Row(
                place,
                tuple(read_cell(cell, spec) for cell, spec in zip(row, SPECS, strict=True)),
                None,
                (),
            )
            for place, row in enumerate(rows, start=1)
        ),
        values={},
        if_missing=Outcome.REFER,
        gaps_allowed=True,
    )


def judged(table: Table, row: Row, env) -> bool | None:
    """Return true, false, or None when it cannot be known."""
    answer: bool | None = True
    for name, cell in zip(table.inputs, row.cells, strict=True):
        if isinstance(cell, AnyCell):
            continue
        if name not in env:
            answer = None
        elif not passes(cell, env[name]):
            return False
    return answer


@given(ROWS, VALUES)
@settings(max_examples=500, deadline=None)
def test_the_index_finds_the_rows_that_reading_each_row_finds(rows, env):
    table = table_of(rows)
    answers = [judged(table, row, env) for row in table.rows]
    hits = TableIndex(table).ask(env, first_only=False)
    assert hits.certain == tuple(place for place, answer in enumerate(answers) if answer)
    assert hits.unknown == tuple(place for place, answer in enumerate(answers) if answer is None)


@given(ROWS, VALUES)
@settings(max_examples=300, deadline=None)
def test_the_first_row_answers_unless_an_earlier_one_might(rows, env):
    table = table_of(rows)
    answers = [judged(table, row, env) for row in table.rows]
    first = answers.index(True) if True in answers else len(answers)
    hits = TableIndex(table).ask(env, first_only=True)
    assert hits.certain == ((first,) if first < len(answers) else ())
    wanted = tuple(place for place, answer in enumerate(answers[:first]) if answer is None)
    assert hits.unknown == wanted
