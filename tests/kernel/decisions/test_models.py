"""Models: plain numbers read by their hash, and parts that add up to what they say."""

from __future__ import annotations

import hashlib
import json
import math
from decimal import Decimal

import pytest

from jiuding.kernel import decisions

TREES = {
    "format": "jiuding-model-1",
    "name": "small",
    "base": -1.0,
    "inputs": [
        {"name": "income", "group": "income"},
        {"name": "purpose", "group": "purpose", "codes": {"car": -0.5, "boat": 0.5}},
    ],
    "trees": [
        # income <= 100 goes left, a missing income goes right; then purpose <= 0 goes left
        [[0, 100.0, 0, 1, 2, 0.2], [0.8], [1, 0.0, 1, 3, 4, -0.1], [-0.4], [0.3]],
        [[0.25]],
    ],
}
CARD = {
    "format": "jiuding-model-1",
    "name": "card",
    "base": 0.5,
    "inputs": [
        {
            "name": "months",
            "group": "history",
            "bands": [[6, 1.0], [12, 0.25], [None, -0.5]],
            "missing": 0.75,
            "average": 0.25,
        },
        {"name": "job", "group": "work", "codes": {"A": 0.1}, "other": 0.4, "average": 0.1},
    ],
}


def log_odds(said):
    chance = float(said.probability)
    return math.log(chance / (1 - chance))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"income": 100, "purpose": "boat"}, -1 + 0.8 + 0.25),
        ({"income": 101, "purpose": "boat"}, -1 + 0.3 + 0.25),
        ({"income": 101, "purpose": "car"}, -1 - 0.4 + 0.25),
        ({"purpose": "boat"}, -1 + 0.3 + 0.25),
        ({"income": 101}, -1 - 0.4 + 0.25),
        ({"income": Decimal("100.5"), "purpose": "never heard of"}, -1 - 0.4 + 0.25),
    ],
)
def test_a_tree_is_walked_as_written_also_where_a_value_is_missing(values, expected):
    said = decisions.judge(decisions.read_content(TREES), values)
    assert log_odds(said) == pytest.approx(expected, abs=1e-6)


def test_the_parts_of_groups_add_up_to_the_score():
    model = decisions.read_content(TREES)
    said = decisions.judge(model, {"income": 500, "purpose": "boat"})
    assert said.parts == {"income": Decimal("-0.3"), "purpose": Decimal("0.4")}
    means = -1 + 0.2 + 0.25
    assert log_odds(said) == pytest.approx(means + float(sum(said.parts.values())), abs=1e-6)


def test_a_missing_input_is_named():
    said = decisions.judge(decisions.read_content(TREES), {"income": 5})
    assert said.missing == ("purpose",)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"months": 5, "job": "A"}, 0.5 + 1 + 0.1),
        ({"months": 6, "job": "A"}, 0.5 + 0.25 + 0.1),
        ({"months": 12, "job": "Z"}, 0.5 - 0.5 + 0.4),
        ({}, 0.5 + 0.75 + 0),
    ],
)
def test_a_scorecard_adds_the_points_of_each_band(values, expected):
    model = decisions.read_content(CARD)
    said = decisions.judge(model, values)
    assert log_odds(said) == pytest.approx(expected, abs=1e-6)
    row = decisions.encode(model, values)
    assert decisions.log_odds(model, row) == pytest.approx(expected)


def test_an_altered_file_is_refused_by_its_hash(tmp_path):
    home = tmp_path / "small"
    home.mkdir()
    written = decisions.write_content(TREES)
    digest = hashlib.sha256(written).hexdigest()
    (home / "model.json").write_bytes(written)
    (home / "model.sha256").write_text(f"{digest}  model.json\n")
    assert decisions.load_model("small", folder=tmp_path).version == digest
    (home / "model.json").write_bytes(written.replace(b"0.8", b"0.1"))
    decisions.load_model.cache_clear()
    with pytest.raises(decisions.BadModel, match="hash"):
        decisions.load_model("small", folder=tmp_path)


def test_a_file_altered_together_with_its_hash_is_refused_by_the_policys_pin(tmp_path):
    home = tmp_path / "small"
    home.mkdir()
    altered = decisions.write_content({**TREES, "base": 5.0})
    (home / "model.json").write_bytes(altered)
    (home / "model.sha256").write_text(hashlib.sha256(altered).hexdigest())
    pinned = hashlib.sha256(decisions.write_content(TREES)).hexdigest()
    with pytest.raises(decisions.BadModel, match="hash"):
        decisions.load_model("small", version=pinned, folder=tmp_path)


