"""A real Chromium records sound and the bank hears it: shown, read back, sent only by hand."""

from __future__ import annotations

import math
import shutil
import subprocess
from array import array

import pytest
from playwright.sync_api import expect

from browsing import FLAGS, browser_path, enter, serious, shoot
from jiuding.channels.assistant.gateways import (
    FakeSpeechEngine,
    NoSpeechEngine,
    SpeechDesk,
    open_speech,
    packaged_english,
)
from jiuding.channels.assistant.rules.aids import PACKAGED, SpeechChoice
from sounds import noise, wav

pytestmark = pytest.mark.browser
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
START = {"zh": "说出这句话", "en": "Speak your sentence"}
STOP = {"zh": "停止收听", "en": "Stop listening"}
AGREE = {"zh": "使用麦克风", "en": "Use the microphone"}
SAYS = {"zh": "想借十五万装修，分三年", "en": "borrow $30,000 for a car over 5 years"}
READ_BACK = {"zh": "金额 150,000；36 个月", "en": "amount 30,000; 60 months"}
STATUS = ".ask [role=status]"
NO_EARS = "delete window.webkitSpeechRecognition; delete window.SpeechRecognition;"


class Ear(FakeSpeechEngine):
    """An engine that hears what a test says, and keeps the sound."""

    def transcribe(self, samples, *, rate, lang):
        self.samples, self.rate = list(samples), rate
        return super().transcribe(samples, rate=rate, lang=lang)


def spoken(*, rate=48_000, seconds=6.0) -> bytes:
    """Return a tone of 440 hertz that comes and goes as speech does."""
    count = int(seconds * rate)
    return wav(
        (0.5 * math.sin(2 * math.pi * 440 * at / rate) * (0.5 - 0.5 * math.cos(8 * at / rate * 3))
         for at in range(count)),
        rate=rate,
    )  # fmt: skip


@pytest.fixture
def hears(site):
    """Give the bank ears for one test: `hears(engine)`."""
    before = site.app.state.speech_engine

    def set_engine(engine):
        site.app.state.speech_engine = engine
        return engine

    yield set_engine
    site.app.state.speech_engine = before


@pytest.fixture
def speaker(chromium, tmp_path):
    """Launch a Chromium whose microphone plays a WAV: `speaker(sound)`."""
    launched = []

    def launch(sound: bytes):
        file = tmp_path / f"said-{len(launched)}.wav"
        file.write_bytes(sound)
        browser = chromium.browser_type.launch(
            executable_path=browser_path(),
            args=[
                *FLAGS, "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={file}",
            ],
        )  # fmt: skip
        launched.append(browser)
        return browser

    yield launch
    for browser in launched:
        browser.close()


def at_home(visit, browser, lang, size="desk", *, script=NO_EARS):
    page = visit(lang=lang, size=SIZES[size], browser=browser)
    page.context.add_init_script(script)
    enter(page, market={"zh": "cn", "en": "au"}[lang])
    page.goto("/")
    expect(page.locator("[x-cloak]")).to_have_count(0)
    return page


def speak(page, lang, *, ms=1_500):
    page.get_by_role("button", name=START[lang]).click()
    agree = page.get_by_role("button", name=AGREE[lang])
    if agree.is_visible():
        agree.click()
    stop = page.get_by_role("button", name=STOP[lang])
    stop.wait_for()
    page.wait_for_timeout(ms)
    stop.click()


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sound_is_recorded_heard_by_the_bank_and_read_back(visit, speaker, hears, site, lang, size):
    ear = Ear(SAYS[lang])
    hears(SpeechDesk({"zh": ear, "en": ear}))
    page = at_home(visit, speaker(spoken()), lang, size)
    page.get_by_role("button", name=START[lang]).click()
    dialog = page.locator("dialog[open]")
    dialog.wait_for()
    notice = dialog.inner_text()
    assert {"zh": "声音只发到本银行", "en": "goes to this bank only"}[lang] in notice
    assert {"zh": "浏览器", "en": "Your browser"}[lang] not in notice
    assert ear.heard == [] and serious(page) == []
    shoot(page, f"voice-{lang}-{size}-notice")
    page.get_by_role("button", name=AGREE[lang]).click()
    stop = page.get_by_role("button", name=STOP[lang])
    stop.wait_for()
    shoot(page, f"voice-{lang}-{size}-listening")
    assert serious(page) == []
    page.wait_for_timeout(1_500)
    stop.click()
    expect(page.locator("#sentence")).to_have_value(SAYS[lang])
    page.get_by_text(READ_BACK[lang]).wait_for()
    shoot(page, f"voice-{lang}-{size}-heard")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    box = page.locator(".mic").bounding_box()
    assert min(box["width"], box["height"]) >= 43.5, "what is said leaves the button its size"
    assert page.url.rstrip("/") == site.origin, "nothing was sent by itself"
    # What came over the wire is what was played: one channel, 16,000 a second, 440 hertz.
    ((count, rate, told),) = ear.heard
    assert rate == 16_000 and told == lang and 0.8 * rate < count < 8 * rate
    import numpy as np

    power = np.abs(np.fft.rfft(np.asarray(ear.samples) * np.hanning(count)))
    assert abs(float(np.argmax(power)) * rate / count - 440) < 8
    # The words can be changed, and then what was read back of the others is gone.
    box = page.locator("#sentence")
    box.press("End")
    box.press_sequentially("。" if lang == "zh" else ".")
    expect(page.locator(STATUS)).to_be_empty()
    box.press("Enter")
    page.locator("#understood").wait_for()
    chips = page.locator("main").inner_text()
    assert {"zh": "150,000", "en": "30,000"}[lang] in chips


