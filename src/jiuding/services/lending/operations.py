"""Verbs of lending. A plan's legs are granted together, in one transaction, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from jiuding.base.amounts import Amount, Asset
from jiuding.base.clock import Stopwatch, add_months
from jiuding.base.database.engine import Session
from jiuding.base.ids import new_id
from jiuding.base.problems import ensure
from jiuding.kernel import decisions, eventlog, ledger, products
from jiuding.services.lending import rules, store
from jiuding.services.lending.errors import (
    ApplicationConflict,
    ApplicationNotFound,
    LoanNotFound,
    NoDepositAccount,
)
from jiuding.services.lending.events import (
    ApplicationDeclined,
    ApplicationSubmitted,
    LenderAnswered,
    LoanGranted,
)
from jiuding.services.lending.types import (
    Applicant,
    Application,
    ApplicationStatus,
    LegTerms,
    LenderAnswer,
    LenderRequest,
    Loan,
    MarketLimits,
    NewApplication,
    Reason,
    Verified,
)

CREDIT_POLICY = "credit"
LOANS_LISTED_MAX = 100
# A loan's first instalment shows in history a month later; until then its own terms count.
UNSEEN_DAYS = 31


def apply(
    session: Session,
    *,
    bank_id: str,
    applicant: Applicant,
    application: NewApplication,
    verified: Verified,
    limits: MarketLimits,
    policy: decisions.Policy | str,
    loan_products: Mapping[int, products.LoanProduct],
    idempotency_key: str,
    now: datetime,
    watch: Stopwatch | None = None,
) -> Application:
    """Judge an application and, where every leg is our own, grant it in this transaction.

    A decline is an answer: DECLINED, with reasons. A plan with legs of other lenders comes back
    SUBMITTED and is finished by `answer_application` once they have been asked. The same quote and
    terms again give the first outcome. `loan_products` holds each leg's product by its number.

    Refuses: ApplicationConflict, NoDepositAccount.
    """
    watch = watch or Stopwatch()
    application_id = new_id("app", now)
    seen = _with_unseen(session, bank_id, applicant.party_id, verified, now)
    facts = _facts(applicant, seen)
    if not store.add_application(
        session, bank_id, application_id, applicant.party_id, application, facts,
        idempotency_key, now,
    ):  # fmt: skip
        return _first_outcome(session, bank_id, applicant.party_id, application)
    for leg in application.legs:
        version = products.keep_version(
            session, bank_id=bank_id, product=loan_products[leg.number], now=now
        )
        ensure(version == leg.product_version, "a leg names the version of its product")
    event = ApplicationSubmitted(
        application_id=application_id, quote_id=application.quote_id,
        leg_count=len(application.legs),
    )  # fmt: skip
    _announce(session, bank_id, application_id, event, now)
    decision = _judge(
        session, bank_id, applicant, application, seen, limits, policy, application_id, now
    )
    watch.lap("decide")
    made = Application(
        application_id, applicant.party_id, application.quote_id, application.plan_kind,
        application.purpose, ApplicationStatus.SUBMITTED, application.amount, application.legs,
        (), decision.decision_id, (), now, None,
    )  # fmt: skip
    if decision.outcome != "approve":
        return _decline(session, bank_id, made, _reasons(decision), now)
    if all(leg.is_own for leg in application.legs):
        return _grant(session, bank_id, made, {}, now, watch)
    return made


def _facts(applicant: Applicant, verified: Verified) -> dict[str, Any]:
    income = verified.income_monthly
    return {
        "age": applicant.age,
        "residency": applicant.residency,
        "income_monthly": None if income is None else str(income),
        "debts_monthly": str(verified.debts_monthly),
    }


def unseen_debts(session: Session, *, bank_id: str, party_id: str, now: datetime) -> Decimal:
    """Return a month of the party's loans here that are so new that no repayment shows them yet."""
    return sum(
        (
            loan.terms.instalment.decimal + loan.terms.fee_monthly.decimal
            for loan in store.loans_of(session, bank_id, party_id, LOANS_LISTED_MAX)
            if (now - loan.granted_at).days < UNSEEN_DAYS
        ),
        Decimal(0),
    )


