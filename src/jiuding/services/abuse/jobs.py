"""Guard a sign-in: judged before the proof is looked at, and what became of it told afterwards.

Each step is a transaction of its own, so that a refused try is counted too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from sqlalchemy import Engine

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.base.problems import Problem
from jiuding.kernel.decisions import Outcome
from jiuding.services import signals
from jiuding.services.abuse.errors import ActDeclined, ProofRequired
from jiuding.services.abuse.operations import Gatekeeper, judge, settle
from jiuding.services.abuse.types import Result

GATE = "sign_in"
Proven = TypeVar("Proven")


def seen_of(
    address: str | None, device: str | None, networks: signals.NetworkTable
) -> dict[str, str]:
    """Return what a request shows at the sign-in gate: an address that is none is left out."""
    seen = {"bank": "all"}
    if device:
        seen["device"] = device
    try:
        facts = networks.facts(address or "")
    except signals.BadAddress:
        return seen
    return {**seen, "ip": facts.network, "address_class": facts.address_class.value}


def guard_sign_in(
    engine: Engine,
    keeper: Gatekeeper,
    *,
    account: str,
    seen: Mapping[str, str],
    is_strong: bool,
    prove: Callable[[], Proven],
) -> Proven:
    """Return the proof of who signs in, where the sign-in policy lets it.

    A strong proof (a passkey) answers a step-up by itself. Refuses: ActDeclined; ProofRequired
    where the policy asks for more than a PIN; whatever `prove` refuses.
    """
    now = clock.now()
    act_id = new_id("evt", now)
    with transaction(engine) as session:
        decision = judge(
            session, keeper=keeper, act_id=act_id, gate=GATE,
            values={**seen, "account": account}, now=now,
        )  # fmt: skip

    def tell(result: Result) -> None:
        with transaction(engine) as session:
            settle(session, keeper=keeper, act_id=act_id, gate=GATE, result=result, now=clock.now())

    reason = decision.reasons[0] if decision.reasons else None
    if decision.outcome is Outcome.DECLINE:
        tell(Result.REFUSED)
        raise ActDeclined(reason.text_en if reason else "declined", reason=reason and reason.code)
    if decision.outcome is not Outcome.APPROVE and not is_strong:
        tell(Result.REFUSED)
        raise ProofRequired(
            reason.text_en if reason else "more proof is needed", reason=reason and reason.code
        )
    try:
        proof = prove()
    except Problem:
        tell(Result.FAILED)
        raise
    tell(Result.PASSED if decision.outcome is Outcome.APPROVE else Result.PROVED)
    return proof
