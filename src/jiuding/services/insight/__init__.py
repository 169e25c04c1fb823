"""Insight: what account history shows about a party, so that claims need not be believed.

A *portrait* holds income, living costs, debts and signs of stress, each per month, each with the
months it rests on. Its *sheet* is the portrait as its owner sees it: every figure opens to the
transfers it was made of. *Verified* means read from postings of this bank's ledger; what a customer
says is *stated*, shown beside and proves nothing. A *wish* is what a party said about its portrait:
a correction, its deletion, the consent to look ahead. A *flow* is one day's sum of one kind of
movement. *Foresight* is a calibrated chance that a party will need money soon.

Always true: a portrait is a pure function of flows and a day, so yesterday's can be made again; an
income counts as verified only with at least three months of it among the last six; a deleted
portrait verifies nothing; nobody is told what lies ahead who has not allowed it.

It does not decide anything (policies do), and keeps nothing of its own but wishes.
"""

from jiuding.services.insight.errors import (
    AmountUnusable,
    FigureUnknown,
    ForesightNotAllowed,
    PortraitDeleted,
)
from jiuding.services.insight.events import (
    FigureStated,
    ForesightAllowed,
    PortraitRemoved,
    PortraitRestored,
)
from jiuding.services.insight.operations import (
    allow_foresight,
    delete_portrait,
    foresee,
    read_portrait,
    restore_portrait,
    show_portrait,
    state_figure,
)
from jiuding.services.insight.rules.foresight import Outlook, outlook
from jiuding.services.insight.rules.portrait import PORTRAIT_MONTHS, draw_portrait
from jiuding.services.insight.rules.sheet import FIGURES, STATABLE, lay_out
from jiuding.services.insight.types import (
    Evidence,
    Figure,
    Flow,
    Movement,
    Portrait,
    Sheet,
    Sign,
    Standing,
    Wish,
    WishKind,
)

__all__ = [
    "FIGURES",
    "PORTRAIT_MONTHS",
    "STATABLE",
    "AmountUnusable",
    "Evidence",
    "Figure",
    "FigureStated",
    "FigureUnknown",
    "Flow",
    "ForesightAllowed",
    "ForesightNotAllowed",
    "Movement",
    "Outlook",
    "Portrait",
    "PortraitDeleted",
    "PortraitRemoved",
    "PortraitRestored",
    "Sheet",
    "Sign",
    "Standing",
    "Wish",
    "WishKind",
    "allow_foresight",
    "delete_portrait",
    "draw_portrait",
    "foresee",
    "lay_out",
    "outlook",
    "read_portrait",
    "restore_portrait",
    "show_portrait",
    "state_figure",
]
