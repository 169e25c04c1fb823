"""Refusals of the console."""

from __future__ import annotations

from jiuding.base.problems import Problem


class ForeignOrigin(Problem):
    """Refuse a form that was sent from another site's page."""

    code = "console.foreign_origin"
    status = 403
    title = "This form did not come from our page"


class SentenceMissing(Problem):
    """Refuse to answer an empty sentence."""

    code = "console.sentence_missing"
    status = 422
    title = "There is nothing to answer yet"


class AgreementMissing(Problem):
    """Refuse an acceptance without a passkey or a PIN."""

    code = "console.agreement_missing"
    status = 422
    title = "Say yes with your passkey or your PIN"


class UnknownPlan(Problem):
    """Refuse the address of a plan that the quote does not have."""

    code = "console.unknown_plan"
    status = 404
    title = "This quote has no such plan"