def test_a_model_that_is_not_there_is_refused():
    for name in ("nowhere", "../policies", ""):
        with pytest.raises(decisions.ModelNotFound):
            decisions.load_model(name)


def altered(**changes):
    return json.loads(json.dumps({**TREES, **changes}))


@pytest.mark.parametrize(
    "content",
    [
        altered(format="pickle"),
        altered(base="__import__('os')"),
        altered(base=True),
        altered(inputs=[]),
        altered(trees=[[[0, 1.0, 0, 0, 1, 0.0], [0.1]]]),  # a branch that leads to itself
        altered(trees=[[[7, 1.0, 0, 1, 2, 0.0], [0.1], [0.2]]]),  # an input that is not there
        altered(trees=[[[0, 1.0, 0, 1, 9, 0.0], [0.1], [0.2]]]),  # a node that is not there
        altered(trees=[[]]),
        altered(trees=[[["0.1"]]]),
        altered(inputs=[{"name": "a", "group": "b", "bands": [[2, 0], [1, 0], [None, 0]]}]),
    ],
)
def test_a_model_of_anything_but_plain_finite_numbers_is_refused(content):
    with pytest.raises(decisions.BadModel):
        decisions.read_content(content)


def test_a_number_that_is_not_finite_is_refused():
    written = decisions.write_content({**TREES, "base": math.inf})
    with pytest.raises(decisions.BadModel, match="finite"):
        decisions.read_model(written, hashlib.sha256(written).hexdigest())


POLICY = """
name = "with_model"
version = 1
title = { zh = "模型", en = "With a model" }
[fields]
"model.probability" = { type = "decimal", min = 0, max = 1 }
"model.because.income" = { type = "decimal" }
"model.because.purpose" = { type = "decimal" }
[model]
name = "small"
version = "VERSION"
step_up_at = 0.2
decline_at = 0.6
weight = 50
reasons_max = 2
[[model.reasons]]
group = "income"
code = "risk.income"
zh = "收入"
en = "income"
[[model.reasons]]
group = "purpose"
code = "risk.purpose"
zh = "用途"
en = "purpose"
"""


def policy(text=POLICY):
    version = hashlib.sha256(decisions.write_content(TREES)).hexdigest()
    text = text.replace("VERSION", version)
    return decisions.read_policy_texts("with_model.toml", text, {})


def assess(features):
    used = policy()
    inputs = decisions.read_inputs(used, event={}, features=features, lists={})
    return decisions.assess(used, inputs)


def said(probability, income, purpose):
    return {
        "model.probability": Decimal(probability),
        "model.because.income": Decimal(income),
        "model.because.purpose": Decimal(purpose),
    }


def test_a_probability_below_every_bound_says_nothing():
    verdict = assess(said("0.199999999", "3", "3"))
    assert verdict.outcome == "approve" and verdict.reasons == ()


def test_the_heaviest_parts_are_the_reasons_in_their_order():
    verdict = assess(said("0.6", "0.5", "1.5"))
    assert verdict.outcome == "decline"
    assert [each.code for each in verdict.reasons] == ["risk.purpose", "risk.income"]
    verdict = assess(said("0.2", "1.5", "-0.5"))
    assert verdict.outcome == "step_up"
    assert [each.code for each in verdict.reasons] == ["risk.income"]


def test_a_probability_that_did_not_come_is_not_evaluated_and_refers():
    verdict = assess({})
    assert verdict.outcome == "refer"
    assert verdict.not_evaluated[0].fields == ("model.probability",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"VERSION"', '"latest"'),
        ("step_up_at = 0.2", "step_up_at = 2"),
        ('group = "income"', 'group = "nothing"'),
        ('code = "risk.income"', 'code = "Income"'),
        ('"model.probability" =', '"model.chance" ='),
        ("weight = 50", "weight = 50\nsurprise = 1"),
    ],
)
def test_a_use_of_a_model_that_does_not_fit_is_refused(old, new):
    with pytest.raises(decisions.BadPolicy):
        policy(POLICY.replace(old, new, 1))
