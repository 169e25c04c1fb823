"""Sound for tests: tones and noise as WAV files, and a speech model small enough to write by hand.

The model has the shape of SenseVoice, or of Paraformer, as sherpa-onnx wants it, and knows one
word: loud sound is "好", quiet sound is nothing. So the real library runs, without real speech.
The file is written in ONNX's own encoding (protocol buffers: a key, a length, a value).
"""

from __future__ import annotations

import io
import math
import random
import struct
import wave
from array import array
from pathlib import Path

WORDS = ("<blk>", "<s>", "</s>", "a", "b", "好", "c")
_BLANK, _END, _GOOD = 0, 2, 5
_SIZE = 560  # seven frames of eighty figures, as both models take them
_LOUD = 8.0  # a logarithm of power
_FLOAT, _INT32 = 1, 6


def wav(samples, *, rate=16_000, channels=1, width=2) -> bytes:
    """Return samples, from -1 to 1, as a WAV."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate)
        whole = array("h", (int(32_767 * max(-1.0, min(1.0, each))) for each in samples))
        frames = whole.tobytes()
        out.writeframes(frames * channels if width == 2 else frames[::2])
    return file.getvalue()


def sound(*, seconds=1.0, rate=16_000, level=0.27, **shape) -> bytes:
    """Return a tone as a WAV."""
    count = int(seconds * rate)
    return wav((level * math.sin(place / 20) for place in range(count)), rate=rate, **shape)


def noise(*, seconds=2.0, rate=16_000, level=0.1) -> list[float]:
    """Return white noise."""
    draw = random.Random(7)
    return [draw.gauss(0.0, level) for _ in range(int(seconds * rate))]


def write_model(folder: Path, *, paraformer: bool = False, described: bool = True) -> Path:
    """Write the model and its words into a folder; not `described` leaves out what it says of
    itself."""
    folder.mkdir(parents=True, exist_ok=True)
    words = "".join(f"{word} {place}\n" for place, word in enumerate(WORDS))
    (folder / "tokens.txt").write_text(words, encoding="utf-8")
    (folder / "model.onnx").write_bytes(_model(paraformer, described))
    return folder


def _model(paraformer: bool, described: bool) -> bytes:
    width = len(WORDS)
    weights = [1 / _SIZE if place % width == _GOOD else 0.0 for place in range(_SIZE * width)]
    bias = [0.0] * width
    bias[_GOOD] = -_LOUD
    names = ("speech", "speech_lengths") if paraformer else ("x", "x_length")
    nodes = [_node("MatMul", [names[0], "weights"], ["raw"])]
    tensors = [_tensor("weights", [_SIZE, width], weights), _tensor("bias", [width], bias)]
    inputs = [(names[0], _FLOAT, ["N", "T", _SIZE]), (names[1], _INT32, ["N"])]
    outputs = [("logits", _FLOAT, ["N", "T", width])]
    if paraformer:
        bias[_END] = 0.01  # quiet frames end the sentence
        tensors[1] = _tensor("bias", [width], bias)
        nodes += [
            _node("Add", ["raw", "bias"], ["logits"]),
            _node("Identity", [names[1]], ["token_num"]),
        ]
        outputs.append(("token_num", _INT32, ["N"]))
    else:
        # The first four tokens tell language, mood, event and writing; they are not read out.
        tags = [9.0 if place == 3 + row % 2 else 0.0 for row in range(4) for place in range(width)]
        tensors.append(_tensor("tags", [1, 4, width], tags))
        nodes += [
            _node("Add", ["raw", "bias"], ["heard"]),
            _node("Concat", ["tags", "heard"], ["logits"], _field(1, "axis") + _field(3, 1)
                  + _field(20, 2)),
        ]  # fmt: skip
        inputs += [("language", _INT32, ["N"]), ("text_norm", _INT32, ["N"])]
    graph = b"".join(
        [*(_field(1, node) for node in nodes), _field(2, "toy"),
         *(_field(5, tensor) for tensor in tensors),
         *(_field(11, _value(*each)) for each in inputs),
         *(_field(12, _value(*each)) for each in outputs)]
    )  # fmt: skip
    told = _description() if described else {}
    return b"".join(
        [_field(1, 8), _field(7, graph), _field(8, _field(1, "") + _field(2, 13)),
         *(_field(14, _field(1, name) + _field(2, value)) for name, value in told.items())]
    )  # fmt: skip


def _description() -> dict[str, str]:
    return {
        "vocab_size": str(len(WORDS)), "lfr_window_size": "7", "lfr_window_shift": "6",
        "normalize_samples": "0", "lang_auto": "0", "lang_zh": "3", "lang_en": "4",
        "lang_yue": "7", "lang_ja": "11", "lang_ko": "12", "with_itn": "14", "without_itn": "15",
        "model_type": "sense_voice_ctc", "version": "1", "model_author": "", "maintainer": "",
        "comment": "", "neg_mean": ",".join(["0"] * _SIZE),
        "inv_stddev": ",".join(["1"] * _SIZE),
    }  # fmt: skip


def _number(value: int) -> bytes:
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def _field(key: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return _number(key << 3) + _number(value)
    content = value.encode() if isinstance(value, str) else value
    return _number(key << 3 | 2) + _number(len(content)) + content


def _tensor(name: str, shape: list[int], values: list[float]) -> bytes:
    sizes = b"".join(_field(1, size) for size in shape)
    raw = struct.pack(f"<{len(values)}f", *values)
    return sizes + _field(2, _FLOAT) + _field(8, name) + _field(9, raw)


def _value(name: str, kind: int, shape: list) -> bytes:
    sizes = b"".join(
        _field(1, _field(1, size) if isinstance(size, int) else _field(2, size)) for size in shape
    )
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, sizes)))


def _node(kind: str, inputs: list[str], outputs: list[str], attribute: bytes = b"") -> bytes:
    made = b"".join([*(_field(1, each) for each in inputs), *(_field(2, each) for each in outputs)])
    return made + _field(4, kind) + (_field(5, attribute) if attribute else b"")
