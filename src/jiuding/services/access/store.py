"""Every query of access; nouns in, nouns out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from jiuding.base.database.engine import Session
from jiuding.services.access.tables import analysts, cursors, protected, staff
from jiuding.services.access.types import Member, Register, Visit

VISITS_MAX = 1_000
_LOGINS = "logins"


def member(session: Session, bank_id: str, person: str) -> Member | None:
    """Return a member of staff."""
    query = select(staff).where(staff.c.bank_id == bank_id, staff.c.person == person)
    row = session.execute(query).first()
    if row is None:
        return None
    return Member(row.person, row.team, row.role, row.began_on, row.party_id)


def is_staff(session: Session, bank_id: str, party_id: str) -> bool:
    """Return whether a customer works here."""
    query = select(staff.c.person).where(staff.c.bank_id == bank_id, staff.c.party_id == party_id)
    return session.execute(query.limit(1)).first() is not None


def protection(session: Session, bank_id: str, party_id: str) -> str | None:
    """Return why a customer is protected; None where it is not."""
    where = (protected.c.bank_id == bank_id, protected.c.party_id == party_id)
    return session.execute(select(protected.c.reason).where(*where)).scalar()


def replace_register(session: Session, bank_id: str, register: Register) -> None:
    """Keep a register in the place of the one that stood."""
    for table in (staff, protected):
        session.execute(delete(table).where(table.c.bank_id == bank_id))
    rows = [
        {"bank_id": bank_id, **{name: getattr(each, name) for name in Member.__slots__}}
        for each in register.staff
    ]
    if rows:
        session.execute(staff.insert(), rows)
    kept = [
        {"bank_id": bank_id, "party_id": each.party_id, "reason": each.reason}
        for each in register.protected
    ]
    if kept:
        session.execute(protected.insert(), kept)


def allow_analyst(session: Session, bank_id: str, login: str, reason: str, until: datetime) -> None:
    """Let a login read a bank's rows until an instant."""
    values = {"bank_id": bank_id, "login": login, "reason": reason, "valid_until": until}
    change = insert(analysts).values(values)
    keys = ["bank_id", "login"]
    session.execute(
        change.on_conflict_do_update(
            index_elements=keys, set_={"reason": reason, "valid_until": until}
        )
    )


def new_logins(session: Session, bank_id: str) -> list[Visit]:
    """Return logins to the database that were not told yet, oldest first, and remember them."""
    row = {"bank_id": bank_id, "name": _LOGINS, "position": 0}
    session.execute(insert(cursors).values(row).on_conflict_do_nothing())
    where = (cursors.c.bank_id == bank_id, cursors.c.name == _LOGINS)
    held = select(cursors.c.position).where(*where).with_for_update(skip_locked=True)
    after = session.execute(held).scalar()
    if after is None:
        return []
    query = text(
        "SELECT position, login, program, address, process_id, at FROM database_watch.logins"
        " WHERE position > :after ORDER BY position LIMIT :most"
    )
    found = session.execute(query, {"after": after, "most": VISITS_MAX}).all()
    if found:
        session.execute(cursors.update().where(*where).values(position=found[-1].position))
    return [
        Visit(row.login, row.program, row.address, row.process_id, row.at, position=row.position)
        for row in found
    ]


def visits_now(session: Session) -> list[Visit]:
    """Return the statements of others than the program that the database shows right now."""
    rows = session.execute(
        text("SELECT * FROM database_watch.others() LIMIT :most"), {"most": VISITS_MAX}
    )
    return [
        Visit(row.login, row.program, row.address, row.process_id, row.began_at, row.statement)
        for row in rows
    ]
