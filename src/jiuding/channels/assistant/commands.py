"""The command line edge: one JSON line in, one out; and the building of the intent model."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jiuding.channels.assistant.errors import ModelUnusable, TextNotText, TrainingDataUnreadable
from jiuding.channels.assistant.rules import training
from jiuding.channels.assistant.rules.aids import read_aids
from jiuding.channels.assistant.rules.encoder import (
    MULTILINGUAL_SHA256,
    WEIGHTS_SHA256,
    MultilingualEncoder,
    SentenceEncoder,
    installed_folder,
    installed_multilingual,
)
from jiuding.channels.assistant.rules.frames import understand
from jiuding.channels.assistant.rules.model import HASH_FILE, MODEL_FILE, MODEL_FOLDER, features
from jiuding.channels.assistant.rules.opinions import VECTORS_FILE, VECTORS_HASH_FILE
from jiuding.channels.assistant.rules.slots import frame_of
from jiuding.channels.assistant.rules.text import prepare

ROWS_MAX = 200_000  # of a training or test file
_NGRAMS_MAX = 14_000
_WEIGHT_STEPS = 127
_VECTOR_EXAMPLES_MAX = 3_500


def understand_line(line: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one line `{id, text, lang?, context?}` with what the sentence asks for.

    Refuses: TextEmpty, TextTooLong, TextNotText.
    """
    if not isinstance(line, Mapping):
        raise TextNotText("a line must be an object with id and text")
    started = time.perf_counter()
    heard = understand(line.get("text", ""), lang=line.get("lang"), context=line.get("context"))
    spent = (time.perf_counter() - started) * 1000
    return {"id": line.get("id"), **heard.to_dict(), "ms": round(spent, 3)}


