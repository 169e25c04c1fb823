"""Turn what scikit-learn learned into a model's plain content, and learn it in the first place.

Learning is seeded and deterministic on one machine; scoring needs none of this.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

FORMAT = "jiuding-model-1"
SEED = 20261123
PLACES = 9


def learn_trees(
    rows: np.ndarray, bad: np.ndarray, *, monotone: Sequence[int] | None = None, **settings: Any
) -> HistGradientBoostingClassifier:
    """Learn boosted trees; rows by inputs, NaN is missing; `monotone` is -1, 0 or 1 by input."""
    learner = HistGradientBoostingClassifier(
        early_stopping=False, random_state=SEED, monotonic_cst=monotone, **settings
    )
    return learner.fit(rows, bad)


def content_of(
    learner: HistGradientBoostingClassifier,
    *,
    name: str,
    inputs: Sequence[Mapping[str, Any]],
    shift: float = 0.0,
) -> dict[str, Any]:
    """Return a learned model as plain content; `shift` is added to its log-odds."""
    base = float(np.ravel(learner._baseline_prediction)[0])
    return {
        "format": FORMAT,
        "name": name,
        "seed": SEED,
        "base": round(base + shift, PLACES),
        "inputs": [dict(each) for each in inputs],
        "trees": [_tree(each[0].nodes) for each in learner._predictors],
    }


def _tree(nodes: np.ndarray) -> list[list[Any]]:
    """Return a tree as a list of nodes, each branch before those that it leads to."""
    means: dict[int, float] = {}

    def mean(place: int) -> float:
        node = nodes[place]
        if node["is_leaf"]:
            means[place] = float(node["value"])
        else:
            left, right = int(node["left"]), int(node["right"])
            weights = [int(nodes[each]["count"]) for each in (left, right)]
            means[place] = float(np.average([mean(left), mean(right)], weights=weights))
        return means[place]

    mean(0)
    order, places = [0], {0: 0}
    for place in order:
        if not nodes[place]["is_leaf"]:
            for side in ("left", "right"):
                child = int(nodes[place][side])
                places[child] = len(order)
                order.append(child)
    found = []
    for place in order:
        node, value = nodes[place], round(means[place], PLACES)
        if node["is_leaf"]:
            found.append([value])
            continue
        bound = float(node["num_threshold"])
        if not math.isfinite(bound):
            bound = math.copysign(1e300, bound)  # missing values alone go the other way
        left, right = places[int(node["left"])], places[int(node["right"])]
        is_left = int(node["missing_go_to_left"])
        found.append([int(node["feature_idx"]), bound, is_left, left, right, value])
    return found
