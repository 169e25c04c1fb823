"""Verbs of signals: look at logins and count them, know devices, keep the graph, read lists."""

from __future__ import annotations

from jiuding.services.signals.operations.devices import know_device, read_device
from jiuding.services.signals.operations.graph import Circle, link_party, mark_party
from jiuding.services.signals.operations.lists import Lists, read_lists
from jiuding.services.signals.operations.logins import (
    LOGIN_POLICY,
    LoginBook,
    look_at_login,
    tell_login,
)

__all__ = [
    "LOGIN_POLICY",
    "Circle",
    "Lists",
    "LoginBook",
    "know_device",
    "link_party",
    "look_at_login",
    "mark_party",
    "read_device",
    "read_lists",
    "tell_login",
]
