"""The intent model is the one that was built, and the benchmark's classifier learns."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest

from jiuding.channels.assistant.commands import bench_intents, read_rows
from jiuding.channels.assistant.errors import ModelUnusable, TrainingDataUnreadable
from jiuding.channels.assistant.rules import training
from jiuding.channels.assistant.rules.model import (
    HASH_FILE,
    MODEL_FILE,
    MODEL_FOLDER,
    intent_model,
    read_model,
)
from jiuding.channels.assistant.types import Intent

DATA = Path(__file__).parent / "data"


def test_the_model_knows_every_intent_and_its_probabilities_add_up() -> None:
    model = intent_model()
    assert set(model.labels) == {str(intent) for intent in Intent}
    scores = model.log_probabilities(["w:贷", "w:款", "#amount"])
    assert sum(math.exp(score) for score in scores.values()) == pytest.approx(1.0)


def test_a_model_that_was_changed_is_refused(tmp_path: Path) -> None:
    changed = tmp_path / MODEL_FILE.name
    changed.write_bytes(MODEL_FILE.read_bytes() + b" ")
    with pytest.raises(ModelUnusable):
        read_model(changed, HASH_FILE)
    with pytest.raises(ModelUnusable):
        read_model(tmp_path / "nothing.json", HASH_FILE)


def test_the_same_seed_makes_the_same_examples_and_none_is_a_test_sentence() -> None:
    templates = (MODEL_FOLDER / "templates.txt").read_text("utf-8")
    first = training.examples(templates)
    assert first == training.examples(templates)
    assert first != training.examples(templates, seed=1)
    assert {intent for _, _, intent in first} == {str(intent) for intent in Intent}
    tested = {
        json.loads(line)["text"]
        for path in DATA.glob("*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    }
    apart = frozenset((MODEL_FOLDER / "kept_apart.txt").read_text("ascii").split())
    assert {training.mark_of(text) for text in tested} <= apart
    learned = {training.mark_of(text) for text, _, _ in training.examples(templates, apart=apart)}
    assert not learned & apart


def _write(path: Path, rows: list[tuple[str, str]]) -> Path:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "category"])
        writer.writerows(rows)
    return path


def test_a_classifier_is_learned_from_csv_and_predicts_in_order(tmp_path: Path) -> None:
    rows = [(f"where is my card {n}", "card") for n in range(20)]
    rows += [(f"my top up {n} failed", "top_up") for n in range(20)]
    train = _write(tmp_path / "train.csv", rows)
    test = _write(tmp_path / "test.csv", [("top up not working", "top_up"), ("card lost", "card")])
    result = bench_intents(train, test)
    assert result["predictions"] == ["top_up", "card"]
    assert result["accuracy"] == 1.0
    assert result["train_s"] >= 0 and result["ms_per_text"] >= 0


def test_a_file_with_rows_out_of_scope_teaches_when_to_say_none(tmp_path: Path) -> None:
    topics = {"card": "where is my bank card", "top_up": "my top up has failed",
              "rate": "what is the exchange rate"}  # fmt: skip
    rows = [[f"{text} {n}", label] for label, text in topics.items() for n in range(80)]
    strange = [[f"how tall is mountain number {n}", "oos"] for n in range(40)]
    train, test = tmp_path / "train.json", tmp_path / "test.json"
    train.write_text(json.dumps({"train": rows, "oos_train": strange}), "utf-8")
    test.write_text(
        json.dumps({"test": [["where is my bank card 9"], ["sing a jolly song"]]}), "utf-8"
    )
    assert bench_intents(train, test)["predictions"] == ["card", "oos"]


def test_a_file_in_no_known_form_is_refused(tmp_path: Path) -> None:
    for name, content in (("a.csv", "x,y\n1,2\n"), ("b.json", "{"), ("c.json", "[]")):
        (tmp_path / name).write_text(content, "utf-8")
        with pytest.raises(TrainingDataUnreadable):
            read_rows(tmp_path / name)
    with pytest.raises(TrainingDataUnreadable):
        read_rows(tmp_path / "missing.csv")
