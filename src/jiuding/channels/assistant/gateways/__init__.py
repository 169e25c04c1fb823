"""Outside parties that help to understand: a language model and speech engines, all optional."""

from jiuding.channels.assistant.gateways.language_models import (
    FakeLanguageModel,
    HttpLanguageModel,
    LanguageModel,
    NoLanguageModel,
)
from jiuding.channels.assistant.gateways.speech import (
    FakeSpeechEngine,
    NoSpeechEngine,
    SherpaSpeechEngine,
    SpeechDesk,
    SpeechEngine,
    WhisperSpeechEngine,
    open_speech,
    packaged_english,
)

__all__ = [
    "FakeLanguageModel",
    "FakeSpeechEngine",
    "HttpLanguageModel",
    "LanguageModel",
    "NoLanguageModel",
    "NoSpeechEngine",
    "SherpaSpeechEngine",
    "SpeechDesk",
    "SpeechEngine",
    "WhisperSpeechEngine",
    "open_speech",
    "packaged_english",
]
