"""The operator's choice of aids: a language model, a speech engine, a sentence encoder.

An *aid* stands outside, proposes, and never decides. All are off unless `assistant.toml` in the
home names them:

    [language_model]
    url = "http://127.0.0.1:11434/v1"     # any OpenAI-compatible endpoint
    model = "qwen3:4b"
    key_file = "/etc/jiuding/model.key"   # optional; the key itself is never in this file
    timeout_seconds = 4.0

    [speech]                              # either of the two, or both
    folder = "/srv/models/sense-voice"    # model.int8.onnx or model.onnx, and tokens.txt
    english = "packaged"                  # or a folder: model.bin, config.json, tokenizer.json

    [encoder]
    folder = "/srv/models/all-minilm-l6-v2"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jiuding.channels.assistant.errors import AidMisconfigured

FILE = "assistant.toml"
TIMEOUT_SECONDS_MAX = 30.0
PACKAGED = "packaged"  # the English model of the optional package


@dataclass(frozen=True, slots=True)
class LanguageModelChoice:
    """Which language model proposes; `key_file` holds its key, where it wants one."""

    url: str
    model: str
    key_file: Path | None = None
    timeout_seconds: float = 4.0


@dataclass(frozen=True, slots=True)
class SpeechChoice:
    """Where speech models lie: `folder` for sherpa-onnx, `english` for Whisper or `PACKAGED`."""

    folder: Path | None = None
    english: Path | str | None = None


@dataclass(frozen=True, slots=True)
class Aids:
    """What the operator chose; None is off."""

    language_model: LanguageModelChoice | None = None
    speech: SpeechChoice | None = None
    encoder_folder: Path | None = None


def read_aids(home: Path) -> Aids:
    """Read the operator's choice; without the file every aid is off.

    Refuses: AidMisconfigured for a file that is not TOML, or a value that cannot be used.
    """
    path = home / FILE
    if not path.is_file():
        return Aids()
    try:
        body = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AidMisconfigured(f"{FILE} cannot be read as TOML") from error
    unknown = set(body) - {"language_model", "speech", "encoder"}
    if unknown:
        raise AidMisconfigured(f"{FILE} has sections that mean nothing: {sorted(unknown)}")
    if not all(isinstance(section, dict) for section in body.values()):
        raise AidMisconfigured(f"{FILE} holds sections only, such as [speech]")
    return Aids(
        language_model=_language_model(body["language_model"])
        if "language_model" in body
        else None,
        speech=_speech(body["speech"]) if "speech" in body else None,
        encoder_folder=_folder(body["encoder"], "encoder") if "encoder" in body else None,
    )


def _language_model(section: Mapping[str, Any]) -> LanguageModelChoice:
    url, model = str(section.get("url", "")), str(section.get("model", ""))
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not model:
        raise AidMisconfigured("language_model wants a url with http or https, and a model")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise AidMisconfigured("a language model on another machine is reached by https only")
    seconds = section.get("timeout_seconds", 4.0)
    if not isinstance(seconds, int | float) or not 0 < seconds <= TIMEOUT_SECONDS_MAX:
        raise AidMisconfigured(f"timeout_seconds must be from 0 to {TIMEOUT_SECONDS_MAX}")
    key_file = section.get("key_file")
    return LanguageModelChoice(
        url.rstrip("/"), model, Path(str(key_file)) if key_file else None, float(seconds)
    )


def _speech(section: Mapping[str, Any]) -> SpeechChoice:
    unknown = set(section) - {"folder", "english"}
    if unknown or not section:
        raise AidMisconfigured("[speech] wants a folder, or english, or both, and nothing else")
    english: Path | str | None = None
    if "english" in section:
        is_packaged = section["english"] == PACKAGED
        english = PACKAGED if is_packaged else _folder(section, "speech", "english")
    folder = _folder(section, "speech") if "folder" in section else None
    return SpeechChoice(folder, english)


def _folder(section: Mapping[str, Any], name: str, field: str = "folder") -> Path:
    folder = Path(str(section.get(field) or "\0")).expanduser()
    try:
        is_here = folder.is_dir()
    except ValueError:
        is_here = False
    if not is_here:
        raise AidMisconfigured(f"[{name}] names a folder that is not there ({field})")
    return folder
