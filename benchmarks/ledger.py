"""How many durable transfers a second does the ledger post, beside pgbench on the same server?

Question: transfers a second, each acknowledged after its commit is on disk, at batches of 1, 100,
1,000 and 8,192 beside pgbench's TPC-B (prepared, 8 clients) in one run on one server; what single
transfers gain from the poster; whether posting and statements stay flat as the table grows to ten
million transfers; how fast the seal follows.
Load: 10,000 deposits that may not fall below zero, in one bank; uniform, zipf and one hot account;
and captures of holds. Chained history, provenance columns and the idempotency check are in place.
Instructions are made before the clock starts, as pgbench's script is read before it.
Result: transfers a second, p50 and p99 of one call in milliseconds, microseconds of CPU in the
server and in the clients per transfer. The books are proven after each run.

Beside it stands the disk's own limit: how often a second 4 KiB can be overwritten and synchronised.
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import random
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from benchmarks import growth, poster, sealing
from jiuding.base.amounts import Amount, currency
from jiuding.base.database.embedded import EmbeddedServer
from jiuding.base.database.embedded.binaries import packaged_folder
from jiuding.base.database.engine import create_engine, transaction
from jiuding.base.database.migrate import migrate
from jiuding.base.ids import new_id
from jiuding.base.problems import ensure
from jiuding.kernel import ledger

ACCOUNTS, CLIENTS, BULK_CLIENTS, SEED = 10_000, 8, 2, 20261123
PGBENCH_SCALE = 20
ZIPF_EXPONENT = 1.0
CNY = currency("CNY")


@dataclass(frozen=True)
class Load:
    """What one run posts: transfers a call, clients, calls of each, and which accounts."""

    batch: int
    clients: int
    calls: int
    shape: str = "uniform"


LOADS = {
    "batch_1": Load(1, CLIENTS, 1_500),
    "batch_100": Load(100, BULK_CLIENTS, 500),
    "batch_1000": Load(1_000, BULK_CLIENTS, 120),
    "batch_8192": Load(ledger.BATCH_MAX, BULK_CLIENTS, 20),
    "zipf_8192": Load(ledger.BATCH_MAX, BULK_CLIENTS, 20, "zipf"),
    "hot_8192": Load(ledger.BATCH_MAX, BULK_CLIENTS, 20, "hot"),
    "holds_1000": Load(1_000, BULK_CLIENTS, 15, "holds"),
}


def run(*, seconds: float = 6.0, pgbench_seconds: int = 10) -> dict[str, Any]:
    """Return the document: question, load, results, ratios, machine. Takes about six minutes."""
    folder = Path(tempfile.mkdtemp(prefix="jiuding-bench-"))
    folder.chmod(0o755)
    try:
        results: dict[str, Any] = {"disk": _disk(folder, seconds / 2)}
        with EmbeddedServer(folder / "database") as server:
            results |= _measure(server, seconds, pgbench_seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "question": "durable transfers a second beside pgbench TPC-B on the same server",
        "load": f"{ACCOUNTS} limited accounts of one bank, random pairs; pgbench TPC-B at scale "
        f"{PGBENCH_SCALE}, {CLIENTS} clients, prepared",
        "results": results,
        "ratios": _ratios(results),
        "machine": {
            "cpus": os.cpu_count(),
            "processor": platform.processor() or platform.machine(),
            "python": platform.python_version(),
            "load_average": round(os.getloadavg()[0], 2),
        },
    }


def _ratios(results: dict[str, Any]) -> dict[str, float]:
    rate = {name: each.get("per_second", 0) for name, each in results.items()}
    peer = (rate["pgbench"] + rate["pgbench_again"]) / 2
    beside = {f"{name}_vs_pgbench": round(rate[name] / peer, 2) for name in LOADS}
    return {
        **beside,
        "hot_vs_uniform": round(rate["hot_8192"] / rate["batch_8192"], 2),
        "poster_vs_single_commits": poster.ratio(results),
        "seal_vs_20000_a_second": round(rate["seal"] / 20_000, 2),
        **growth.ratios(results),
    }


def _disk(folder: Path, seconds: float) -> dict[str, float]:
    """Return how often a second 4 KiB are overwritten and synchronised."""
    sync = getattr(os, "fdatasync", os.fsync)
    with open(folder / "synchronised", "wb", buffering=0) as file:
        times, until = [], time.perf_counter() + seconds
        while (started := time.perf_counter()) < until:
            file.seek(0)
            file.write(b"x" * 4096)
            sync(file.fileno())
            times.append(time.perf_counter() - started)
    return {"per_second": round(len(times) / sum(times), 1), **percentiles(times)}


def _measure(server: EmbeddedServer, seconds: float, pgbench_seconds: int) -> dict[str, Any]:
    results: dict[str, Any] = {"pgbench": _pgbench(server, pgbench_seconds)}
    engine = create_engine(server.url)
    migrate(engine)
    bank_id, accounts = open_bank(engine)
    for name, load in LOADS.items():
        results[name] = _ours(server, bank_id, accounts, load)
        prove(engine, bank_id)
    # Again, because the machine may have had other work meanwhile: the mean counts.
    results["pgbench_again"] = _pgbench(server, pgbench_seconds)
    results |= poster.measure(engine, bank_id, accounts, seconds=seconds)
    results["seal"] = sealing.measure(engine, bank_id)
    results |= growth.measure(engine, *open_bank(engine))
    prove(engine, bank_id)
    with transaction(engine) as session:
        count = session.execute(text("SELECT count(*) FROM ledger.transfers")).scalar_one()
    results["books"] = {"transfers": count, "findings": 0}
    engine.dispose()
    return results


def prove(engine: Engine, bank_id: str) -> None:
    """Stop unless every belief about a bank's books holds."""
    with transaction(engine) as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        findings = ledger.check_books(session, bank_id=bank_id)
        ensure(findings == (), f"the books balance after the run: {findings}")


