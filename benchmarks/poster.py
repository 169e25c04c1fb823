"""How much do single transfers gain when the poster lets them share commits?

Question: transfers a second of 64 clients that each send one transfer and wait for its commit, with
a transaction each, and through the poster; same program, same server, same accounts.
Load: random pairs of the given accounts, 64 threads. A transaction each has up to 16 connections
(the program's pool); the poster has one.
Result: transfers a second, p50 and p99 of one call in milliseconds, CPU of the program in
microseconds per transfer.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from jiuding.base.amounts import Amount, currency
from jiuding.base.database.engine import run_transaction
from jiuding.base.ids import new_id
from jiuding.kernel import ledger

CLIENTS = 64
CNY = currency("CNY")


def measure(
    engine: Engine, bank_id: str, accounts: Sequence[str], *, seconds: float
) -> dict[str, dict[str, float]]:
    """Return the results `single_commits` and `poster`; accounts hold CNY and are funded."""

    def item() -> ledger.NewTransfer:
        debit, credit = random.sample(accounts, 2)
        now = datetime.now(UTC)
        return ledger.NewTransfer(
            new_id("trf", now), debit, credit, Amount(1, CNY), "bench.moved", now.date()
        )

    def alone() -> None:
        wanted = item()
        run_transaction(
            engine,
            lambda session: ledger.post(
                session, bank_id=bank_id, transfers=[wanted], now=datetime.now(UTC)
            ),
        )

    with ledger.Poster(engine, bank_id) as poster:
        single = _load(alone, seconds)
        joined = _load(lambda: poster.submit([item()], now=datetime.now(UTC)), seconds)
    return {"single_commits": single, "poster": joined}


def ratio(results: dict[str, dict[str, float]]) -> float:
    """Return `ratios.poster_vs_single_commits`."""
    return round(results["poster"]["per_second"] / results["single_commits"]["per_second"], 2)


def _load(call: Callable[[], Any], seconds: float) -> dict[str, float]:
    times: list[list[float]] = [[] for _ in range(CLIENTS)]
    until = time.perf_counter() + seconds

    def client(mine: list[float]) -> None:
        while (started := time.perf_counter()) < until:
            call()
            mine.append(time.perf_counter() - started)

    threads = [threading.Thread(target=client, args=(mine,)) for mine in times]
    cpu, started = time.process_time(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, cpu = time.perf_counter() - started, time.process_time() - cpu
    every = sorted(each for mine in times for each in mine)
    return {
        "per_second": round(len(every) / took, 1),
        "p50_ms": round(every[len(every) // 2] * 1000, 2),
        "p99_ms": round(every[len(every) * 99 // 100] * 1000, 2),
        "client_us_each": round(cpu * 1e6 / len(every), 1),
    }
