"""The sentence encoder reads its files, refuses others, and helps where n-grams are unsure."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from jiuding.channels.assistant.commands import bench_intents
from jiuding.channels.assistant.errors import ModelUnusable
from jiuding.channels.assistant.rules.benchmark import learn, predict
from jiuding.channels.assistant.rules.encoder import (
    WEIGHTS_SHA256,
    SentenceEncoder,
    installed_folder,
)

SIZE, WORDS = 8, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "card", "lost", "pay", "##ment", "!", "rate"]


def small_model(folder: Path) -> Path:
    """Write a model of one layer with fixed random weights, in the published format."""
    draw = np.random.default_rng(3)
    shapes = {
        "embeddings.word_embeddings.weight": (len(WORDS), SIZE),
        "embeddings.position_embeddings.weight": (128, SIZE),
        "embeddings.token_type_embeddings.weight": (2, SIZE),
    }
    linear = {"attention.self.query": (SIZE, SIZE), "attention.self.key": (SIZE, SIZE),
              "attention.self.value": (SIZE, SIZE), "attention.output.dense": (SIZE, SIZE),
              "intermediate.dense": (16, SIZE), "output.dense": (SIZE, 16)}  # fmt: skip
    for name, shape in linear.items():
        shapes[f"encoder.layer.0.{name}.weight"] = shape
        shapes[f"encoder.layer.0.{name}.bias"] = shape[:1]
    for name in ("embeddings.LayerNorm", "encoder.layer.0.attention.output.LayerNorm",
                 "encoder.layer.0.output.LayerNorm"):  # fmt: skip
        shapes[f"{name}.weight"] = shapes[f"{name}.bias"] = (SIZE,)
    head, body = {"__metadata__": {"format": "pt"}}, b""
    for name, shape in shapes.items():
        numbers = draw.normal(size=shape).astype("<f4").tobytes()
        head[name] = {"dtype": "F32", "shape": list(shape),
                      "data_offsets": [len(body), len(body) + len(numbers)]}  # fmt: skip
        body += numbers
    top = json.dumps(head).encode()
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(top)) + top + body)
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n", "utf-8")
    config = {"num_hidden_layers": 1, "num_attention_heads": 2, "hidden_size": SIZE}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    return folder


@pytest.fixture
def folder(tmp_path):
    return small_model(tmp_path / "model")


def test_words_are_split_into_the_longest_known_pieces(folder):
    encoder = SentenceEncoder(folder)
    named = [WORDS[place] for place in encoder.pieces("Lost CÁRD payment! xyz")]
    assert named == ["[CLS]", "lost", "card", "pay", "##ment", "!", "[UNK]", "[SEP]"]
    assert len(encoder.pieces("card " * 5_000)) == 128
    assert encoder.pieces("") == [2, 3]


def test_a_sentence_has_one_unit_vector_whatever_stands_beside_it(folder):
    encoder = SentenceEncoder(folder)
    alone = encoder.embed(["lost card"])
    beside = encoder.embed(["pay rate", "lost card", "card lost payment"])
    assert alone.shape == (1, SIZE) and np.isfinite(beside).all()
    assert np.allclose(np.linalg.norm(beside, axis=1), 1, atol=1e-5)
    assert np.allclose(alone[0], beside[1], atol=1e-5)
    assert not np.allclose(beside[1], beside[2], atol=1e-3), "order and words count"


def test_a_folder_that_holds_no_encoder_is_refused(folder, tmp_path):
    with pytest.raises(ModelUnusable):
        SentenceEncoder(tmp_path / "nothing")
    with pytest.raises(ModelUnusable):
        SentenceEncoder(folder, sha256="0" * 64)
    (folder / "vocab.txt").write_text("a\nb\n", "utf-8")
    with pytest.raises(ModelUnusable):
        SentenceEncoder(folder)
    (folder / "model.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(ModelUnusable):
        SentenceEncoder(folder)


def test_the_benchmark_learns_with_vectors_and_without(folder, tmp_path):
    topics = {"lost card": "lost", "card payment": "payment", "rate": "rate"}
    rows = [(f"{words} {n}", label) for words, label in topics.items() for n in range(30)]
    texts = ["lost card 7", "card payment please", "rate 31"]
    for encoder in (None, SentenceEncoder(folder)):
        assert predict(learn(rows, encoder=encoder), texts) == ["lost", "payment", "rate"]
    home = tmp_path / "home"
    home.mkdir()
    (home / "assistant.toml").write_text(f'[encoder]\nfolder = "{folder}"\n', "utf-8")
    train = tmp_path / "train.json"
    train.write_text(json.dumps({"train": rows, "oos_train": [["sing a song", "oos"]]}), "utf-8")
    test = tmp_path / "test.json"
    test.write_text(json.dumps({"a": rows[:9] + rows[-9:], "b": [["tall hills", "oos"]]}), "utf-8")
    found = bench_intents(train, test, home=home)
    assert found["encoder"] == "8 dimensions" and found["accuracy_in_scope"] == 1.0
    assert found["auroc_scope"] == 1.0, "what shares no word with any intent lies outside"


def test_an_installed_model_is_the_pinned_one_and_without_one_the_n_grams_stand_alone(tmp_path):
    folder = installed_folder()
    if folder is None:
        file = tmp_path / "rows.json"
        file.write_text(json.dumps({"a": [["lost card", "lost"], ["rate", "rate"]]}), "utf-8")
        assert bench_intents(file, file)["encoder"] == "none"
        return
    encoder = SentenceEncoder(folder, sha256=WEIGHTS_SHA256)
    near, same, far = encoder.embed(
        ["my card was stolen", "somebody took my bank card", "how tall is that mountain"]
    )
    assert near @ same > 0.5 > near @ far
