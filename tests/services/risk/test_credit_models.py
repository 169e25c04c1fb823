"""Credit models: bands, directions, no leaks, and a command that learns the same twice."""

from __future__ import annotations

import csv
import dataclasses
import json
import tomllib

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from jiuding.base.settings import CATALOG
from jiuding.kernel import decisions
from jiuding.services.risk.commands import models
from jiuding.services.risk.errors import BadData
from jiuding.services.risk.operations import credit
from jiuding.services.risk.rules import measures
from jiuding.services.risk.rules.credit_learning import learn_model, out_of_sample
from jiuding.services.risk.rules.scorecards import find_bands
from jiuding.services.risk.types.learning import LearningInput

QUICK = {"max_iter": 15, "max_leaf_nodes": 4, "learning_rate": 0.2}
CREDIT = ("german_credit", "taiwan_default", "sba_loans", "australian_credit")


def invented(name="german_credit", rows=400, seed=5):
    """Return a learning and columns with a truth that hangs on two of its inputs."""
    learning = credit.read_learning(name)
    learning = dataclasses.replace(
        learning,
        repeats=1,
        folds=4,
        scorecard={**learning.scorecard, "draws": 3},
        trees={**learning.trees, **QUICK},
    )
    draw = np.random.default_rng(seed)
    columns = {}
    for each in learning.inputs:
        if each.is_category:
            columns[each.column] = draw.choice(["A11", "A12", "A13"], rows)
        else:
            columns[each.column] = draw.gamma(2.0, 10.0, rows).round()
    for each in learning.sensitive:
        values = draw.integers(18, 70, rows).astype(float)
        columns[each.column] = values if each.below else draw.choice(["A91", "A92"], rows)
    risk = columns["duration_months"] / 10 + 1.5 * (columns["checking_status"] == "A11") - 3
    bad = (draw.random(rows) < 1 / (1 + np.exp(-risk))).astype(int)
    return learning, columns, bad


def test_measures_agree_with_scikit_learn():
    draw = np.random.default_rng(1)
    bad = (draw.random(500) < 0.2).astype(int)
    score = draw.normal(bad, 1.0).round(1)  # rounded, so that there are ties
    assert measures.auc(bad, score) == pytest.approx(roc_auc_score(bad, score))
    expected = average_precision_score(bad, score)
    assert measures.average_precision(bad, score) == pytest.approx(expected)


def test_scores_that_moved_have_a_large_stability_index_and_equal_ones_none():
    draw = np.random.default_rng(2)
    first = draw.normal(0, 1, 5_000)
    assert measures.stability_index(first, first) == pytest.approx(0)
    assert measures.stability_index(first, first + 1) > 0.25


@pytest.mark.parametrize("direction", [1, -1])
def test_bands_of_numbers_keep_to_the_stated_direction(direction):
    draw = np.random.default_rng(3)
    values = draw.normal(0, 1, 600)
    bad = (draw.random(600) < 0.3).astype(int)  # nothing but noise
    settings = {"prior": 10, "parts": 20, "share_min": 0.03, "apart_min": 0, "bands_max": 12}
    each = LearningInput("x", "x", "x", False, direction)
    steps = np.diff(find_bands(values, bad, each, settings=settings).weights)
    assert (steps * direction > 0).all()


@pytest.mark.parametrize("kind", ["scorecard", "trees"])
def test_what_is_written_judges_as_what_was_learned(kind):
    learning, columns, bad = invented()
    given = [columns[each.column] for each in learning.inputs]
    score, content = learn_model(kind, given, bad, learning.inputs, learning)
    model = decisions.read_content(content)
    learned = score(given)
    for place in range(0, 400, 7):
        values = {
            each.name: column[place] for each, column in zip(learning.inputs, given, strict=True)
        }
        row = decisions.encode(model, values)
        assert decisions.log_odds(model, row) == pytest.approx(learned[place], abs=1e-6)


def test_more_of_what_is_riskier_never_lowers_the_score_of_trees():
    learning, columns, bad = invented()
    given = [columns[each.column] for each in learning.inputs]
    _, content = learn_model("trees", given, bad, learning.inputs, learning)
    model = decisions.read_content(content)
    rising = [place for place, each in enumerate(learning.inputs) if each.monotone == 1]
    assert rising
    for number in range(60):
        row = decisions.encode(
            model,
            {e.name: c[number] for e, c in zip(learning.inputs, given, strict=True)},
        )
        for place in rising:
            scores = []
            for value in np.linspace(0, 100, 25):
                row[place] = value
                scores.append(decisions.log_odds(model, row))
            assert all(step >= -1e-9 for step in np.diff(scores))


def test_a_model_of_noise_has_no_skill_out_of_sample():
    """Bands and codes learned outside the fold would show skill here where there is none."""
    learning, columns, _ = invented()
    bad = (np.random.default_rng(9).random(400) < 0.3).astype(int)
    columns["purpose"] = np.array([f"P{n % 150}" for n in range(400)])  # a code for every third row
    _, aucs = out_of_sample("scorecard", learning, columns, bad)
    assert 0.38 < aucs[0] < 0.62


