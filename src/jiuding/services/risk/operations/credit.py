"""Learn credit models as the catalogue declares, test them, and write what a model's card says."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from jiuding.base.settings import CATALOG
from jiuding.services.risk.errors import BadData
from jiuding.services.risk.rules import measures
from jiuding.services.risk.rules.credit_learning import (
    ACCEPTED_SHARE,
    KINDS,
    Columns,
    fairness,
    learn_model,
    out_of_sample,
    splits,
)
from jiuding.services.risk.rules.trees import SEED
from jiuding.services.risk.types.learning import Learning, LearningInput, SensitiveColumn

MODELS = CATALOG / "models"
LEARNING_FILE = "learning.toml"
ROWS_MAX = 2_000_000


def read_learning(name: str, folder: Path = MODELS) -> Learning:
    """Return how a model is learned, as the catalogue declares.

    Refuses: BadData when there is no such declaration, or a part of it is missing.
    """
    path = folder / name / LEARNING_FILE
    if not name.replace("_", "").isalnum() or not path.is_file():
        raise BadData(f"the catalogue declares no model {name[:80]!r} that can be learned")
    try:
        return _learning(tomllib.loads(path.read_text("utf-8")))
    except (KeyError, TypeError, ValueError) as error:
        raise BadData(f"{name}/{LEARNING_FILE}: {str(error)[:120]}") from error


def _learning(found: Mapping[str, Any]) -> Learning:
    inputs = tuple(
        LearningInput(
            name=f"{found['name']}.{column.lower()}",
            column=column,
            group=each["group"],
            is_category=each.get("kind") == "category",
            monotone=int(each.get("monotone", 0)),
        )
        for each in found["inputs"]
        for column in each["columns"]
    )
    sensitive = tuple(
        SensitiveColumn(
            name=each.get("name", each["column"]),
            column=each["column"],
            below=tuple(float(bound) for bound in each.get("below", ())),
            words=each.get("words", {}),
        )
        for each in found.get("sensitive", ())
    )
    protocol = found["protocol"]
    texts = ("name", "title", "file", "target", "origin", "licence", "note", "serves")
    return Learning(
        **{key: found[key] for key in texts},
        inputs=inputs,
        sensitive=sensitive,
        folds=int(protocol.get("folds", 0)),
        repeats=int(protocol.get("repeats", 0)),
        time_column=protocol.get("time_column", ""),
        test_share=float(protocol.get("test_share", 0)),
        time_parts=int(protocol.get("time_parts", 1)),
        scorecard=found["scorecard"],
        trees=found["trees"],
    )


def read_columns(learning: Learning, folder: Path) -> tuple[Columns, np.ndarray]:
    """Return the data set's columns, and 1 for each row that went bad.

    Refuses: BadData when the file or a column is missing, or the target is not 0 and 1.
    """
    path = folder / learning.file
    if not path.is_file():
        raise BadData(f"there is no file {learning.file} in {folder.name}")
    found = _parquet(path) if path.suffix == ".parquet" else _csv(path)
    wanted = {each.column for each in learning.inputs} | {
        each.column for each in learning.sensitive
    }
    wanted.add(learning.target)
    if learning.time_column:
        wanted.add(learning.time_column)
    if missing := sorted(wanted - found.keys()):
        raise BadData(f"{learning.file} has no column {', '.join(missing)}")
    texts = {each.column for each in learning.inputs if each.is_category}
    texts |= {each.column for each in learning.sensitive if not each.below}
    columns = {
        name: np.array([_text(value) for value in found[name]])
        if name in texts
        else np.array([_number(name, value) for value in found[name]])
        for name in wanted
    }
    bad = columns.pop(learning.target)
    if not np.isin(bad, (0, 1)).all() or len(set(bad.tolist())) != 2:
        raise BadData(f"{learning.target} is 0 or 1, and both occur")
    return columns, bad.astype(int)


def _csv(path: Path) -> dict[str, list[Any]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadData(f"{path.name} cannot be read: {str(error)[:120]}") from error
    if not rows or len(rows) > ROWS_MAX:
        raise BadData(f"{path.name} has 1 to {ROWS_MAX} rows")
    return {name: [row[name] for row in rows] for name in rows[0] if name is not None}


def _parquet(path: Path) -> dict[str, list[Any]]:
    import duckdb

    try:
        with duckdb.connect() as connection:
            result = connection.execute("SELECT * FROM read_parquet(?)", [str(path)])
            names = [each[0] for each in result.description]
            rows = result.fetchmany(ROWS_MAX)
    except duckdb.Error as error:
        raise BadData(f"{path.name} cannot be read: {str(error)[:120]}") from error
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


def _number(name: str, value: Any) -> float:
    """Return a number; a date as its day, counted from year 1; nothing as NaN."""
    if value is None or value == "":
        return float("nan")
    text = str(value)
    try:
        if len(text) == 10 and text[4] == text[7] == "-":
            return float(np.datetime64(text, "D").astype(int))
        return float(text)
    except ValueError:
        raise BadData(f"{name} holds {text[:40]!r} where a number is needed") from None


def train_credit(learning: Learning, data: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Learn the declared model; return its content and the figures of its card.

    Figures come from models that never saw the rows they are measured on, bands and codes
    included; the model that is served is then learned from all rows.
    """
    columns, bad = read_columns(learning, data)
    figures: dict[str, Any] = {
        "rows": len(bad),
        "bad_share": round(float(bad.mean()), 4),
        "seed": SEED,
        "kinds": {},
    }
    for kind in KINDS:
        log_odds, aucs = out_of_sample(kind, learning, columns, bad)
        figures["kinds"][kind] = _figures(learning, columns, bad, log_odds, aucs)
        if learning.sensitive:
            extra = [each.column for each in learning.sensitive]
            once = replace(learning, repeats=1)
            _, with_them = out_of_sample(kind, once, columns, bad, extra)
            figures["kinds"][kind]["auc_with_sensitive"] = round(float(np.mean(with_them)), 4)
    inputs = list(learning.inputs)
    given = [columns[each.column] for each in inputs]
    _, content = learn_model(learning.serves, given, bad, inputs, learning)
    figures["serves"] = learning.serves
    figures["drift"] = _drift(learning, columns, bad)
    return content, figures


