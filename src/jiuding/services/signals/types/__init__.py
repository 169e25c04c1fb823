"""Nouns of signals."""

from jiuding.services.signals.types.addresses import LISTED, AddressClass, AddressFacts
from jiuding.services.signals.types.devices import Device, DeviceReport
from jiuding.services.signals.types.links import CAPS, Group, LinkKind, Nearness, Ring
from jiuding.services.signals.types.logins import Bucket, Client, LoginAttempt, LoginLimits
from jiuding.services.signals.types.texts import FlagKind, TextFlag

__all__ = [
    "CAPS",
    "LISTED",
    "AddressClass",
    "AddressFacts",
    "Bucket",
    "Client",
    "Device",
    "DeviceReport",
    "FlagKind",
    "Group",
    "LinkKind",
    "LoginAttempt",
    "LoginLimits",
    "Nearness",
    "Ring",
    "TextFlag",
]