def _with_unseen(
    session: Session, bank_id: str, party_id: str, verified: Verified, now: datetime
) -> Verified:
    """Add the instalments that account history does not show yet."""
    extra = unseen_debts(session, bank_id=bank_id, party_id=party_id, now=now)
    return replace(verified, debts_monthly=verified.debts_monthly + extra)


def _first_outcome(
    session: Session, bank_id: str, party_id: str, application: NewApplication
) -> Application:
    """Return the application that used this quote, when it asked for the same."""
    first = store.application_of_quote(session, bank_id, application.quote_id)
    if first is None:
        raise ApplicationConflict("this Idempotency-Key was used for another quote")
    same = first.party_id == party_id and rules.same_terms(first.legs, application.legs)
    if not same or first.plan_kind != application.plan_kind:
        raise ApplicationConflict(
            "this quote was already used to apply for another plan",
            application_id=first.application_id,
        )
    return first


def _judge(
    session: Session, bank_id: str, applicant: Applicant, application: NewApplication,
    verified: Verified, limits: MarketLimits, policy: decisions.Policy | str, application_id: str,
    now: datetime,
) -> decisions.Decision:  # fmt: skip
    open_loans = store.loans_of(session, bank_id, applicant.party_id, LOANS_LISTED_MAX)
    outstanding = sum((loan.terms.amount.decimal for loan in open_loans), Decimal(0))
    decision = decisions.decide(
        session, bank_id=bank_id, policy=policy, subject=application_id,
        event=rules.event_facts(applicant, application),
        features=rules.feature_facts(verified, len(open_loans), outstanding, limits),
        lists={}, now=now, idempotency_key=application_id,
    )  # fmt: skip
    store.note_decision(session, bank_id, application_id, decision.decision_id)
    return decision


def _reasons(decision: decisions.Decision) -> tuple[Reason, ...]:
    return tuple(
        Reason(each.code, each.text_zh, each.text_en, each.remedy_zh, each.remedy_en)
        for each in decision.reasons
    )


def _decline(
    session: Session, bank_id: str, made: Application, reasons: tuple[Reason, ...], now: datetime
) -> Application:
    ensure(reasons, "a decline has a reason")
    status = ApplicationStatus.DECLINED
    store.decide_application(session, bank_id, made.application_id, status, reasons, now)
    event = ApplicationDeclined(application_id=made.application_id, reason=reasons[0].code)
    _announce(session, bank_id, made.application_id, event, now)
    return replace(made, status=status, reasons=reasons, decided_at=now)


def _announce(
    session: Session, bank_id: str, subject: str, event: eventlog.Event, now: datetime
) -> None:
    eventlog.append(
        session, bank_id=bank_id, event=event, subject=subject, source="lending",
        occurred_at=now, recorded_at=now,
    )  # fmt: skip


def outside_requests(
    session: Session, *, bank_id: str, application_id: str
) -> tuple[tuple[LegTerms, LenderRequest], ...]:
    """Return what other lenders must be asked before this application can be answered."""
    application = read_application(session, bank_id=bank_id, application_id=application_id)
    if application.status is not ApplicationStatus.SUBMITTED:
        return ()
    facts = store.application_facts(session, bank_id, application_id)
    return tuple(
        (leg, rules.request_of(leg, facts, application_id, application.purpose))
        for leg in application.legs
        if not leg.is_own
    )


def answer_application(
    session: Session, *, bank_id: str, application_id: str, answers: Mapping[int, LenderAnswer],
    now: datetime, watch: Stopwatch | None = None,
) -> Application:  # fmt: skip
    """Finish a submitted application with the lenders' answers, by leg number.

    All legs accepted: every loan is granted here, together. One refused: nothing is. An
    application that has its answer already is returned as it is.

    Refuses: ApplicationNotFound.
    """
    found = store.application(session, bank_id, application_id, lock=True)
    if found is None:
        raise ApplicationNotFound(f"there is no application {application_id}")
    if found.status is not ApplicationStatus.SUBMITTED:
        return found
    outside = [leg for leg in found.legs if not leg.is_own]
    ensure(set(answers) == {leg.number for leg in outside}, "every lender has answered")
    for leg in outside:
        answer = answers[leg.number]
        store.keep_answer(session, bank_id, application_id, leg.number, answer)
        event = LenderAnswered(
            application_id=application_id, leg_number=leg.number, is_accepted=answer.is_accepted
        )
        _announce(session, bank_id, application_id, event, now)
    refused = [leg for leg in outside if not answers[leg.number].is_accepted]
    if refused:
        reasons = tuple(rules.refusal_of(leg, answers[leg.number]) for leg in refused)
        return _decline(session, bank_id, found, reasons, now)
    return _grant(session, bank_id, found, answers, now, watch or Stopwatch())