def _pgbench(server: EmbeddedServer, seconds: int) -> dict[str, float]:
    """Run TPC-B and return its transactions a second and both sides' CPU for each."""
    program = [str(packaged_folder() / "pgbench")]
    quiet = {"check": True, "capture_output": True, "text": True}
    subprocess.run([*program, "-i", "-q", "-s", str(PGBENCH_SCALE), server.url], **quiet)
    before, own = server_cpu(server), os.times()
    options = ["-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds)]
    output = subprocess.run([*program, *options, server.url], **quiet).stdout
    spent, after = server_cpu(server) - before, os.times()
    client = after.children_user + after.children_system - own.children_user - own.children_system
    rate = float(output.split("tps = ")[1].split()[0])
    count = int(output.split("actually processed: ")[1].split()[0].split("/")[0])
    return {
        "per_second": round(rate, 1),
        "server_us_each": round(spent * 1e6 / count, 1),
        "client_us_each": round(client * 1e6 / count, 1),
    }


def open_bank(engine: Engine) -> tuple[str, list[str]]:
    """Return a new bank and its funded accounts, in a database that was tidied up."""
    now = datetime.now(UTC)
    bank_id = new_id("bank", now)
    terms = {"bank_id": bank_id, "asset": CNY, "now": now}
    with transaction(engine) as session:
        cash = ledger.bank_account(session, kind="cash_at_central_bank", **terms).account_id
        opened = [
            ledger.open_account(session, kind="customer_deposit", owner_id="pty_bench", **terms)
            for _ in range(ACCOUNTS)
        ]
        accounts = [account.account_id for account in opened]
        for start in range(0, ACCOUNTS, ledger.BATCH_MAX):
            part = accounts[start : start + ledger.BATCH_MAX]
            items = [item(cash, account, 10**12, now) for account in part]
            ledger.post(session, bank_id=bank_id, transfers=items, now=now)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))
    return bank_id, accounts


def item(debit: str, credit: str, units: int, now: datetime) -> ledger.NewTransfer:
    """Return an instruction to move this much."""
    return ledger.NewTransfer(
        new_id("trf", now), debit, credit, Amount(units, CNY), "bench.moved", date(2026, 11, 23)
    )


