"""Rules of signals, all pure: addresses, secrets, logins, devices, links, rings, texts."""

from __future__ import annotations

from jiuding.services.signals.rules.addresses import (
    NetworkTable,
    network_key,
    read_address,
    read_networks,
)
from jiuding.services.signals.rules.devices import (
    device_id_of,
    open_device,
    read_report,
    seal_device,
    traits_of,
)
from jiuding.services.signals.rules.links import LinkGraph
from jiuding.services.signals.rules.logins import NAMES as LOGIN_FEATURES
from jiuding.services.signals.rules.logins import LoginWatch, limits_of
from jiuding.services.signals.rules.rings import FlowGraph
from jiuding.services.signals.rules.secrets import BreachedSecrets, compact
from jiuding.services.signals.rules.texts import WordList, read_text, read_words

__all__ = [
    "LOGIN_FEATURES",
    "BreachedSecrets",
    "FlowGraph",
    "LinkGraph",
    "LoginWatch",
    "NetworkTable",
    "WordList",
    "compact",
    "device_id_of",
    "limits_of",
    "network_key",
    "open_device",
    "read_address",
    "read_networks",
    "read_report",
    "read_text",
    "read_words",
    "seal_device",
    "traits_of",
]
