"""Learn a credit model from columns, test it without leaks, and tell how it treats groups."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold

from jiuding.services.risk.rules import measures
from jiuding.services.risk.rules.scorecards import find_bands, learn_scorecard
from jiuding.services.risk.rules.trees import SEED, content_of, learn_trees
from jiuding.services.risk.types.learning import Learning, LearningInput, SensitiveColumn

Columns = dict[str, np.ndarray]
ScoreRows = Callable[[Sequence[np.ndarray]], np.ndarray]
KINDS = ("scorecard", "trees")
# Fairness is told at the cut-off that accepts this share of all.
ACCEPTED_SHARE = 0.7
GROUP_MIN = 20


def learn_model(
    kind: str,
    columns: Sequence[np.ndarray],
    bad: np.ndarray,
    inputs: Sequence[LearningInput],
    learning: Learning,
) -> tuple[ScoreRows, dict[str, Any]]:
    """Return a scorer of log-odds and the model's plain content, learned from these rows."""
    if kind == "scorecard":
        card = learn_scorecard(columns, bad, inputs, learning.scorecard)
        return card.log_odds, card.content(learning.name)
    codes = [
        find_bands(column, bad, each, settings=learning.scorecard).codes
        for column, each in zip(columns, inputs, strict=True)
    ]

    def encode(given: Sequence[np.ndarray]) -> np.ndarray:
        return np.column_stack([
            column.astype(float) if code is None
            else np.array([code.get(str(value), 0.0) for value in column])
            for column, code in zip(given, codes, strict=True)
        ])  # fmt: skip

    settings = {
        name: int(value) if float(value).is_integer() and name != "l2_regularization" else value
        for name, value in learning.trees.items()
    }
    # A category is told by its weight of evidence: more evidence of bad is never safer.
    monotone = [1 if each.is_category else each.monotone for each in inputs]
    learner = learn_trees(encode(columns), bad, monotone=monotone, **settings)
    told = [
        {"name": each.name, "group": each.group, **({} if code is None else {"codes": code})}
        for each, code in zip(inputs, codes, strict=True)
    ]
    content = content_of(learner, name=learning.name, inputs=told)
    return lambda given: learner.decision_function(encode(given)), content


def splits(learning: Learning, columns: Columns, bad: np.ndarray) -> Iterator[tuple]:
    """Yield train and test places: repeated stratified folds, or growing time for a time column."""
    if not learning.time_column:
        for repeat in range(learning.repeats):
            folds = StratifiedKFold(learning.folds, shuffle=True, random_state=SEED + repeat)
            yield from folds.split(np.zeros((len(bad), 1)), bad)
        return
    order = np.argsort(columns[learning.time_column].astype(float), kind="stable")
    first = round(len(order) * (1 - learning.test_share))
    ends = np.linspace(first, len(order), learning.time_parts + 1).round().astype(int)
    for start, end in itertools.pairwise(ends.tolist()):
        yield order[:start], order[start:end]


def out_of_sample(
    kind: str, learning: Learning, columns: Columns, bad: np.ndarray, extra: Sequence[str] = ()
) -> tuple[np.ndarray, list[float]]:
    """Return the mean log-odds of each row by models that never saw it (NaN where none), and AUCs.

    Over time, AUC is one figure over all test parts; over folds, one for each repeat. `extra`
    columns are added as inputs, to tell what leaving sensitive ones out costs.
    """
    inputs = [*learning.inputs, *(_extra(columns, name) for name in extra)]
    given = [columns[each.column] for each in inputs]
    total, count = np.zeros(len(bad)), np.zeros(len(bad))
    aucs, once = [], np.full(len(bad), np.nan)
    for number, (train, test) in enumerate(splits(learning, columns, bad), 1):
        score, _ = learn_model(kind, [each[train] for each in given], bad[train], inputs, learning)
        once[test] = score([each[test] for each in given])
        total[test] += once[test]
        count[test] += 1
        if not learning.time_column and number % learning.folds == 0:
            aucs.append(measures.auc(bad, once))
    if learning.time_column:
        seen = ~np.isnan(once)
        aucs.append(measures.auc(bad[seen], once[seen]))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan), aucs


def _extra(columns: Columns, name: str) -> LearningInput:
    is_category = columns[name].dtype.kind not in "if"
    return LearningInput(name, name, name, is_category, 0)


def fairness(
    sensitive: SensitiveColumn, columns: Columns, bad: np.ndarray, log_odds: np.ndarray
) -> list[dict[str, Any]]:
    """Return for each group: cases, bad share, predicted share, AUC, share accepted."""
    cut = float(np.quantile(log_odds, ACCEPTED_SHARE))
    probability = 1 / (1 + np.exp(-log_odds))
    found = []
    for label, chosen in _groups(sensitive, columns[sensitive.column]):
        truth, scores = bad[chosen], log_odds[chosen]
        if len(truth) < GROUP_MIN or truth.min() == truth.max():
            continue
        found.append({
            "group": label,
            "count": len(truth),
            "bad": round(float(truth.mean()), 4),
            "predicted": round(float(probability[chosen].mean()), 4),
            "auc": round(measures.auc(truth, scores), 4),
            "accepted": round(float((scores <= cut).mean()), 4),
            "good_refused": round(float((scores[truth == 0] > cut).mean()), 4),
        })  # fmt: skip
    return found


def _groups(sensitive: SensitiveColumn, values: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    if not sensitive.below:
        for text in sorted({str(value) for value in values}):
            chosen = np.array([str(value) == text for value in values])
            yield sensitive.words.get(text, text), chosen
        return
    numbers, low = values.astype(float), -np.inf
    for bound in (*sensitive.below, np.inf):
        label = f"{low:g} up to {bound:g}".replace("-inf up to", "below").replace("up to inf", "+")
        yield label, (numbers >= low) & (numbers < bound)
        low = bound
