"""Quotes: plans shown to a customer, held for a while, and accepted at most once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from jiuding.base.amounts import Amount
from jiuding.base.clock import Stopwatch
from jiuding.base.database.engine import Session
from jiuding.base.ids import new_id
from jiuding.base.problems import ensure
from jiuding.kernel import eventlog, identity, products
from jiuding.services import insight, lending
from jiuding.services.offers.errors import (
    PlanNotQuoted,
    QuoteNotFound,
    QuoteStale,
    WrongProof,
)
from jiuding.services.offers.events import OfferAccepted, PlanShown
from jiuding.services.offers.operations.branch import Branch, Market
from jiuding.services.offers.operations.plans import plan
from jiuding.services.offers.rules import law
from jiuding.services.offers.store import quotes as store
from jiuding.services.offers.types import (
    Collateral,
    Leg,
    Need,
    Plan,
    PlanKind,
    Profile,
    Quote,
)

# Where no income is proven, plans are still shown; the decision then says what is missing.
UNPROVEN_INCOME = Decimal("1e9")
PLANNING_SECONDS = 0.4
# A quote keeps what a reader can take in; the counts tell how many there were of each kind.
COSTLIER_KEPT_MAX = 40
KEPT_PER_RULE_MAX = 5


@dataclass(frozen=True, slots=True)
class Customer:
    """Who asks, opened once for a whole walk: the person, and what history proves.

    `unseen_debts` is a month of loans here that are too new to stand in the history.
    """

    person: identity.Person
    portrait: insight.Portrait
    unseen_debts: Decimal = Decimal(0)


def meet(session: Session, *, branch: Branch, party_id: str, now: datetime) -> Customer:
    """Return a customer with the portrait that plans and decisions rest on.

    Refuses: identity.PartyNotFound.
    """
    person = identity.read_person(
        session, bank_id=branch.bank_id, vault=branch.vault, party_id=party_id
    )
    market = branch.market(person.party.market)
    portrait = insight.read_portrait(
        session, bank_id=branch.bank_id, party_id=party_id, asset=market.asset, on=now.date()
    )
    unseen = lending.unseen_debts(session, bank_id=branch.bank_id, party_id=party_id, now=now)
    return Customer(person, portrait, unseen)


def profile_for(
    customer: Customer, *, market: Market, collateral: tuple[Collateral, ...], now: datetime
) -> Profile:
    """Return the profile that plans are made for: verified figures only.

    Debts are counted as the decision counts them, so that what is shown can be granted.
    """
    portrait = customer.portrait
    is_proven = portrait.income_monthly is not None
    return Profile(
        age=customer.person.age(now.date()),
        residency=customer.person.party.residency,
        income_monthly=portrait.income_monthly if is_proven else UNPROVEN_INCOME,
        debts_monthly=portrait.debts_monthly + customer.unseen_debts if is_proven else Decimal(0),
        dsr_max=market.limits.dsr_max,
        expenses_monthly=portrait.expenses_monthly,
        collateral=collateral,
    )


def make_quote(
    session: Session, *, branch: Branch, customer: Customer, need: Need,
    collateral: tuple[Collateral, ...] = (), now: datetime, watch: Stopwatch | None = None,
) -> Quote:  # fmt: skip
    """Plan over the whole library and hold the answer for the market's quoting time."""
    watch = watch or Stopwatch()
    market = branch.market(customer.person.party.market)
    profile = profile_for(customer, market=market, collateral=collateral, now=now)
    watch.lap("profile")
    found = plan(
        need, profile, market.shelf, on=now.date(), pack=market.pack,
        deadline_seconds=PLANNING_SECONDS,
    )  # fmt: skip
    watch.lap("plan")
    sample = found.rejected.sample(COSTLIER_KEPT_MAX, KEPT_PER_RULE_MAX)
    kept = replace(found, rejected=sample)
    quote = Quote(
        quote_id=new_id("quo", now),
        party_id=customer.person.party.party_id,
        market=market.name,
        need=need,
        profile=profile,
        plan_set=kept,
        library_version=market.library.version,
        quoted_at=now,
        expires_at=now + timedelta(minutes=market.limits.quote_minutes),
    )
    store.add_quote(session, branch.bank_id, quote)
    event = PlanShown(
        quote_id=quote.quote_id, party_id=quote.party_id, plan_count=len(kept.plans),
        library_version=quote.library_version,
    )  # fmt: skip
    _announce(session, branch, quote.quote_id, event, now)
    watch.lap("quote")
    return quote


def _announce(
    session: Session, branch: Branch, subject: str, event: eventlog.Event, now: datetime
) -> None:
    eventlog.append(
        session, bank_id=branch.bank_id, event=event, subject=subject, source="offers",
        occurred_at=now, recorded_at=now,
    )  # fmt: skip


def read_quote(session: Session, *, branch: Branch, party_id: str, quote_id: str) -> Quote:
    """Return a party's own quote.

    Refuses: QuoteNotFound.
    """
    found = store.quote(session, branch.bank_id, quote_id)
    if found is None or found.party_id != party_id:
        raise QuoteNotFound(f"there is no quote {quote_id}", quote_id=quote_id)
    return found