def _grant(
    session: Session, bank_id: str, made: Application, answers: Mapping[int, LenderAnswer],
    now: datetime, watch: Stopwatch,
) -> Application:  # fmt: skip
    """Make the agreements and move the money of every leg, in the caller's transaction."""
    deposit = _deposit_account(session, bank_id, made.party_id, made.amount.asset)
    loans = [
        _loan(session, bank_id, made, leg, deposit, answers.get(leg.number), now)
        for leg in made.legs
    ]
    watch.lap("agree")
    transfers = [each for loan in loans for each in _money(session, bank_id, loan, now)]
    ledger.post_all(session, bank_id=bank_id, transfers=transfers, now=now)
    for loan in loans:
        store.add_loan(session, bank_id, loan)
        event = LoanGranted(
            application_id=made.application_id, loan_id=loan.loan_id,
            agreement_id=loan.agreement_id, account_id=loan.account_id,
        )  # fmt: skip
        _announce(session, bank_id, made.application_id, event, now)
    status = ApplicationStatus.GRANTED
    store.decide_application(session, bank_id, made.application_id, status, (), now)
    watch.lap("fund")
    loan_ids = tuple(loan.loan_id for loan in loans)
    return replace(made, status=status, loan_ids=loan_ids, decided_at=now)


def _deposit_account(session: Session, bank_id: str, party_id: str, asset: Asset) -> str:
    for account in ledger.accounts_of(session, bank_id=bank_id, owner_id=party_id):
        if (
            account.kind == "customer_deposit"
            and account.asset == asset
            and account.status is ledger.Status.OPEN
        ):
            return account.account_id
    raise NoDepositAccount(f"open an account in {asset.code} first", party_id=party_id)


def _loan(
    session: Session, bank_id: str, application: Application, leg: LegTerms, deposit: str,
    answer: LenderAnswer | None, now: datetime,
) -> Loan:  # fmt: skip
    """Make one leg's agreement and open the account that says what is owed."""
    loan_id = new_id("ln", now)
    agreement = products.agree(
        session, bank_id=bank_id, party_id=application.party_id,
        product=products.read_product(session, bank_id=bank_id, version=leg.product_version),
        rate_index=leg.rate_index, purpose=application.purpose,
        idempotency_key=f"{application.application_id}-{leg.number}",
        terms=products.Terms(
            principal=leg.amount, annual_rate=leg.annual_rate, term_months=leg.term_months,
            repayment=products.Repayment.PRINCIPAL_AND_INTEREST, agreed_on=now.date(),
            first_due_on=add_months(now.date(), 1), fee_upfront=leg.fee_upfront,
            fee_monthly=leg.fee_monthly,
        ),
        now=now,
    )  # fmt: skip
    account_id = _owed_account(session, bank_id, application.party_id, leg, now)
    return Loan(
        loan_id, application.application_id, application.party_id, leg, application.purpose,
        agreement.agreement_id, account_id, deposit,
        None if answer is None else answer.reference, now,
    )  # fmt: skip


def _owed_account(
    session: Session, bank_id: str, party_id: str, leg: LegTerms, now: datetime
) -> str:
    """Return the account that a loan is paid from.

    What we lent is our receivable, one account a loan; what another lender lent is settled with
    that lender, on one account for all of its loans in a currency.
    """
    asset = leg.amount.asset
    if leg.is_own:
        opened = ledger.open_account(
            session, bank_id=bank_id, asset=asset, kind="loan_receivable", owner_id=party_id,
            now=now,
        )  # fmt: skip
        return opened.account_id
    owner = rules.lender_word(leg.lender)
    for account in ledger.accounts_of(session, bank_id=bank_id, owner_id=owner):
        if account.kind == "lender_settlement" and account.asset == asset:
            return account.account_id
    opened = ledger.open_account(
        session, bank_id=bank_id, asset=asset, kind="lender_settlement", owner_id=owner, now=now
    )
    return opened.account_id


