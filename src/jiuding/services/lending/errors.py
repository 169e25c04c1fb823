"""Refusals of lending. A decline is not here: it is an answer, with its reasons."""

from __future__ import annotations

from jiuding.base.problems import Problem


class ApplicationNotFound(Problem):
    """Refuse to name an application that is not here, or not the caller's."""

    code = "lending.application_not_found"
    status = 404
    title = "There is no such application"


class LoanNotFound(Problem):
    """Refuse to name a loan that is not here, or not the caller's."""

    code = "lending.loan_not_found"
    status = 404
    title = "There is no such loan"


class ApplicationConflict(Problem):
    """Refuse a second application on one quote that asks for something else."""

    code = "lending.application_conflict"
    status = 409
    title = "This quote was used for another application"


class NoDepositAccount(Problem):
    """Refuse to lend where there is no account to pay the money into."""

    code = "lending.no_deposit_account"
    status = 409
    title = "There is no open account for the money"


class LenderUnavailable(Problem):
    """Say that an outside lender did not answer; the application waits and is not lost."""

    code = "lending.lender_unavailable"
    status = 503
    title = "A lender did not answer yet"
