"""Nouns of logins: an attempt to come in, and what it shows against those before it."""

from __future__ import annotations

from dataclasses import dataclass

from jiuding.services.signals.types.addresses import AddressClass


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks, as far as a request shows it.

    `network` is the /24 or /64 of the address; `device` the id of a device seen before, if any;
    `fingerprint` names the kind of program (a TLS fingerprint, or browser and language), which
    thousands share and a farm shares among its own.
    """

    network: str | None = None
    address_class: AddressClass = AddressClass.UNKNOWN
    device: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """Somebody tries to prove to be `account` at `at`, in microseconds since 1970."""

    at: int
    account: str
    client: Client
    means: str = "pin"
    is_breached: bool = False  # the secret offered is among those that everybody tries


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many failures are forgiven at once, and after how many seconds one is forgiven again."""

    capacity: int
    refill_seconds: int


@dataclass(frozen=True, slots=True)
class LoginLimits:
    """The buckets of failures: fast and slow guessing at one account, and from one device."""

    account_fast: Bucket = Bucket(5, 600)
    account_slow: Bucket = Bucket(12, 6 * 3600)
    device_fast: Bucket = Bucket(6, 600)
    device_slow: Bucket = Bucket(15, 6 * 3600)
