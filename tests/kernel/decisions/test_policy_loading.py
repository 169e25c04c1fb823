"""Policies: what is unclear is refused, naming file, part and position."""

from __future__ import annotations

import pytest

from jiuding.kernel import decisions
from jiuding.kernel.decisions.rules.policies import read_policy_content

TOML = """
name = "tiny"
version = 1
title = { zh = "例", en = "Example" }
currency = "currency"

[fields]
"age" = { type = "int", min = 0 }
"amount" = { type = "decimal" }
"kind" = { type = "string", values = ["a", "b"] }
"currency" = { type = "string" }
"lists.blocked" = { type = "list<string>" }
"payee" = { type = "string" }

[derived]
"twice" = { is = "amount * 2" }

[[tables]]
id = "levels"
file = "tiny.levels.csv"
hit = "FIRST"
outputs = { level = "int" }

[[rules]]
id = "blocked"
when = "payee in lists.blocked"
outcome = "decline"
code = "tiny.blocked"
weight = 9
zh = "收款人 {payee} 在名单上。"
en = "The payee {payee} is on a list."

[[rules]]
id = "young"
when = "age < 18 && level > 1"
outcome = "refer"
code = "tiny.young"
weight = 5
values = { more = "18 - age" }
zh = "还差 {more} 岁。"
en = "{more} years short."
"""
LEVELS = "amount,kind,level\n<1000,,1\n1000..5000,a|b,2\n>= 5000,!b,3\n"


def tiny(toml: str = TOML, levels: str = LEVELS) -> decisions.Policy:
    return decisions.read_policy_texts("tiny.toml", toml, {"tiny.levels.csv": levels})


@pytest.mark.parametrize(
    ("old", "new", "part", "at"),
    [
        ('when = "age < 18', 'when = "agee < 18', "rules[young].when", 0),
        ('when = "age < 18', "when = \"age < '18'", "rules[young].when", 4),
        ("age < 18 && level > 1", "age < 18 || true", "rules[young].when", 9),
        ("age < 18 && level > 1", "1 > 2", "rules[young].when", 2),
        ("age < 18 && level > 1", "kind == 'c'", "rules[young].when", 8),
        ("age < 18 && level > 1", "age", "rules[young].when", 0),
        ("amount * 2", "amount / 0", "derived.twice.is", 9),
        ("amount * 2", "twice * 2", "derived.twice.is", 0),
        ("{more} years", "{less} years", "rules[young].zh", 0),
        ("{more} years", "{payee|money} years", "rules[young].zh", 0),
        ("{more} years", "{more years", "rules[young].zh", 0),
        ('id = "young"', 'id = "blocked"', "blocked", None),
        ('outcome = "refer"', 'outcome = "maybe"', "rules[young].outcome", None),
        ("weight = 5", "weight = -5", "rules[young].weight", None),
        ("weight = 5", "weight = 5\nwieght = 5", "rules[young].wieght", None),
        ('code = "tiny.young"', 'code = "Young"', "rules[young].code", None),
        ('type = "int", min = 0', 'type = "float"', "fields.age.type", None),
        ('type = "int", min = 0', 'type = "int", low = 0', "fields.age.low", None),
        ('hit = "FIRST"', 'hit = "ANY"', "tables[levels].hit", None),
        ('hit = "FIRST"', 'hit = "COLLECT"', "tables[levels].hit", None),
        ('currency = "currency"', 'currency = "coin"', "currency", None),
        ("version = 1", "", "version", None),
        ("version = 1", "version = 1\nmodel = 'x'", "model", None),
    ],
)
def test_a_slip_is_refused_with_its_place(old, new, part, at):
    assert old in TOML
    with pytest.raises(decisions.BadPolicy) as refusal:
        tiny(TOML.replace(old, new))
    assert refusal.value.fields["file"] == "tiny.toml"
    assert refusal.value.fields["part"] == part
    assert refusal.value.fields.get("at") == at


@pytest.mark.parametrize(
    ("levels", "part"),
    [
        ("amount,kind,level\n<1000,,x\n", "row 1, column level"),
        ("amount,kind,level\n<1000,,1\n5..5,,1\n", "row 2, column amount"),
        ("amount,kind,level\n<1000,c,1\n", "row 1, column kind"),
        ("amount,kind,level\n<1000,a\n", "row 1"),
        ("amount,colour,level\n<1000,a,1\n", "header, column colour"),
        ("amount,kind\n<1000,a\n", "header"),
        ("amount,kind,level,level\n<1000,a,1,1\n", "header"),
        ("amount,kind,level\nNaN,a,1\n", "row 1, column amount"),
    ],
)
def test_a_cell_that_cannot_be_read_is_refused_with_row_and_column(levels, part):
    with pytest.raises(decisions.BadPolicy) as refusal:
        tiny(levels=levels)
    assert refusal.value.fields == {"file": "tiny.levels.csv", "part": part}


