"""Refusals of the assistant."""

from __future__ import annotations

from jiuding.base.problems import Problem


class TextEmpty(Problem):
    """Refuse a sentence with nothing to read in it."""

    code = "assistant.text_empty"
    status = 422
    title = "There is no sentence to understand"


class TextTooLong(Problem):
    """Refuse a sentence over the stated limit of characters."""

    code = "assistant.text_too_long"
    status = 422
    title = "The sentence is too long"


class TextNotText(Problem):
    """Refuse a sentence, language or context that is not of the stated shape."""

    code = "assistant.text_not_text"
    status = 422
    title = "The sentence is not text"


class ModelUnusable(Problem):
    """Refuse to read intents with a model whose pinned hash does not match its file."""

    code = "assistant.model_unusable"
    status = 503
    title = "The intent model cannot be trusted"


class TrainingDataUnreadable(Problem):
    """Refuse a training or test file that is not in one of the two stated forms."""

    code = "assistant.training_data_unreadable"
    status = 422
    title = "The training data cannot be read"


class BadSlot(Problem):
    """Refuse a value that cannot stand in a need."""

    code = "assistant.bad_slot"
    status = 422
    title = "This value cannot be used"


class ConversationNotFound(Problem):
    """Refuse to name a conversation that is not here, or not the caller's."""

    code = "assistant.conversation_not_found"
    status = 404
    title = "There is no such conversation"


class AidMisconfigured(Problem):
    """Refuse an operator's choice of a language model, a speech engine or an encoder."""

    code = "assistant.aid_misconfigured"
    status = 503
    title = "An aid of the assistant is set up wrongly"


class SpeechNotHere(Problem):
    """Refuse sound where the operator has supplied no speech engine."""

    code = "assistant.speech_not_here"
    status = 503
    title = "This bank hears no sound"


class SpeechBusy(Problem):
    """Refuse sound while other sound keeps the engine longer than a customer waits."""

    code = "assistant.speech_busy"
    status = 503
    title = "Others are speaking"


class SoundUnreadable(Problem):
    """Refuse sound that is not a WAV within the stated limits."""

    code = "assistant.sound_unreadable"
    status = 422
    title = "The sound cannot be read"
