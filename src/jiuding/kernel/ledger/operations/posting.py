"""Move value: post batches, single transfers, groups, holds, reversals and conversions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from jiuding.base.database.engine import Session
from jiuding.base.ids import to_uuid
from jiuding.base.problems import ensure
from jiuding.kernel.ledger.errors import HoldNotFound, TransferNotFound
from jiuding.kernel.ledger.operations.refusing import problem
from jiuding.kernel.ledger.rules import batch as rules
from jiuding.kernel.ledger.rules import plain
from jiuding.kernel.ledger.store import posting, reading
from jiuding.kernel.ledger.types import (
    Capture,
    Hold,
    Instruction,
    NewHold,
    NewTransfer,
    Outcome,
    Result,
    Transfer,
    Void,
)

EXPIRE_MAX = 1_000


def post(
    session: Session, *, bank_id: str, transfers: Sequence[Instruction], now: datetime
) -> tuple[Outcome, ...]:
    """Post a batch of instructions and return one outcome each, in their order.

    Each sees the effects of those before it. A run of linked items and the item after it are one
    group, posted all or not at all. An id's first outcome is its outcome for ever: the same
    content again gets it again (`exists`, or the same refusal), other content is refused; whoever
    wants to try again after a refusal uses a new id. Nothing is raised for a single item.
    The accounts stay locked until the session ends: lock order is id order within a call, so
    post all that one session posts in one call where two calls could meet another session's.
    Refuses: BatchTooLarge, BadInstruction, BadId.
    """
    rules.check(transfers)
    if not transfers:
        return ()
    ensure(now.tzinfo is not None, "an instant carries its zone")
    if _post_whole(session, bank_id, transfers, now):
        return tuple(Outcome(item.transfer_id, Result.POSTED) for item in transfers)
    terms = posting.read_hold_terms(session, bank_id, rules.hold_ids_of(transfers))
    batch = rules.prepare(transfers, terms)
    return rules.outcomes(transfers, posting.post_batch(session, bank_id, batch, now))


def _post_whole(
    session: Session, bank_id: str, instructions: Sequence[Instruction], now: datetime
) -> bool:
    """Post all of them the short way and return True, or change nothing and return False."""
    if plain.is_plain_alone(instructions):
        return posting.post_one(session, bank_id, instructions[0], now)
    batch = plain.prepare(instructions)
    return batch is not None and posting.post_plain(session, bank_id, batch, now)


def transfer(session: Session, *, bank_id: str, transfer: NewTransfer, now: datetime) -> Outcome:
    """Post one transfer, or raise its refusal as a problem.

    Refuses: everything that `Refusal` names, such as InsufficientFunds.
    """
    return post_all(session, bank_id=bank_id, transfers=[transfer], now=now)[0]


def post_all(
    session: Session, *, bank_id: str, transfers: Sequence[Instruction], now: datetime
) -> tuple[Outcome, ...]:
    """Post instructions as one linked group, or raise the refusal of the one that stopped it.

    Refuses: everything that `Refusal` names, such as InsufficientFunds.
    """
    last = len(transfers) - 1
    linked = [replace(item, is_linked=place < last) for place, item in enumerate(transfers)]
    results = post(session, bank_id=bank_id, transfers=linked, now=now)
    culprit = problem(session, bank_id, linked, results)
    if culprit is not None:
        raise culprit
    return results


def place_hold(session: Session, *, bank_id: str, hold: NewHold, now: datetime) -> Hold:
    """Set value aside for a transfer that may follow, and return the hold.

    Refuses: as `transfer`; a hold that was refused can never be captured.
    """
    post_all(session, bank_id=bank_id, transfers=[hold], now=now)
    return read_hold(session, bank_id=bank_id, hold_id=hold.hold_id)


def capture_hold(session: Session, *, bank_id: str, capture: Capture, now: datetime) -> Transfer:
    """Post what a hold set aside, all of what is left or part of it, and return the transfer.

    Refuses: HoldNotFound, HoldCaptured, HoldVoided, HoldExpired, HoldExceeded, AccountClosed,
    AccountFrozen, IdReused.
    """
    post_all(session, bank_id=bank_id, transfers=[capture], now=now)
    return read_transfer(session, bank_id=bank_id, transfer_id=capture.transfer_id)


def void_hold(session: Session, *, bank_id: str, hold_id: str, now: datetime) -> Hold:
    """Give back what is left of a hold; again changes nothing.

    Refuses: HoldNotFound, HoldCaptured, HoldExpired.
    """
    post_all(session, bank_id=bank_id, transfers=[Void(hold_id)], now=now)
    return read_hold(session, bank_id=bank_id, hold_id=hold_id)


def expire_holds(session: Session, *, bank_id: str, now: datetime, limit_max: int) -> int:
    """Give back the holds whose time has passed and return how many; at most `EXPIRE_MAX`.

    Until this is done such a hold still lowers what is available, and can not be captured.
    """
    ensure(0 < limit_max <= EXPIRE_MAX, f"expire 1 to {EXPIRE_MAX} at a time")
    ids = reading.expired_holds(session, bank_id, now, limit_max)
    items = [Void(hold_id, is_expiry=True) for hold_id in ids]
    results = post(session, bank_id=bank_id, transfers=items, now=now)
    return sum(not result.is_refused for result in results)


def reverse(
    session: Session,
    *,
    bank_id: str,
    transfer_id: str,
    reversal_id: str,
    reason: str,
    effective_on: date,
    now: datetime,
) -> Transfer:
    """Move a transfer's value back by a second transfer that names the first, and return it.

    Refuses: TransferNotFound, AlreadyReversed, and as `transfer`: what was spent since is not there
    to be taken back.
    """
    first = read_transfer(session, bank_id=bank_id, transfer_id=transfer_id)
    item = NewTransfer(
        transfer_id=reversal_id,
        debit_id=first.credit_id,
        credit_id=first.debit_id,
        amount=first.amount,
        code=reason,
        effective_on=effective_on,
        about=first.about,
        reverses_id=transfer_id,
    )
    post_all(session, bank_id=bank_id, transfers=[item], now=now)
    return read_transfer(session, bank_id=bank_id, transfer_id=reversal_id)


def convert(
    session: Session,
    *,
    bank_id: str,
    sold: NewTransfer,
    bought: NewTransfer,
    now: datetime,
) -> tuple[Outcome, ...]:
    """Exchange one asset for another: two linked transfers through the bank's position accounts.

    `sold` moves the given asset from the customer to the bank's `asset_position` in that asset;
    `bought` moves the other asset from the bank's position in it to the customer. The rate is the
    caller's: what both amounts say.
    Refuses: as `transfer`; both legs or none.
    """
    ensure(sold.amount.asset != bought.amount.asset, "a conversion has two assets")
    return post_all(session, bank_id=bank_id, transfers=[sold, bought], now=now)


def read_transfer(session: Session, *, bank_id: str, transfer_id: str) -> Transfer:
    """Return a posted transfer.

    Refuses: TransferNotFound.
    """
    to_uuid("trf", transfer_id)
    found = reading.read_transfer(session, bank_id, transfer_id)
    if found is None:
        raise TransferNotFound(f"{transfer_id} was not posted here", transfer_id=transfer_id)
    return found


def read_hold(session: Session, *, bank_id: str, hold_id: str) -> Hold:
    """Return a hold.

    Refuses: HoldNotFound.
    """
    to_uuid("hld", hold_id)
    found = reading.read_hold(session, bank_id, hold_id)
    if found is None:
        raise HoldNotFound(f"{hold_id} was not placed here", hold_id=hold_id)
    return found