def _figures(learning, columns, bad, log_odds, aucs) -> dict[str, Any]:
    seen = ~np.isnan(log_odds)
    truth, scores = bad[seen], log_odds[seen]
    probability = 1 / (1 + np.exp(-scores))
    bins = measures.calibration(truth, probability)
    tell = partial(
        fairness,
        columns={name: values[seen] for name, values in columns.items()},
        bad=truth,
        log_odds=scores,
    )
    return {
        "tested": len(truth),
        "auc": round(float(np.mean(aucs)), 4),
        "auc_spread": round(float(np.std(aucs)), 4),
        "ks": round(measures.ks(truth, scores), 4),
        "brier": round(float(((probability - truth) ** 2).mean()), 4),
        "calibration_error": round(measures.calibration_error(bins), 4),
        "calibration": bins,
        "accepted_share": ACCEPTED_SHARE,
        "fairness": {each.name: tell(each) for each in learning.sensitive},
    }


def _drift(learning: Learning, columns: Columns, bad: np.ndarray) -> dict[str, Any]:
    """Return how far scores moved from the training rows to the test rows of the first split."""
    inputs = list(learning.inputs)
    given = [columns[each.column] for each in inputs]
    train, test = next(iter(splits(learning, columns, bad)))
    score, _ = learn_model(
        learning.serves, [each[train] for each in given], bad[train], inputs, learning
    )
    scores = [score([each[part] for each in given]) for part in (train, test)]
    by_input = {
        each.name: round(measures.stability_index(column[train], column[test]), 4)
        for each, column in zip(inputs, given, strict=True)
        if not each.is_category
    }
    return {
        "between": "training and later rows" if learning.time_column else "training and test rows",
        "score_psi": round(measures.stability_index(*scores), 4),
        "input_psi": by_input,
    }
