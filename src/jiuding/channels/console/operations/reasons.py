"""Why a plan, as its page shows it: what its rate is made of, what comes next, what would help."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate

from jiuding.base.amounts import Amount, Asset
from jiuding.base.database.engine import Session
from jiuding.channels.console.operations.walk import leg_names
from jiuding.services import offers

_MONEY_CHANGES = frozenset({"less_borrowed", "monthly_more"})


@dataclass(frozen=True, slots=True)
class RatePartView:
    """One part of the true rate: `lender` and `name` are empty for the interest.

    `starts` is the rate that the parts before it come to.
    """

    lender: str
    name: str
    timing: str
    rate: Decimal
    paid: Amount
    starts: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class ChangeView:
    """What would be otherwise: by money or by months; `cost` is None where nothing would fit."""

    change: str
    money: Amount | None
    months: int | None
    cost: Amount | None
    instalment: Amount | None
    saving: Amount | None


@dataclass(frozen=True, slots=True)
class GroundsView:
    """What stands behind one plan of a quote."""

    quote_id: str
    kind: str
    true_rate: Decimal
    total_cost: Amount
    parts: tuple[RatePartView, ...]
    without: str  # the product of the largest loan, which the runner-up does without
    runner_up: Amount | None
    runner_up_more: Amount | None
    runner_up_rate: Decimal | None
    runner_up_legs: tuple[tuple[str, str], ...]
    changes: tuple[ChangeView, ...]


def why_view(
    session: Session, *, branch: offers.Branch, party_id: str, quote_id: str, kind: str, lang: str
) -> GroundsView:
    """Return what stands behind one's own plan.

    Refuses: offers.QuoteNotFound, offers.PlanNotQuoted, offers.QuoteStale.
    """
    quote = offers.read_quote(session, branch=branch, party_id=party_id, quote_id=quote_id)
    plan = offers.plan_of(quote, kind)
    told = offers.explain_quote(session, branch=branch, party_id=party_id, quote_id=quote_id)
    market, why = branch.market(quote.market), told[plan.kind]
    asset, other = market.asset, why.runner_up
    lenders = {leg.lender: leg_names(market, leg, lang)[0] for leg in plan.legs}
    interest = plan.total_cost - sum((fee.amount for fee in why.fees), Decimal(0))
    parts = [RatePartView("", "", "", why.parts[0][1], Amount.round(interest, asset))]
    parts += [
        RatePartView(
            lenders.get(fee.lender, fee.lender),
            fee.name,
            fee.timing,
            fee.rate,
            Amount.round(fee.amount, asset),
        )
        for fee in why.fees
    ]
    ends = list(accumulate(part.rate for part in parts))
    parts = [replace(part, starts=end - part.rate) for part, end in zip(parts, ends, strict=True)]
    return GroundsView(
        quote_id=quote_id, kind=plan.kind.value, true_rate=plan.true_rate,
        total_cost=Amount.round(plan.total_cost, asset), parts=tuple(parts),
        without=leg_names(market, plan.legs[0], lang)[1],
        runner_up=None if other is None else Amount.round(other.total_cost, asset),
        runner_up_more=(
            None if other is None else Amount.round(other.total_cost - plan.total_cost, asset)
        ),
        runner_up_rate=None if other is None else other.true_rate,
        runner_up_legs=tuple(
            leg_names(market, leg, lang) for leg in (other.legs if other else ())
        ),
        changes=tuple(_change(each, asset) for each in why.counterfactuals),
    )  # fmt: skip


def _change(each: offers.Counterfactual, asset: Asset) -> ChangeView:
    def money(value: Decimal | None) -> Amount | None:
        return None if value is None else Amount.round(value, asset)

    is_money = each.change in _MONEY_CHANGES
    return ChangeView(
        each.change, money(each.by) if is_money else None, None if is_money else int(each.by),
        money(each.total_cost), money(each.instalment), money(each.saving),
    )  # fmt: skip
