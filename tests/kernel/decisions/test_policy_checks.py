"""Checks before publishing: gaps, hidden rows, overlaps and dead rules, each with an example."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuding.base.settings import CATALOG
from jiuding.kernel import decisions
from jiuding.kernel.decisions.rules.cells import passes, read_cell
from jiuding.kernel.decisions.rules.regions import Axis, OutOfSteps, uncovered
from jiuding.kernel.decisions.types.tree import FieldSpec, Type

HEAD = """
name = "checked"
version = 1
title = { zh = "例", en = "Example" }
[fields]
"age" = { type = "int", min = 0, max = 120 }
"amount" = { type = "decimal" }
"kind" = { type = "string", values = ["a", "b"] }
"flag" = { type = "bool" }
"""
TABLE = """
[[tables]]
id = "t"
file = "checked.t.csv"
hit = "FIRST"
outputs = { level = "int" }
"""
RULE = """
[[rules]]
id = "r"
when = '''{when}'''
outcome = "refer"
code = "checked.r"
weight = 1
zh = "例。"
en = "Example."
"""


def findings(toml: str, rows: str = "") -> dict[str, decisions.Finding]:
    tables = {"checked.t.csv": rows} if rows else {}
    policy = decisions.read_policy_texts("checked.toml", HEAD + toml, tables)
    return {
        f"{each.kind}:{each.part}": each
        for each in decisions.check_policy(policy)
        if each.kind != "unused"
    }


def test_a_gap_is_shown_with_values_that_no_row_answers():
    found = findings(TABLE, "age,kind,level\n<18,,1\n18..65,a,2\n>=65,,3\n")
    assert set(found) == {"gap:t"}
    assert found["gap:t"].is_blocking
    assert found["gap:t"].example == {"age": "18", "kind": "b"}


def test_whole_numbers_leave_no_gap_between_neighbours():
    rows = "age,level\n<=17,1\n>=18,2\n"
    assert findings(TABLE, rows) == {}
    decimals = findings(TABLE, rows.replace("age", "amount"))
    assert decimals["gap:t"].example == {"amount": "17.5"}


def test_declared_bounds_close_the_ends():
    assert findings(TABLE, "age,level\n0..60,1\n60..121,2\n") == {}
    found = findings(TABLE, "age,level\n0..60,1\n60..120,2\n")
    assert found["gap:t"].example == {"age": "120"}


def test_a_row_that_earlier_rows_always_answer_is_shown():
    found = findings(TABLE, "age,kind,level\n<50,,1\n>=40,a,2\n45..55,a,3\n,,4\n")
    assert found["shadowed:t#3"].is_blocking
    assert found["shadowed:t#3"].example == {"age": "45", "kind": "a"}
    assert "row 1" in found["shadowed:t#3"].words.en


def test_rows_that_answer_differently_for_the_same_values_are_told_and_do_not_block():
    found = findings(TABLE, "age,level\n<50,1\n>=40,2\n")
    assert found["overlap:t#2"].example == {"age": "40"}
    assert not found["overlap:t#2"].is_blocking
    assert findings(TABLE, "age,level\n<50,1\n>=40,1\n") == {}


def test_a_row_outside_the_declared_bounds_never_holds():
    found = findings(TABLE, "age,level\n>130,1\n,2\n")
    assert found["unreachable:t#1"].is_blocking


@pytest.mark.parametrize(
    ("when", "finding"),
    [
        ("age < 18 && age > 65", "unreachable:r"),
        ("age < 18 && age > 16", None),
        ("age > 17 && age < 18", "unreachable:r"),
        ("amount > 17 && amount < 18", None),
        ("age > 120", "unreachable:r"),
        ("age >= 0", "always:r"),
        ("age >= 18 || age <= 17", "always:r"),
        ('kind == "a" && kind != "a"', "unreachable:r"),
        ('kind != "a" && kind != "b"', "unreachable:r"),
        ('kind in ["a", "b"]', "always:r"),
        ("flag && !flag", "unreachable:r"),
        ("flag || !flag", "always:r"),
        ("!(age < 18 || age >= 18)", "unreachable:r"),
        ("flag ? age > 200 : age < 0", "unreachable:r"),
        ("flag ? age > 20 : age < 0", None),
        ("amount * 2 > 4 && amount * 2 < 3", "unreachable:r"),
        ("amount * 2 > 4 && amount * 3 < 7", None),
        ("5 < age && age < amount", None),
    ],
)
def test_a_rule_that_can_never_or_always_hold_is_found(when, finding):
    found = findings(RULE.replace("{when}", when))
    assert set(found) == ({finding} if finding else set())


def test_a_declared_field_that_nothing_reads_is_told():
    policy = decisions.read_policy_texts("c.toml", HEAD + RULE.replace("{when}", "age > 3"), {})
    unused = {each.part for each in decisions.check_policy(policy)}
    assert unused == {"amount", "kind", "flag"}


def test_the_shipped_policies_have_nothing_that_blocks():
    folder = CATALOG / "policies"
    names = sorted(path.stem for path in folder.glob("*.toml"))
    assert "credit" in names
    for name in names:
        found = decisions.check_policy(decisions.load_policy(name))
        assert not [each for each in found if each.is_blocking], name


SPECS = (
    FieldSpec("n", Type.INT, minimum=Decimal(0), maximum=Decimal(6)),
    FieldSpec("k", Type.STRING, ("a", "b", "c")),
    FieldSpec("f", Type.BOOL),
)
CELLS = (
    st.sampled_from(("", "<3", "<=3", ">2", ">=5", "1..4", "2", "6")),
    st.sampled_from(("", "a", "a|b", "!a", "c")),
    st.sampled_from(("", "true", "false")),
)
POINTS = list(product(range(7), ("a", "b", "c"), (False, True)))


@given(st.lists(st.tuples(*CELLS), min_size=1, max_size=7))
@settings(max_examples=300, deadline=None)
def test_what_boxes_leave_uncovered_is_what_trying_every_value_leaves(texts):
    rows = [[read_cell(text, spec) for text, spec in zip(row, SPECS, strict=True)] for row in texts]
    axes = [Axis(spec, [row[place] for row in rows]) for place, spec in enumerate(SPECS)]
    boxes = [tuple(axis.mask(cell) for axis, cell in zip(axes, row, strict=True)) for row in rows]

    def holds(row, point):
        return all(passes(cell, value) for cell, value in zip(row, point, strict=True))

    hole = uncovered(tuple(axis.all for axis in axes), boxes)
    left = [point for point in POINTS if not any(holds(row, point) for row in rows)]
    assert (hole is None) == (left == [])
    if hole is not None:
        number, text, flag = (axis.example(m) for axis, m in zip(axes, hole, strict=True))
        assert (int(number), text, flag == "true") in left
    for place, row in enumerate(rows):
        mine = [point for point in POINTS if holds(row, point)]
        free = [p for p in mine if not any(holds(each, p) for each in rows[:place])]
        assert (uncovered(boxes[place], boxes[:place]) is None) == (free == [])


def test_a_question_that_takes_too_long_is_given_up_and_not_guessed():
    with pytest.raises(OutOfSteps):
        uncovered((3,) * 12, [(1, *(3,) * 11), (2, 1, *(3,) * 10)] * 4, steps_max=1)
