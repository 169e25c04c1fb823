"""Whose address a request comes from, where the bank stands behind proxies of its own.

Anybody can write `X-Forwarded-For`. So a header is read only when the peer is one of the proxies
that the operator listed, only the header that those proxies write, and from the right: each proxy
adds the address it saw, and the first one that is no proxy of ours is the client. What stands
further left was written by the client and counts for nothing.
Source: RFC 7239, section 8.1.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jiuding.base.problems import BadInput

HEADERS = ("x-forwarded-for", "forwarded")
HOPS_MAX = 20

_FOR = re.compile(r"(?:^|;)\s*for\s*=\s*(\"[^\"]*\"|[^;,\s]+)", re.IGNORECASE)
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadProxies(BadInput):
    """Refuse a list of proxies that is not one of networks, or a header that is not known."""

    code = "base.bad_proxies"
    title = "The list of proxies cannot be used"


@dataclass(frozen=True, slots=True)
class Proxies:
    """The networks of the bank's own proxies, and the one header that they write."""

    networks: tuple[_Network, ...] = ()
    header: str = HEADERS[0]

    def holds(self, address: _Address) -> bool:
        """Tell whether an address is a proxy of ours."""
        return any(address.version == each.version and address in each for each in self.networks)


def read_proxies(networks: str, header: str = "") -> Proxies:
    """Return proxies from a list parted by commas. Refuses: BadProxies."""
    header = (header or HEADERS[0]).strip().lower()
    if header not in HEADERS:
        raise BadProxies(f"the proxies' header is one of {', '.join(HEADERS)}")
    found = []
    for text in filter(None, (part.strip() for part in networks.split(","))):
        try:
            found.append(ipaddress.ip_network(text))
        except ValueError:
            raise BadProxies(f"{text[:60]!r} is not a network") from None
    return Proxies(tuple(found), header)


def client_address(
    peer: str | None, headers: Iterable[tuple[bytes, bytes]], proxies: Proxies
) -> str | None:
    """Return the client's address; None where even the peer has none that can be read.

    An unreadable or hidden hop ends the way: the proxy that told of it is as far as is known.
    """
    found = _read(peer or "")
    if found is None:
        return None
    if not proxies.holds(found):
        return str(found)
    wanted = proxies.header.encode()
    lines = [value.decode("latin-1") for name, value in headers if name.lower() == wanted]
    for hop in reversed(_hops(lines, proxies.header)[-HOPS_MAX:]):
        address = _read(hop)
        if address is None:
            break
        found = address
        if not proxies.holds(address):
            break
    return str(found)


def _hops(lines: Sequence[str], header: str) -> list[str]:
    parts = [part.strip() for line in lines for part in line.split(",")]
    if header == HEADERS[0]:
        return parts
    found = []
    for part in parts:
        match = _FOR.search(part)
        found.append(match[1].strip('"') if match else "")
    return found


def _read(text: str) -> _Address | None:
    """Return an address, with a port or without; IPv4 written as IPv6 is IPv4."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    if address.version == 6 and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