def _ours(
    server: EmbeddedServer, bank_id: str, accounts: list[str], load: Load
) -> dict[str, float]:
    """Post from processes of their own, at the same time, and return what they reached together."""
    spawn = multiprocessing.get_context("spawn")
    start, results = spawn.Barrier(load.clients + 1), spawn.Queue()
    clients = [
        spawn.Process(
            target=_client,
            args=(server.url, bank_id, accounts, load, SEED + place, start, results),
        )
        for place in range(load.clients)
    ]
    for client in clients:
        client.start()
    start.wait(timeout=300)
    before, began = server_cpu(server), time.perf_counter()
    done = [results.get(timeout=300) for _ in clients]
    elapsed, spent = time.perf_counter() - began, server_cpu(server) - before
    for client in clients:
        client.join()
    calls = [each for times, _ in done for each in times]
    moved = len(calls) * load.batch
    return {
        "per_second": round(moved / elapsed, 1),
        **percentiles(calls),
        "server_us_each": round(spent * 1e6 / moved, 1),
        "client_us_each": round(sum(cpu for _, cpu in done) * 1e6 / moved, 1),
    }


def _client(
    url: str, bank_id: str, accounts: list[str], load: Load, seed: int, start, results
) -> None:
    """Make instructions, wait for the others, post each batch with a commit of its own."""
    draw = random.Random(seed)
    engine = create_engine(url, pool_size=1)
    times: list[float] = []
    # A batch that is one statement needs no words before its commit or after it.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as session:
        now = datetime.now(UTC)
        batches = [_items(draw, accounts, load, now) for _ in range(load.calls)]
        if load.shape == "holds":
            for place, items in enumerate(batches):
                ledger.post(session, bank_id=bank_id, transfers=items, now=now)
                batches[place] = [
                    ledger.Capture(new_id("trf", now), hold.hold_id, hold.code, hold.effective_on)
                    for hold in items
                ]
        start.wait(timeout=300)
        cpu = time.process_time()
        for items in batches:
            started = time.perf_counter()
            outcomes = ledger.post(session, bank_id=bank_id, transfers=items, now=datetime.now(UTC))
            times.append(time.perf_counter() - started)
            ensure(not any(each.is_refused for each in outcomes), "every transfer is posted")
        cpu = time.process_time() - cpu
    engine.dispose()
    results.put((times, cpu))


def _items(
    draw: random.Random, accounts: list[str], load: Load, now: datetime
) -> list[ledger.Instruction]:
    pairs = [draw.sample(accounts, 2) for _ in range(load.batch)]
    if load.shape == "hot":
        hot = accounts[0]
        pairs = [(debit, hot if debit != hot else credit) for debit, credit in pairs]
    elif load.shape == "zipf":
        weights = [1 / rank**ZIPF_EXPONENT for rank in range(1, len(accounts) + 1)]
        debits, credits = (draw.choices(accounts, weights, k=load.batch) for _ in "12")
        pairs = [
            (debit, credit if credit != debit else pair[0] if pair[0] != debit else pair[1])
            for debit, credit, pair in zip(debits, credits, pairs, strict=True)
        ]
    if load.shape == "holds":
        return [
            ledger.NewHold(
                new_id("hld", now), debit, credit, Amount(1, CNY), "bench.held", now.date()
            )
            for debit, credit in pairs
        ]
    return [item(debit, credit, 1, now) for debit, credit in pairs]


def percentiles(times: list[float]) -> dict[str, float]:
    """Return p50 and p99 of seconds, in milliseconds."""
    ordered = sorted(times)
    return {
        "p50_ms": round(ordered[len(ordered) // 2] * 1000, 2),
        "p99_ms": round(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1000, 2),
    }


def server_cpu(server: EmbeddedServer) -> float:
    """Return the CPU seconds of the server's processes, the ended ones included."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if server.process_id in (int(folder.name), int(words[1])):
            # Own user and system time, and that of children waited for (proc(5): fields 14 to 17).
            total += sum(int(word) for word in words[11:15])
    return total / os.sysconf("SC_CLK_TCK")
