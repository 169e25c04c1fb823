"""From a refused outcome to the problem that tells the caller what is in the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jiuding.base.amounts import Amount
from jiuding.base.database.engine import Session
from jiuding.base.problems import Problem, registered_problems
from jiuding.kernel.ledger.operations.marking import explain_use
from jiuding.kernel.ledger.store import accounts as store
from jiuding.kernel.ledger.types import Account, Balance, Instruction, Outcome, Refusal

_SHORT = frozenset({Refusal.INSUFFICIENT_FUNDS, Refusal.CREDIT_LIMIT, Refusal.BALANCE_MAX})


def problem(
    session: Session,
    bank_id: str,
    instructions: Sequence[Instruction],
    outcomes: Sequence[Outcome],
) -> Problem | None:
    """Return why a group was not posted, or None when it was."""
    refused = [place for place, outcome in enumerate(outcomes) if outcome.is_refused]
    if not refused:
        return None
    # One instruction stopped the group; the others only say that the group failed.
    culprits = [place for place in refused if outcomes[place].refusal is not Refusal.LINKED_FAILED]
    place = (culprits or refused)[0]
    refusal, item = outcomes[place].refusal, instructions[place]
    kind = registered_problems()[refusal.code]
    fields: dict[str, Any] = {"id": outcomes[place].id}
    detail = kind.title
    if refusal is Refusal.FORBIDDEN_USE:
        detail, marked = explain_use(session, bank_id, instructions[: place + 1])
        fields |= marked
    if refusal in _SHORT:
        detail, fields["account_id"] = _shortage(session, bank_id, refusal, item)
    return kind(detail, **fields)


def _shortage(session: Session, bank_id: str, refusal: Refusal, item: Any) -> tuple[str, str]:
    """Return what was needed and what there is, and the account where it was missing."""
    ids = [item.debit_id, item.credit_id]
    known = {
        account_id: store.find_accounts(session, bank_id, 1, account_id=account_id)[0]
        for account_id in ids
    }
    balances = store.read_balances(session, bank_id, ids)
    grows = refusal is Refusal.BALANCE_MAX
    for account_id, is_debit in zip(ids, (True, False), strict=True):
        account, balance = known[account_id], balances[account_id]
        if (account.account_class.is_debit_normal == is_debit) != grows:
            continue
        room = _room(account, balance, grows)
        if room is not None and room < item.amount:
            verb = "may still take" if grows else "has"
            return f"needs {item.amount.text()}, {verb} {room}", account_id
    return "the account has changed since", ids[0]


def _room(account: Account, balance: Balance, grows: bool) -> Amount | None:
    if not grows:
        return balance.available
    most = account.limits.balance_max
    return None if most is None else most - balance.posted - balance.held_in
