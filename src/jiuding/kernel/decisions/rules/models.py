"""Read a model from JSON and let it judge: plain arithmetic, no library, nothing that runs code.

Trees follow scikit-learn's HistGradientBoosting: a value at most the bound goes left, a missing one
where training sent it. A group's part is the sum, over the branches on the path that read an input
of the group, of the change in the mean of the leaves below (A. Saabas, "Interpreting random
forests", 2014; scikit-learn and LightGBM differ from it only in how interactions are shared).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from jiuding.kernel.decisions.errors import BadModel
from jiuding.kernel.decisions.types.models import (
    Model,
    ModelBand,
    ModelInput,
    ModelScore,
    TreeNode,
)

FORMAT = "jiuding-model-1"
BYTES_MAX = 20_000_000
INPUTS_MAX = 500
TREES_MAX = 2_000
NODES_MAX = 512
PLACES = 6
PROBABILITY_PLACES = Decimal("0.000000001")
PROBABILITY = "model.probability"
BECAUSE = "model.because."


def read_model(content: bytes, version: str) -> Model:
    """Build a model from its file's bytes.

    Refuses: BadModel when the SHA-256 of the bytes is not the version, or for anything in the file
    that is not a plain, finite number where one is needed.
    """
    if hashlib.sha256(content).hexdigest() != version:
        raise BadModel("the model's file is not the one whose hash is pinned", version=version)
    if len(content) > BYTES_MAX:
        raise BadModel(f"a model's file has at most {BYTES_MAX} bytes")
    try:
        found = json.loads(content)
        if found["format"] != FORMAT:
            raise BadModel(f"the model's format is not {FORMAT}")
        inputs = tuple(_input(each) for each in found["inputs"])
        groups = tuple(dict.fromkeys(each.group for each in inputs))
        group_of = [groups.index(each.group) for each in inputs]
        trees = tuple(_tree(each, group_of) for each in found.get("trees", ()))
        base = _finite(found["base"])
        name = str(found["name"])
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise BadModel(f"the model's file cannot be read: {str(error)[:120]}") from error
    if not 1 <= len(inputs) <= INPUTS_MAX or len(trees) > TREES_MAX:
        raise BadModel(f"a model reads 1 to {INPUTS_MAX} inputs and has at most {TREES_MAX} trees")
    return Model(name, version, inputs, groups, base, trees)


def write_content(content: Mapping[str, Any]) -> bytes:
    """Return a model's content as the bytes of its file: the same content, the same bytes."""
    return (json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def read_content(content: Mapping[str, Any]) -> Model:
    """Build a model from content that was just learned. Refuses: BadModel."""
    written = write_content(content)
    return read_model(written, hashlib.sha256(written).hexdigest())


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadModel(f"a model is made of finite numbers, not {str(value)[:40]!r}")
    return float(value)


def _input(found: Mapping[str, Any]) -> ModelInput:
    codes = found.get("codes")
    bands = tuple(
        ModelBand(None if below is None else _finite(below), _finite(points))
        for below, points in found.get("bands", ())
    )
    bounds = [each.below for each in bands[:-1]]
    if bands and (None in bounds or bands[-1].below is not None or bounds != sorted(set(bounds))):
        raise BadModel("bands rise, and only the last has no bound")
    return ModelInput(
        name=str(found["name"]),
        group=str(found["group"]),
        codes=None if codes is None else {str(k): _finite(v) for k, v in codes.items()},
        other=_finite(found.get("other", 0)),
        bands=bands,
        missing=_finite(found.get("missing", 0)),
        average=_finite(found.get("average", 0)),
    )


def _tree(nodes: list[list[Any]], group_of: list[int]) -> TreeNode:
    """Build a tree from its list of nodes; a branch names later nodes only, so nothing loops."""
    if not 1 <= len(nodes) <= NODES_MAX:
        raise BadModel(f"a tree has 1 to {NODES_MAX} nodes")
    for place, node in enumerate(nodes):
        if len(node) == 1:
            _finite(node[0])
            continue
        at, bound, _, left, right, value = node
        kinds = (type(at), type(left), type(right))
        if kinds != (int, int, int) or not 0 <= at < len(group_of) or place >= min(left, right):
            raise BadModel("a branch reads an input that is there and leads to later nodes")
        _finite(bound), _finite(value)
    return _grow(nodes, 0, {}, group_of)


def _grow(nodes: list, place: int, parts: dict[int, float], group_of: list[int]) -> TreeNode:
    """Build the tree below a node; `parts` is what the path so far gives to each group."""
    node = nodes[place]
    if len(node) == 1:
        told = tuple((group, part) for group, part in sorted(parts.items()) if part)
        return (-1, float(node[0]), told)
    at, bound, is_left, left, right, mean = node
    group, sides = group_of[at], []
    for side in (left, right):
        step = nodes[side][-1] - mean
        below = {**parts, group: parts.get(group, 0.0) + step}
        sides.append(_grow(nodes, side, below, group_of))
    return (at, float(bound), *sides, bool(is_left))


def encode(model: Model, values: Mapping[str, Any]) -> list[float]:
    """Return the inputs as numbers, in the model's order; a missing one is NaN."""
    found = []
    for each in model.inputs:
        value = values.get(each.name)
        if value is None:
            found.append(math.nan)
        elif each.codes is not None:
            found.append(each.codes.get(str(value), each.other))
        else:
            found.append(float(value))
    return found


def log_odds(model: Model, row: Sequence[float]) -> float:
    """Return the log-odds alone: what `judge` gives, without its reasons."""
    if not model.trees:
        return model.base + sum(map(_points, model.inputs, row))
    return model.base + sum(leaf[1] for leaf in _leaves(model, row))


def _leaves(model: Model, row: Sequence[float]) -> list[TreeNode]:
    """Return the leaf of each tree that the row comes to."""
    found = []
    for node in model.trees:
        at = node[0]
        while at >= 0:
            value = row[at]
            if value <= node[1] or (value != value and node[4]):
                node = node[2]
            else:
                node = node[3]
            at = node[0]
        found.append(node)
    return found


def judge(model: Model, values: Mapping[str, Any]) -> ModelScore:
    """Return what the model says of one case, with each group's part."""
    return judge_row(model, encode(model, values))


def judge_row(model: Model, row: Sequence[float]) -> ModelScore:
    """Return what the model says of inputs that are numbers already, in its order."""
    total = model.base
    parts = [0.0] * len(model.groups)
    if model.trees:
        for leaf in _leaves(model, row):
            total += leaf[1]
            for group, part in leaf[2]:
                parts[group] += part
    else:
        for each, value in zip(model.inputs, row, strict=True):
            points = _points(each, value)
            parts[model.groups.index(each.group)] += points - each.average
            total += points
    return ModelScore(
        probability=probability(total),
        parts={
            name: Decimal(repr(round(part, PLACES)))
            for name, part in zip(model.groups, parts, strict=True)
        },
        missing=tuple(
            each.name for each, value in zip(model.inputs, row, strict=True) if value != value
        ),
    )


def probability(log_odds: float) -> Decimal:
    """Return the probability that log-odds stand for, to nine places."""
    bounded = min(max(log_odds, -700.0), 700.0)
    return Decimal(1 / (1 + math.exp(-bounded))).quantize(PROBABILITY_PLACES)


def _points(each: ModelInput, value: float) -> float:
    if value != value:
        return each.missing
    if each.codes is not None:
        return value
    return next((b.points for b in each.bands if b.below is None or value < b.below), 0.0)


def as_features(score: ModelScore) -> dict[str, Decimal]:
    """Return what the model said as inputs of a policy."""
    found = {PROBABILITY: score.probability}
    found.update((BECAUSE + name, part) for name, part in score.parts.items())
    return found
