"""What only proofs find before publishing, each with values that show it."""

from __future__ import annotations

import pytest

from jiuding.kernel import decisions

HEAD = """
name = "proved"
version = 1
title = { zh = "例", en = "Example" }
[fields]
"a" = { type = "decimal", min = 0, max = 1000000 }
"b" = { type = "decimal", min = 0, max = 1000000 }
"n" = { type = "int", min = 0, max = 100 }
"name" = { type = "string" }
[derived]
"total" = { is = "a + b" }
"""


def rule(when: str, ident: str = "r", outcome: str = "decline", more: str = "") -> str:
    return f"""
[[rules]]
id = "{ident}"
when = '''{when}'''
outcome = "{outcome}"
code = "proved.{ident}"
weight = 1
zh = "例。"
en = "Example."
{more}
"""


def findings(*rules: str, head: str = HEAD) -> dict[str, decisions.Finding]:
    policy = decisions.read_policy_texts("proved.toml", head + "".join(rules), {})
    return {
        f"{each.kind}:{each.part}": each
        for each in decisions.check_policy(policy)
        if each.kind != "unused"
    }


@pytest.mark.parametrize(
    "when",
    [
        "a + b < a - 1",
        "total < 0",
        "a > 10 && total <= 9",
        "name.startsWith('ab') && name.endsWith('c') && size(name) < 3",
        "n * 2 == 7",
    ],
)
def test_a_condition_over_several_fields_that_can_never_hold_stops_publishing(when):
    found = findings(rule(when))
    assert found["unreachable:r"].is_blocking
    assert found["unreachable:r"].example == {"condition": when}


@pytest.mark.parametrize("when", ["total >= 0", "n % 3 < 3 || name == 'x'"])
def test_a_condition_over_several_fields_that_always_holds_stops_publishing(when):
    assert findings(rule(when))["always:r"].is_blocking


@pytest.mark.parametrize("when", ["total > 10", "a / 3.0 * 3.0 > a", "a > b && n * 2 == 8"])
def test_a_condition_that_can_hold_and_can_fail_is_not_reported(when):
    assert findings(rule(when)) == {}


@pytest.mark.parametrize("when", ["a / b > 2", "n % (n - 50) == 1", "b == 0.0 && a / b > 2"])
def test_a_divisor_that_can_be_zero_stops_publishing_with_the_values(when):
    found = findings(rule(when))["divides_by_zero:r"]
    assert found.is_blocking
    zero = {"b": "0"} if "b" in when else {"n": "50"}
    assert zero.items() <= found.example.items()


@pytest.mark.parametrize(
    "when",
    [
        "b > 0 && a / b > 2",
        "b != 0.0 ? a / b > 2 : a > 5",
        "b == 0.0 || a / b > 2",
        "a / (b + 1)> 2",
    ],
)
def test_a_divisor_that_is_tested_first_is_fine(when):
    assert findings(rule(when)) == {}


def test_a_derived_value_that_divides_by_zero_is_named():
    head = HEAD + '"share" = { is = "a / total" }\n'
    found = findings(rule("share > 0.5"), head=head)
    assert found["divides_by_zero:share"].example | {"a": "0", "b": "0"} == (
        found["divides_by_zero:share"].example
    )


def test_a_missing_field_that_lets_a_request_through_is_shown():
    found = findings(rule("total > 100", more='if_missing = "approve"'))
    assert not found["missing:r"].is_blocking
    assert "(missing)" in found["missing:r"].example.values()


def test_a_rule_that_asks_first_whether_the_field_is_there_is_fine():
    assert findings(rule("has(n) && n > 3", more='if_missing = "approve"')) == {}


def test_a_rule_behind_a_worse_one_is_shown_with_values_for_which_both_hold():
    found = findings(rule("total > 100 && n > 3", "one", "refer"), rule("a + b > 50", "two"))
    assert set(found) == {"shadowed:one"}
    assert "two" in found["shadowed:one"].words.en
    example = found["shadowed:one"].example
    assert float(example["a"]) + float(example["b"]) > 100


def test_two_rules_with_the_same_condition_are_told_once():
    assert set(findings(rule("n > 3", "one"), rule("3 < n", "two"))) == {"shadowed:one"}


def test_a_remedy_that_is_never_given_is_shown():
    remedies = """
[[rules.remedies]]
when = "total < 20"
zh = "一。"
en = "One."
[[rules.remedies]]
zh = "二。"
en = "Two."
"""
    found = findings(rule("total < 10", more=remedies))
    assert found["shadowed:r"].words.en == "Remedy 2 is never given."


def test_an_unknown_field_is_refused_before_anything_is_proved():
    with pytest.raises(decisions.BadPolicy, match="missing_one is not a declared field"):
        findings(rule("missing_one > 3"))


@pytest.mark.parametrize("name", ["for", "while", "loop"])
def test_the_language_has_no_loops(name):
    with pytest.raises(decisions.BadPolicy, match="reserved word"):
        findings(rule(f"{name} > 3"))


def test_derived_values_that_lean_on_each_other_are_refused():
    head = HEAD + '"one" = { is = "two + 1" }\n"two" = { is = "one + 1" }\n'
    with pytest.raises(decisions.BadPolicy, match="two is not a declared field"):
        findings(rule("two > 3"), head=head)
