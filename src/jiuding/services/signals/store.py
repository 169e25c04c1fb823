"""Every query of signals: devices, the log of attempts, links."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from jiuding.base.database.engine import Session
from jiuding.services.signals.tables import devices, heads, links, login_attempts
from jiuding.services.signals.types import AddressClass, Client, Device, LoginAttempt

PAGE = 5_000


def keep_device(session: Session, bank_id: str, device: Device) -> None:
    """Write a device, or that it was here again."""
    row = {
        "bank_id": bank_id,
        "device_id": device.device_id,
        "traits": device.traits,
        "is_automated": device.is_automated,
        "first_seen_at": device.first_seen_at,
        "last_seen_at": device.last_seen_at,
    }
    statement = insert(devices).values(row)
    again = {name: statement.excluded[name] for name in ("traits", "last_seen_at")}
    again["is_automated"] = devices.c.is_automated | statement.excluded.is_automated
    session.execute(
        statement.on_conflict_do_update(index_elements=["bank_id", "device_id"], set_=again)
    )


def device(session: Session, bank_id: str, device_id: str) -> Device | None:
    """Return a device of this bank."""
    where = (devices.c.bank_id == bank_id, devices.c.device_id == device_id)
    row = session.execute(select(devices).where(*where)).first()
    if row is None:
        return None
    return Device(row.device_id, row.traits, row.is_automated, row.first_seen_at, row.last_seen_at)


def lock_attempts(session: Session, bank_id: str) -> int:
    """Return how far the log goes, and keep others from writing until the transaction ends."""
    row = {"bank_id": bank_id, "last_sequence": 0}
    session.execute(insert(heads).values(row).on_conflict_do_nothing())
    found = select(heads.c.last_sequence).where(heads.c.bank_id == bank_id).with_for_update()
    return session.execute(found).scalar_one()


def last_attempt(session: Session, bank_id: str) -> int:
    """Return how far the log goes, as far as is committed."""
    found = select(heads.c.last_sequence).where(heads.c.bank_id == bank_id)
    return session.execute(found).scalar() or 0


def add_attempt(
    session: Session, bank_id: str, sequence: int, attempt: LoginAttempt, *, is_good: bool
) -> None:
    """Write an attempt under the next sequence."""
    client = attempt.client
    row = {
        "bank_id": bank_id,
        "sequence": sequence,
        "at": attempt.at,
        "account": attempt.account,
        "device_id": client.device,
        "network": client.network,
        "address_class": str(client.address_class),
        "fingerprint": client.fingerprint,
        "means": attempt.means,
        "is_breached": attempt.is_breached,
        "is_good": is_good,
    }
    session.execute(insert(login_attempts).values(row))
    session.execute(update(heads).where(heads.c.bank_id == bank_id).values(last_sequence=sequence))


def attempts_after(
    session: Session, bank_id: str, sequence: int, until: int
) -> Iterator[tuple[int, LoginAttempt, bool]]:
    """Return attempts after a sequence up to another, in sequence, a page at a time."""
    while sequence < until:
        columns = login_attempts.c
        where = (columns.bank_id == bank_id, columns.sequence > sequence)
        found = session.execute(
            select(login_attempts)
            .where(*where, columns.sequence <= until)
            .order_by(columns.sequence)
            .limit(PAGE)
        ).all()
        for row in found:
            client = Client(
                row.network, AddressClass(row.address_class), row.device_id, row.fingerprint
            )
            attempt = LoginAttempt(row.at, row.account, client, row.means, row.is_breached)
            yield row.sequence, attempt, row.is_good
        if not found:
            return
        sequence = found[-1].sequence


def add_link(
    session: Session, bank_id: str, party_id: str, kind: str, thing: str, now: datetime
) -> bool:
    """Write that a party was seen with a thing; false when that was known."""
    row = {
        "bank_id": bank_id,
        "party_id": party_id,
        "kind": kind,
        "thing": thing,
        "first_seen_at": now,
    }
    statement = insert(links).values(row).on_conflict_do_nothing().returning(links.c.thing)
    return session.execute(statement).scalar() is not None
