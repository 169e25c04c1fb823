"""What the assistant does in transactions of its own: take a customer's confirmation."""

from __future__ import annotations

from typing import Any

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.base.problems import BadInput, Problem
from jiuding.kernel import identity
from jiuding.services import offers


def prove(
    branch: offers.Branch, *, party_id: str, purpose: str, pin: str | None,
    passkey: dict[str, Any] | None,
) -> identity.Proof:  # fmt: skip
    """Return the proof that a party itself agreed, in a transaction of its own.

    Refuses: BadInput unless there is a PIN or a passkey's answer; what identity refuses.
    """
    now = clock.now()
    with transaction(branch.engine) as session:
        if passkey is not None:
            return identity.prove_with_passkey(
                session, bank_id=branch.bank_id, party_id=party_id, purpose=purpose,
                answer=passkey, host=branch.host, origin=branch.origin, now=now,
            )  # fmt: skip
        if pin is None or not branch.bank.is_demonstration:
            raise BadInput("confirm with a passkey, or in the demonstration bank with the PIN")
        found = identity.prove_with_pin(
            session, bank_id=branch.bank_id, party_id=party_id, pin=pin, purpose=purpose, now=now
        )
    # Raised after the commit, so that a wrong PIN is counted.
    if isinstance(found, Problem):
        raise found
    return found
