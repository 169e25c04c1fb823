"""Insight: what account history shows about a party, so that claims need not be believed.

A *portrait* holds income, living costs, debts and signs of stress, each per month, each with the
months it rests on. *Verified* means read from postings of this bank's ledger; what a customer says
is *stated* and never enters here. A *flow* is one day's sum of one kind of movement. A *cash-flow
score* is points for what a portrait shows, for people and merchants, with reasons.

Always true: a portrait is a pure function of flows and a day, so yesterday's can be made again; an
income counts as verified only with at least three months of it among the last six.

It does not decide anything (policies do), keeps nothing of its own, and predicts nothing: the
points of the cash-flow score are declared, not learned, since no outcomes are known.
"""

from jiuding.services.insight.operations import CASH_FLOW_POLICY, read_portrait, score_cash_flow
from jiuding.services.insight.rules import PORTRAIT_MONTHS, draw_portrait, flow_facts
from jiuding.services.insight.types import CashFlowScore, Evidence, Flow, Portrait

__all__ = [
    "CASH_FLOW_POLICY",
    "PORTRAIT_MONTHS",
    "CashFlowScore",
    "Evidence",
    "Flow",
    "Portrait",
    "draw_portrait",
    "flow_facts",
    "read_portrait",
    "score_cash_flow",
]
