"""How long from a sentence to a funded loan, over HTTP, with durable commits?

Question: p50, p99 and errors of sentence → plans over the market's whole library → acceptance with
a PIN → decision, agreement, transfers, `LoanGranted`; first one client, then arrivals at a fixed
rate that do not wait for one another.
Load: a server process of its own over a throw-away demonstration bank of 500 customers; each walk
is two requests (`POST /v1/needs`, `POST /v1/quotes/{id}/acceptance`) of a customer with a salary.
Limit, in the same run: one durable commit of one row on the same server, and `GET /health` on the
same server under no load; the ratios say how many of those a walk costs.
"""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

CUSTOMERS = 500
ALONE_SECONDS = 15
ALONE_WALKS_MAX = 150
RATE_PER_SECOND = 20
RATE_SECONDS = 30
WARM_UP = 6
START_SECONDS_MAX = 180
SENTENCES = {
    "cn": "想借2万块买家具,分24个月还,月供别超过1500",
    "au": "I need 8,000 dollars for a car over three years, at most 400 a month",
}


def serve(home: str, port: str) -> None:
    """Serve a throw-away bank; runs in a process of its own."""
    import uvicorn

    from jiuding.api import create_app
    from jiuding.base import clock
    from jiuding.base.settings import Settings
    from jiuding.bootstrap import open_house, seed_demonstration
    from jiuding.bootstrap.house import demonstration_bank

    settings = Settings(Path(home), int(port), None)
    with open_house(settings, now=clock.now(), seed=False) as house:
        house.bank = seed_demonstration(
            house.engine, bank=demonstration_bank(), vault=house.vault, now=clock.now(),
            progress=lambda _step: None, count=CUSTOMERS,
        )  # fmt: skip
        (Path(home) / "customers").write_text("\n".join(_salaried(house)), encoding="utf-8")
        (Path(home) / "commit_ms").write_text(str(_commit_ms(house.engine)), encoding="utf-8")
        uvicorn.run(
            create_app(house), host="127.0.0.1", port=int(port), log_level="warning",
            access_log=False,
        )  # fmt: skip


def _salaried(house: Any) -> list[str]:
    """Return "party market" of every customer whose story is a steady salary."""
    from jiuding.base.database.engine import transaction
    from jiuding.kernel import identity

    with transaction(house.engine) as session:
        people = identity.list_parties(
            session, bank_id=house.bank.bank_id, vault=house.vault, limit_max=CUSTOMERS
        )
    return [
        f"{person.party.party_id} {person.party.market}"
        for person in people
        if person.story == "steady"
    ]


