"""Know devices again."""

from __future__ import annotations

from datetime import datetime

from jiuding.base.database.engine import Session
from jiuding.services.signals import rules, store
from jiuding.services.signals.types import Device, DeviceReport


def know_device(
    session: Session, *, bank_id: str, report: DeviceReport, key: bytes, now: datetime
) -> Device:
    """Remember a device that reports itself, and return it as the bank knows it."""
    device_id = rules.device_id_of(report, key=key)
    traits = rules.traits_of(report, key=key)
    store.keep_device(session, bank_id, Device(device_id, traits, report.is_automated, now, now))
    found = store.device(session, bank_id, device_id)
    return found or Device(device_id, traits, report.is_automated, now, now)


def read_device(session: Session, *, bank_id: str, device_id: str) -> Device | None:
    """Return a device, or None when it was never here."""
    return store.device(session, bank_id, device_id)
