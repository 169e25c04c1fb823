"""HTTP for programs: the watches of one's own loans, and the age of the libraries, under `/v1`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Depends, Header, Request
from pydantic import BaseModel, ConfigDict

from jiuding.base import clock
from jiuding.base.amounts import Amount
from jiuding.base.database.engine import transaction
from jiuding.base.http import idempotency_key
from jiuding.kernel import identity
from jiuding.services.offers.operations import explaining, imports, markets, watching
from jiuding.services.offers.operations.branch import Branch
from jiuding.services.offers.rules.imports import Import, Source
from jiuding.services.offers.rules.records import to_record
from jiuding.services.offers.rules.watching import Finding, Watch

COOKIE = "jiuding_login"
router = APIRouter(prefix="/v1")


class WatchBody(BaseModel):
    """Which loan to watch, and that the customer agrees to it."""

    model_config = ConfigDict(extra="forbid")
    loan_id: str
    has_agreed: bool


def branch_of(request: Request) -> Branch:
    """Return the branch that this app serves."""
    return request.app.state.branch


HomeBranch = Annotated[Branch, Depends(branch_of)]


def visitor(
    branch: HomeBranch,
    authorization: Annotated[str | None, Header()] = None,
    cookie: Annotated[str | None, Cookie(alias=COOKIE)] = None,
) -> str:
    """Return the party behind a request's login token, from its header or its cookie.

    Refuses: identity.LoginRequired.
    """
    token = cookie
    if authorization and authorization.lower().startswith("bearer "):
        token = authorization[7:].strip()
    with transaction(branch.engine) as session:
        return identity.authenticate_login(
            session, bank_id=branch.bank_id, token=token, now=clock.now()
        ).party_id


Visitor = Annotated[str, Depends(visitor)]
Key = Annotated[str, Depends(idempotency_key)]


@router.get("/watches")
def list_watches(branch: HomeBranch, party_id: Visitor) -> dict[str, Any]:
    """Return one's own watches, newest first, and what they found."""
    with transaction(branch.engine) as session:
        held = watching.watches_of(session, bank_id=branch.bank_id, party_id=party_id)
        found = watching.findings_of(session, bank_id=branch.bank_id, party_id=party_id)
    return {
        "watches": [
            _watch(each, [one for one in found if one.watch_id == each.watch_id]) for each in held
        ]
    }


@router.post("/watches", status_code=201)
def begin_watch(branch: HomeBranch, body: WatchBody, party_id: Visitor, key: Key) -> dict[str, Any]:
    """Let the bank watch the library for a loan of one's own."""
    with transaction(branch.engine) as session:
        made = watching.watch_loan(
            session, bank_id=branch.bank_id, party_id=party_id, loan_id=body.loan_id,
            has_agreed=body.has_agreed, idempotency_key=key, now=clock.now(),
        )  # fmt: skip
    return _watch(made, [])


@router.delete("/watches/{watch_id}")
def end_watch(branch: HomeBranch, watch_id: str, party_id: Visitor) -> dict[str, Any]:
    """Withdraw the consent to a watch."""
    with transaction(branch.engine) as session:
        found = watching.stop_watching(
            session, bank_id=branch.bank_id, party_id=party_id, watch_id=watch_id, now=clock.now()
        )
    return _watch(found, [])


@router.get("/quotes/{quote_id}/explanations")
def explain(branch: HomeBranch, quote_id: str, party_id: Visitor) -> dict[str, Any]:
    """Return what stands behind each plan of a quote of one's own, by the plan's kind."""
    with transaction(branch.engine) as session:
        told = explaining.explain_quote(
            session, branch=branch, party_id=party_id, quote_id=quote_id
        )
    return {kind.value: to_record(each) for kind, each in told.items()}


@router.get("/libraries")
def list_libraries(branch: HomeBranch) -> dict[str, Any]:
    """Return the libraries that this bank plans on: their versions, their age, what changed."""
    now = clock.now()
    with transaction(branch.engine) as session:
        rows = [
            _library(session, branch, name, market.library.version, now)
            for name, market in branch.markets.items()
        ]
        listed = markets.list_sources(session, bank_id=branch.bank_id, now=now)
    return {"libraries": rows, "sources": [_source(each) for each in listed]}


def _source(each: Source) -> dict[str, Any]:
    return {
        "source": each.newest.source,
        "version": each.newest.version,
        "age_days": each.age.age_days,
        "is_fresh": each.age.is_fresh,
        "import": _import(each.newest),
    }


def _library(session: Any, branch: Branch, market: str, version: str, now: Any) -> dict[str, Any]:
    source = imports.market_source(market)
    age = imports.read_freshness(session, bank_id=branch.bank_id, source=source, now=now)
    made = imports.list_imports(session, bank_id=branch.bank_id, source=source, limit_max=1)
    return {
        "market": market,
        "version": version,
        "age_days": None if age is None else age.age_days,
        "is_fresh": None if age is None else age.is_fresh,
        "import": _import(made[0]) if made else None,
    }


def _import(made: Import) -> dict[str, Any]:
    return {
        "number": made.number,
        "imported_at": made.imported_at.isoformat(),
        "checked_at": made.checked_at.isoformat(),
        "products": made.product_count,
        "unquotable_rates": dict(made.unquotable),
        "quarantined": made.quarantined_count,
        "changes": dict(made.changed),
    }


def _watch(watch: Watch, found: list[Finding]) -> dict[str, Any]:
    """Return a watch as it is written on the wire."""
    return {
        "watch_id": watch.watch_id,
        "loan_id": watch.loan_id,
        "began_at": watch.began_at.isoformat(),
        "stopped_at": None if watch.stopped_at is None else watch.stopped_at.isoformat(),
        "looked_at": None if watch.looked_at is None else watch.looked_at.isoformat(),
        "outcome": watch.outcome,
        "findings": [_finding(each) for each in found],
    }


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "finding_id": found.finding_id,
        "found_at": found.found_at.isoformat(),
        "saved": _money(found.switch.saved),
        "stay_cost": _money(found.switch.stay),
        "switch_cost": _money(found.switch.switch),
        "exit_cost": _money(found.switch.exit),
        "balance": _money(found.balance),
        "term_months": found.term_months,
        "legs": [
            {
                "product_id": leg.product_id,
                "lender": leg.lender,
                "product_name": leg.product_name,
                "rate_index": leg.rate_index,
                "annual_rate": str(leg.rate),
                "amount": str(leg.amount),
            }
            for leg in found.plan.legs
        ],
    }


def _money(amount: Amount) -> dict[str, str]:
    return {"amount": amount.text(), "asset": amount.asset.code}
