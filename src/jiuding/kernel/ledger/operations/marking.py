"""Marks on money that was lent for a purpose: open them, read them, trace where they went."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from jiuding.base.amounts import Amount
from jiuding.base.database.engine import Session
from jiuding.base.ids import new_id, to_uuid
from jiuding.kernel.ledger.errors import BadInstruction, IdReused, MarkNotFound
from jiuding.kernel.ledger.operations.accounts import read_account
from jiuding.kernel.ledger.rules.batch import is_id
from jiuding.kernel.ledger.rules.marking import USES_MAX, is_use
from jiuding.kernel.ledger.rules.wire import step_line
from jiuding.kernel.ledger.store import marking as store
from jiuding.kernel.ledger.store import reading
from jiuding.kernel.ledger.types import Capture, Instruction, Mark, MarkedAmount, Trace

TRACE_MAX = 200


def open_mark(
    session: Session,
    *,
    bank_id: str,
    origin: str,
    purpose: str,
    forbidden_uses: Collection[str],
    now: datetime,
    mark_id: str | None = None,
) -> Mark:
    """Open a mark for money that is lent for a purpose, and return it.

    `origin` is the id of what the money comes from, such as an agreement. With `mark_id`, the same
    again returns the first. A transfer that names the mark starts it on its units.
    Refuses: BadInstruction for words that are not such; IdReused.
    """
    uses = tuple(sorted(set(forbidden_uses)))
    if not is_id(origin):
        raise BadInstruction(f"{origin[:40]!r} is not an id")
    if not all(is_use(word) for word in (purpose, *uses)) or len(uses) > USES_MAX:
        raise BadInstruction(f"a purpose and up to {USES_MAX} uses are words in small letters")
    mark = Mark(mark_id or new_id("mrk", now), origin, purpose, uses, now)
    store.add_mark(session, bank_id, mark)
    found = read_mark(session, bank_id=bank_id, mark_id=mark.mark_id)
    if replace(found, opened_at=now) != mark:
        raise IdReused("another mark is open under this id", mark_id=mark.mark_id)
    return found


def read_mark(session: Session, *, bank_id: str, mark_id: str) -> Mark:
    """Return a mark.

    Refuses: MarkNotFound.
    """
    to_uuid("mrk", mark_id)
    found = store.read_marks(session, bank_id, [mark_id])
    if not found:
        raise MarkNotFound(f"{mark_id} is not a mark of this bank", mark_id=mark_id)
    return found[mark_id]


def marks_on(session: Session, *, bank_id: str, account_id: str) -> tuple[MarkedAmount, ...]:
    """Return how much of an account's balance carries which mark, oldest first.

    Refuses: AccountNotFound.
    """
    account = read_account(session, bank_id=bank_id, account_id=account_id)
    return store.marks_on(session, bank_id, account_id, asset=account.asset)


def trace(session: Session, *, bank_id: str, account_id: str, mark_id: str) -> Trace:
    """Return by which transfers units of a mark came to an account, from where the mark began.

    Of each account on the way it tells what came before what left it. At most `TRACE_MAX` steps;
    when there are more, those nearest to the account.
    Refuses: AccountNotFound, MarkNotFound.
    """
    account = read_account(session, bank_id=bank_id, account_id=account_id)
    mark = read_mark(session, bank_id=bank_id, mark_id=mark_id)
    steps = store.trace_steps(session, bank_id, account_id, mark_id, account.asset, TRACE_MAX + 1)
    here = store.marks_on(session, bank_id, account_id, asset=account.asset)
    held = [each.amount for each in here if each.mark == mark]
    return Trace(
        mark=mark,
        account_id=account_id,
        amount=held[0] if held else Amount(0, account.asset),
        steps=steps[-TRACE_MAX:],
        is_whole=len(steps) <= TRACE_MAX,
    )


def explain_use(
    session: Session, bank_id: str, instructions: Sequence[Instruction]
) -> tuple[str, dict[str, Any]]:
    """Return in words and fields which mark the last of these would carry to a forbidden use."""
    item = instructions[-1]
    sides = reading.read_hold(session, bank_id, item.hold_id) if _is_capture(item) else item
    if sides is None:
        return "the money is marked", {}
    use = read_account(session, bank_id=bank_id, account_id=sides.credit_id).use
    held = marks_on(session, bank_id=bank_id, account_id=sides.debit_id)
    # A group's own transfers may have brought the mark; they were taken back with the group.
    named = [getattr(each, "mark_id", None) for each in instructions]
    begun = store.read_marks(session, bank_id, [each for each in named if each is not None])
    for mark in (*(each.mark for each in held), *begun.values()):
        if use in mark.forbidden_uses:
            came = trace(session, bank_id=bank_id, account_id=sides.debit_id, mark_id=mark.mark_id)
            return f"lent for {mark.purpose}, not for {use}", {
                "account_id": sides.credit_id,
                "mark_id": mark.mark_id,
                "origin": mark.origin,
                "use": use,
                "trace": [step_line(step) for step in came.steps],
            }
    return "the account has changed since", {"account_id": sides.credit_id}


def _is_capture(item: Instruction) -> bool:
    return isinstance(item, Capture)
