"""What offers does over several transactions: see an acceptance through to its answer."""

from __future__ import annotations

from datetime import datetime

from jiuding.base.clock import Stopwatch
from jiuding.base.database.engine import transaction
from jiuding.kernel import identity
from jiuding.services import lending
from jiuding.services.offers.operations.branch import Branch
from jiuding.services.offers.operations.quotes import accept_quote


def accept(
    branch: Branch, *, quote_id: str, kind: str, proof: identity.Proof, idempotency_key: str,
    now: datetime, watch: Stopwatch | None = None,
) -> lending.Application:  # fmt: skip
    """Apply for a quoted plan and bring back its answer; again, and it is the same answer.

    Our own lending is one transaction. Where another lender has a part, our record of the question
    is committed first, then the lender is asked, then everything is granted in one transaction.

    Refuses: what `accept_quote` refuses.
    """
    watch = watch or Stopwatch()
    with transaction(branch.engine) as session:
        application = accept_quote(
            session, branch=branch, quote_id=quote_id, kind=kind, proof=proof,
            idempotency_key=idempotency_key, now=now, watch=watch,
        )  # fmt: skip
    watch.lap("commit")
    if application.status is not lending.ApplicationStatus.SUBMITTED:
        return application
    return lending.ask_lenders(
        branch.engine, bank_id=branch.bank_id, application_id=application.application_id,
        lenders=branch.lenders, now=now, watch=watch,
    )  # fmt: skip
