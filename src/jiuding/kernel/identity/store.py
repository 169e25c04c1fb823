"""Every query of identity: rows go in, nouns come out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from jiuding.base.database.engine import Session
from jiuding.kernel.identity import tables as t
from jiuding.kernel.identity.types import Bank, Login, Party, PartyStatus


def add_bank(session: Session, bank: Bank, now: datetime) -> None:
    """Store a bank; a bank that is there already stays as it is."""
    session.execute(
        upsert(t.banks)
        .values(
            bank_id=bank.bank_id, slug=bank.slug, name_zh=bank.name_zh, name_en=bank.name_en,
            markets=list(bank.markets), is_demonstration=bank.is_demonstration, registered_at=now,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip


def bank_by_slug(session: Session, slug: str) -> Bank | None:
    """Return the oldest bank of this short name."""
    row = session.execute(
        select(t.banks).where(t.banks.c.slug == slug).order_by(t.banks.c.registered_at).limit(1)
    ).first()
    return None if row is None else _bank(row)


def banks(session: Session, limit_max: int) -> tuple[Bank, ...]:
    """Return banks, oldest first."""
    query = select(t.banks).order_by(t.banks.c.registered_at, t.banks.c.bank_id).limit(limit_max)
    return tuple(_bank(row) for row in session.execute(query))


def _bank(row: Any) -> Bank:
    return Bank(
        row.bank_id, row.slug, row.name_zh, row.name_en, tuple(row.markets), row.is_demonstration
    )


def add_party(session: Session, bank_id: str, party: Party) -> None:
    """Store a party."""
    session.execute(
        insert(t.parties).values(
            bank_id=bank_id, party_id=party.party_id, kind=party.kind, status=party.status,
            market=party.market, residency=party.residency, registered_at=party.registered_at,
        )
    )  # fmt: skip


def _party(row: Any) -> Party:
    return Party(
        row.party_id, row.kind, PartyStatus(row.status), row.market, row.residency,
        row.registered_at,
    )  # fmt: skip


def party(session: Session, bank_id: str, party_id: str) -> Party | None:
    """Return a party."""
    row = session.execute(
        select(t.parties).where(t.parties.c.bank_id == bank_id, t.parties.c.party_id == party_id)
    ).first()
    return None if row is None else _party(row)


def parties(
    session: Session, bank_id: str, after: str | None, limit_max: int
) -> Sequence[tuple[Party, bytes | None]]:
    """Return parties with their sealed details, in the order of their ids."""
    query = (
        select(t.parties, t.personal.c.sealed)
        .outerjoin(
            t.personal,
            (t.personal.c.bank_id == t.parties.c.bank_id)
            & (t.personal.c.party_id == t.parties.c.party_id),
        )
        .where(t.parties.c.bank_id == bank_id)
        .order_by(t.parties.c.party_id)
        .limit(limit_max)
    )
    if after is not None:
        query = query.where(t.parties.c.party_id > after)
    return [(_party(row), row.sealed) for row in session.execute(query)]


def party_after(session: Session, bank_id: str, party_id: str) -> str | None:
    """Return the party whose id follows."""
    query = select(t.parties.c.party_id).where(
        t.parties.c.bank_id == bank_id, t.parties.c.party_id > party_id
    )
    return session.execute(query.order_by(t.parties.c.party_id).limit(1)).scalar()


def set_status(session: Session, bank_id: str, party_id: str, status: PartyStatus) -> None:
    """Change a party's status."""
    session.execute(
        update(t.parties)
        .where(t.parties.c.bank_id == bank_id, t.parties.c.party_id == party_id)
        .values(status=status)
    )


def seal_person(session: Session, bank_id: str, party_id: str, sealed: bytes) -> None:
    """Store a party's sealed details."""
    session.execute(
        upsert(t.personal)
        .values(bank_id=bank_id, party_id=party_id, sealed=sealed)
        .on_conflict_do_update(index_elements=["bank_id", "party_id"], set_={"sealed": sealed})
    )


def sealed_person(session: Session, bank_id: str, party_id: str) -> bytes | None:
    """Return a party's sealed details, or None when they were erased."""
    return session.execute(
        select(t.personal.c.sealed).where(
            t.personal.c.bank_id == bank_id, t.personal.c.party_id == party_id
        )
    ).scalar()


def erase_person(session: Session, bank_id: str, party_id: str) -> None:
    """Delete a party's personal details, credentials and open challenges."""
    for table in (t.personal, t.credentials, t.challenges):
        session.execute(
            delete(table).where(table.c.bank_id == bank_id, table.c.party_id == party_id)
        )


