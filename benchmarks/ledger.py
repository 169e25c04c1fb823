"""How many transfers a second does the ledger post, beside what the same server can do at all?

Question: transfers a second and CPU per transfer at batches of 1, 100, 1,000 and 8,192, durable, on
the same server, in the same run as pgbench's TPC-B (prepared statements, 8 clients), which moves
one amount in a transaction. Batch 1 has 8 clients as pgbench has; larger batches have
two, one of which makes its arrays while the other's are posted.
Load: 10,000 deposits that may not fall below zero, random pairs; once all credit one hot account.
Holds, running balances, both history indexes and the idempotency check are in place.
Result: transfers a second, p50 and p99 of one call in milliseconds, microseconds of CPU in the
server and in the client per transfer. The books are proven after the run.

Beside it stands the disk's own limit: how often a second 4 KiB can be overwritten and synchronised.
Not measured here: zipf pairs, growth to 10 million transfers, the poster and the seal, which this
ledger does not have.
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
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

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
BATCHES = (1, 100, 1_000, ledger.BATCH_MAX)
CNY = currency("CNY")


def run(*, seconds: float = 6.0, pgbench_seconds: int = 10) -> dict[str, Any]:
    """Return the document: question, load, results, ratios, machine. Takes about two minutes."""
    folder = Path(tempfile.mkdtemp(prefix="jiuding-bench-"))
    folder.chmod(0o755)
    try:
        results: dict[str, Any] = {"disk": _disk(folder, seconds / 2)}
        with EmbeddedServer(folder / "database") as server:
            results |= _measure(server, seconds, pgbench_seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rate = {name: each["per_second"] for name, each in results.items()}
    peer = rate["pgbench"]
    return {
        "question": "durable transfers a second beside pgbench TPC-B on the same server",
        "load": f"{ACCOUNTS} limited accounts, random pairs, {seconds} s each; "
        f"pgbench TPC-B at scale {PGBENCH_SCALE}, {CLIENTS} clients, prepared",
        "results": results,
        "ratios": {
            "batch_1_vs_pgbench": round(rate["batch_1"] / peer, 2),
            "batch_100_vs_pgbench": round(rate["batch_100"] / peer, 2),
            "batch_1000_vs_pgbench": round(rate["batch_1000"] / peer, 2),
            "batch_8192_vs_pgbench": round(rate["batch_8192"] / peer, 2),
            "hot_vs_uniform": round(rate["hot_8192"] / rate["batch_8192"], 2),
        },
        "machine": {
            "cpus": os.cpu_count(),
            "processor": platform.processor() or platform.machine(),
            "python": platform.python_version(),
            "load_average": round(os.getloadavg()[0], 2),
        },
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
    return {"per_second": round(len(times) / sum(times), 1), **_percentiles(times)}


def _measure(server: EmbeddedServer, seconds: float, pgbench_seconds: int) -> dict[str, Any]:
    results: dict[str, Any] = {"pgbench": _pgbench(server, pgbench_seconds)}
    engine = create_engine(server.url)
    migrate(engine)
    bank_id, accounts = _open_bank(engine)
    for batch in BATCHES:
        clients = CLIENTS if batch == 1 else BULK_CLIENTS
        results[f"batch_{batch}"] = _ours(server, bank_id, accounts, batch, clients, seconds)
    hot = _ours(server, bank_id, accounts, ledger.BATCH_MAX, BULK_CLIENTS, seconds, is_hot=True)
    results["hot_8192"] = hot
    with transaction(engine) as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        findings = ledger.check_books(session, bank_id=bank_id)
        ensure(findings == (), f"the books balance after the run: {findings}")
        count = session.execute(text("SELECT count(*) FROM ledger.transfers")).scalar_one()
    results["books"] = {"per_second": 0, "transfers": count, "findings": 0}
    engine.dispose()
    return results


def _pgbench(server: EmbeddedServer, seconds: int) -> dict[str, float]:
    """Run TPC-B and return its transactions a second and the server's CPU for each."""
    program = [str(packaged_folder() / "pgbench")]
    quiet = {"check": True, "capture_output": True, "text": True}
    subprocess.run([*program, "-i", "-q", "-s", str(PGBENCH_SCALE), server.url], **quiet)
    before = _server_cpu(server)
    options = ["-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds)]
    output = subprocess.run([*program, *options, server.url], **quiet).stdout
    spent = _server_cpu(server) - before
    rate = float(output.split("tps = ")[1].split()[0])
    count = int(output.split("actually processed: ")[1].split()[0].split("/")[0])
    return {"per_second": round(rate, 1), "server_us_each": round(spent * 1e6 / count, 1)}


def _open_bank(engine) -> tuple[str, list[str]]:
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
            items = [_item(cash, account, 10**12, now) for account in part]
            ledger.post(session, bank_id=bank_id, transfers=items, now=now)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))
    return bank_id, accounts