def _money(session: Session, bank_id: str, loan: Loan, now: datetime) -> list[ledger.NewTransfer]:
    """Return the transfers that pay a loan out and take its upfront fee.

    Where the law forbids uses of our own loan's money, it carries a mark that says so.
    """
    mark_id = None
    if loan.terms.is_own and loan.terms.forbidden_uses:
        mark = ledger.open_mark(
            session, bank_id=bank_id, origin=loan.agreement_id, purpose=loan.purpose,
            forbidden_uses=loan.terms.forbidden_uses, now=now,
        )  # fmt: skip
        mark_id = mark.mark_id
    paid_out = ledger.NewTransfer(
        transfer_id=new_id("trf", now), debit_id=loan.account_id,
        credit_id=loan.deposit_account_id, amount=loan.terms.amount,
        code="lending.disbursement", effective_on=now.date(), about=loan.loan_id, mark_id=mark_id,
    )  # fmt: skip
    if loan.terms.fee_upfront.units == 0:
        return [paid_out]
    # Our own fee is our income; another lender's fee goes back to that lender.
    taker = loan.account_id
    if loan.terms.is_own:
        income = ledger.bank_account(
            session, bank_id=bank_id, kind="fee_income", asset=loan.terms.amount.asset, now=now
        )
        taker = income.account_id
    fee = ledger.NewTransfer(
        transfer_id=new_id("trf", now), debit_id=loan.deposit_account_id,
        credit_id=taker, amount=loan.terms.fee_upfront, code="lending.fee",
        effective_on=now.date(), about=loan.loan_id,
    )  # fmt: skip
    return [paid_out, fee]


def read_application(session: Session, *, bank_id: str, application_id: str) -> Application:
    """Return an application.

    Refuses: ApplicationNotFound.
    """
    found = store.application(session, bank_id, application_id)
    if found is None:
        raise ApplicationNotFound(f"there is no application {application_id}")
    return found


def application_of_quote(session: Session, *, bank_id: str, quote_id: str) -> Application | None:
    """Return the application that used a quote, or None."""
    return store.application_of_quote(session, bank_id, quote_id)


def waiting_applications(
    session: Session, *, bank_id: str, before: datetime, limit_max: int = 100
) -> list[str]:
    """Return applications that have waited for a lender since before an instant."""
    return store.waiting_applications(session, bank_id, before, limit_max)


def read_loan(session: Session, *, bank_id: str, loan_id: str, party_id: str | None = None) -> Loan:
    """Return a loan; with `party_id`, only that party's own.

    Refuses: LoanNotFound.
    """
    found = store.loan(session, bank_id, loan_id)
    if found is None or (party_id is not None and found.party_id != party_id):
        raise LoanNotFound(f"there is no loan {loan_id}", loan_id=loan_id)
    return found


def loans_of(session: Session, *, bank_id: str, party_id: str) -> list[Loan]:
    """Return a party's loans, newest first, at most `LOANS_LISTED_MAX`."""
    return store.loans_of(session, bank_id, party_id, LOANS_LISTED_MAX)


def check_purpose(
    session: Session, *, bank_id: str, applicant: Applicant, purpose: str, amount: Amount | None,
    policy: decisions.Policy | str, subject: str, now: datetime,
) -> tuple[Reason, ...]:  # fmt: skip
    """Judge a purpose alone, on the record, and return why it cannot be paid for, if so."""
    event = {
        "applicant.age": applicant.age,
        "applicant.status": applicant.status,
        "applicant.residency": applicant.residency,
        "application.purpose": purpose,
        "application.jurisdiction": applicant.market,
    }
    if amount is not None:
        event["application.amount"] = amount.decimal
    decision = decisions.decide(
        session, bank_id=bank_id, policy=policy, subject=subject, event=event, features={},
        lists={}, now=now, idempotency_key=subject,
    )  # fmt: skip
    return _reasons(decision) if decision.outcome == "decline" else ()
