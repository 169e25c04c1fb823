"""Signals: what a request, a device, a circle of parties and a text show before anybody judges.

Its words: an *address class* says what kind of place an address is (data centre, Tor, shared, …);
its *network* (/24 or /64) is what is counted and kept. A *breached secret* is one that others have
lost. A *login attempt* is looked at against a *watch* of every attempt before it: buckets of
failures, crowds by *fingerprint*. A *device* is a browser that was here before, known by a hash. A
*link* joins a party to what it shares; *groups* hang together by links; a *hub* is shared by so
many that it joins nobody; a *ring* is value that came back to where it started. A *flag* names a
part of a text and what it looks like.

Always true: what is shown depends on what was told before and on nothing else, so that it can be
told again and shows the same; no address is kept whole and nothing that a browser sent is kept as
it came; an address alone shuts nobody out; what a stranger does to an account does not lock out a
device that its owner used before; groups are the same in whatever order links came; a flag changes
no text.

It does not judge: a policy does, with these values as features. It does not prove who somebody is:
identity does. It asks nobody outside: lists come as files that the operator puts in the home.
"""

from __future__ import annotations

from jiuding.services.signals.errors import (
    BadAddress,
    BadDevice,
    BadLink,
    BadNetworkList,
    BadPasswordList,
    BadWordList,
    SecretBreached,
    SlowDown,
    StepUpRequired,
)
from jiuding.services.signals.rules import (
    LOGIN_FEATURES,
    BreachedSecrets,
    FlowGraph,
    LinkGraph,
    LoginWatch,
    NetworkTable,
    WordList,
    compact,
    device_id_of,
    limits_of,
    network_key,
    open_device,
    read_address,
    read_networks,
    read_report,
    read_text,
    read_words,
    seal_device,
    traits_of,
)
from jiuding.services.signals.types import (
    CAPS,
    AddressClass,
    AddressFacts,
    Bucket,
    Client,
    Device,
    DeviceReport,
    FlagKind,
    Group,
    LinkKind,
    LoginAttempt,
    LoginLimits,
    Nearness,
    Ring,
    TextFlag,
)

__all__ = [
    "CAPS",
    "LOGIN_FEATURES",
    "AddressClass",
    "AddressFacts",
    "BadAddress",
    "BadDevice",
    "BadLink",
    "BadNetworkList",
    "BadPasswordList",
    "BadWordList",
    "BreachedSecrets",
    "Bucket",
    "Client",
    "Device",
    "DeviceReport",
    "FlagKind",
    "FlowGraph",
    "Group",
    "LinkGraph",
    "LinkKind",
    "LoginAttempt",
    "LoginLimits",
    "LoginWatch",
    "Nearness",
    "NetworkTable",
    "Ring",
    "SecretBreached",
    "SlowDown",
    "StepUpRequired",
    "TextFlag",
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
