"""Classes of addresses: the most specific network on any list decides.

Lists are plain CIDR lists, one network or address a line, as the open block lists publish them
(FireHOL netsets, Tor's bulk exit list, Spamhaus DROP); what follows `#` or `;` is a remark. They
are laid out once as ranges that do not overlap, each with the answer for it, so that a look-up is
one bisection however many networks there are and however they nest.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from bisect import bisect_right
from collections.abc import Iterable, Mapping

from jiuding.services.signals.errors import BadAddress, BadNetworkList
from jiuding.services.signals.types.addresses import LISTED, AddressClass, AddressFacts

NETWORKS_MAX = 2_000_000
KEY_PREFIX = {4: 24, 6: 64}

_BITS = {4: 32, 6: 128}
_REMARK = re.compile(r"[#;].*")
_RANK = {each: place for place, each in enumerate(LISTED)}
_MAPPED = 0xFFFF << 32  # ::ffff:0:0/96, an IPv4 address as IPv6 writes it
_NAT64 = 0x0064_FF9B << 96  # 64:ff9b::/96, RFC 6052: the last 32 bits are an IPv4 address
_CARRIER_NAT = ipaddress.ip_network("100.64.0.0/10")  # RFC 6598

Listed = tuple[AddressClass, str]


def read_address(text: str) -> tuple[int, int]:
    """Return an address's version (4 or 6) and number; IPv4 written as IPv6 is IPv4.

    A zone (`%eth0`) and surrounding brackets are left out. Refuses: BadAddress.
    """
    bare = text.strip("[]").partition("%")[0] if isinstance(text, str) else ""
    try:
        if ":" not in bare:
            if bare.count(".") != 3:  # inet_pton is strict, but be sure of all four parts
                raise OSError
            return 4, int.from_bytes(socket.inet_pton(socket.AF_INET, bare))
        number = int.from_bytes(socket.inet_pton(socket.AF_INET6, bare))
    except (OSError, ValueError):
        raise BadAddress(f"{str(text)[:60]!r} is not an address") from None
    head, tail = number >> 32 << 32, number & 0xFFFFFFFF
    return (4, tail) if head in (_MAPPED, _NAT64) else (6, number)


def network_key(version: int, number: int) -> str:
    """Return the network under which an address is counted: its /24, or /64 for IPv6."""
    prefix, bits = KEY_PREFIX[version], _BITS[version]
    base = number >> (bits - prefix) << (bits - prefix)
    if version == 4:
        return f"{base >> 24}.{base >> 16 & 255}.{base >> 8 & 255}.0/24"
    return f"{ipaddress.IPv6Address(base)}/64"


class NetworkTable:
    """Networks with their classes; asked for an address, the most specific one answers."""

    def __init__(self, networks: Mapping[AddressClass, Iterable[str]] | None = None) -> None:
        rows: dict[int, dict[tuple[int, int], AddressClass]] = {4: {}, 6: {}}
        for address_class, given in (networks or {}).items():
            for text in given:
                network = _network(text)
                if network is None:
                    raise BadNetworkList(f"{text[:60]!r} is not a network")
                version, start, prefix = network
                known = rows[version].get((start, prefix))
                # The same network on two lists: the more telling class stands.
                if known is None or _RANK[address_class] < _RANK[known]:
                    rows[version][start, prefix] = address_class
        self.network_count = sum(map(len, rows.values()))
        if self.network_count > NETWORKS_MAX:
            raise BadNetworkList(f"{self.network_count} networks; at most {NETWORKS_MAX}")
        self._ranges = {version: _ranges(version, found) for version, found in rows.items()}

    def find(self, version: int, number: int) -> Listed | None:
        """Return the class and the network of the most specific entry that holds an address."""
        starts, answers = self._ranges[version]
        return answers[bisect_right(starts, number) - 1]

    def facts(self, address: str) -> AddressFacts:
        """Return what an address shows. Refuses: BadAddress."""
        version, number = read_address(address)
        found = self.find(version, number)
        key = network_key(version, number)
        if found is not None:
            return AddressFacts(key, *found)
        return AddressFacts(key, _unlisted(version, number))


def read_networks(text: str, *, file: str) -> tuple[str, ...]:
    """Return the networks of a CIDR list. Refuses: BadNetworkList naming the line."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = _REMARK.sub("", line).strip().lstrip("\ufeff")
        if not bare:
            continue
        if _network(bare) is None:
            raise BadNetworkList(
                f"{file} line {number}: {bare[:60]!r} is not a network", file=file, line=number
            )
        if len(found) >= NETWORKS_MAX:
            raise BadNetworkList(f"{file} has more than {NETWORKS_MAX} networks", file=file)
        found.append(bare)
    return tuple(found)


def _network(text: str) -> tuple[int, int, int] | None:
    """Return a network's version, first address and prefix length; None for another text."""
    base, slash, length = text.partition("/")
    try:
        version, start = read_address(base)
    except BadAddress:
        return None
    bits = _BITS[version]
    if not slash:
        return version, start, bits
    if not length.isascii() or not length.isdigit():
        return None
    prefix = int(length) - (96 if version == 4 and ":" in base else 0)
    if not 0 <= prefix <= bits or start & ((1 << (bits - prefix)) - 1):
        return None  # with host bits it is not clear which network is meant
    return version, start, prefix


def _ranges(
    version: int, rows: Mapping[tuple[int, int], AddressClass]
) -> tuple[list[int], list[Listed | None]]:
    """Return where each range begins and its answer; nested networks cut the outer one."""
    bits = _BITS[version]
    starts: list[int] = [0]
    answers: list[Listed | None] = [None]
    open_: list[tuple[int, Listed]] = []  # where it ends, and its answer: the innermost last

    def begin(at: int, answer: Listed | None) -> None:
        if starts[-1] == at:
            answers[-1] = answer
        else:
            starts.append(at)
            answers.append(answer)

    def close_until(at: int) -> None:
        while open_ and open_[-1][0] <= at:
            end, _ = open_.pop()
            begin(end, open_[-1][1] if open_ else None)

    for start, prefix in sorted(rows):
        close_until(start)
        answer = (rows[start, prefix], _shown(version, start, prefix))
        begin(start, answer)
        open_.append((start + (1 << (bits - prefix)), answer))
    close_until(1 << bits)
    return starts, answers


def _shown(version: int, start: int, prefix: int) -> str:
    kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    return f"{kind(start)}/{prefix}"


def _unlisted(version: int, number: int) -> AddressClass:
    """Return the class of an address that is on no list, by the registries of special use."""
    kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    address = kind(number)
    if address.is_loopback:
        return AddressClass.LOOPBACK
    if version == 4 and address in _CARRIER_NAT:
        return AddressClass.SHARED
    if address.is_unspecified or address.is_multicast or address.is_reserved:
        return AddressClass.RESERVED
    if address.is_global:
        return AddressClass.UNKNOWN
    return AddressClass.PRIVATE if _is_inside(address) else AddressClass.RESERVED


_INSIDE = tuple(
    ipaddress.ip_network(each)
    for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
                 "fc00::/7", "fe80::/10")
)  # fmt: skip


def _is_inside(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(address.version == each.version and address in each for each in _INSIDE)
