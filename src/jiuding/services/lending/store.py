"""Every query of lending: rows go in, nouns come out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from jiuding.base.amounts import Amount, currency
from jiuding.base.database.engine import Session
from jiuding.services.lending import rules
from jiuding.services.lending import tables as t
from jiuding.services.lending.types import (
    Application,
    ApplicationStatus,
    LenderAnswer,
    Loan,
    NewApplication,
    Reason,
)


def add_application(
    session: Session, bank_id: str, application_id: str, party_id: str,
    application: NewApplication, facts: dict[str, Any], idempotency_key: str, now: datetime,
) -> bool:  # fmt: skip
    """Store an application; False when its quote or its key was used already."""
    done = session.execute(
        upsert(t.applications)
        .values(
            bank_id=bank_id, application_id=application_id, party_id=party_id,
            quote_id=application.quote_id, idempotency_key=idempotency_key,
            plan_kind=application.plan_kind,
            purpose=application.purpose, status=ApplicationStatus.SUBMITTED,
            amount_units=application.amount.units, currency=application.amount.asset.code,
            facts=facts, reasons=[], applied_at=now,
        )
        .on_conflict_do_nothing()
        .returning(t.applications.c.application_id)
    )  # fmt: skip
    if done.first() is None:
        return False
    session.execute(
        insert(t.legs),
        [
            {
                "bank_id": bank_id, "application_id": application_id, "number": leg.number,
                "lender": leg.lender, "terms": rules.terms_to_record(leg), "answer": None,
            }
            for leg in application.legs
        ],
    )  # fmt: skip
    return True


def decide_application(
    session: Session, bank_id: str, application_id: str, status: ApplicationStatus,
    reasons: Sequence[Reason], now: datetime,
) -> None:  # fmt: skip
    """Write an application's final answer."""
    session.execute(
        update(t.applications)
        .where(
            t.applications.c.bank_id == bank_id,
            t.applications.c.application_id == application_id,
        )
        .values(
            status=status, reasons=[rules.reason_to_record(reason) for reason in reasons],
            decided_at=now,
        )
    )  # fmt: skip


def note_decision(session: Session, bank_id: str, application_id: str, decision_id: str) -> None:
    """Name the decision that judged an application."""
    session.execute(
        update(t.applications)
        .where(
            t.applications.c.bank_id == bank_id,
            t.applications.c.application_id == application_id,
        )
        .values(decision_id=decision_id)
    )


def _applications(session: Session, where: list, *, lock: bool = False) -> list[Application]:
    query = select(t.applications).where(*where).order_by(t.applications.c.application_id)
    rows = session.execute(query.with_for_update() if lock else query).all()
    return [_application(session, row) for row in rows]


def _application(session: Session, row: Any) -> Application:
    of_it = (t.legs.c.bank_id == row.bank_id, t.legs.c.application_id == row.application_id)
    legs = session.execute(select(t.legs.c.terms).where(*of_it).order_by(t.legs.c.number))
    loans = session.execute(
        select(t.loans.c.loan_id)
        .where(t.loans.c.bank_id == row.bank_id, t.loans.c.application_id == row.application_id)
        .order_by(t.loans.c.leg_number)
    )
    return Application(
        row.application_id, row.party_id, row.quote_id, row.plan_kind, row.purpose,
        ApplicationStatus(row.status), Amount(row.amount_units, currency(row.currency)),
        tuple(rules.terms_from_record(leg.terms) for leg in legs),
        tuple(Reason(**reason) for reason in row.reasons),
        row.decision_id, tuple(loan.loan_id for loan in loans), row.applied_at, row.decided_at,
    )  # fmt: skip


def application(
    session: Session, bank_id: str, application_id: str, *, lock: bool = False
) -> Application | None:
    """Return an application, locked where asked."""
    found = _applications(
        session,
        [t.applications.c.bank_id == bank_id, t.applications.c.application_id == application_id],
        lock=lock,
    )
    return found[0] if found else None


