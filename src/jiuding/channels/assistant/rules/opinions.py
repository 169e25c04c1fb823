"""A second opinion on a sentence whose n-grams leave its intent open: what it means as a whole.

A linear layer over the vectors of a multilingual sentence encoder, learned from the same written
examples as the n-grams. It is asked only where the first opinion is unsure, and only where the
optional package that carries the encoder is installed; without it nothing is missing but this.
The vectors are centred first: those of this encoder lie close together whatever is said.
"""

from __future__ import annotations

import base64
import hashlib
import json
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jiuding.channels.assistant.errors import ModelUnusable
from jiuding.channels.assistant.rules.encoder import (
    MULTILINGUAL_SHA256,
    MultilingualEncoder,
    installed_multilingual,
)
from jiuding.channels.assistant.rules.model import MODEL_FOLDER

VECTORS_FILE = MODEL_FOLDER / "vectors.json"
VECTORS_HASH_FILE = MODEL_FOLDER / "vectors.sha256"
# What is read of a sentence: long ones would take longer than anybody waits for an answer.
CHARACTERS_MAX = 160


@dataclass(frozen=True, slots=True)
class VectorModel:
    """A linear layer over centred unit vectors; `weights` has shape (labels, size)."""

    labels: tuple[str, ...]
    middle: Any
    weights: Any
    biases: Any

    def log_probabilities(self, vector: Any) -> dict[str, float]:
        """Return the natural log of each intent's probability for one vector of unit length."""
        import numpy as np

        moved = vector - self.middle
        moved = moved / max(float(np.linalg.norm(moved)), 1e-9)
        scores = self.weights @ moved + self.biases
        top = float(scores.max())
        log_sum = top + float(np.log(np.exp(scores - top).sum()))
        return {
            label: float(score) - log_sum for label, score in zip(self.labels, scores, strict=True)
        }


def read_vector_model(path: Path = VECTORS_FILE, pin: Path = VECTORS_HASH_FILE) -> VectorModel:
    """Read the layer.

    Refuses: ModelUnusable when the file is missing, its hash is not the pinned one, or it was
    learned over another encoder than the one we pin.
    """
    import numpy as np

    try:
        content, pinned = path.read_bytes(), pin.read_text(encoding="ascii").split()[0]
    except (OSError, IndexError) as error:
        raise ModelUnusable("the vector model or its hash is missing") from error
    if hashlib.sha256(content).hexdigest() != pinned:
        raise ModelUnusable("the vector model is not the one whose hash is pinned")
    body = json.loads(content)
    if body["encoder_sha256"] != MULTILINGUAL_SHA256:
        raise ModelUnusable("the vector model was learned over another encoder")
    weights = array("b")
    weights.frombytes(base64.b85decode(body["weights"]))
    shape = (len(body["labels"]), body["size"])
    scales = np.array(body["scales"], np.float32)
    return VectorModel(
        labels=tuple(body["labels"]),
        middle=np.array(body["middle"], np.float32),
        weights=np.array(weights, np.float32).reshape(shape) * scales[:, None],
        biases=np.array(body["biases"], np.float32),
    )


@cache
def _loaded() -> tuple[MultilingualEncoder, VectorModel] | None:
    folder = installed_multilingual()
    return None if folder is None else (MultilingualEncoder(folder), read_vector_model())


def second_opinion(text: str) -> Mapping[str, float] | None:
    """Return the log probability of each intent by what the sentence means, or None without it."""
    loaded = _loaded()
    if loaded is None:
        return None
    encoder, model = loaded
    return model.log_probabilities(encoder.embed([text[:CHARACTERS_MAX]])[0])
