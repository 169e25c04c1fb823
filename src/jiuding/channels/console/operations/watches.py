"""The watch on a loan as its page shows it: the consent, the last look, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from jiuding.base.amounts import Amount
from jiuding.base.database.engine import Session
from jiuding.channels.console.operations.walk import leg_names
from jiuding.services import lending, offers

FINDINGS_SHOWN_MAX = 3
NOTICES_MAX = 5


@dataclass(frozen=True, slots=True)
class FoundLegView:
    """One loan of the plan that was found."""

    lender: str
    name: str
    amount: Amount
    rate: Decimal


@dataclass(frozen=True, slots=True)
class FoundView:
    """A strictly better plan: what staying and switching cost beyond what is owed."""

    found_at: datetime
    saved: Amount
    stay: Amount
    switch: Amount
    exit: Amount
    term_months: int
    legs: tuple[FoundLegView, ...]


@dataclass(frozen=True, slots=True)
class WatchView:
    """The watch on a loan; without one `watch_id` is None. `key` names the next consent."""

    watch_id: str | None
    key: str
    began_at: datetime | None
    looked_at: datetime | None
    outcome: str | None
    found: tuple[FoundView, ...]


@dataclass(frozen=True, slots=True)
class NoticeView:
    """What a customer is told about one of its loans."""

    loan_id: str
    product: str
    saved: Amount


def watch_view(
    session: Session, *, branch: offers.Branch, party_id: str, loan_id: str, market: str, lang: str
) -> WatchView:
    """Return the watch on a party's own loan, and the newest of what it found."""
    bank_id = branch.bank_id
    mine = offers.watches_of(session, bank_id=bank_id, party_id=party_id)
    before = [each for each in mine if each.loan_id == loan_id]
    live = next((each for each in before if each.is_live), None)
    found = offers.findings_of(session, bank_id=bank_id, party_id=party_id, loan_id=loan_id)
    return WatchView(
        watch_id=live.watch_id if live else None, key=f"console-{loan_id}-{len(before)}",
        began_at=live.began_at if live else None, looked_at=live.looked_at if live else None,
        outcome=str(live.outcome) if live and live.outcome else None,
        found=tuple(
            _found(each, branch.market(market), lang) for each in found[:FINDINGS_SHOWN_MAX]
        )
        if live
        else (),
    )  # fmt: skip


def notices(session: Session, *, branch: offers.Branch, party_id: str) -> tuple[NoticeView, ...]:
    """Return the newest finding of each loan that is still watched."""
    bank_id = branch.bank_id
    watched = {
        each.loan_id
        for each in offers.watches_of(session, bank_id=bank_id, party_id=party_id)
        if each.is_live
    }
    if not watched:
        return ()
    loans = lending.loans_of(session, bank_id=bank_id, party_id=party_id)
    names = {loan.loan_id: loan.terms.product_name for loan in loans}
    told: dict[str, NoticeView] = {}
    for each in offers.findings_of(session, bank_id=bank_id, party_id=party_id):
        if each.loan_id in watched and each.loan_id in names:
            told.setdefault(
                each.loan_id, NoticeView(each.loan_id, names[each.loan_id], each.switch.saved)
            )
    return tuple(told.values())[:NOTICES_MAX]


def _found(found: offers.Finding, market: offers.Market, lang: str) -> FoundView:
    costs = found.switch
    return FoundView(
        found.found_at, costs.saved, costs.stay, costs.switch, costs.exit, found.term_months,
        tuple(
            FoundLegView(*leg_names(market, leg, lang),
                         Amount.round(leg.amount, costs.saved.asset), leg.rate)
            for leg in found.plan.legs
        ),
    )  # fmt: skip
