"""What offers does over several transactions: confirm, accept, remember libraries, watch loans."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from jiuding.base import clock
from jiuding.base.clock import Stopwatch
from jiuding.base.database.engine import transaction
from jiuding.base.ids import to_uuid
from jiuding.base.problems import BadInput, Problem
from jiuding.kernel import identity
from jiuding.services import lending, signals
from jiuding.services.offers.operations.branch import Branch
from jiuding.services.offers.operations.imports import market_source, record_import
from jiuding.services.offers.operations.markets import (
    imported_libraries,
    newest_imports,
    open_library,
)
from jiuding.services.offers.operations.plans import lay_out
from jiuding.services.offers.operations.quotes import accept_quote
from jiuding.services.offers.operations.watching import look, note_refusal, waiting_watches
from jiuding.services.offers.rules.imports import Import

WATCHES_PAGE = 100
WATCHES_MAX = 10_000  # in one run; the next run goes on with what has not been looked at


def confirm(
    branch: Branch, *, party_id: str, purpose: str, pin: str | None,
    passkey: dict[str, Any] | None, client: signals.Client | None = None,
) -> identity.Proof:  # fmt: skip
    """Return the proof that a party itself agreed, in a transaction of its own.

    Of a `client` the branch's guard sees the attempt first, and is told how it went.

    Refuses: BadInput unless there is a PIN or a passkey's answer; what identity refuses; what the
    guard refuses.
    """
    now = clock.now()
    if branch.guard is None or client is None:
        return _prove(branch, party_id, purpose, pin, passkey, now)
    with transaction(branch.engine) as session:
        has_passkey = is_party_id(party_id) and identity.has_passkey(
            session, bank_id=branch.bank_id, party_id=party_id
        )
    attempt = branch.guard.admit(
        party_id=party_id, client=client, means="pin" if passkey is None else "passkey",
        secret=pin, has_passkey=has_passkey, now=now,
    )  # fmt: skip
    try:
        proof = _prove(branch, party_id, purpose, pin, passkey, now)
    except (
        identity.ChallengeRefused, identity.PasskeyRefused, identity.PinLocked, identity.PinRefused
    ):  # fmt: skip
        branch.guard.tell(attempt, is_good=False, now=now)
        raise
    branch.guard.tell(attempt, is_good=True, now=now)
    return proof


def is_party_id(text: str) -> bool:
    """Tell whether a text can be a party's id."""
    try:
        to_uuid("pty", text)
    except Problem:
        return False
    return True


def _prove(
    branch: Branch, party_id: str, purpose: str, pin: str | None,
    passkey: dict[str, Any] | None, now: datetime,
) -> identity.Proof:  # fmt: skip
    with transaction(branch.engine) as session:
        if passkey is not None:
            return identity.prove_with_passkey(
                session, bank_id=branch.bank_id, party_id=party_id, purpose=purpose,
                answer=passkey, host=branch.host, origin=branch.origin, now=now,
            )  # fmt: skip
        if pin is None or not branch.bank.is_demonstration:
            raise BadInput("confirm with a passkey, or in the demonstration bank with the PIN")
        found = identity.prove_with_pin(
            session,
            bank_id=branch.bank_id,
            vault=branch.vault,
            party_id=party_id,
            pin=pin,
            purpose=purpose,
            now=now,
        )
    # Raised after the commit, so that a wrong PIN is counted.
    if isinstance(found, Problem):
        raise found
    return found


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


def look_at_watches(
    branch: Branch, *, now: datetime, is_on_demand: bool = False, watches_max: int = WATCHES_MAX
) -> dict[str, int]:
    """Look at the watched loans that have not seen the libraries as they are now, or at all.

    Each look is a transaction of its own. Returns how many looks ended in each outcome.
    """
    counts: Counter[str] = Counter()
    after: str | None = None
    looked = 0
    while looked < watches_max:
        with transaction(branch.engine) as session:
            page = waiting_watches(
                session, branch=branch, now=now, after=after, is_on_demand=is_on_demand,
                limit_max=min(WATCHES_PAGE, watches_max - looked),
            )  # fmt: skip
        if not page:
            break
        for watch_id in page:
            outcome = _look(branch, watch_id, now)
            if outcome is not None:
                counts[outcome] += 1
        looked, after = looked + len(page), page[-1]
    return dict(counts)


def _look(branch: Branch, watch_id: str, now: datetime) -> str | None:
    """Look for one watch; a refusal is counted by its code and does not keep others waiting.

    It is noted as a look, so that the next run begins with those that have not been looked at.
    """
    try:
        with transaction(branch.engine) as session:
            return look(session, branch=branch, watch_id=watch_id, now=now)
    except Problem as problem:
        with transaction(branch.engine) as session:
            note_refusal(session, branch=branch, watch_id=watch_id, now=now)
        return problem.code


def renew_markets(branch: Branch) -> tuple[str, ...]:
    """Plan on the newest import of every source from now on; return the markets that changed.

    What is being planned goes on with the library that it began with.
    """
    with transaction(branch.engine) as session:
        newest = newest_imports(session, bank_id=branch.bank_id)
        if all(market.imports == newest for market in branch.markets.values()):
            return ()
        imported = imported_libraries(session, bank_id=branch.bank_id)
    made = tuple(each.import_id for each in imported)
    renewed = []
    for name, market in list(branch.markets.items()):
        library = open_library(name, imported)
        if library.version != market.library.version:
            renewed.append(name)
            market = replace(market, library=library, shelf=lay_out(library))
        branch.markets[name] = replace(market, imports=made)
    return tuple(renewed)


def remember_libraries(branch: Branch, *, now: datetime) -> tuple[Import, ...]:
    """Remember each market's library as the bank plans on it now; the imports that are new."""
    made = []
    for market in branch.markets.values():
        with transaction(branch.engine) as session:
            found = record_import(
                session, bank_id=branch.bank_id, library=market.library,
                source=market_source(market.name), now=now,
            )  # fmt: skip
        if found.imported_at == now:
            made.append(found)
    return tuple(made)