def build_intent_model(folder: Path = MODEL_FOLDER) -> dict[str, Any]:
    """Learn the intent model from the repository's data and write it with its hash.

    Returns the figures of the model card. The same data gives the same file, to the byte.
    """
    rows = _examples(folder)
    grams = [features(frame_of(prepare(text, lang=lang))) for text, lang, _ in rows]
    labels = [intent for _, _, intent in rows]
    body = _learn(grams, labels)
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    (folder / MODEL_FILE.name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    (folder / HASH_FILE.name).write_text(f"{digest}  {MODEL_FILE.name}\n", encoding="ascii")
    return {"examples": len(rows), "ngrams": len(body["ngrams"]), "sha256": digest,
            "held_out_accuracy": body["held_out_accuracy"], "bytes": len(content)}  # fmt: skip


def build_intent_vectors(folder: Path = MODEL_FOLDER) -> dict[str, Any]:
    """Learn the second opinion's layer from a part of the same data and write it with its hash.

    Needs the optional multilingual encoder. Refuses: ModelUnusable without it.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    installed = installed_multilingual()
    if installed is None:
        raise ModelUnusable("the multilingual encoder is not installed here")
    rows = _examples(folder)
    chooser = np.random.default_rng(training.SEED)
    places = chooser.permutation(len(rows))[:_VECTOR_EXAMPLES_MAX]
    encoder = MultilingualEncoder(installed)
    vectors = encoder.embed([rows[place][0] for place in places])
    middle = np.round(vectors.mean(axis=0), 5).astype(np.float32)
    moved = vectors - middle
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    model = LogisticRegression(C=10.0, max_iter=400, class_weight="balanced")
    model.fit(moved, [rows[place][2] for place in places])
    scales = np.abs(model.coef_).max(axis=1) / _WEIGHT_STEPS
    weights = np.rint(model.coef_ / scales[:, None]).astype(np.int8)
    body = {
        "encoder_sha256": MULTILINGUAL_SHA256,
        "labels": [str(name) for name in model.classes_],
        "size": encoder.size,
        "middle": [round(float(value), 5) for value in middle],
        "scales": [round(float(value), 6) for value in scales],
        "biases": [round(float(value), 4) for value in model.intercept_],
        "seed": training.SEED,
        "weights": base64.b85encode(np.ascontiguousarray(weights).tobytes()).decode("ascii"),
    }
    content = json.dumps(body, separators=(",", ":")).encode()
    (folder / VECTORS_FILE.name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    (folder / VECTORS_HASH_FILE.name).write_text(
        f"{digest}  {VECTORS_FILE.name}\n", encoding="ascii"
    )
    return {"examples": len(places), "sha256": digest, "bytes": len(content)}


def _examples(folder: Path) -> list[tuple[str, str, str]]:
    apart = frozenset((folder / "kept_apart.txt").read_text(encoding="ascii").split())
    templates = (folder / "templates.txt").read_text(encoding="utf-8")
    rows = training.examples(templates, apart=apart)
    with open(folder / "public_en.csv", encoding="utf-8", newline="") as file:
        rows += [
            (row["text"], "en", row["intent"])
            for row in csv.DictReader(file)
            if training.mark_of(row["text"]) not in apart
        ]
    return rows


def _learn(grams: list[list[str]], labels: list[str]) -> dict[str, Any]:
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split

    vectorizer = TfidfVectorizer(analyzer=lambda row: row, sublinear_tf=True, min_df=2,
                                 max_features=_NGRAMS_MAX)  # fmt: skip
    matrix = vectorizer.fit_transform(grams)
    fit, held = train_test_split(
        np.arange(len(labels)), test_size=0.15, random_state=training.SEED, stratify=labels
    )
    names = np.array(labels)
    model = LogisticRegression(C=20.0, max_iter=400, class_weight="balanced")
    model.fit(matrix[fit], names[fit])
    accuracy = float((model.predict(matrix[held]) == names[held]).mean())
    model.fit(matrix, names)
    scales = np.abs(model.coef_).max(axis=1) / _WEIGHT_STEPS
    weights = np.rint(model.coef_ / scales[:, None]).astype(np.int8)
    return {
        "labels": [str(name) for name in model.classes_],
        "ngrams": [str(gram) for gram in vectorizer.get_feature_names_out()],
        "idf": [round(float(value), 4) for value in vectorizer.idf_],
        "scales": [round(float(value), 6) for value in scales],
        "biases": [round(float(value), 4) for value in model.intercept_],
        "temperature": 1.0,
        "held_out_accuracy": round(accuracy, 4),
        "seed": training.SEED,
        "weights": base64.b85encode(np.ascontiguousarray(weights.T).tobytes()).decode("ascii"),
    }


def bench_intents(
    train_path: Path | str, test_path: Path | str, *, home: Path | None = None
) -> dict[str, Any]:
    """Learn labels from one file and predict those of another, row by row.

    Files: CSV with columns text and category, or JSON with lists of [text, label] under train, val,
    oos_train and oos_val (training) or any keys (test). Returns `{predictions, train_s,
    ms_per_text, encoder}`, and `accuracy` where the test file has labels; with rows out of scope in
    the test file also `accuracy_in_scope` and `auroc_scope`. The encoder is the one that
    `assistant.toml` in the home names, or the installed package's, or none.

    Refuses: TrainingDataUnreadable, ModelUnusable, AidMisconfigured.
    """
    from jiuding.channels.assistant.rules.benchmark import learn, predict

    train, test = read_rows(Path(train_path)), read_rows(Path(test_path))
    started = time.perf_counter()
    encoder = _encoder(None if home is None else read_aids(home).encoder_folder)
    classifier = learn(train, encoder=encoder)
    trained = time.perf_counter()
    predictions = predict(classifier, [text for text, _ in test])
    done = time.perf_counter()
    known = [(said, label) for said, (_, label) in zip(predictions, test, strict=True) if label]
    result = {
        "predictions": predictions,
        "train_s": round(trained - started, 3),
        "ms_per_text": round((done - trained) * 1000 / max(len(test), 1), 4),
        "encoder": "none" if encoder is None else f"{encoder.size} dimensions",
    }
    if known:
        result["accuracy"] = round(sum(a == b for a, b in known) / len(known), 4)
    return result | _scope_figures(classifier, test)


def _encoder(folder: Path | None) -> SentenceEncoder | None:
    """Return the encoder of a folder, or the installed one, whose hash is pinned; else None."""
    if folder is not None:
        return SentenceEncoder(folder)
    installed = installed_folder()
    return None if installed is None else SentenceEncoder(installed, sha256=WEIGHTS_SHA256)


def _scope_figures(classifier: Any, test: list[tuple[str, str]]) -> dict[str, float]:
    """Return how well texts in scope are told from those out of it, where the test has both."""
    from sklearn.metrics import roc_auc_score

    from jiuding.channels.assistant.rules.benchmark import OUT_OF_SCOPE, scope_scores, scored_labels

    labels = [label for _, label in test]
    is_in = [label != OUT_OF_SCOPE for label in labels]
    if not all(labels) or all(is_in) or not any(is_in):
        return {}
    texts = [text for text, _ in test]
    said = scored_labels(classifier, texts)
    right = [a == b for a, b, inside in zip(said, labels, is_in, strict=True) if inside]
    return {
        "accuracy_in_scope": round(sum(right) / len(right), 4),
        "auroc_scope": round(float(roc_auc_score(is_in, scope_scores(classifier, texts))), 4),
    }


def read_rows(path: Path) -> list[tuple[str, str]]:
    """Return the (text, label) rows of a CSV or JSON file; a test row may have no label.

    Refuses: TrainingDataUnreadable.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() == ".csv":
            rows = _csv_rows(content)
        else:
            rows = _json_rows(json.loads(content))
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise TrainingDataUnreadable(f"{path.name} is neither of the two forms") from error
    if not 0 < len(rows) <= ROWS_MAX:
        raise TrainingDataUnreadable(f"{path.name} must hold 1 to {ROWS_MAX} rows")
    return rows


def _csv_rows(content: str) -> list[tuple[str, str]]:
    reader = csv.DictReader(content.splitlines(keepends=True))
    if "text" not in (reader.fieldnames or ()):
        raise TrainingDataUnreadable("a CSV file needs the columns text and category")
    return [(row["text"], row.get("category") or "") for row in reader]


def _json_rows(body: Any) -> list[tuple[str, str]]:
    groups = body.values() if isinstance(body, dict) else [body]
    rows: list[tuple[str, str]] = []
    for group in groups:
        for row in group:
            if isinstance(row, dict):
                rows.append((str(row["text"]), str(row.get("intent") or row.get("category") or "")))
            elif isinstance(row, str):
                rows.append((row, ""))
            else:
                rows.append((str(row[0]), str(row[1]) if len(row) > 1 else ""))
    return rows
