"""How well is English heard by the packaged model, and how often is an amount heard wrong?

Question: of sentences spoken to the bank, how many words are wrong, and of the amounts, monthly
limits and terms in them, how many does the grammar read right, miss, or read as another figure?
Load: thirty sentences written for this, each spoken by three voices of espeak-ng (GPL-3.0, called
as a program; it stands for a customer and never ships), clean and with white noise 20 and 10 dB
below the speech; and sound in which nobody speaks. One thread.
Result: word error rate, figures by outcome, and CPU seconds for a sentence. The voices are robotic:
the figures compare engines and settings, and do not say how well people are heard.

Words are compared in small letters without marks; "$30,000", "30000" and "thirty thousand dollars"
are the same words. Chinese is not measured: no package that we may use carries a model for it.
"""

from __future__ import annotations

import math
import platform
import re
import resource
import shutil
import subprocess
import time
from array import array
from collections import Counter
from decimal import Decimal
from typing import Any

from jiuding.base.problems import BadInput
from jiuding.channels.assistant.commands import understand_line
from jiuding.channels.assistant.gateways import open_speech
from jiuding.channels.assistant.rules.aids import PACKAGED, SpeechChoice
from jiuding.channels.assistant.rules.sound import is_silent, read_wav

VOICES = ("en-us", "en-gb", "en-gb-x-rp")
NOISES_DB = (None, 20, 10)
WORDS_A_MINUTE = 150
SEED = 20_261_123
FIGURES = ("amount", "monthly_max", "term_months")
# What is said, and the amount, the most a month and the months that are in it.
SENTENCES: tuple[tuple[str, int | None, int | None, int | None], ...] = (
    ("I need 30000 dollars for a car over 5 years, at most 650 a month", 30_000, 650, 60),
    ("could you lend me 15 grand for my daughter's tuition", 15_000, None, None),
    (
        "I want to borrow 42000 dollars to redo the kitchen, paying it back in 3 years",
        42_000,
        None,
        36,
    ),
    ("we are looking for 480000 dollars to buy a house over 30 years", 480_000, None, 360),
    ("I need 8500 dollars for dental work, 24 months please", 8_500, None, 24),
    ("lend me 12000 for a wedding, I can pay 400 a month", 12_000, 400, None),
    ("my shop needs 60000 dollars of stock before Christmas, for 6 months", 60_000, None, 6),
    ("a used car for 17000, over 4 years", 17_000, None, 48),
    ("I would like 25000 dollars for solar panels over 7 years", 25_000, None, 84),
    ("can I get 5000 dollars for a holiday and pay it off in 12 months", 5_000, None, 12),
    ("about 90000 for a new truck, no more than 1800 a month", 90_000, 1_800, None),
    ("I have to pay 3200 dollars of rent in advance, over 10 months", 3_200, None, 10),
    ("please find me 150000 dollars for equipment over 5 years", 150_000, None, 60),
    ("I need 7000 for a motorbike in 2 years", 7_000, None, 24),
    ("how about 20000 dollars for furniture, 36 months", 20_000, None, 36),
    ("we want 250000 to renovate, 15 years, at most 2500 a month", 250_000, 2_500, 180),
    ("a loan of 11000 dollars for medical bills over 3 years", 11_000, None, 36),
    ("I would borrow 65000 for a caravan and pay 900 a month at most", 65_000, 900, None),
    ("give me 40000 dollars, it is for my studies, 6 years", 40_000, None, 72),
    ("our farm needs 75000 dollars for a tractor, 5 years", 75_000, None, 60),
    ("I need 1500 dollars to fix the car, over 6 months", 1_500, None, 6),
    ("13000 for a second hand car, 3 years, under 450 a month", 13_000, 450, 36),
    ("can you do 50000 dollars for a bathroom over 10 years", 50_000, None, 120),
    ("30 grand for a boat, 48 months", 30_000, None, 48),
    ("I want to replace an old loan of 18000 dollars over 4 years", 18_000, None, 48),
    ("I am after 9000 dollars for a laptop and a course, 18 months", 9_000, None, 18),
    ("lend me 600 dollars until the end of the month", 600, None, None),
    ("we need 320000 for an apartment, 25 years, at most 2100 a month", 320_000, 2_100, 300),
    ("16000 dollars for a roof, over 5 years", 16_000, None, 60),
    ("60 grand for stock, not 16, over 12 months", 60_000, None, 12),
)
_UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SMALL = {
    **{word: value for value, word in enumerate(_UNITS)},
    **{word: 10 * value for value, word in enumerate(_TENS, 2)},
}