def add_credential(session: Session, bank_id: str, values: dict[str, Any]) -> None:
    """Store a credential; a party's new PIN takes the place of its old one."""
    row = {"bank_id": bank_id, "use_count": 0, "wrong_count": 0, "wrong_at": None, **values}
    if values["kind"] == "pin":
        session.execute(
            delete(t.credentials).where(
                t.credentials.c.bank_id == bank_id,
                t.credentials.c.party_id == values["party_id"],
                t.credentials.c.kind == "pin",
            )
        )
    session.execute(insert(t.credentials).values(**row))


def pin(session: Session, bank_id: str, party_id: str) -> Any:
    """Return and lock the row of a party's PIN."""
    return session.execute(
        select(t.credentials)
        .where(
            t.credentials.c.bank_id == bank_id,
            t.credentials.c.party_id == party_id,
            t.credentials.c.kind == "pin",
        )
        .with_for_update()
    ).first()


def passkeys(session: Session, bank_id: str, party_id: str) -> Sequence[Any]:
    """Return the rows of a party's passkeys."""
    return session.execute(
        select(t.credentials)
        .where(
            t.credentials.c.bank_id == bank_id,
            t.credentials.c.party_id == party_id,
            t.credentials.c.kind == "passkey",
        )
        .order_by(t.credentials.c.credential_id)
    ).all()


def note_use(session: Session, bank_id: str, credential_id: str, values: dict[str, Any]) -> None:
    """Change a credential's counters."""
    session.execute(
        update(t.credentials)
        .where(t.credentials.c.bank_id == bank_id, t.credentials.c.credential_id == credential_id)
        .values(**values)
    )


def add_challenge(
    session: Session, bank_id: str, challenge: bytes, party_id: str, purpose: str,
    expires_at: datetime,
) -> None:  # fmt: skip
    """Store a question that a passkey is to sign."""
    session.execute(
        insert(t.challenges).values(
            bank_id=bank_id, challenge=challenge, party_id=party_id, purpose=purpose,
            expires_at=expires_at, is_used=False,
        )
    )  # fmt: skip


def count_open_challenges(session: Session, bank_id: str, party_id: str, now: datetime) -> int:
    """Drop a party's challenges that have run out, and return how many are still open."""
    of_party = (t.challenges.c.bank_id == bank_id, t.challenges.c.party_id == party_id)
    session.execute(delete(t.challenges).where(*of_party, t.challenges.c.expires_at <= now))
    return session.execute(
        select(func.count()).select_from(t.challenges).where(*of_party)
    ).scalar_one()


def use_challenge(
    session: Session, bank_id: str, challenge: bytes, party_id: str, purpose: str, now: datetime
) -> bool:
    """Use a challenge up; False when it was not asked for this, was used, or has run out."""
    done = session.execute(
        update(t.challenges)
        .where(
            t.challenges.c.bank_id == bank_id,
            t.challenges.c.challenge == challenge,
            t.challenges.c.party_id == party_id,
            t.challenges.c.purpose == purpose,
            t.challenges.c.expires_at > now,
            t.challenges.c.is_used.is_(False),
        )
        .values(is_used=True)
    )
    return done.rowcount == 1


def add_login(
    session: Session, bank_id: str, login: Login, hashed: bytes, opened_at: datetime
) -> None:
    """Store a login with the hash of its token."""
    session.execute(
        insert(t.logins).values(
            bank_id=bank_id, login_id=login.login_id, party_id=login.party_id, token_hash=hashed,
            opened_at=opened_at, expires_at=login.expires_at, is_ended=False,
        )
    )  # fmt: skip


def login(session: Session, bank_id: str, hashed: bytes, now: datetime) -> Login | None:
    """Return the open login that a token belongs to."""
    row = session.execute(
        select(t.logins).where(
            t.logins.c.bank_id == bank_id,
            t.logins.c.token_hash == hashed,
            t.logins.c.expires_at > now,
            t.logins.c.is_ended.is_(False),
        )
    ).first()
    return None if row is None else Login(row.login_id, row.party_id, row.expires_at)


def end_login(session: Session, bank_id: str, hashed: bytes) -> None:
    """End a login."""
    session.execute(
        update(t.logins)
        .where(t.logins.c.bank_id == bank_id, t.logins.c.token_hash == hashed)
        .values(is_ended=True)
    )
