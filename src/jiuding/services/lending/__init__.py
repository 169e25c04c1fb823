"""Lending: from an accepted plan to loans that are granted, or a decline that explains itself.

An *application* asks for all the legs of one plan; a *leg* is one loan, from us or from another
lender; a *loan* is a leg that was granted. A *lender gateway* is how another lender is reached.
*Verified* facts come from account history; what a customer said never enters a decision.

Always true: the legs of a plan are granted together, in one transaction with their agreements, the
movement of the money and the news of it, or not at all; a quote leads to one application at most; a
decline is an answer with reasons and what would change it; another lender is asked only after our
own record of the question has been committed, and asking again gives its first answer.

It does not choose products (that is `offers`), does not collect repayments yet, and never lends on
what was only said.
"""

from jiuding.services.lending.errors import (
    ApplicationConflict,
    ApplicationNotFound,
    LenderUnavailable,
    LoanNotFound,
    NoDepositAccount,
)
from jiuding.services.lending.events import (
    ApplicationDeclined,
    ApplicationSubmitted,
    LenderAnswered,
    LoanGranted,
)
from jiuding.services.lending.gateways import HttpLender, LenderGateway, Lenders, SandboxLender
from jiuding.services.lending.jobs import ask_lenders, take_up_waiting
from jiuding.services.lending.operations import (
    answer_application,
    application_of_quote,
    apply,
    check_purpose,
    loans_of,
    outside_requests,
    read_application,
    read_loan,
    unseen_debts,
    waiting_applications,
)
from jiuding.services.lending.types import (
    Applicant,
    Application,
    ApplicationStatus,
    LegTerms,
    LenderAnswer,
    LenderRequest,
    Loan,
    MarketLimits,
    NewApplication,
    Reason,
    Verified,
)

__all__ = [
    "Applicant",
    "Application",
    "ApplicationConflict",
    "ApplicationDeclined",
    "ApplicationNotFound",
    "ApplicationStatus",
    "ApplicationSubmitted",
    "HttpLender",
    "LegTerms",
    "LenderAnswer",
    "LenderAnswered",
    "LenderGateway",
    "LenderRequest",
    "LenderUnavailable",
    "Lenders",
    "Loan",
    "LoanGranted",
    "LoanNotFound",
    "MarketLimits",
    "NewApplication",
    "NoDepositAccount",
    "Reason",
    "SandboxLender",
    "Verified",
    "answer_application",
    "application_of_quote",
    "apply",
    "ask_lenders",
    "check_purpose",
    "loans_of",
    "outside_requests",
    "read_application",
    "read_loan",
    "take_up_waiting",
    "unseen_debts",
    "waiting_applications",
]
