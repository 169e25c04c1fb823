"""Offers: the provably best way to pay, over every lender in the library, at its true cost.

A *need* is what is to be paid for; a *profile* who asks, as verified; a *library* every product of
every lender, in the order of its file. A *plan* is one to three *legs*, each one loan; its *gap* is
how far from the least cost it can be at most, and *proven* says that it is not. A *quote* holds the
plans that a customer was shown, until it expires. A *branch* is the bank at work.

Always true: nothing of the library is dropped silently, each rate that cannot be quoted has its
reason; amounts add up to the need exactly; commission is not an input; a quote is accepted at most
once and never after its products changed; what the law refuses is refused here, by rule id.

It does not decide on credit and moves no money (that is `lending`); it does not understand
sentences (that is the assistant).
"""

from jiuding.services.offers.errors import (
    PlanNotQuoted,
    QuoteNotFound,
    QuoteStale,
    WrongProof,
)
from jiuding.services.offers.events import OfferAccepted, PlanShown
from jiuding.services.offers.jobs import accept, confirm
from jiuding.services.offers.operations.branch import Branch, Market, MarketNotServed
from jiuding.services.offers.operations.markets import open_library
from jiuding.services.offers.operations.plans import lay_out, plan
from jiuding.services.offers.operations.quotes import (
    Customer,
    accept_quote,
    applicant_of,
    make_quote,
    meet,
    plan_of,
    proof_purpose,
    read_quote,
)
from jiuding.services.offers.store.library import read_declared, read_library
from jiuding.services.offers.types import (
    Collateral,
    Goal,
    Leg,
    Library,
    Need,
    Plan,
    PlanKind,
    PlanSet,
    Profile,
    Quote,
    Rejection,
)

__all__ = [
    "Branch",
    "Collateral",
    "Customer",
    "Goal",
    "Leg",
    "Library",
    "Market",
    "MarketNotServed",
    "Need",
    "OfferAccepted",
    "Plan",
    "PlanKind",
    "PlanNotQuoted",
    "PlanSet",
    "PlanShown",
    "Profile",
    "Quote",
    "QuoteNotFound",
    "QuoteStale",
    "Rejection",
    "WrongProof",
    "accept",
    "accept_quote",
    "applicant_of",
    "confirm",
    "lay_out",
    "make_quote",
    "meet",
    "open_library",
    "plan",
    "plan_of",
    "proof_purpose",
    "read_declared",
    "read_library",
    "read_quote",
]
