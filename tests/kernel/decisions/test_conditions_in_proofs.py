"""The SMT back end: what compiled conditions answer, Z3 allows; where it is exact, nothing else."""

from __future__ import annotations

from decimal import Decimal

import pytest
from expressions import ENVIRONMENTS, FIELDS, expressions
from hypothesis import assume, given, settings

from jiuding.kernel.decisions.errors import BadExpression
from jiuding.kernel.decisions.rules.cel_checker import read_expression
from jiuding.kernel.decisions.rules.cel_compiler import compile_node, evaluate
from jiuding.kernel.decisions.rules.cel_smt import Prover, Undecided
from jiuding.kernel.decisions.rules.cel_values import Unknown
from jiuding.kernel.decisions.types.tree import Type


def in_python(node, env):
    try:
        return evaluate(compile_node(node), env)
    except Unknown:
        return None


def agrees(text: str, env: dict) -> bool:
    """Check one expression; return whether Z3 allowed nothing but the answer."""
    node = read_expression(text, FIELDS)
    answer = in_python(node, env)
    prover = Prover(FIELDS, {})
    term = prover.term(node)
    says_so = prover.is_value(term, answer, node.type)
    assert prover.ask(*prover.given(env), says_so) is not None, (text, env, answer)
    if prover.is_exact:
        other = prover.ask(*prover.given(env), prover.z3.Not(says_so))
        assert other is None, (text, env, answer)
    return prover.is_exact


@given(expressions(), ENVIRONMENTS)
@settings(max_examples=300, deadline=None)
def test_z3_agrees_with_compiled_conditions(text, env):
    try:
        agrees(text, env)
    except BadExpression as refusal:
        assert "zero" in refusal.detail
        assume(False)
    except Undecided:
        assume(False)


FULL = {
    "flag": False,
    "count": -7,
    "person.age": 30,
    "amount": Decimal("100.50"),
    "rate": Decimal("-3.25"),
    "name": "阿明 Ming",
    "status": "open",
}


@pytest.mark.parametrize("missing", ["", "count", "name", "flag"])
@pytest.mark.parametrize(
    "text",
    [
        "flag || count < 0",
        "count / 2 == -3 && count % 2 == -1",
        "count / (person.age - 30) == 1",
        "has(count) ? count : person.age",
        "name.startsWith('阿') && size(name) == 7",
        "name < '阿'",
        "status == 'open' && !flag",
        "min(count, person.age) + 9223372036854775807",
        "count in [person.age, -7]",
        "max(amount, rate) == 100.5",
        "abs(rate) > 3.2",
    ],
)
def test_an_exact_condition_has_one_answer(text, missing):
    env = {name: value for name, value in FULL.items() if name != missing}
    assert agrees(text, env)


@pytest.mark.parametrize(
    "text",
    ["amount / 3.0 * 3.0 > 100", "floor_to(amount, 7) == 98", "instalment(amount, 0.05, 12) > 1"],
)
def test_what_may_round_is_free_within_bounds(text):
    assert not agrees(text, FULL)


def test_rounding_is_bounded_so_that_far_values_are_still_refused():
    prover = Prover(FIELDS, {})
    node = read_expression("amount / 3.0", FIELDS)
    far = prover.is_value(prover.term(node), Decimal("33.6"), Type.DECIMAL)
    assert prover.ask(*prover.given(FULL), far) is None
