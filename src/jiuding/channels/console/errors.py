"""Refusals of the console."""

from __future__ import annotations

from jiuding.base.problems import Problem


class ForeignOrigin(Problem):
    """Refuse a form that was sent from another site's page."""

    code = "console.foreign_origin"
    status = 403
    title = "This form did not come from our page"


class AgreementMissing(Problem):
    """Refuse an acceptance without a passkey or a PIN."""

    code = "console.agreement_missing"
    status = 422
    title = "Say yes with your passkey or your PIN"