def test_more_is_added_to_what_stands_there_and_the_notice_is_shown_once(visit, speaker, hears):
    hears(SpeechDesk({"en": Ear("over 5 years")}))
    page = at_home(visit, speaker(spoken()), "en")
    page.locator("#sentence").fill("borrow 9,000 for a car")
    speak(page, "en")
    expect(page.locator("#sentence")).to_have_value("borrow 9,000 for a car over 5 years")
    page.get_by_role("button", name="Speak your sentence").click()
    page.get_by_role("button", name="Stop listening").wait_for()
    assert page.get_by_role("dialog").count() == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("level", [0.0, 0.0005])
def test_silence_is_a_question(visit, speaker, hears, lang, level):
    ear = hears(SpeechDesk({"zh": FakeSpeechEngine("x"), "en": FakeSpeechEngine("x")}))
    page = at_home(visit, speaker(wav(noise(seconds=4, rate=48_000, level=level), rate=48_000)),
                   lang)  # fmt: skip
    speak(page, lang)
    expect(page.locator(STATUS)).to_contain_text({"zh": "？", "en": "?"}[lang])
    assert page.locator("#sentence").input_value() == ""
    assert ear.languages == {"zh", "en"}
    shoot(page, f"voice-{lang}-silence")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("navigator.mediaDevices.getUserMedia = () =>"
         " Promise.reject(new DOMException('', 'NotAllowedError'));", "no microphone"),
        ("window.fetch = () => Promise.reject(new TypeError('Failed to fetch'));",
         "could not take the sound"),
    ],
)  # fmt: skip
def test_a_microphone_or_a_bank_that_is_away_leaves_the_keyboard(
    visit, speaker, hears, script, words
):
    hears(SpeechDesk({"en": Ear("x")}))
    page = at_home(visit, speaker(spoken()), "en", script=NO_EARS + script)
    page.get_by_role("button", name="Speak your sentence").click()
    page.get_by_role("button", name="Use the microphone").click()
    if "fetch" in script:
        page.get_by_role("button", name="Stop listening").wait_for()
        page.wait_for_timeout(300)
        page.get_by_role("button", name="Stop listening").click()
    expect(page.locator(STATUS)).to_contain_text(words)
    page.locator("#sentence").fill("a car for 9,000")
    page.get_by_role("button", name="Speak your sentence").wait_for()


def test_the_bank_hears_where_a_browser_only_says_that_it_can(visit, speaker, hears):
    hears(SpeechDesk({"en": Ear(SAYS["en"])}))
    script = """window.webkitSpeechRecognition = class {
      start() { this.onstart(); this.onerror({ error: "network" }); this.onend(); }
      stop() {}
    }; delete window.SpeechRecognition;"""
    page = at_home(visit, speaker(spoken()), "en", script=script)
    page.get_by_role("button", name="Speak your sentence").click()
    assert "Your browser turns speech" in page.locator("dialog[open]").inner_text()
    page.get_by_role("button", name="Use the microphone").click()
    page.get_by_text("Press again: the bank can.").wait_for()
    page.get_by_role("button", name="Speak your sentence").click()
    assert "goes to this bank only" in page.locator("dialog[open]").inner_text()
    page.get_by_role("button", name="Use the microphone").click()
    page.get_by_role("button", name="Stop listening").wait_for()
    page.wait_for_timeout(1_000)
    page.get_by_role("button", name="Stop listening").click()
    page.get_by_text(READ_BACK["en"]).wait_for()


@pytest.mark.parametrize("engine", [NoSpeechEngine(), SpeechDesk({"zh": Ear("x")})])
def test_without_ears_for_the_language_there_is_no_microphone(visit, chromium, hears, engine):
    hears(engine)
    page = at_home(visit, chromium, "en")
    assert page.locator(".mic").is_hidden()


def test_an_answer_is_read_aloud_by_the_browser_in_its_language(visit, chromium):
    page = visit(lang="zh", browser=chromium)
    page.context.add_init_script("""window.spoken = [];
      window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
      Object.defineProperty(window, "speechSynthesis", { value: {
        speak(said) { window.spoken.push([said.lang, said.text]); window.last = said; },
        cancel() {},
      } });""")
    page.goto("/design/question")
    button = page.get_by_role("button", name="读给我听")
    button.click()
    ((lang, text),) = page.evaluate("window.spoken")
    assert lang == "zh-CN"
    shown = page.locator("[data-said] p").all_inner_texts()
    assert text == " ".join(shown), "what is said stands on the screen, figures and all"
    page.get_by_role("button", name="停止朗读").wait_for()
    page.evaluate("window.last.onend()")
    button.wait_for()


@pytest.mark.skipif(
    packaged_english() is None or shutil.which("espeak-ng") is None,
    reason="the English model or a voice is not installed",
)
def test_a_spoken_english_sentence_becomes_plans(visit, speaker, hears):
    hears(open_speech(SpeechChoice(english=PACKAGED)))
    text = "I need 30000 dollars for a car over 5 years"
    sound = subprocess.run(
        ["espeak-ng", "-v", "en-us", "-s", "150", "--stdout", text],
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    # The microphone plays the file over and over: a pause after the sentence tells where it ends.
    frames = sound[44:]
    samples = [each / 32_768 for each in array("h", frames[: len(frames) // 2 * 2])]
    rate = int.from_bytes(sound[24:28], "little")
    page = at_home(visit, speaker(wav([*samples, *[0.0] * (20 * rate)], rate=rate)), "en")
    speak(page, "en", ms=5_500)
    page.get_by_text("amount 30,000; 60 months").wait_for(timeout=30_000)
    page.locator("#sentence").press("Enter")
    page.locator("#plans").wait_for(timeout=30_000)
