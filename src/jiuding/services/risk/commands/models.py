"""`jiuding models`: learn a model, let one judge rows, prove that none was altered."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jiuding.base.clock import elapsed_ms
from jiuding.base.problems import Problem
from jiuding.base.settings import CATALOG
from jiuding.kernel import decisions
from jiuding.services.risk.errors import BadData

MODELS = CATALOG / "models"
FIGURES_FILE = "figures.json"
CARD_FRAUD = "card_fraud"


def train(name: str, data: Path | None, to: Path) -> dict[str, Any]:
    """Learn a model and write its file, its hash and its figures into `to`/NAME.

    The card fraud model is learned from invented payments when no data are given. Refuses: BadData.
    """
    from jiuding.services.risk.operations import card_fraud, credit

    started = time.perf_counter()
    if name == CARD_FRAUD:
        content, figures = card_fraud.train_card_fraud(data)
    elif data is None:
        raise BadData("a credit model is learned from data: give --data FOLDER")
    else:
        content, figures = credit.train_credit(credit.read_learning(name), data)
    written = decisions.write_content(content)
    digest = hashlib.sha256(written).hexdigest()
    decisions.read_model(written, digest)
    home = to / name
    home.mkdir(parents=True, exist_ok=True)
    (home / decisions.MODEL_FILE).write_bytes(written)
    (home / decisions.HASH_FILE).write_text(f"{digest}  {decisions.MODEL_FILE}\n", encoding="ascii")
    told = json.dumps(figures, ensure_ascii=False, indent=1) + "\n"
    (home / FIGURES_FILE).write_text(told, encoding="utf-8")
    seconds = round(elapsed_ms(started) / 1_000, 1)
    return {"model": name, "sha256": digest, "bytes": len(written), "s": seconds, **figures}


def scorer(name: str, folder: Path | None) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return what answers one line `{id, …columns}` with a probability and its parts.

    A column is named as in the data set or as the model's input. Refuses: ModelNotFound, BadModel.
    """
    model = decisions.load_model(name, folder=folder or MODELS)

    def answer(line: Mapping[str, Any]) -> dict[str, Any]:
        started = time.perf_counter()
        said = _judge(model, line)
        parts = sorted(said.parts.items(), key=lambda pair: (-pair[1], pair[0]))
        found = {
            "id": line.get("id"),
            "score": float(said.probability),
            "parts": {group: float(part) for group, part in parts},
            "model_version": model.version,
        }
        return _ended(found, said, started)

    return answer


def decider(policy: decisions.Policy) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return what answers one line `{id, …columns}` under a policy that uses a model."""
    use = policy.model
    model = decisions.load_model(use.name, version=use.version)

    def answer(line: Mapping[str, Any]) -> dict[str, Any]:
        started = time.perf_counter()
        said = _judge(model, line.get("event", line))
        inputs = decisions.read_inputs(
            policy,
            event={},
            features=decisions.as_features(said),
            lists={},
            model_version=model.version,
        )
        verdict = decisions.plain_verdict(decisions.assess(policy, inputs))
        found = {
            "id": line.get("id"),
            "outcome": verdict["outcome"],
            "reasons": verdict["reasons"],
            "score": float(said.probability),
            "policy_version": policy.version,
            "model_version": model.version,
        }
        return _ended(found, said, started)

    return answer


def _judge(model: decisions.Model, line: Mapping[str, Any]) -> decisions.ModelScore:
    """Judge a line's columns. Refuses: BadData when none is the model's, or one is not a number."""
    if not isinstance(line, Mapping):
        raise BadData("a line's columns are an object")
    names = {each.name.rpartition(".")[2]: each.name for each in model.inputs}
    names |= {each.name: each.name for each in model.inputs}
    given = {}
    for key, value in line.items():
        if (name := names.get(key.lower())) is not None:
            if name in given:
                raise BadData(f"{name} is given twice")
            given[name] = value
    if not given:
        raise BadData(f"none of the columns is one that the model {model.name} reads")
    try:
        return decisions.judge(model, given)
    except (TypeError, ValueError) as error:
        raise BadData("an input is a number, or a text where the model has texts") from error


def _ended(found: dict[str, Any], said: decisions.ModelScore, started: float) -> dict[str, Any]:
    if said.missing:
        found["missing"] = list(said.missing)
    found["ms"] = round(elapsed_ms(started), 3)
    return found


def check() -> Iterator[dict[str, Any]]:
    """Yield for each model of the catalogue whether its file is the pinned one."""
    for path in sorted(MODELS.glob(f"*/{decisions.MODEL_FILE}")):
        content = path.read_bytes()
        if json.loads(content).get("format") is None:
            continue  # the intent model has a form of its own, and is checked by its own reader
        try:
            version = decisions.load_model(path.parent.name).version
        except Problem as problem:
            yield {"model": path.parent.name, "ok": False, "problem": problem.to_dict()}
        else:
            yield {"model": path.parent.name, "ok": True, "sha256": version}
