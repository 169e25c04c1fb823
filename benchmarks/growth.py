"""Do posting and statements stay as fast as they were when the table holds ten million transfers?

Question: CPU and time of a transfer in a batch of 8,192, and p50 and p99 of a statement page of 20
lines, in a table of 10^5, 10^6 and 10^7 transfers.
Load: one client; random pairs of the given accounts. The table is filled by the posting function
itself, from arrays instead of instructions, so that the filling takes minutes and not an hour; the
books are proven at the first size.
Result: transfers a second and the server's microseconds each; milliseconds of a page.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Connection, Engine, text

from jiuding.base.amounts import Amount, currency
from jiuding.base.ids import new_id, new_uuid, to_uuids
from jiuding.base.problems import ensure
from jiuding.kernel import ledger
from jiuding.kernel.ledger.rules.plain import PlainBatch, effects
from jiuding.kernel.ledger.store.posting import post_plain

SIZES = {"100k": 10**5, "1m": 10**6, "10m": 10**7}
BATCH, BATCHES, PAGES, LINES = ledger.BATCH_MAX, 12, 400, 20
SEED = 20261125
CNY = currency("CNY")


def measure(engine: Engine, bank_id: str, accounts: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return the results `growth_100k` to `growth_10m`; accounts hold CNY and are funded."""
    accounts = sorted(accounts)
    binary = to_uuids("acc", accounts)
    draw, numbers = random.Random(SEED), np.random.default_rng(SEED)
    results: dict[str, dict[str, float]] = {}
    count = 0
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as session:
        session.execute(text("SET statement_timeout = 0"))
        for name, size in SIZES.items():
            while count < size:
                batch = _arrays(numbers, binary)
                ensure(post_plain(session, bank_id, batch, datetime.now(UTC)), "all are posted")
                count += BATCH
            session.execute(text("VACUUM ANALYZE ledger.accounts"))
            session.execute(text("CHECKPOINT"))
            results[f"growth_{name}"] = {
                "transfers": count,
                **_posting(session, bank_id, accounts, draw),
                **_statements(session, bank_id, accounts, draw),
            }
            count += BATCH * BATCHES
            if name == "100k":
                findings = ledger.check_books(session, bank_id=bank_id)
                ensure(findings == (), f"the books balance: {findings}")
    return results


def ratios(results: dict[str, Any]) -> dict[str, float]:
    """Return how much slower the largest table is than the smallest."""
    small, large = results["growth_100k"], results["growth_10m"]
    return {
        "posting_10m_vs_100k": round(small["per_second"] / large["per_second"], 2),
        "statement_10m_vs_100k": round(large["statement_p50_ms"] / small["statement_p50_ms"], 2),
        "statement_p99_vs_20_ms": round(large["statement_p99_ms"] / 20, 2),
    }


def _arrays(numbers: np.random.Generator, accounts: np.ndarray) -> PlainBatch:
    """Return a batch of random pairs in which every given account may stand."""
    pairs = numbers.integers(0, len(accounts), (BATCH, 2))
    pairs[:, 1] = np.where(
        pairs[:, 0] == pairs[:, 1], (pairs[:, 0] + 1) % len(accounts), pairs[:, 1]
    )
    used, sides = np.unique(pairs, return_inverse=True)
    sides = sides.reshape(-1, 2).astype(np.int32)
    first = new_uuid(datetime.now(UTC))
    # Time-ordered ids: the first one's time, then a counter, then chance.
    ids = np.zeros(BATCH, dtype=[("time", "S8"), ("order", ">u4"), ("chance", ">u4")])
    ids["time"] = first.bytes[:8]
    ids["order"] = np.arange(BATCH, dtype=np.uint32) + np.uint32(0x80000000)
    ids["chance"] = numbers.integers(1, 2**32, BATCH, dtype=np.uint32)
    binary = ids.view("V16")
    units = np.ones(BATCH, dtype=np.int64)
    places = np.ones(BATCH, dtype=np.int16)
    return PlainBatch(
        asset="CNY",
        scale=2,
        code_names=["bench.moved"],
        day_names=[date(2026, 11, 23)],
        accounts=accounts[used],
        ids=binary,
        amounts=units,
        code_ix=places,
        day_ix=places,
        abouts=None,
        first_id=UUID(bytes=binary[0].tobytes()),
        last_id=UUID(bytes=binary[-1].tobytes()),
        **effects(len(used), sides, units),
    )


def _posting(
    session: Connection, bank_id: str, accounts: Sequence[str], draw: random.Random
) -> dict[str, float]:
    """Post batches of instructions, as any caller would, and return the median call's rate."""
    now = datetime.now(UTC)
    batches = [
        [
            ledger.NewTransfer(
                new_id("trf", now), *draw.sample(accounts, 2), Amount(1, CNY), "bench.moved",
                date(2026, 11, 23),
            )
            for _ in range(BATCH)
        ]
        for _ in range(BATCHES)
    ]  # fmt: skip
    times = []
    for items in batches:
        started = time.perf_counter()
        ledger.post(session, bank_id=bank_id, transfers=items, now=now)
        times.append(time.perf_counter() - started)
    return {"per_second": round(BATCH / sorted(times)[len(times) // 2], 1)}


def _statements(
    session: Connection, bank_id: str, accounts: Sequence[str], draw: random.Random
) -> dict[str, float]:
    """Read pages of random accounts, half of them a page further back."""
    times = []
    for _ in range(PAGES):
        account, cursor = draw.choice(accounts), None
        for _ in range(2):
            started = time.perf_counter()
            page = ledger.statement(
                session, bank_id=bank_id, account_id=account, limit_max=LINES, cursor=cursor
            )
            times.append(time.perf_counter() - started)
            cursor = page.cursor
            if cursor is None:
                break
    ordered = sorted(times)
    return {
        "statement_p50_ms": round(ordered[len(ordered) // 2] * 1000, 2),
        "statement_p99_ms": round(ordered[len(ordered) * 99 // 100] * 1000, 2),
    }