def _commit_ms(engine: Any, rounds: int = 200) -> float:
    """Return the median milliseconds of a durable commit of one row: the limit."""
    from sqlalchemy import text

    from jiuding.base.database.engine import transaction

    with transaction(engine) as session:
        session.execute(text("CREATE TABLE IF NOT EXISTS public.bench_commit (n bigint)"))
    taken = []
    for number in range(rounds):
        begun = time.perf_counter()
        with transaction(engine) as session:
            session.execute(text("INSERT INTO public.bench_commit VALUES (:n)"), {"n": number})
        taken.append((time.perf_counter() - begun) * 1000)
    return sorted(taken)[len(taken) // 2]


class _Bank:
    """A client of the served bank: logs customers in and walks with them in turn."""

    def __init__(self, home: Path, port: int) -> None:
        import httpx

        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=30,
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=64),
        )  # fmt: skip
        self._customers = (home / "customers").read_text(encoding="utf-8").split("\n")
        self._tokens: dict[str, str] = {}
        self._next = 0
        self._lock = threading.Lock()

    def log_in(self) -> None:
        """Log every customer in, before anything is timed."""
        from jiuding.bootstrap import demonstration

        for line in self._customers:
            party_id, _market = line.split()
            answer = self._http.post(
                "/v1/logins", json={"party_id": party_id, "pin": demonstration.PIN}
            )
            answer.raise_for_status()
            self._tokens[party_id] = answer.json()["token"]

    def health_ms(self, rounds: int = 100) -> float:
        """Return the median milliseconds of the emptiest request."""
        taken = []
        for _ in range(rounds):
            begun = time.perf_counter()
            self._http.get("/health").raise_for_status()
            taken.append((time.perf_counter() - begun) * 1000)
        return sorted(taken)[len(taken) // 2]

    def walk(self) -> tuple[float, str]:
        """Walk once from sentence to answer; return milliseconds and what came of it."""
        from jiuding.bootstrap import demonstration

        with self._lock:
            party_id, market = self._customers[self._next % len(self._customers)].split()
            self._next += 1
        headers = {"Authorization": f"Bearer {self._tokens[party_id]}"}
        begun = time.perf_counter()
        try:
            turn = self._http.post("/v1/needs", json={"text": SENTENCES[market]}, headers=headers)
            turn.raise_for_status()
            quote = turn.json()["quote"]
            if not quote or not quote["plans"]:
                return (time.perf_counter() - begun) * 1000, "no_plan"
            done = self._http.post(
                f"/v1/quotes/{quote['quote_id']}/acceptance",
                json={"kind": "cheapest", "pin": demonstration.PIN},
                headers={**headers, "Idempotency-Key": secrets.token_hex(8)},
            )
            done.raise_for_status()
            return (time.perf_counter() - begun) * 1000, done.json()["status"]
        except Exception as error:
            return (time.perf_counter() - begun) * 1000, f"error:{type(error).__name__}"


def _summary(walks: list[tuple[float, str]]) -> dict[str, Any]:
    taken = sorted(ms for ms, _ in walks)
    outcomes: dict[str, int] = {}
    for _, outcome in walks:
        outcomes[outcome] = outcomes.get(outcome, 0) + 1

    def share(part: float) -> float:
        return round(taken[min(int(part * len(taken)), len(taken) - 1)], 1)

    return {
        "walks": len(walks),
        "p50_ms": share(0.5),
        "p95_ms": share(0.95),
        "p99_ms": share(0.99),
        "max_ms": round(taken[-1], 1),
        "outcomes": outcomes,
        # A decline is an answer, not an error; the outcomes above count it.
        "errors": sum(n for name, n in outcomes.items() if name not in ("granted", "declined")),
    }


def _alone(bank: _Bank) -> list[tuple[float, str]]:
    walks, until = [], time.perf_counter() + ALONE_SECONDS
    while time.perf_counter() < until and len(walks) < ALONE_WALKS_MAX:
        walks.append(bank.walk())
    return walks


def _arriving(bank: _Bank) -> tuple[list[tuple[float, str]], float]:
    """Walk at a fixed rate; return the walks and the worst delay of the load itself in ms."""
    started, late = time.perf_counter(), 0.0
    with ThreadPoolExecutor(max_workers=64) as pool:
        walks = []
        for number in range(RATE_PER_SECOND * RATE_SECONDS):
            due = started + number / RATE_PER_SECOND
            time.sleep(max(0.0, due - time.perf_counter()))
            late = max(late, (time.perf_counter() - due) * 1000)
            walks.append(pool.submit(bank.walk))
        return [walk.result() for walk in walks], late


def run() -> dict[str, Any]:
    """Return the benchmark's document."""
    home = Path(tempfile.mkdtemp(prefix="jiuding-bench-"))
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.grant", str(home), str(port)],
        cwd=Path(__file__).resolve().parents[1], stdout=sys.stderr,
    )  # fmt: skip
    try:
        _wait(server, port)
        bank = _Bank(home, port)
        bank.log_in()
        for _ in range(WARM_UP):
            bank.walk()
        alone = _summary(_alone(bank))
        health = bank.health_ms()
        walks, late = _arriving(bank)
        arriving = _summary(walks)
        commit = float((home / "commit_ms").read_text(encoding="utf-8"))
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()
        shutil.rmtree(home, ignore_errors=True)
    return {
        "question": "sentence to LoanGranted over HTTP, durable commits",
        "load": {
            "alone": f"one client, {ALONE_SECONDS} s or {ALONE_WALKS_MAX} walks",
            "arriving": f"{RATE_PER_SECOND} walks a second for {RATE_SECONDS} s, not waiting",
            "customers": CUSTOMERS,
            "load_late_ms_max": round(late, 1),
        },
        "results": {
            "alone": alone, "arriving": arriving, "commit_ms": round(commit, 3),
            "health_ms": round(health, 3),
        },
        "ratios": {
            "alone_p50_over_commit": round(alone["p50_ms"] / commit, 1),
            "alone_p50_over_health": round(alone["p50_ms"] / health, 1),
            "arriving_p99_over_500ms": round(arriving["p99_ms"] / 500.0, 3),
            "arriving_p50_over_alone_p50": round(arriving["p50_ms"] / alone["p50_ms"], 2),
        },
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(),
                    "system": platform.platform(terse=True)},
    }  # fmt: skip


def _wait(server: subprocess.Popen, port: int) -> None:
    import httpx

    until = time.perf_counter() + START_SECONDS_MAX
    while time.perf_counter() < until:
        if server.poll() is not None:
            raise RuntimeError(f"the bank ended with {server.returncode} before it served")
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health", timeout=1).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise RuntimeError(f"the bank did not serve within {START_SECONDS_MAX} s")


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2])
