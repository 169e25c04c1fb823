"""Nouns of addresses: what kind of place an address of the internet is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AddressClass(StrEnum):
    """What is known of the network an address lies in; one class, the most telling.

    An unknown address is most often a home or a phone. A class raises a score and never bans.
    """

    TOR = "tor"  # an exit of the Tor network, by the operator's list
    PROXY = "proxy"  # an open proxy or a VPN's exit, by the operator's list
    DATA_CENTRE = "data_centre"  # where programs run and few people sit, by the operator's list
    SHARED = "shared"  # one address for many people: carrier NAT, a campus, a café
    RESIDENTIAL = "residential"  # homes and phones, by the operator's list
    UNKNOWN = "unknown"  # on no list
    PRIVATE = "private"  # inside a house or a company
    LOOPBACK = "loopback"  # this very machine
    RESERVED = "reserved"  # nobody's: not to be seen on the open internet


LISTED = (
    AddressClass.TOR,
    AddressClass.PROXY,
    AddressClass.DATA_CENTRE,
    AddressClass.SHARED,
    AddressClass.RESIDENTIAL,
)
"""The classes that a list may state, the most telling first."""


@dataclass(frozen=True, slots=True)
class AddressFacts:
    """What one address shows: its key for counting (/24, or /64 for IPv6) and its class.

    `listed_in` is the network of the list that decided, empty when none did. The whole address
    is not kept: it is nobody's for long, and it is personal.
    """

    network: str
    address_class: AddressClass
    listed_in: str = ""