def _item(debit: str, credit: str, units: int, now: datetime) -> ledger.NewTransfer:
    return ledger.NewTransfer(
        new_id("trf", now), debit, credit, Amount(units, CNY), "bench.moved", date(2026, 11, 23)
    )


def _ours(
    server: EmbeddedServer,
    bank_id: str,
    accounts: list[str],
    batch: int,
    clients: int,
    seconds: float,
    *,
    is_hot: bool = False,
) -> dict[str, float]:
    """Post from processes of their own and return what they reached together."""
    before = _server_cpu(server)
    spawn = multiprocessing.get_context("spawn")
    terms = (server.url, bank_id, accounts, batch, seconds, is_hot)
    work = [(*terms, SEED + place) for place in range(clients)]
    with ProcessPoolExecutor(clients, mp_context=spawn) as pool:
        done = list(pool.map(_client_of, work))
    spent = _server_cpu(server) - before
    calls = [each for times, _, _ in done for each in times]
    # Clients do not start at the same moment: each one's own rate over its own time, added up. It
    # counts the making of the instructions too, as pgbench's counts its client.
    rate = sum(len(times) * batch / elapsed for times, _, elapsed in done)
    moved = max(len(calls) * batch, 1)
    return {
        "per_second": round(rate, 1),
        **_percentiles(calls),
        "server_us_each": round(spent * 1e6 / moved, 1),
        "client_us_each": round(sum(cpu for _, cpu, _ in done) * 1e6 / moved, 1),
    }


def _client_of(work: tuple) -> tuple[list[float], float, float]:
    return _client(*work)


def _client(
    url: str,
    bank_id: str,
    accounts: list[str],
    batch: int,
    seconds: float,
    is_hot: bool,
    seed: int,
) -> tuple[list[float], float, float]:
    """Post batches, each its own commit; return each call's seconds, their CPU, and the whole."""
    draw = random.Random(seed)
    engine = create_engine(url, pool_size=1)
    times: list[float] = []
    cpu, began = 0.0, time.perf_counter()
    with engine.connect() as session:
        while time.perf_counter() < began + seconds:
            now = datetime.now(UTC)
            pairs = (draw.sample(accounts, 2) for _ in range(batch))
            items = [
                _item(debit, accounts[0] if is_hot and debit != accounts[0] else credit, 1, now)
                for debit, credit in pairs
            ]
            started, started_cpu = time.perf_counter(), time.process_time()
            outcomes = ledger.post(session, bank_id=bank_id, transfers=items, now=now)
            session.commit()
            times.append(time.perf_counter() - started)
            cpu += time.process_time() - started_cpu
            ensure(not any(outcome.is_refused for outcome in outcomes), "every transfer is posted")
    elapsed = time.perf_counter() - began
    engine.dispose()
    return times, cpu, elapsed


def _percentiles(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "p50_ms": round(ordered[len(ordered) // 2] * 1000, 2),
        "p99_ms": round(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1000, 2),
    }


def _server_cpu(server: EmbeddedServer) -> float:
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
