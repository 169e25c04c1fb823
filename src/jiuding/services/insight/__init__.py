"""Insight: what account history shows about a party, so that claims need not be believed.

A *portrait* holds income, living costs, debts and signs of stress, each per month, each with the
months it rests on. *Verified* means read from postings of this bank's ledger; what a customer says
is *stated* and never enters here. A *flow* is one day's sum of one kind of movement.

Always true: a portrait is a pure function of flows and a day, so yesterday's can be made again; an
income counts as verified only with at least three months of it among the last six.

It does not decide anything (policies do), keeps nothing of its own, and predicts nothing yet.
"""

from jiuding.services.insight.operations import read_portrait
from jiuding.services.insight.rules import PORTRAIT_MONTHS, draw_portrait
from jiuding.services.insight.types import Evidence, Flow, Portrait

__all__ = ["PORTRAIT_MONTHS", "Evidence", "Flow", "Portrait", "draw_portrait", "read_portrait"]
