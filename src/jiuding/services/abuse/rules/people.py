"""What simulated people and attackers have in common: opaque ids, addresses, days and hours.

Ids say nothing about who bears them. Address classes are those of signals: `residential`, `shared`
(carriers, campuses, offices, shops), `data_centre`. Residential proxies read as homes or carriers,
and honest people on a VPN as a data centre: a class is a hint, never a label.
"""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND
START = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp()) * SECOND  # a Monday
BROWSERS = 24  # honest TLS fingerprints in use, the first few by most people


def opaque(draw: Random) -> str:
    """Return an id that says nothing."""
    return f"{draw.getrandbits(64):016x}"


def browser(draw: Random) -> str:
    """Return the TLS fingerprint of an honest device: a few are common, the rest rare."""
    return f"tls{min(int(draw.expovariate(0.25)), BROWSERS - 1)}"


def home_address(draw: Random, *, networks: int = 1_000_000) -> str:
    """Return an address of somebody's home: neighbours share its network, few of them customers."""
    number = draw.randrange(networks)
    return f"{60 + number // 65_536}.{number // 256 % 256}.{number % 256}.{_host(draw)}"


def carrier_address(draw: Random, *, networks: int = 400) -> str:
    """Return an address behind a mobile carrier: thousands share each of its networks."""
    number = draw.randrange(networks)
    return f"117.{number // 256}.{number % 256}.{_host(draw)}"


def hosting_address(draw: Random, *, networks: int = 200) -> str:
    """Return an address of a data centre."""
    number = draw.randrange(networks)
    return f"47.{90 + number // 256}.{number % 256}.{_host(draw)}"


def shared_address(number: int, draw: Random) -> str:
    """Return an address of a campus, office or shop by its number."""
    return f"202.{number // 256}.{number % 256}.{_host(draw)}"


def _host(draw: Random) -> int:
    return draw.randrange(1, 255)


def daytime(draw: Random, day: int) -> int:
    """Return an instant on a day, counted from the start, between 7 and 23 o'clock."""
    return START + day * DAY + int(draw.triangular(7, 23, 19) * HOUR)


def days_of(draw: Random, first: int, last: int, rate: float) -> list[int]:
    """Return instants from one day to before another, at a mean rate a day, in order."""
    found, at = [], float(first)
    while (at := at + draw.expovariate(rate)) < last:
        found.append(daytime(draw, int(at)))
    return sorted(found)