def application_of_quote(session: Session, bank_id: str, quote_id: str) -> Application | None:
    """Return the application that used a quote."""
    found = _applications(
        session, [t.applications.c.bank_id == bank_id, t.applications.c.quote_id == quote_id]
    )
    return found[0] if found else None


def application_facts(session: Session, bank_id: str, application_id: str) -> dict[str, Any]:
    """Return what was known of the applicant when an application was made."""
    return session.execute(
        select(t.applications.c.facts).where(
            t.applications.c.bank_id == bank_id,
            t.applications.c.application_id == application_id,
        )
    ).scalar_one()


def waiting_applications(
    session: Session, bank_id: str, before: datetime, limit_max: int
) -> list[str]:
    """Return applications that still wait for a lender since before an instant."""
    rows = session.execute(
        select(t.applications.c.application_id)
        .where(
            t.applications.c.bank_id == bank_id,
            t.applications.c.status == ApplicationStatus.SUBMITTED,
            t.applications.c.applied_at < before,
        )
        .order_by(t.applications.c.applied_at)
        .limit(limit_max)
    )
    return [row.application_id for row in rows]


def keep_answer(
    session: Session, bank_id: str, application_id: str, number: int, answer: LenderAnswer
) -> None:
    """Write down what a lender answered."""
    session.execute(
        update(t.legs)
        .where(
            t.legs.c.bank_id == bank_id,
            t.legs.c.application_id == application_id,
            t.legs.c.number == number,
        )
        .values(
            answer={
                "request_id": answer.request_id, "is_accepted": answer.is_accepted,
                "reference": answer.reference, "reason": answer.reason,
                "reason_zh": answer.reason_zh,
            }
        )
    )  # fmt: skip


def add_loan(session: Session, bank_id: str, loan: Loan) -> None:
    """Store a granted loan."""
    session.execute(
        insert(t.loans).values(
            bank_id=bank_id, loan_id=loan.loan_id, application_id=loan.application_id,
            leg_number=loan.terms.number, party_id=loan.party_id,
            agreement_id=loan.agreement_id, account_id=loan.account_id,
            deposit_account_id=loan.deposit_account_id,
            lender_reference=loan.lender_reference, granted_at=loan.granted_at,
        )
    )  # fmt: skip


_LOANS = (
    select(t.loans, t.legs.c.terms, t.applications.c.purpose)
    .join(
        t.legs,
        (t.legs.c.bank_id == t.loans.c.bank_id)
        & (t.legs.c.application_id == t.loans.c.application_id)
        & (t.legs.c.number == t.loans.c.leg_number),
    )
    .join(
        t.applications,
        (t.applications.c.bank_id == t.loans.c.bank_id)
        & (t.applications.c.application_id == t.loans.c.application_id),
    )
)


def _loan(row: Any) -> Loan:
    return Loan(
        row.loan_id, row.application_id, row.party_id, rules.terms_from_record(row.terms),
        row.purpose, row.agreement_id, row.account_id, row.deposit_account_id,
        row.lender_reference, row.granted_at,
    )  # fmt: skip


def loan(session: Session, bank_id: str, loan_id: str) -> Loan | None:
    """Return a loan."""
    row = session.execute(
        _LOANS.where(t.loans.c.bank_id == bank_id, t.loans.c.loan_id == loan_id)
    ).first()
    return None if row is None else _loan(row)


def loans_of(session: Session, bank_id: str, party_id: str, limit_max: int) -> list[Loan]:
    """Return a party's loans, newest first."""
    rows = session.execute(
        _LOANS.where(t.loans.c.bank_id == bank_id, t.loans.c.party_id == party_id)
        .order_by(t.loans.c.granted_at.desc(), t.loans.c.loan_id.desc())
        .limit(limit_max)
    )
    return [_loan(row) for row in rows]


def count_loans(session: Session, bank_id: str) -> int:
    """Return how many loans a bank has granted."""
    return session.execute(
        select(func.count()).select_from(t.loans).where(t.loans.c.bank_id == bank_id)
    ).scalar_one()
