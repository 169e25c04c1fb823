"""Watch the library for a customer's loan, and tell them when switching would cost less."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from jiuding.base.database.engine import Session
from jiuding.base.ids import new_id
from jiuding.base.problems import ensure
from jiuding.kernel import eventlog, identity, products
from jiuding.services import lending
from jiuding.services.offers.errors import WatchConflict, WatchNotAllowed, WatchNotFound
from jiuding.services.offers.events import BetterPlanFound, WatchBegun, WatchStopped
from jiuding.services.offers.operations.branch import Branch, Market
from jiuding.services.offers.operations.plans import plan
from jiuding.services.offers.operations.quotes import meet, profile_for
from jiuding.services.offers.rules import watching as rules
from jiuding.services.offers.rules.watching import Finding, Outcome, Remaining, Watch
from jiuding.services.offers.store import watching as store
from jiuding.services.offers.types import Collateral, Need, Plan, PlanKind, Profile

WATCHES_LISTED_MAX = 100
FINDINGS_LISTED_MAX = 100
KEY_LENGTH_MAX = 200
PLANNING_SECONDS = 1.0


def watch_loan(
    session: Session, *, bank_id: str, party_id: str, loan_id: str, has_agreed: bool,
    idempotency_key: str, now: datetime,
) -> Watch:  # fmt: skip
    """Watch the library for a party's own loan, with its consent, until it is stopped.

    The watch is the consent: nothing is looked at without a live one. A loan that is watched
    already keeps its first watch; the same key again returns the watch that it began.

    Refuses: WatchNotAllowed without consent; lending.LoanNotFound for a loan that is not the
    party's own; WatchConflict for a key that began the watch of another loan.
    """
    if not has_agreed:
        raise WatchNotAllowed("say that the bank may watch this loan for you", loan_id=loan_id)
    lending.read_loan(session, bank_id=bank_id, loan_id=loan_id, party_id=party_id)
    idempotency_key = idempotency_key[:KEY_LENGTH_MAX]
    made = Watch(new_id("wch", now), party_id, loan_id, now, None, None, None)
    if store.add_watch(session, bank_id, made, idempotency_key):
        event = WatchBegun(watch_id=made.watch_id, loan_id=loan_id, party_id=party_id)
        _announce(session, bank_id, loan_id, event, now)
        return made
    first = store.watch_by_key(session, bank_id, party_id, idempotency_key)
    if first is not None and first.loan_id != loan_id:
        raise WatchConflict("this Idempotency-Key was used for another loan", loan_id=loan_id)
    found = first or store.live_watch(session, bank_id, loan_id)
    ensure(found is not None, "a watch that was not added is there already")
    return found


def stop_watching(
    session: Session, *, bank_id: str, party_id: str, watch_id: str, now: datetime
) -> Watch:
    """Withdraw the consent to a watch; stopping it again changes nothing.

    Refuses: WatchNotFound for a watch that is not there, or not the party's own.
    """
    found = store.watch(session, bank_id, watch_id)
    if found is None or found.party_id != party_id:
        raise WatchNotFound(f"there is no watch {watch_id}", watch_id=watch_id)
    return _stop(session, bank_id, found, now)


def _stop(session: Session, bank_id: str, found: Watch, now: datetime) -> Watch:
    if store.stop_watch(session, bank_id, found.watch_id, now):
        event = WatchStopped(
            watch_id=found.watch_id, loan_id=found.loan_id, party_id=found.party_id
        )
        _announce(session, bank_id, found.loan_id, event, now)
    return store.watch(session, bank_id, found.watch_id) or found


def watches_of(session: Session, *, bank_id: str, party_id: str) -> tuple[Watch, ...]:
    """Return a party's watches, newest first, stopped ones too."""
    return tuple(store.watches_of(session, bank_id, party_id, WATCHES_LISTED_MAX))


def watch_of_loan(
    session: Session, *, bank_id: str, party_id: str, loan_id: str
) -> Watch | None:  # fmt: skip
    """Return the live watch on a party's own loan, or None."""
    found = store.live_watch(session, bank_id, loan_id)
    return found if found is not None and found.party_id == party_id else None


def findings_of(
    session: Session, *, bank_id: str, party_id: str, loan_id: str | None = None
) -> tuple[Finding, ...]:
    """Return what a party was told about its loans, or about one of them, newest first."""
    return tuple(store.findings_of(session, bank_id, party_id, loan_id, FINDINGS_LISTED_MAX))


def look(session: Session, *, branch: Branch, watch_id: str, now: datetime) -> Outcome | None:
    """Look for a strictly better plan for a watched loan; tell the customer of a new one.

    None where the watch was stopped meanwhile, or another session is looking.
    """
    watch = store.watch(session, branch.bank_id, watch_id, lock=True)
    if watch is None or not watch.is_live:
        return None
    try:
        party = identity.read_person(
            session, bank_id=branch.bank_id, vault=branch.vault, party_id=watch.party_id
        ).party
    except identity.PartyNotFound:
        # Whoever was forgotten is not watched for.
        _stop(session, branch.bank_id, watch, now)
        return None
    market = branch.market(party.market)
    if party.status is not identity.PartyStatus.ACTIVE:
        outcome = Outcome.NOT_ACTIVE
    else:
        outcome = _look(session, branch, market, watch, now)
    store.note_look(
        session, branch.bank_id, watch_id, outcome, market.library.version, now
    )  # fmt: skip
    return outcome


