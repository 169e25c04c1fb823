"""Verbs of access: note a read before it is shown, agree to one, tell who came past the program."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from jiuding.base.database.engine import Session
from jiuding.base.ids import new_id, to_uuid
from jiuding.base.problems import Problem
from jiuding.base.settings import CATALOG
from jiuding.kernel import decisions, eventlog, identity
from jiuding.services import risk
from jiuding.services.access import rules, store
from jiuding.services.access.errors import ReadNotFound, SamePerson, SecondPersonNeeded
from jiuding.services.access.events import (
    AlarmRaised,
    DatabaseEntered,
    DatabaseStatementSeen,
    DataRead,
    ReadApproved,
)
from jiuding.services.access.types import (
    Mark,
    Member,
    Noted,
    Reader,
    Reading,
    Register,
    Rules,
    Visit,
    Why,
)

POLICY, STREAM = "staff_read", "staff_reads"
NEWS_READ_MAX = 200
STATEMENTS_KEPT_MAX = 10_000
_NOBODY = "nobody"


@lru_cache(maxsize=1)
def load_rules() -> Rules:
    """Return what `catalog/staff_access.toml` states, read once in a process."""
    found = tomllib.loads((CATALOG / "staff_access.toml").read_text(encoding="utf-8"))
    return rules.read_rules(found)


@dataclass(slots=True)
class AccessDesk:
    """What notes reads for one bank in this process.

    `last_read` is what each person read last, to know a list that is walked down; it is forgotten
    when the program stops. `told` are the statements in the database that were told already.
    """

    bank_id: str
    book: risk.Book
    last_read: dict[str, str] = field(default_factory=dict)
    told: dict[tuple[int, datetime], None] = field(default_factory=dict)


def open_desk(bank_id: str) -> AccessDesk:
    """Return a desk of this bank."""
    return AccessDesk(bank_id, risk.Book(bank_id, risk.load_stream(STREAM)))


def note_read(
    session: Session, *, desk: AccessDesk, reader: Reader, reading: Reading, now: datetime
) -> Noted:
    """Note and judge a read before anything is shown; commit it, then look at the outcome.

    The reason is checked: a case must be that customer's, a request needs the customer signed in,
    an audit an auditor. Where a second person agreed to this read it may be shown. What is read
    with the operator's shared token is told and not judged.
    """
    member = store.member(session, desk.bank_id, reader.person)
    is_proven = _is_proven(session, desk.bank_id, member, reading, now)
    mark = rules.mark_of(reading, is_proven=is_proven)
    read_id = new_id("evt", now)
    decision: decisions.Decision | None = None
    if reader.is_named:
        decision = _judge(session, desk, reader, member, reading, mark, read_id, now)
    outcome = decision.outcome if decision else decisions.Outcome.APPROVE
    codes = tuple(reason.code for reason in decision.reasons) if decision else ()
    if outcome is not decisions.Outcome.APPROVE:
        if _is_agreed(session, desk.bank_id, reader, reading, now):
            outcome = decisions.Outcome.APPROVE
        else:
            alarm = AlarmRaised(read_id=read_id, codes=codes)
            _tell(session, desk.bank_id, rules.word_of(reader.person), alarm, now)
    told = DataRead(
        read_id=read_id, person=reader.person, via=reader.via, what=reading.what,
        row_count=reading.row_count, why=reading.why, mark=mark, case_id=reading.case_id,
        outcome=outcome, decision_id=decision.decision_id if decision else "",
    )  # fmt: skip
    _tell(session, desk.bank_id, reading.subject, told, now)
    shown = decision.decision_id if decision else ""
    return Noted(read_id, mark, outcome, codes, shown)


def require_shown(noted: Noted) -> None:
    """Let a read pass that may be shown. Refuses: SecondPersonNeeded."""
    if not noted.may_be_shown:
        raise SecondPersonNeeded(
            f"{', '.join(noted.codes) or 'this read is out of pattern'}; a colleague agrees with "
            f"`jiuding access approve {noted.read_id}`",
            read_id=noted.read_id,
        )


def _judge(
    session: Session, desk: AccessDesk, reader: Reader, member: Member | None, reading: Reading,
    mark: Mark, read_id: str, now: datetime,
) -> decisions.Decision:  # fmt: skip
    bank_id, subject = desk.bank_id, reading.subject
    protected = store.protection(session, bank_id, subject)
    team = member.team if member else _NOBODY
    valued = protected == "valued"
    act = rules.act_of(
        reading, mark, person=reader.person, team=team, valued=valued,
        is_next=_is_next(session, desk, reader.person, subject),
        late=rules.is_late(load_rules(), now, team),
    )  # fmt: skip
    given = {**act, "id": read_id, "read": read_id, "at": now}
    (seen,) = risk.observe(session, book=desk.book, events=[given], now=now)
    relation = rules.relation_of(
        subject, own=member.party_id if member else None,
        is_staff=store.is_staff(session, bank_id, subject), protected=protected,
    )  # fmt: skip
    policy = decisions.load_policy(POLICY)
    event = {
        "event.mark": mark.value, "event.relation": relation, "event.what": reading.what,
        "event.valued": int(valued),
    }  # fmt: skip
    features = {
        name: value for name, value in (seen.features or {}).items() if name in policy.fields
    }
    return decisions.decide(
        session, bank_id=bank_id, policy=POLICY, subject=rules.word_of(reader.person),
        event=event, features=features, now=now, idempotency_key=read_id,
    )  # fmt: skip


def _is_next(session: Session, desk: AccessDesk, person: str, subject: str) -> bool:
    """Return whether a customer follows, in the bank's list, the one this person read before."""
    before = desk.last_read.get(person)
    desk.last_read[person] = subject
    if before is None or before == subject or not all(map(is_party, (before, subject))):
        return False
    return identity.party_after(session, bank_id=desk.bank_id, party_id=before) == subject


