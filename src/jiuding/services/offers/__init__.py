"""Offers: the provably best way to pay, over every lender in the library, at its true cost.

A *need* is what is to be paid for; a *profile* who asks, as verified; a *library* every product of
every lender, in the order of its file. A *plan* is one to three *legs*, each one loan; its *gap* is
how far from the least cost it can be at most, and *proven* says that it is not. A *quote* holds the
plans that a customer was shown, until it expires. A *branch* is the bank at work. An *import* is
one reading of a library, remembered; a *watch* is a customer's consent that the bank looks for a
better plan for a loan; a *finding* is one that it found and told.

Always true: nothing of the library is dropped silently, each rate that cannot be quoted has its
reason; amounts add up to the need exactly; commission is not an input; a quote is accepted at most
once and never after its products changed; what the law refuses is refused here, by rule id.

It does not decide on credit and moves no money (that is `lending`); it does not understand
sentences (that is the assistant).
"""

from jiuding.services.offers.errors import (
    ImportWithdrawn,
    NoImportYet,
    PlanNotQuoted,
    ProductNotFound,
    QuoteNotFound,
    QuoteStale,
    WatchConflict,
    WatchNotAllowed,
    WatchNotFound,
    WrongProof,
)
from jiuding.services.offers.events import (
    BetterPlanFound,
    OfferAccepted,
    PlanShown,
    WatchBegun,
    WatchStopped,
)
from jiuding.services.offers.jobs import (
    accept,
    confirm,
    look_at_watches,
    remember_libraries,
    renew_markets,
)
from jiuding.services.offers.operations.branch import Branch, Market, MarketNotServed
from jiuding.services.offers.operations.explaining import explain_quote
from jiuding.services.offers.operations.imports import (
    list_imports,
    market_source,
    product_history,
    read_freshness,
    read_import,
    record_import,
    withdraw_import,
)
from jiuding.services.offers.operations.library import DirtyValue, dirty_values, rate_after
from jiuding.services.offers.operations.markets import list_sources, open_library
from jiuding.services.offers.operations.plans import explain_plan, explain_plans, lay_out, plan
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
from jiuding.services.offers.operations.watching import (
    findings_of,
    stop_watching,
    watch_loan,
    watch_of_loan,
    watches_of,
)
from jiuding.services.offers.rules.differences import Change, diff_libraries, product_changes
from jiuding.services.offers.rules.imports import Freshness, Import, Seen, Source
from jiuding.services.offers.rules.watching import Finding, Switch, Watch
from jiuding.services.offers.rules.waterfall import Part, TrueCost, true_cost
from jiuding.services.offers.store.library import read_declared, read_library
from jiuding.services.offers.types import (
    Collateral,
    Counterfactual,
    Explanation,
    FeePart,
    Goal,
    Leg,
    Library,
    Nearest,
    Need,
    Plan,
    PlanKind,
    PlanSet,
    Profile,
    Quote,
    Rejection,
    Weights,
)

__all__ = [
    "BetterPlanFound",
    "Branch",
    "Change",
    "Collateral",
    "Counterfactual",
    "Customer",
    "DirtyValue",
    "Explanation",
    "FeePart",
    "Finding",
    "Freshness",
    "Goal",
    "Import",
    "ImportWithdrawn",
    "Leg",
    "Library",
    "Market",
    "MarketNotServed",
    "Nearest",
    "Need",
    "NoImportYet",
    "OfferAccepted",
    "Part",
    "Plan",
    "PlanKind",
    "PlanNotQuoted",
    "PlanSet",
    "PlanShown",
    "ProductNotFound",
    "Profile",
    "Quote",
    "QuoteNotFound",
    "QuoteStale",
    "Rejection",
    "Seen",
    "Source",
    "Switch",
    "TrueCost",
    "Watch",
    "WatchBegun",
    "WatchConflict",
    "WatchNotAllowed",
    "WatchNotFound",
    "WatchStopped",
    "Weights",
    "WrongProof",
    "accept",
    "accept_quote",
    "applicant_of",
    "confirm",
    "diff_libraries",
    "dirty_values",
    "explain_plan",
    "explain_plans",
    "explain_quote",
    "findings_of",
    "lay_out",
    "list_imports",
    "list_sources",
    "look_at_watches",
    "make_quote",
    "market_source",
    "meet",
    "open_library",
    "plan",
    "plan_of",
    "product_changes",
    "product_history",
    "proof_purpose",
    "rate_after",
    "read_declared",
    "read_freshness",
    "read_import",
    "read_library",
    "read_quote",
    "record_import",
    "remember_libraries",
    "renew_markets",
    "stop_watching",
    "true_cost",
    "watch_loan",
    "watch_of_loan",
    "watches_of",
    "withdraw_import",
]
