"""Refusals of insight."""

from __future__ import annotations

from jiuding.base.problems import Problem


class FigureUnknown(Problem):
    """Refuse to state or take back a figure that a portrait does not have."""

    code = "insight.figure_unknown"
    status = 422
    title = "The portrait has no such figure"


class AmountUnusable(Problem):
    """Refuse a stated amount that is not a sum of money from nothing to a thousand millions."""

    code = "insight.amount_unusable"
    status = 422
    title = "The amount cannot stand"


class PortraitDeleted(Problem):
    """Refuse to work on a portrait that its owner had deleted."""

    code = "insight.portrait_deleted"
    status = 409
    title = "The portrait was deleted by its owner"


class ForesightNotAllowed(Problem):
    """Refuse to look ahead for a party that has not allowed it."""

    code = "insight.foresight_not_allowed"
    status = 403
    title = "The customer has not allowed us to look ahead"