def test_a_test_over_time_never_learns_from_later_rows(monkeypatch):
    from jiuding.services.risk.rules import credit_learning

    learning, columns, bad = invented()
    columns["when"] = np.random.default_rng(4).permutation(400).astype(float)
    learning = dataclasses.replace(learning, time_column="when", test_share=0.4, time_parts=4)
    for train, test in credit_learning.splits(learning, columns, bad):
        assert columns["when"][train].max() < columns["when"][test].min()


def write_csv(folder, learning, columns, bad):
    folder.mkdir()
    names = [*columns, learning.target]
    with (folder / learning.file).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(zip(*columns.values(), bad, strict=True))
    return folder


def test_the_command_learns_the_same_model_twice_and_its_card_tells_groups(tmp_path, monkeypatch):
    learning, columns, bad = invented()
    monkeypatch.setattr(credit, "read_learning", lambda name: learning)
    data = write_csv(tmp_path / "data", learning, columns, bad)
    first = models.train("german_credit", data, tmp_path / "one")
    second = models.train("german_credit", data, tmp_path / "two")
    assert first["sha256"] == second["sha256"]
    assert first["kinds"]["scorecard"]["auc"] > 0.6
    figures = json.loads((tmp_path / "one" / "german_credit" / "figures.json").read_text())
    assert {"age", "personal_status_sex"} <= figures["kinds"]["scorecard"]["fairness"].keys()
    answer = models.scorer("german_credit", tmp_path / "one")(
        {"id": 7, "duration_months": 48, "checking_status": "A11"}
    )
    assert (
        answer["id"] == 7
        and 0 < answer["score"] < 1
        and "german_credit.amount" in answer["missing"]
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "train.csv").unlink(),
        lambda folder: (folder / "train.csv").write_text("amount,bad\n1,0\n2,1\n"),
        lambda folder: (folder / "train.csv").write_bytes(b"\xff\xfe\x00"),
    ],
)
def test_data_that_are_not_in_the_declared_form_are_refused(tmp_path, change):
    learning, columns, bad = invented()
    folder = write_csv(tmp_path / "data", learning, columns, bad)
    change(folder)
    with pytest.raises(BadData):
        credit.read_columns(learning, folder)


def test_a_model_that_the_catalogue_does_not_declare_cannot_be_learned():
    for name in ("unheard_of", "../policies", "intents"):
        with pytest.raises(BadData):
            credit.read_learning(name)


@pytest.mark.parametrize("name", CREDIT)
def test_no_sensitive_column_is_an_input(name):
    learning = credit.read_learning(name)
    inputs = {each.column for each in learning.inputs}
    assert not inputs & {each.column for each in learning.sensitive}
    assert learning.licence and learning.origin


@pytest.mark.parametrize("name", ["german_credit", "taiwan_default", "sba_loans"])
def test_every_group_of_a_shipped_model_has_its_sentence_in_its_policy(name):
    policy = decisions.load_policy(name)
    model = decisions.load_model(name, version=policy.model.version)
    assert {each.group for each in policy.model.reasons} == set(model.groups)
    assert [each.name for each in model.inputs] == [
        each.name for each in credit.read_learning(name).inputs
    ]


def test_a_shipped_credit_policy_answers_with_reasons_and_says_what_is_missing():
    answer = models.decider(decisions.load_policy("german_credit"))(
        {"id": "a", "checking_status": "A11", "duration_months": 60, "credit_history": "A30"}
    )
    assert answer["outcome"] == "decline" and answer["score"] > 0.5
    codes = [each["code"] for each in answer["reasons"]]
    assert "risk.credit_account" in codes and "risk.credit_term" in codes
    assert "german_credit.amount" in answer["missing"]


@pytest.mark.parametrize("line", [{"id": 1}, {"id": 1, "amount": "much"}, {"id": 1, "event": 3}])
def test_a_line_that_the_model_cannot_read_is_refused(line):
    with pytest.raises(BadData):
        models.decider(decisions.load_policy("german_credit"))(line)


@pytest.mark.parametrize(("name", "least"), [("german_credit", 0.785), ("taiwan_default", 0.78)])
def test_the_shipped_figures_reach_what_is_asked(name, least):
    folder = CATALOG / "models" / name
    figures = json.loads((folder / "figures.json").read_text())
    assert figures["kinds"][figures["serves"]]["auc"] >= least
    assert tomllib.loads((folder / "learning.toml").read_text())["serves"] == figures["serves"]


def test_every_shipped_model_is_the_one_that_is_pinned():
    found = list(models.check())
    assert {"card_fraud", "german_credit", "taiwan_default"} <= {each["model"] for each in found}
    assert all(each["ok"] for each in found)