def _look(
    session: Session, branch: Branch, market: Market, watch: Watch, now: datetime
) -> Outcome:  # fmt: skip
    bank_id = branch.bank_id
    loan = lending.read_loan(session, bank_id=bank_id, loan_id=watch.loan_id)
    agreement = products.read_agreement(session, bank_id=bank_id, agreement_id=loan.agreement_id)
    left = rules.remaining(agreement, now.date())
    if left is None:
        return Outcome.NEARLY_REPAID
    old = products.read_product(session, bank_id=bank_id, version=agreement.version)
    old_rate = rules.rate_at(old, agreement.rate_index)
    exit_now = rules.exit_cost(old, old_rate, left.balance.decimal)
    if exit_now is None:
        return Outcome.EXIT_COST_UNKNOWN
    best = _cheapest(session, branch, market, loan, old, left, now)
    if best is None:
        return Outcome.NO_PLAN
    listed = market.library.products
    new = [(listed[leg.place], rules.rate_at(listed[leg.place], leg.rate_index))
           for leg in best.legs]  # fmt: skip
    costs = rules.switch(left, (old, old_rate), exit_now, best, new)
    if not rules.is_better(costs, left, best):
        return Outcome.NOTHING_BETTER
    found = Finding(
        new_id("fnd", now), watch.watch_id, watch.loan_id, watch.party_id,
        rules.finding_key(best), market.library.version, now, costs, left.balance, left.months,
        best,
    )  # fmt: skip
    if not store.add_finding(session, bank_id, found):
        return Outcome.BETTER_TOLD
    _tell(session, bank_id, found)
    return Outcome.BETTER


def _cheapest(
    session: Session, branch: Branch, market: Market, loan: lending.Loan,
    old: products.LoanProduct, left: Remaining, now: datetime,
) -> Plan | None:  # fmt: skip
    """Return the cheapest plan for what is left of a loan, over the months that are left."""
    customer = meet(session, branch=branch, party_id=loan.party_id, now=now)
    # No valuation is at hand: what secures the loan was worth at least what was lent on it.
    held = tuple(Collateral(kind, loan.terms.amount.decimal) for kind in old.collateral)
    profile = profile_for(customer, market=market, collateral=held, now=now)
    profile = _without(profile, loan)
    need = Need(
        loan.purpose, left.balance.decimal, market.limits.currency, left.months, left.months
    )
    found = plan(
        need, profile, market.shelf, on=now.date(), pack=market.pack,
        deadline_seconds=PLANNING_SECONDS,
    )  # fmt: skip
    return next((each for each in found.plans if each.kind is PlanKind.CHEAPEST), None)


def _without(profile: Profile, loan: lending.Loan) -> Profile:
    """Return the profile as it is once this loan is repaid; its lender knows the customer."""
    known = tuple(dict.fromkeys((*profile.existing_banks, loan.terms.lender)))
    profile = replace(profile, existing_banks=known)
    month = loan.terms.instalment.decimal + loan.terms.fee_monthly.decimal
    return replace(profile, debts_monthly=max(profile.debts_monthly - month, Decimal(0)))


def _tell(session: Session, bank_id: str, found: Finding) -> None:
    event = BetterPlanFound(
        finding_id=found.finding_id, watch_id=found.watch_id, loan_id=found.loan_id,
        party_id=found.party_id, saved=found.switch.saved, stay_cost=found.switch.stay,
        switch_cost=found.switch.switch, library_version=found.library_version,
    )  # fmt: skip
    _announce(session, bank_id, found.loan_id, event, found.found_at)


def _announce(
    session: Session, bank_id: str, subject: str, event: eventlog.Event, now: datetime
) -> None:
    eventlog.append(
        session, bank_id=bank_id, event=event, subject=subject, source="offers",
        occurred_at=now, recorded_at=now,
    )  # fmt: skip


def note_refusal(session: Session, *, branch: Branch, watch_id: str, now: datetime) -> None:
    """Note that a look was refused, at the libraries as they are now; it is not repeated there."""
    versions = [market.library.version for market in branch.markets.values()]
    store.note_look(session, branch.bank_id, watch_id, Outcome.REFUSED, versions[0], now)


def waiting_watches(
    session: Session, *, branch: Branch, now: datetime, limit_max: int, after: str | None = None,
    is_on_demand: bool = False,
) -> list[str]:  # fmt: skip
    """Return live watches to look at, a page at a time: on demand all, else what has not seen
    the libraries as they are now."""
    versions = None
    if not is_on_demand:
        versions = tuple(market.library.version for market in branch.markets.values())
    return store.waiting(session, branch.bank_id, after, now, versions, limit_max)
