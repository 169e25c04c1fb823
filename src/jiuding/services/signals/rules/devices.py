"""Who a device is: read what our script says, and name the device by a keyed hash of it.

The bank keeps neither what the browser sent nor anything it was hashed from: the id is a HMAC
under a secret of the bank, so it means nothing elsewhere and leads back to nobody.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import uuid
from collections.abc import Mapping
from typing import Any

from jiuding.base.ids import from_uuid, to_uuid
from jiuding.base.problems import Problem
from jiuding.services.signals.errors import BadDevice
from jiuding.services.signals.types.devices import DeviceReport

_HASH = re.compile(r"[0-9a-f]{64}")
_MARK_LENGTH = 32


def read_report(given: Mapping[str, Any]) -> DeviceReport:
    """Return a report `{token, traits, is_automated}`. Refuses: BadDevice."""
    unknown = set(given) - {"token", "traits", "is_automated"}
    if unknown:
        raise BadDevice(f"{str(min(unknown))[:40]!r} is not asked for")
    token, traits = given.get("token"), given.get("traits")
    for name, value in (("token", token), ("traits", traits)):
        if not isinstance(value, str) or not _HASH.fullmatch(value):
            raise BadDevice(f"{name} is a SHA-256 in 64 small hexadecimal digits")
    is_automated = given.get("is_automated", False)
    if not isinstance(is_automated, bool):
        raise BadDevice("is_automated is true or false")
    return DeviceReport(str(token), str(traits), is_automated)


def device_id_of(report: DeviceReport, *, key: bytes) -> str:
    """Return the id of the device that reports so: the same for the same browser storage."""
    return from_uuid("dev", uuid.UUID(bytes=_mark(key, "device", report.token)[:16]))


def traits_of(report: DeviceReport, *, key: bytes) -> str:
    """Return the name of the kind of machine, which machines of one make share."""
    return _mark(key, "traits", report.traits).hex()[:_MARK_LENGTH]


def seal_device(device_id: str, *, key: bytes) -> str:
    """Return what a browser shows to be recognised: the id, and a seal that only the bank makes."""
    return f"{device_id}.{_mark(key, 'seal', device_id).hex()[:_MARK_LENGTH]}"


def open_device(sealed: str | None, *, key: bytes) -> str | None:
    """Return the device id behind a seal; None where there is none or it is not ours."""
    device_id, _, seal = (sealed or "")[:200].partition(".")
    try:
        to_uuid("dev", device_id)
    except Problem:
        return None
    wanted = seal_device(device_id, key=key).partition(".")[2]
    return device_id if hmac.compare_digest(seal.encode(), wanted.encode()) else None


def _mark(key: bytes, kind: str, text: str) -> bytes:
    return hmac.new(key, f"jiuding {kind} {text}".encode(), hashlib.sha256).digest()
