"""Watching a loan: what it still costs to stay, what it would cost to switch, all costs in.

The switch is thought of on the next day on which an instalment is due: that instalment is paid
either way, and then

- *staying* costs what is still to be paid under the agreement less what is still owed, and for a
  home the fee of its release at the end;
- *switching* costs the new plan's payments and fees over the same months less what is borrowed,
  the old product's fees for ending early, and for a home the release of the new one at its end.

Where the old product charges for ending early and does not say how much, nobody can know whether
switching pays, and nothing is said. What is not certain is counted against switching.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from jiuding.base.amounts import Amount
from jiuding.kernel.products import Agreement, FeeTiming, LoanProduct, RateKind, RateTerm
from jiuding.services.offers.rules.fees import charged_fees
from jiuding.services.offers.types import Plan

ZERO = Decimal(0)
_ENDING = frozenset({"discharge", "early"})
_FIXED_ONLY = re.compile(r"\bbreak|fixed", re.IGNORECASE)


class Outcome(StrEnum):
    """What a look at a watched loan found."""

    BETTER = "better"
    BETTER_TOLD = "better_told"  # the same finding was told before
    NOTHING_BETTER = "nothing_better"
    NO_PLAN = "no_plan"  # nothing in the library lends this to this customer
    EXIT_COST_UNKNOWN = "exit_cost_unknown"
    NEARLY_REPAID = "nearly_repaid"
    NOT_ACTIVE = "not_active"  # a suspended customer is granted nothing, so is told nothing
    REFUSED = "refused"  # the look itself was refused; the worker's log says by which code


@dataclass(frozen=True, slots=True)
class Watch:
    """A customer's consent that the bank watches the library for one loan, until it is stopped."""

    watch_id: str
    party_id: str
    loan_id: str
    began_at: datetime
    stopped_at: datetime | None
    looked_at: datetime | None
    outcome: Outcome | None

    @property
    def is_live(self) -> bool:
        """Whether the consent holds."""
        return self.stopped_at is None


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of an agreement after its next instalment; `cost` is interest and fees."""

    balance: Amount
    months: int
    cost: Amount


@dataclass(frozen=True, slots=True)
class Switch:
    """Staying beside switching: costs from the next due day on; `saved` is their difference."""

    stay: Amount
    switch: Amount
    exit: Amount  # the part of `switch` that the old product charges for ending early

    @property
    def saved(self) -> Amount:
        """What switching saves; negative where it costs more."""
        return self.stay - self.switch


@dataclass(frozen=True, slots=True)
class Finding:
    """A strictly better plan for a watched loan, as the customer was told of it."""

    finding_id: str
    watch_id: str
    loan_id: str
    party_id: str
    key: str
    library_version: str
    found_at: datetime
    switch: Switch
    balance: Amount
    term_months: int
    plan: Plan


def remaining(agreement: Agreement, on: date) -> Remaining | None:
    """Return what is left of an agreement after its next instalment; None where nothing is."""
    ahead = [row for row in agreement.instalments if row.due_on > on]
    if len(ahead) < 2 or ahead[0].balance_units <= 0:
        return None
    asset = agreement.terms.principal.asset
    balance = ahead[0].balance_units
    paid = sum(row.total_units for row in ahead[1:])
    return Remaining(Amount(balance, asset), len(ahead) - 1, Amount(paid - balance, asset))


def exit_cost(product: LoanProduct, rate: RateTerm | None, balance: Decimal) -> Decimal | None:
    """Return what ending a loan early costs, in currency; None where that is not stated.

    Of several fees of one kind the largest counts. Breaking a rate costs only where it is fixed.
    """
    largest: dict[str, Decimal] = {}
    is_fixed = rate is None or rate.kind is RateKind.FIXED
    for fee in product.fees:
        if fee.timing is not FeeTiming.DISCHARGE and fee.kind not in _ENDING:
            continue
        if not is_fixed and (fee.only_if == "fixed" or _FIXED_ONLY.search(fee.name)):
            continue
        if fee.amount is None and fee.fraction is None:
            return None
        cost = (fee.amount or ZERO) + (fee.fraction or ZERO) * balance
        largest[fee.kind] = max(largest.get(fee.kind, ZERO), cost, ZERO)
    return sum(largest.values(), ZERO)


def release_cost(product: LoanProduct, rate: RateTerm | None) -> Decimal:
    """Return what every borrower pays when the loan ends with its term, in currency."""
    ending = (
        fee for fee in charged_fees(product, rate) if fee.timing is FeeTiming.DISCHARGE
    )  # fmt: skip
    return sum((max(fee.amount or ZERO, ZERO) for fee in ending), ZERO)


def rate_at(product: LoanProduct, index: int) -> RateTerm | None:
    """Return the rate at a place of a product, or None."""
    return next((rate for rate in product.rates if rate.index == index), None)


def switch(
    left: Remaining, old: tuple[LoanProduct, RateTerm | None], exit_now: Decimal, plan: Plan,
    new: Iterable[tuple[LoanProduct, RateTerm | None]],
) -> Switch:  # fmt: skip
    """Return what staying and switching to a plan cost; `new` is each leg's product and rate."""
    asset = left.balance.asset
    stay = left.cost + Amount.round(release_cost(*old), asset)
    ends = sum((release_cost(*each) for each in new), ZERO)
    costs = Amount.round(plan.total_cost + exit_now + ends, asset)
    return Switch(stay, costs, Amount.round(exit_now, asset))


def is_better(costs: Switch, left: Remaining, plan: Plan) -> bool:
    """Tell whether switching saves more than rounding could make.

    Each instalment, of the old loan and of each new leg, is rounded by half a unit at most.
    """
    rounding = Decimal(left.months * (1 + len(plan.legs))) / 2
    return costs.saved.units > rounding


def finding_key(plan: Plan) -> str:
    """Return what makes two findings the same: the products and rates that a plan is made of.

    What is still owed and the months left move with every instalment, so they do not count.
    """
    legs = sorted(
        [leg.lender, leg.product_id, leg.rate_index, f"{leg.rate.normalize():f}"]
        for leg in plan.legs
    )
    return hashlib.sha256(json.dumps(legs).encode()).hexdigest()[:32]
