"""Conditions in words: both languages from one tree, nothing ambiguous."""

from __future__ import annotations

import pytest

from jiuding.kernel import decisions
from jiuding.kernel.decisions.rules.cel_checker import read_expression
from jiuding.kernel.decisions.rules.cel_functions import function_names
from jiuding.kernel.decisions.rules.cel_text import _MANY, _WORDS, describe
from jiuding.kernel.decisions.types.tree import FieldSpec, Type

FIELDS = {
    "age": FieldSpec("age", Type.INT, zh="年龄", en="age"),
    "income": FieldSpec("income", Type.DECIMAL, zh="月收入", en="monthly income"),
    "purpose": FieldSpec("purpose", Type.STRING, zh="用途", en="purpose"),
    "flag": FieldSpec("flag", Type.BOOL, zh="标记", en="flag"),
}


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("age < 18", "年龄小于18", "age is under 18"),
        (
            "age >= 18 && (flag || !has(income))",
            "年龄不少于18，并且（标记，或者没有月收入）",
            "age is at least 18 and (flag or monthly income is not known)",
        ),
        (
            'purpose in ["car", "home"] || has(age)',
            "用途在“car”、“home”之中，或者有年龄",
            'purpose is in "car", "home" or age is known',
        ),
        (
            "age * 2 > income - 1000",
            "年龄 × 2超过月收入 - 1,000",
            "age × 2 is over monthly income - 1,000",
        ),
        ("(age + 1) * 2 == 4", "（年龄 + 1） × 2等于4", "(age + 1) × 2 is 4"),
        ("!(flag && flag)", "并非（标记，并且标记）", "not (flag and flag)"),
        (
            "min(income, 5) > 1",
            "月收入、5中最小的超过1",
            "the least of monthly income, 5 is over 1",
        ),
    ],
)
def test_a_condition_reads_as_a_sentence(text, zh, en):
    words = describe(read_expression(text, FIELDS), FIELDS)
    assert (words.zh, words.en) == (zh, en)


def test_every_function_has_words():
    assert set(function_names()) <= _WORDS.keys() | _MANY.keys()


def test_every_rule_of_the_shipped_policy_can_be_explained():
    words = decisions.explain(decisions.load_policy("credit"))
    assert words["under_age"].zh == "年龄小于18"
    assert words["too_many_loans"].en == "open loans is at least 5"
    assert all(each.zh and each.en for each in words.values())
