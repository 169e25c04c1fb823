"""Does the sealer keep up with the ledger, and how fast is the whole chain verified?

Question: transfers sealed a second, transfers verified a second, and the seconds of one proof, on
the server and in the run in which they were posted.
Load: what waits in the given bank, or is posted there first in full batches between random pairs;
one sealer, then one verifier, nothing else at work.
Result: transfers a second, and microseconds of CPU for each, of this program and of the server.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, text

from jiuding.base.amounts import Amount, currency
from jiuding.base.database.engine import transaction
from jiuding.base.ids import from_uuid, new_id, to_uuid
from jiuding.base.problems import ensure
from jiuding.kernel import ledger

CNY = currency("CNY")
PROOFS = 20


def measure(
    engine: Engine,
    bank_id: str,
    accounts: Sequence[str] = (),
    *,
    batches: int = 24,
    server_cpu: Callable[[], float] | None = None,
) -> dict[str, float]:
    """Seal what waits, verify the whole chain, prove some transfers, and return how fast.

    Where accounts are given, which hold CNY and are funded, full batches are posted between them
    first. `per_second` is the sealer's; `server_cpu` tells the server's CPU seconds so far.
    """
    draw = random.Random(20261125)
    for _ in range(batches if accounts else 0):
        now = datetime.now(UTC)
        items = [_item(draw, accounts, now) for _ in range(ledger.BATCH_MAX)]
        with transaction(engine) as session:
            ledger.post(session, bank_id=bank_id, transfers=items, now=now)
    with transaction(engine) as session:
        _, waiting = ledger.seal_state(session, bank_id=bank_id)
    spent = _spent(server_cpu)
    while ledger.seal_waiting(engine, bank_id=bank_id, now=datetime.now(UTC)):
        pass
    results = spent(waiting)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        spent = _spent(server_cpu)
        found = ledger.verify_seals(session, bank_id=bank_id)
        results |= {f"verify_{name}": each for name, each in spent(found.sealed_count).items()}
        ensure(found.finding is None, f"the chain verifies after the run: {found.finding}")
        ensure(found.waiting_count == 0, "the sealer left nothing behind")
        some = [from_uuid("trf", each) for each in session.execute(_SOME, _of(bank_id)).scalars()]
        started = time.perf_counter()
        for transfer_id in some:
            proof = ledger.export_proof(session, bank_id=bank_id, transfer_id=transfer_id)
            ledger.check_proof(proof, head=found.head)
        results["proof_ms"] = round((time.perf_counter() - started) * 1000 / len(some), 2)
        results["proof_nodes"] = len(proof["path"] + proof["seals_path"])
        session.rollback()
    return results


_SOME = text(
    "SELECT transfer_id FROM ledger.transfers WHERE bank_id = :bank"
    f" ORDER BY sha256(uuid_send(transfer_id)) LIMIT {PROOFS}"
)


def _of(bank_id: str) -> dict[str, Any]:
    return {"bank": to_uuid("bank", bank_id)}


def _item(draw: random.Random, accounts: Sequence[str], now: datetime) -> ledger.NewTransfer:
    debit, credit = draw.sample(accounts, 2)
    return ledger.NewTransfer(
        new_id("trf", now), debit, credit, Amount(1, CNY), "bench.moved", now.date()
    )


def _spent(server_cpu: Callable[[], float] | None) -> Callable[[int], dict[str, float]]:
    """Start to measure; what is returned ends it and says what each of so many took."""
    started, cpu = time.perf_counter(), time.process_time()
    server = server_cpu() if server_cpu else 0.0

    def end(count: int) -> dict[str, float]:
        count = max(count, 1)
        told = {
            "count": count,
            "per_second": round(count / (time.perf_counter() - started), 1),
            "client_us_each": round((time.process_time() - cpu) * 1e6 / count, 2),
        }
        if server_cpu:
            told["server_us_each"] = round((server_cpu() - server) * 1e6 / count, 2)
        return told

    return end
