"""Insight: what account history shows about a party, so that claims need not be believed.

A *portrait* holds income, living costs, debts and signs of stress, each per month, each with the
months it rests on. Its *sheet* is the portrait as its owner sees it: every figure opens to the
transfers it was made of. *Verified* means read from postings of this bank's ledger; what a customer
says is *stated*, shown beside and proves nothing. A *wish* is what a party said about its portrait:
a correction, its deletion, the consent to look ahead. A *flow* is one day's sum of one kind of
movement. *Foresight* is a calibrated chance that a party will need money soon; a
*telling* is what a party was told of it, at most once in a *season*, a quarter of a year. A
*cash-flow score* is points for what a portrait shows, for people and merchants, with reasons.

Always true: a portrait is a pure function of flows and a day, so yesterday's can be made again; an
income counts as verified only with at least three months of it among the last six; a deleted
portrait verifies nothing; nobody is told what lies ahead who has not allowed it.

It does not decide anything (policies do), and keeps nothing of its own but wishes and tellings. The
points of the cash-flow score are declared, not learned, since no outcomes are known.
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
    ForesightTold,
    PortraitRemoved,
    PortraitRestored,
)
from jiuding.services.insight.jobs import tell_waiting
from jiuding.services.insight.operations import (
    CASH_FLOW_POLICY,
    allow_foresight,
    delete_portrait,
    foresee,
    parties_to_tell,
    read_portrait,
    restore_portrait,
    score_cash_flow,
    show_portrait,
    state_figure,
    tell_ahead,
    tellings_of,
)
from jiuding.services.insight.rules.cash_flow import flow_facts
from jiuding.services.insight.rules.foresight import Outlook, outlook
from jiuding.services.insight.rules.portrait import PORTRAIT_MONTHS, draw_portrait
from jiuding.services.insight.rules.sheet import FIGURES, STATABLE, lay_out
from jiuding.services.insight.types import (
    CashFlowScore,
    Evidence,
    Figure,
    Flow,
    Movement,
    Portrait,
    Sheet,
    Sign,
    Standing,
    Telling,
    Wish,
    WishKind,
)

__all__ = [
    "CASH_FLOW_POLICY",
    "FIGURES",
    "PORTRAIT_MONTHS",
    "STATABLE",
    "AmountUnusable",
    "CashFlowScore",
    "Evidence",
    "Figure",
    "FigureStated",
    "FigureUnknown",
    "Flow",
    "ForesightAllowed",
    "ForesightNotAllowed",
    "ForesightTold",
    "Movement",
    "Outlook",
    "Portrait",
    "PortraitDeleted",
    "PortraitRemoved",
    "PortraitRestored",
    "Sheet",
    "Sign",
    "Standing",
    "Telling",
    "Wish",
    "WishKind",
    "allow_foresight",
    "delete_portrait",
    "draw_portrait",
    "flow_facts",
    "foresee",
    "lay_out",
    "outlook",
    "parties_to_tell",
    "read_portrait",
    "restore_portrait",
    "score_cash_flow",
    "show_portrait",
    "state_figure",
    "tell_ahead",
    "tell_waiting",
    "tellings_of",
]
