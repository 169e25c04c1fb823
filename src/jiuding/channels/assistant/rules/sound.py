"""Sound as it arrives: a WAV of one channel, sixteen bits, at most half a minute."""

from __future__ import annotations

import io
import math
import wave
from array import array
from collections.abc import Sequence

from jiuding.channels.assistant.errors import SoundUnreadable

SECONDS_MAX = 30
RATE_MIN, RATE_MAX = 8_000, 48_000
BYTES_MAX = SECONDS_MAX * RATE_MAX * 2 + 4_096
_FULL_SCALE = 32_768.0
# Speech at arm's length is above -40 dB of full scale, a quiet room below -55 dB.
QUIET = 10 ** (-50 / 20)
_FRAMES_A_SECOND = 20


def read_wav(sound: bytes) -> tuple[list[float], int]:
    """Return the samples, from -1 to 1, and how many there are a second.

    Refuses: SoundUnreadable for anything but a WAV of one channel and sixteen bits, 8,000 to 48,000
    samples a second, that lasts from a tenth of a second to thirty seconds.
    """
    if len(sound) > BYTES_MAX:
        raise SoundUnreadable(f"sound has at most {SECONDS_MAX} seconds")
    try:
        with wave.open(io.BytesIO(sound)) as file:
            shape = file.getnchannels(), file.getsampwidth(), file.getcomptype()
            rate, count = file.getframerate(), file.getnframes()
            frames = file.readframes(min(count, SECONDS_MAX * RATE_MAX + 1))
    except (wave.Error, EOFError, ValueError, OverflowError, MemoryError) as error:
        raise SoundUnreadable("the sound is no WAV") from error
    if shape != (1, 2, "NONE") or not RATE_MIN <= rate <= RATE_MAX:
        raise SoundUnreadable("send one channel, sixteen bits, 8,000 to 48,000 samples a second")
    samples = array("h")
    samples.frombytes(frames[: len(frames) // 2 * 2])
    if not rate // 10 <= len(samples) <= SECONDS_MAX * rate:
        raise SoundUnreadable(f"speak for a tenth of a second to {SECONDS_MAX} seconds")
    return [sample / _FULL_SCALE for sample in samples], rate


def is_silent(samples: Sequence[float], rate: int) -> bool:
    """Tell whether no twentieth of a second is louder (root mean square) than a quiet room."""
    size = max(rate // _FRAMES_A_SECOND, 1)
    return all(
        math.sqrt(sum(each * each for each in samples[at : at + size]) / size) < QUIET
        for at in range(0, len(samples), size)
    )