def run(*, sentences: int = len(SENTENCES)) -> dict[str, Any]:
    """Measure and return the question, the load, the results, the ratios and the machine.

    Refuses: BadInput without espeak-ng; assistant.speech_not_here without the English model.
    """
    if shutil.which("espeak-ng") is None:
        raise BadInput("bench speech wants espeak-ng, which speaks the sentences")
    began = time.process_time()
    engine = open_speech(SpeechChoice(english=PACKAGED))
    load_s = time.process_time() - began
    results, cpu = {}, []
    for noise_db in NOISES_DB:
        tally: Counter[str] = Counter()
        for sentence in SENTENCES[:sentences]:
            for voice in VOICES:
                samples, rate = _noisy(*_spoken(sentence[0], voice), noise_db)
                began = time.process_time()
                heard = engine.transcribe(samples, rate=rate, lang="en")
                cpu.append(time.process_time() - began)
                tally += _compared(sentence, heard)
        results["clean" if noise_db is None else f"noise_{noise_db}_db"] = _shares(tally)
    cpu.sort()
    results["nobody_speaks"] = _nobody(engine)
    results["seconds_of_cpu"] = {
        "load": round(load_s, 2), "p50": round(cpu[len(cpu) // 2], 2),
        "p95": round(cpu[int(len(cpu) * 0.95)], 2),
    }  # fmt: skip
    results["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {
        "question": "How well is English heard, and how often is an amount heard wrong?",
        "load": f"{sentences} sentences, voices {', '.join(VOICES)}, {WORDS_A_MINUTE} words a "
        "minute, clean and with white noise at 20 and 10 dB; one thread",
        "results": results,
        "ratios": {},
        "machine": {"python": platform.python_version(), "processor": platform.machine()},
    }


def _spoken(text: str, voice: str) -> tuple[list[float], int]:
    done = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", str(WORDS_A_MINUTE), "--stdout", text],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    # The program writes to a pipe, so its header cannot tell how long the sound is.
    return read_wav(done.stdout[:40] + (len(done.stdout) - 44).to_bytes(4, "little")
                    + done.stdout[44:])  # fmt: skip


def _noisy(samples: list[float], rate: int, below_db: int | None) -> tuple[list[float], int]:
    if below_db is None:
        return samples, rate
    import numpy as np

    clean = np.asarray(samples)
    level = math.sqrt(float(np.mean(clean**2))) * 10 ** (-below_db / 20)
    mixed = clean + np.random.default_rng(SEED).normal(0.0, level, len(clean))
    return list(np.clip(mixed, -1.0, 1.0)), rate


def _compared(sentence: tuple[str, int | None, int | None, int | None], heard: str) -> Counter[str]:
    said, got = words_of(sentence[0]), words_of(heard)
    tally = Counter({"words": len(said), "wrong_words": distance(said, got), "sentences": 1})
    slots = understand_line({"text": heard, "lang": "en"})["slots"] if heard else {}
    exact = True
    for name, wanted in zip(FIGURES, sentence[1:], strict=True):
        found = slots.get(name)
        if wanted is None:
            tally["invented"] += found is not None
            exact = exact and found is None
            continue
        tally["figures"] += 1
        outcome = "right" if found == wanted else "missed" if found is None else "wrong"
        tally[f"figures_{outcome}"] += 1
        tally[f"{name}_{outcome}"] += 1
        exact = exact and outcome == "right"
    tally["sentences_exact"] += exact
    return tally


def _shares(tally: Counter[str]) -> dict[str, Any]:
    named = {
        f"{name}_{outcome}": tally[f"{name}_{outcome}"]
        for name in FIGURES
        for outcome in ("right", "missed", "wrong")
    }
    return {
        "sentences": tally["sentences"],
        "word_error_rate": round(tally["wrong_words"] / tally["words"], 4),
        "figures_right_rate": round(tally["figures_right"] / tally["figures"], 4),
        "figures_wrong_rate": round(tally["figures_wrong"] / tally["figures"], 4),
        "all_figures_right_rate": round(tally["sentences_exact"] / tally["sentences"], 4),
        "invented": tally["invented"],
        **named,
    }


def _nobody(engine: Any) -> dict[str, int]:
    """Return how many of some sounds without speech brought words."""
    import numpy as np

    draw, rate = np.random.default_rng(SEED), 16_000
    time_s = np.arange(3 * rate) / rate
    sounds = [np.zeros(3 * rate)]
    sounds += [draw.normal(0.0, level, 3 * rate) for level in (0.003, 0.01, 0.03, 0.1, 0.3)]
    sounds += [0.3 * np.sin(2 * math.pi * pitch * time_s) for pitch in (50, 220, 440, 1_000)]
    sounds += [0.3 * np.sign(np.sin(2 * math.pi * 3 * time_s)) * draw.normal(0, 0.3, 3 * rate)]
    brought = 0
    for each in sounds:
        samples = list(array("d", np.clip(each, -1, 1)))
        if not is_silent(samples, rate):
            brought += bool(engine.transcribe(samples, rate=rate, lang="en"))
    return {"sounds": len(sounds), "brought_words": brought}


def words_of(text: str) -> list[str]:
    """Return the words of a text, numbers in digits and without their currency."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text.lower().replace("$", " ").replace("-", " "))
    words: list[str] = []
    for word in re.findall(r"\d+(?:\.\d+)?|[a-z']+", plain):
        if word in ("dollars", "dollar", "and"):
            continue
        value = _SMALL.get(word)
        if word in ("thousand", "hundred") and words and words[-1].isdigit():
            words[-1] = str(int(words[-1]) * (1_000 if word == "thousand" else 100))
        elif word == "k" and words and words[-1].isdigit():
            words[-1] = str(int(words[-1]) * 1_000)
        else:
            words.append(word if value is None else str(value))
    return [_plain(word) for word in words]


def _plain(word: str) -> str:
    try:
        return str(Decimal(word).normalize())
    except ArithmeticError:
        return word


def distance(said: list[str], heard: list[str]) -> int:
    """Return how many words must be changed, left out or put in (Levenshtein, over words)."""
    row = list(range(len(heard) + 1))
    for place, word in enumerate(said, 1):
        above, row[0] = row[0], place
        for at, other in enumerate(heard, 1):
            above, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, above + (word != other))
    return row[-1]
