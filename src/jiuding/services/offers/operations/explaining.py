"""Explain a quote's plans: the runner-up, what would change them, what each fee adds."""

from __future__ import annotations

from dataclasses import replace

from jiuding.base.database.engine import Session
from jiuding.services.offers.errors import QuoteStale
from jiuding.services.offers.operations.branch import Branch
from jiuding.services.offers.operations.plans import explain_plans
from jiuding.services.offers.operations.quotes import read_quote
from jiuding.services.offers.types import Explanation, PlanKind

SECONDS = 0.5  # each planning that an explanation asks for


def explain_quote(
    session: Session, *, branch: Branch, party_id: str, quote_id: str
) -> dict[PlanKind, Explanation]:
    """Return what stands behind each plan of a party's own quote.

    It is worked out anew from the products that were quoted, with the law of the day of the quote.

    Refuses: QuoteNotFound; QuoteStale where the library is another one by now.
    """
    quote = read_quote(session, branch=branch, party_id=party_id, quote_id=quote_id)
    market = branch.market(quote.market)
    if quote.library_version != market.library.version:
        raise QuoteStale(
            "lenders changed their products since; ask again for what would change it now",
            quote_id=quote_id,
        )
    found = replace(quote.plan_set, rejected=())
    return explain_plans(
        quote.need, quote.profile, market.shelf, on=quote.quoted_at.date(), found=found,
        pack=market.pack, deadline_seconds=SECONDS,
    )  # fmt: skip