def test_broken_toml_names_its_line():
    with pytest.raises(decisions.BadPolicy, match="line 2"):
        tiny('name = "tiny"\nversion = = 1')


def test_the_version_is_the_content_and_not_its_spelling():
    assert tiny(TOML + "\n# a comment\n").version == tiny().version
    assert tiny(TOML.replace("weight = 5", "weight = 6")).version != tiny().version
    assert tiny(levels=LEVELS.replace("5000", "5001")).version != tiny().version


def test_a_policy_that_has_no_file_is_refused():
    for name in ("no_such_policy", "../credit", ""):
        with pytest.raises(decisions.PolicyNotFound):
            decisions.load_policy(name)


def judge(event, lists=None):
    policy = tiny()
    inputs = decisions.read_inputs(policy, event=event, features={}, lists=lists or {})
    return decisions.assess(policy, inputs)


def test_a_table_gives_values_that_rules_read():
    event = {"age": 15, "amount": "6000", "kind": "a", "payee": "p"}
    verdict = judge(event, {"blocked": []})
    assert [reason.text_zh for reason in verdict.reasons] == ["还差 3 岁。"]
    assert verdict.outcome == "refer"
    assert judge(event | {"amount": "10"}, {"blocked": []}).outcome == "approve"


def test_a_row_that_no_value_meets_is_said_and_referred():
    event = {"age": 15, "amount": "6000", "kind": "b", "payee": "p"}
    verdict = judge(event, {"blocked": []})
    assert verdict.outcome == "refer"
    assert [(each.rule, each.why) for each in verdict.not_evaluated] == [
        ("levels", "no_row"),
        ("young", "no_row"),
    ]


def test_a_list_that_was_not_given_is_not_an_empty_list():
    event = {"age": 30, "amount": "10", "kind": "a", "payee": "p"}
    assert judge(event, {"blocked": []}).outcome == "approve"
    assert judge(event, {"blocked": ["q", "p"]}).outcome == "decline"
    missing = judge(event)
    assert missing.outcome == "refer"
    assert missing.not_evaluated[0].fields == ("lists.blocked",)


@pytest.mark.parametrize(
    "event",
    [
        {"age": "x"},
        {"age": 1.0},
        {"age": True},
        {"age": -1},
        {"age": 2**63},
        {"amount": 0.1},
        {"amount": "NaN"},
        {"amount": "1e40"},
        {"amount": "1_000"},
        {"amount": "9" * 29},
        {"kind": "c"},
        {"kind": 3},
        {"payee": "x" * 2001},
        {"payee": "a\x00b"},
        {"payee": "\ud800"},
        {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": {"j": 1}}}}}}}}}},
        {"age": 1, "a": {"b": 1}, "a.b": 2},
        [],
    ],
)
def test_inputs_of_the_wrong_shape_are_refused_and_nothing_is_decided(event):
    with pytest.raises(decisions.BadInputs):
        judge(event)


def test_a_field_given_in_two_places_is_refused():
    with pytest.raises(decisions.BadInputs, match="twice"):
        decisions.read_inputs(tiny(), event={"age": 1}, features={"age": 2}, lists={})


def test_fields_that_no_rule_declares_are_named_and_not_kept():
    inputs = decisions.read_inputs(
        tiny(), event={"age": 1, "nick": {"name": "x"}}, features={}, lists={"other": []}
    )
    assert inputs.ignored == ("lists.other", "nick.name")
    assert inputs.event == {"age": 1}


def test_derived_values_may_stand_in_any_order_and_read_back_as_written():
    more = '"twice" = { is = "amount * 2" }\n"a.first" = { is = "twice + 1" }\n'
    policy = tiny(TOML.replace('"twice" = { is = "amount * 2" }\n', more))
    again = read_policy_content(policy.content, policy.version)
    assert [each.spec.name for each in again.derived] == ["twice", "a.first"]
    loop = '"twice" = { is = "a.first * 2" }\n"a.first" = { is = "twice + 1" }\n'
    with pytest.raises(decisions.BadPolicy, match="derived"):
        tiny(TOML.replace('"twice" = { is = "amount * 2" }\n', loop))
