"""Aims: what each kind of plan makes least, as a weight on every arm. All are linear in amounts.

- *cheapest* makes the cost least: all payments and fees less the amount. Undiscounted, or, where
  the need has a discount rate, each payment at its present value: a payment after n months counts
  as 1/(1 + d/12)^n. Source: the net present value of Brealey, Myers and Allen, ch. 2.
- *lightest* makes the first month's instalments and monthly fees least, then the cost.
- *surest* makes the joint chance of approval greatest. The chance is a stated score, not a
  measured probability: 0.95 for a lender who knows the customer and 0.90 for one who does not,
  times 0.98 for each open condition (six at most), times 0.95 where nothing secures the loan, all
  legs multiplied; times exp(-0.5 x the share of the affordable month that the plan takes). Equal
  chances go to the cheaper.
- *weighted* makes least, with the customer's weights divided by their sum,
  cost x (cost / amount) + instalment x (month / affordable month) + certainty x (-ln chance).
  The three are shares without a unit, and none depends on what else is in the library.

No input of any of them is what a lender pays for being shown.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jiuding.services.offers.rules.arms import Arms
from jiuding.services.offers.rules.shelf import Shelf
from jiuding.services.offers.types import Profile, Weights

LEGS_MAX = 3
CHANCE_KNOWN, CHANCE_NEW, CHANCE_OPEN, CHANCE_UNSECURED = 0.95, 0.90, 0.98, 0.95
OPEN_MAX = 6
HEADROOM_WEIGHT = 0.5
TIE_UNITS = 0.1  # of a currency's unit: what breaking ties may add to the least month
_TIE_WEIGHT = 1e-6  # of the cost's share of the amount: only breaks ties of the chance


@dataclass(frozen=True, slots=True)
class Aim:
    """What is made least: lending x units on an arm counts slope·x + fixed."""

    slope: np.ndarray
    fixed: np.ndarray

    def of(self, legs: Sequence[int], units: Sequence[int]) -> float:
        """Return what these units on these arms come to."""
        places, lent = list(legs), np.array(units, dtype=float)
        return float((self.slope[places] * lent + self.fixed[places]).sum())


def paid(arms: Arms) -> Aim:
    """Return the cost that is paid, undiscounted, in units."""
    return Aim(arms.cost, arms.cost_fixed)


def present(arms: Arms) -> Aim:
    """Return the cost that the cheapest plan makes least: at the need's discount rate, if any."""
    return Aim(arms.present, arms.present_fixed)


def month(arms: Arms) -> Aim:
    """Return what the first month takes, in units."""
    return Aim(arms.instalment, arms.monthly)


def light(arms: Arms) -> Aim:
    """Return the first month, with the cost weighed so little that it moves it by `TIE_UNITS`."""
    most = float((np.abs(arms.present) * arms.high + np.abs(arms.present_fixed)).max())
    tie = TIE_UNITS / max(LEGS_MAX * most, 1.0)
    return Aim(arms.instalment + tie * arms.present, arms.monthly + tie * arms.present_fixed)


def sure(stock: Shelf, arms: Arms, profile: Profile, budget: float, total: float) -> Aim:
    """Return minus the logarithm of the chance of approval, equal ones by cost."""
    chance = uncertainty(stock, arms, profile, budget)
    tie = _TIE_WEIGHT / total
    return Aim(chance.slope + tie * arms.present, chance.fixed + tie * arms.present_fixed)


def weighted(
    stock: Shelf, arms: Arms, profile: Profile, weights: Weights, budget: float, total: float
) -> Aim:
    """Return the customer's weights of cost, month and uncertainty, times `total` units.

    Times the amount, so that a unit of it is as small as a unit of money is.
    """
    parts = [float(each) for each in (weights.cost, weights.instalment, weights.certainty)]
    cost, instalment, certainty = (total * each / sum(parts) for each in parts)
    chance, share = uncertainty(stock, arms, profile, budget), instalment / max(budget, 1.0)
    return Aim(
        cost / total * arms.present + share * arms.instalment + certainty * chance.slope,
        cost / total * arms.present_fixed + share * arms.monthly + certainty * chance.fixed,
    )


def uncertainty(stock: Shelf, arms: Arms, profile: Profile, budget: float) -> Aim:
    """Return minus the logarithm of the chance of approval: see the module's words."""
    lender_points = np.full(len(stock.lenders), -math.log(CHANCE_NEW))
    for bank in profile.existing_banks:
        if (number := stock.lenders.get(bank.casefold())) is not None:
            lender_points[number] = -math.log(CHANCE_KNOWN)
    by_product = lender_points[stock.lender]
    by_product = by_product - math.log(CHANCE_OPEN) * np.minimum(stock.open_count, OPEN_MAX)
    by_product = by_product - math.log(CHANCE_UNSECURED) * ~stock.secured
    points = by_product[arms.product]
    share = HEADROOM_WEIGHT / max(budget, 1.0)
    return Aim(share * arms.instalment, points + share * arms.monthly)
