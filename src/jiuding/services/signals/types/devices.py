"""Nouns of devices: a browser or phone that was here before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """What our script says of a browser, hashed there: two words of 64 hexadecimal digits.

    `token` stands for a random number in the browser's storage, `traits` for what hardly changes
    (zone, languages, screen, processors, touch, platform). Nothing else leaves the browser.
    """

    token: str
    traits: str
    is_automated: bool


@dataclass(frozen=True, slots=True)
class Device:
    """A device as the bank knows it: its id, the kind of machine, and when it was here.

    `traits` is shared by every machine of one make and place; it tells devices apart never, and
    farms of one make often.
    """

    device_id: str
    traits: str
    is_automated: bool
    first_seen_at: datetime
    last_seen_at: datetime