def plan_of(quote: Quote, kind: str) -> Plan:
    """Return the plan of this kind in a quote.

    Refuses: PlanNotQuoted.
    """
    for each in quote.plan_set.plans:
        if each.kind == kind:
            return each
    kinds = ", ".join(each.kind for each in quote.plan_set.plans) or "none"
    raise PlanNotQuoted(f"the quote holds no {str(kind)[:20]!r} plan; it holds: {kinds}")


def proof_purpose(quote_id: str, kind: str) -> str:
    """Return what a customer confirms with a passkey or PIN: this plan of this quote."""
    return f"accept:{quote_id}:{kind}"


def accept_quote(
    session: Session, *, branch: Branch, quote_id: str, kind: PlanKind | str,
    proof: identity.Proof, idempotency_key: str, now: datetime, watch: Stopwatch | None = None,
) -> lending.Application:  # fmt: skip
    """Apply for a quoted plan; the same acceptance again returns the first outcome.

    Refuses: QuoteNotFound, PlanNotQuoted, QuoteStale when it has run out or a product has changed,
    WrongProof when something else was confirmed, lending.ApplicationConflict.
    """
    if proof.purpose != proof_purpose(quote_id, str(kind)):
        raise WrongProof("the confirmation was given for something else")
    quote = read_quote(session, branch=branch, party_id=proof.party_id, quote_id=quote_id)
    chosen = plan_of(quote, str(kind))
    first = lending.application_of_quote(session, bank_id=branch.bank_id, quote_id=quote_id)
    market = branch.market(quote.market)
    if first is None and now >= quote.expires_at:
        raise QuoteStale("the quote has run out; ask again for today's", quote_id=quote_id)
    if first is not None and first.plan_kind == chosen.kind:
        return first
    customer = meet(session, branch=branch, party_id=proof.party_id, now=now)
    pinned = {number: _product(market, leg, quote) for number, leg in enumerate(chosen.legs, 1)}
    legs = tuple(
        _terms(number, leg, market, pinned[number], quote.need.purpose, now)
        for number, leg in enumerate(chosen.legs, 1)
    )
    event = OfferAccepted(
        quote_id=quote_id, party_id=proof.party_id, plan_kind=chosen.kind.value, means=proof.means
    )
    _announce(session, branch, quote_id, event, now)
    return lending.apply(
        session, bank_id=branch.bank_id,
        applicant=applicant_of(customer, market, now),
        application=lending.NewApplication(
            quote_id, chosen.kind.value, quote.need.purpose, legs, chosen.true_rate
        ),
        verified=_verified(customer.portrait), limits=market.limits,
        policy=branch.credit_policy, loan_products=pinned, idempotency_key=idempotency_key,
        now=now, watch=watch,
    )  # fmt: skip


def _product(market: Market, leg: Leg, quote: Quote) -> products.LoanProduct:
    """Return the product that a leg was quoted from; what else changed meanwhile is no matter.

    Its place may have moved: another lender's import changes the order of the library.
    """
    listed = market.library.products
    near = listed[leg.place : leg.place + 1]
    for product in (*near, *listed):
        if (product.version, product.product_id, product.lender) == (
            leg.product_version, leg.product_id, leg.lender,
        ):  # fmt: skip
            return product
    raise QuoteStale("a lender changed this product; ask again", quote_id=quote.quote_id)


def _terms(
    number: int, leg: Leg, market: Market, product: products.LoanProduct, purpose: str,
    now: datetime,
) -> lending.LegTerms:  # fmt: skip
    asset = market.asset
    amount = Amount.parse(leg.amount, asset)
    return lending.LegTerms(
        number=number,
        product_id=leg.product_id,
        product_version=products.pinned(product)[0],
        rate_index=leg.rate_index,
        product_name=leg.product_name,
        lender=leg.lender,
        lender_name=product.lender_name or product.lender,
        category=product.category.value,
        is_own=leg.lender == market.limits.own_lender,
        amount=amount,
        annual_rate=leg.rate,
        term_months=leg.term_months,
        instalment=Amount.round(leg.instalment, asset),
        fee_upfront=Amount.round(leg.fee_upfront, asset),
        fee_monthly=Amount.round(leg.fee_monthly, asset),
        true_rate=leg.true_rate,
        forbidden_uses=law.forbidden_uses(
            market.pack, product, purpose, asset.code, amount.decimal, leg.term_months, now.date()
        ),
    )


def applicant_of(customer: Customer, market: Market, now: datetime) -> lending.Applicant:
    """Return what a decision may know of a customer."""
    party = customer.person.party
    ensure(party.market == market.name, "a customer is served in the market they belong to")
    return lending.Applicant(
        party_id=party.party_id,
        status=party.status.value,
        age=customer.person.age(now.date()),
        residency=party.residency,
        market=party.market,
    )


def _verified(portrait: insight.Portrait) -> lending.Verified:
    return lending.Verified(
        income_monthly=portrait.income_monthly,
        expenses_monthly=portrait.expenses_monthly,
        debts_monthly=portrait.debts_monthly,
        months_of_history=portrait.months_of_history,
        missed_payments_12m=portrait.missed_payments_12m,
        lowest_balance_3m=portrait.lowest_balance_3m,
        cash_flow_score=insight.score_cash_flow(portrait).points,
    )
