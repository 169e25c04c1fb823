"""Queries of watches and of what they found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from jiuding.base.amounts import Amount, currency
from jiuding.base.database.engine import Session
from jiuding.services.offers import tables as t
from jiuding.services.offers.rules import records
from jiuding.services.offers.rules.watching import Finding, Outcome, Switch, Watch
from jiuding.services.offers.types import Plan

_W = t.watches.c
_F = t.findings.c


def add_watch(session: Session, bank_id: str, watch: Watch, idempotency_key: str) -> bool:
    """Store a watch; False where its key is used, or the loan is watched already."""
    done = session.execute(
        upsert(t.watches)
        .values(
            bank_id=bank_id, watch_id=watch.watch_id, party_id=watch.party_id,
            loan_id=watch.loan_id, idempotency_key=idempotency_key, began_at=watch.began_at,
        )
        .on_conflict_do_nothing()
        .returning(_W.watch_id)
    )  # fmt: skip
    return done.first() is not None


def watch_by_key(
    session: Session, bank_id: str, party_id: str, idempotency_key: str
) -> Watch | None:
    """Return the watch that a party began with a key."""
    return _one(session, bank_id, _W.party_id == party_id, _W.idempotency_key == idempotency_key)


def live_watch(session: Session, bank_id: str, loan_id: str) -> Watch | None:
    """Return the watch on a loan that has not been stopped."""
    return _one(session, bank_id, _W.loan_id == loan_id, _W.stopped_at.is_(None))


def watch(session: Session, bank_id: str, watch_id: str, *, lock: bool = False) -> Watch | None:
    """Return a watch; locked where asked, and then None while another session works on it."""
    return _one(session, bank_id, _W.watch_id == watch_id, lock=lock)


def _one(session: Session, bank_id: str, *where: Any, lock: bool = False) -> Watch | None:
    query = select(t.watches).where(_W.bank_id == bank_id, *where)
    row = session.execute(query.with_for_update(skip_locked=True) if lock else query).first()
    return None if row is None else _watch(row)


def watches_of(session: Session, bank_id: str, party_id: str, limit_max: int) -> list[Watch]:
    """Return a party's watches, newest first."""
    rows = session.execute(
        select(t.watches)
        .where(_W.bank_id == bank_id, _W.party_id == party_id)
        .order_by(_W.began_at.desc(), _W.watch_id.desc())
        .limit(limit_max)
    )
    return [_watch(row) for row in rows]


def waiting(
    session: Session, bank_id: str, after: str | None, before: datetime,
    versions: tuple[str, ...] | None, limit_max: int,
) -> list[str]:  # fmt: skip
    """Return the ids of live watches begun before an instant, in order, a page at a time.

    Given library versions: only those whose last look was at none of them.
    """
    query = select(_W.watch_id).where(
        _W.bank_id == bank_id, _W.stopped_at.is_(None), _W.began_at <= before
    )
    if versions is not None:
        unseen = or_(_W.looked_version.is_(None), _W.looked_version.not_in(versions))
        query = query.where(unseen)
    if after is not None:
        query = query.where(_W.watch_id > after)
    rows = session.execute(query.order_by(_W.watch_id).limit(limit_max))
    return [row.watch_id for row in rows]


def stop_watch(session: Session, bank_id: str, watch_id: str, now: datetime) -> bool:
    """Stop a watch; False where it was stopped before."""
    done = session.execute(
        update(t.watches)
        .where(_W.bank_id == bank_id, _W.watch_id == watch_id, _W.stopped_at.is_(None))
        .values(stopped_at=now)
    )
    return done.rowcount == 1


def note_look(
    session: Session, bank_id: str, watch_id: str, outcome: Outcome, version: str, now: datetime
) -> None:
    """Note what a look found, and in which library."""
    session.execute(
        update(t.watches)
        .where(_W.bank_id == bank_id, _W.watch_id == watch_id)
        .values(looked_at=now, looked_version=version, outcome=outcome.value)
    )


def add_finding(session: Session, bank_id: str, found: Finding) -> bool:
    """Store a finding; False where the watch told the same before."""
    done = session.execute(
        upsert(t.findings)
        .values(
            bank_id=bank_id, finding_id=found.finding_id, watch_id=found.watch_id,
            loan_id=found.loan_id, party_id=found.party_id, finding_key=found.key,
            library_version=found.library_version, found_at=found.found_at,
            currency=found.balance.asset.code, saved_units=found.switch.saved.units,
            stay_units=found.switch.stay.units, switch_units=found.switch.switch.units,
            exit_units=found.switch.exit.units, balance_units=found.balance.units,
            term_months=found.term_months, plan=records.to_record(found.plan),
        )
        .on_conflict_do_nothing(constraint="findings_key")
        .returning(_F.finding_id)
    )  # fmt: skip
    return done.first() is not None


def findings_of(
    session: Session, bank_id: str, party_id: str, loan_id: str | None, limit_max: int
) -> list[Finding]:
    """Return what a party was told, newest first."""
    query = select(t.findings).where(_F.bank_id == bank_id, _F.party_id == party_id)
    if loan_id is not None:
        query = query.where(_F.loan_id == loan_id)
    rows = session.execute(
        query.order_by(_F.found_at.desc(), _F.finding_id.desc()).limit(limit_max)
    )
    return [_finding(row) for row in rows]


def _watch(row: Any) -> Watch:
    outcome = None if row.outcome is None else Outcome(row.outcome)
    return Watch(
        row.watch_id, row.party_id, row.loan_id, row.began_at, row.stopped_at, row.looked_at,
        outcome,
    )  # fmt: skip


def _finding(row: Any) -> Finding:
    asset = currency(row.currency)
    costs = Switch(
        Amount(row.stay_units, asset), Amount(row.switch_units, asset),
        Amount(row.exit_units, asset),
    )  # fmt: skip
    return Finding(
        row.finding_id, row.watch_id, row.loan_id, row.party_id, row.finding_key,
        row.library_version, row.found_at, costs, Amount(row.balance_units, asset),
        row.term_months, _plan(row.plan),
    )  # fmt: skip


def _plan(record: dict[str, Any]) -> Plan:
    """Return a plan as it was stored: the only one of a set."""
    whole = {"plans": [record], "rejected": [], "ms": 0.0, "counts": {}}
    return records.plan_set_of(whole).plans[0]