def is_party(subject: str) -> bool:
    """Return whether this is a party's id; the bank's own accounts have none."""
    try:
        to_uuid("pty", subject)
    except Problem:
        return False
    return True


def _is_proven(
    session: Session, bank_id: str, member: Member | None, reading: Reading, now: datetime
) -> bool:
    """Look whether what the reader says stands behind a read is so."""
    stated = load_rules()
    if reading.why is Why.AUDIT:
        return member is not None and member.role in stated.audit_roles
    if reading.why is Why.REQUEST:
        since = now - timedelta(minutes=stated.request_minutes)
        news = _news(session, bank_id, reading.subject)
        return any(e.kind == "identity.logged_in" and e.occurred_at >= since for e in news)
    if reading.why is not Why.CASE or not reading.case_id:
        return False
    about_case = _news(session, bank_id, reading.case_id)
    about_party = _news(session, bank_id, reading.subject)
    return any(reading.subject in _words(each) for each in about_case) or any(
        reading.case_id in _words(each) for each in about_party if each.source != "access"
    )


def _words(news: eventlog.Envelope) -> set[str]:
    return {value for value in news.data.values() if isinstance(value, str)}


def _news(session: Session, bank_id: str, subject: str) -> Sequence[eventlog.Envelope]:
    return eventlog.events_about(session, bank_id=bank_id, subject=subject, limit_max=NEWS_READ_MAX)


def _is_agreed(
    session: Session, bank_id: str, reader: Reader, reading: Reading, now: datetime
) -> bool:
    """Return whether a second person agreed, not long ago, to this person reading this customer."""
    since = now - timedelta(minutes=load_rules().approval_minutes)
    for news in _news(session, bank_id, reading.subject):
        if news.occurred_at < since or news.kind != DataRead.kind:
            continue
        if news.data["person"] != reader.person or news.data["outcome"] == "approve":
            continue
        found = _news(session, bank_id, news.data["read_id"])
        if any(each.kind == ReadApproved.kind and each.occurred_at >= since for each in found):
            return True
    return False


def approve_read(
    session: Session, *, bank_id: str, read_id: str, party_id: str, by: str, now: datetime
) -> None:
    """Agree, as a second person, to a read of this party that was held up.

    Refuses: ReadNotFound, SamePerson.
    """
    for news in _news(session, bank_id, party_id):
        if news.kind == DataRead.kind and news.data["read_id"] == read_id:
            break
    else:
        raise ReadNotFound(f"{read_id} is no read of {party_id}", read_id=read_id)
    if news.data["outcome"] == decisions.Outcome.APPROVE:
        raise ReadNotFound(f"{read_id} does not wait", read_id=read_id)
    if news.data["person"] == by:
        raise SamePerson("a reader does not agree to their own read", read_id=read_id)
    event = ReadApproved(person=news.data["person"], by=by, party_id=party_id)
    _tell(session, bank_id, read_id, event, now)


def reads_of(
    session: Session, *, bank_id: str, party_id: str, limit_max: int
) -> tuple[eventlog.Envelope, ...]:
    """Return who looked at a customer's data, newest first."""
    found = eventlog.events_about(session, bank_id=bank_id, subject=party_id, limit_max=limit_max)
    return tuple(each for each in found if each.kind == DataRead.kind)


def keep_register(session: Session, *, bank_id: str, text: str) -> Register:
    """Keep who works here and who is protected, as a file states it, in the place of what stood.

    Refuses: BadRegister.
    """
    register = rules.read_register(text)
    store.replace_register(session, bank_id, register)
    return register


def allow_analyst(
    session: Session, *, bank_id: str, login: str, reason: str, until: datetime
) -> None:
    """Let an analyst's login read this bank's rows of the views until an instant."""
    store.allow_analyst(session, bank_id, login, rules.word_of(reason), until)


def watch_database(session: Session, *, desk: AccessDesk, now: datetime) -> tuple[Visit, ...]:
    """Tell who came to the database past the program, and what runs there right now.

    Logins are complete where the server notes them (`roles.notes_logins`); statements are those
    that were running when we looked. A superuser can switch both off; the chain over the log and
    the seals of the ledger still name what was changed, and nothing names what was only read.
    """
    logins = store.new_logins(session, desk.bank_id)
    for visit in logins:
        event = DatabaseEntered(
            program=rules.word_of(visit.program), address=rules.word_of(visit.address),
            process_id=visit.process_id,
        )  # fmt: skip
        _tell(session, desk.bank_id, rules.entered_by(visit), event, now, at=visit.at)
    running = [v for v in store.visits_now(session) if (v.process_id, v.at) not in desk.told]
    for visit in running:
        desk.told[visit.process_id, visit.at] = None
        event = DatabaseStatementSeen(
            address=rules.word_of(visit.address), process_id=visit.process_id,
            tables=rules.tables_in(visit.statement), statement_hash=rules.hash_of(visit.statement),
        )  # fmt: skip
        _tell(session, desk.bank_id, rules.entered_by(visit), event, now, at=visit.at)
    while len(desk.told) > STATEMENTS_KEPT_MAX:
        desk.told.pop(next(iter(desk.told)))
    return (*logins, *running)


def _tell(
    session: Session, bank_id: str, subject: str, event: eventlog.Event, now: datetime,
    at: datetime | None = None,
) -> None:  # fmt: skip
    eventlog.append(
        session, bank_id=bank_id, event=event, subject=subject, source="access",
        occurred_at=at or now, recorded_at=now,
    )  # fmt: skip
