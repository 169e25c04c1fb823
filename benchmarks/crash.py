"""Is anything that was acknowledged ever lost or doubled, whatever dies under load?

Question: after kill -9 of the program, of the database and of both, after a full disk, and after a
connection was lost between commit and answer: is every acknowledged transfer there exactly once,
does nothing double when everything is said again with the same ids, do the books balance, does the
chain of seals verify, and how long does the next start take?
Load: four client processes that live through every round, two over `POST /v1/transfers` of a served
bank and two in transactions of their own: singles, batches with linked groups, holds with captures
and voids, and some that are refused; a sealer beside them. Each strike comes at a random moment.
Result: by kind of strike the rounds, what was acknowledged, what was lost, doubled or told
otherwise when it was said again, and the seconds until the bank served again. Not part of it: a
power cut, which takes what a kernel had not written; the server synchronises every commit for that.
"""

from __future__ import annotations

import contextlib
import os
import platform
import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import crash_disk, crash_losing
from benchmarks.crash_load import LOST, Clients, Item, Place, mouth_of
from benchmarks.crash_truth import Truth, open_accounts, prove, say_again, say_patiently
from benchmarks.served import ServedBank
from jiuding.base.database.embedded import ensure_database
from jiuding.base.database.engine import create_engine, transaction
from jiuding.base.ids import new_id
from jiuding.base.problems import ensure
from jiuding.base.settings import read_secret
from jiuding.bootstrap import demonstration
from jiuding.kernel import identity, ledger

CLIENTS, SEED = 4, 20261125
PLAN = {
    "program": 13, "postmaster": 7, "database": 7, "both": 13, "lost_answer": 7, "full_disk": 3,
}  # fmt: skip
STRIKES = {
    "program": lambda bank: bank.kill(),
    "postmaster": lambda bank: bank.kill_database(whole=False),
    "database": lambda bank: bank.kill_database(whole=True),
    "both": lambda bank: (bank.kill_database(whole=True), bank.kill()),
}
ACKNOWLEDGED_MIN = 20
LOAD_SECONDS_MAX = 30.0
NEWEST_SEALS = 64


def _silent(_words: str) -> None:
    """Say nothing."""


def run(*, plan: Mapping[str, int] = PLAN, tell: Callable[[str], None] = _silent) -> dict[str, Any]:
    """Return the document: question, load, results, ratios, machine. The plan takes ten minutes.

    `tell` hears of each round as it ends.
    """
    draw, truth = random.Random(SEED), Truth()
    rounds = [kind for kind, count in plan.items() for _ in range(count) if kind != "full_disk"]
    draw.shuffle(rounds)
    with Clients(CLIENTS, SEED) as clients:
        with _served() as bank:
            place = _open_place(bank)
            for kind in rounds:
                truth.count(kind, rounds=1)
                if kind == "lost_answer":
                    crash_losing.lose_answers(place, truth)
                else:
                    _strike(bank, place, clients, kind, draw, truth)
                prove(place, truth, kind, newest=NEWEST_SEALS)
                tell(f"{kind}: {truth.starts.get(kind, [0.0])[-1]:.1f} s, {truth.faults[-1:]}")
            prove(place, truth, "all", newest=None)
        disk = crash_disk.rounds(clients, plan.get("full_disk", 0))
    return _document(plan, truth, disk)


@contextmanager
def _served() -> Iterator[ServedBank]:
    folder = Path(tempfile.mkdtemp(prefix="jiuding-bench-"))
    folder.chmod(0o755)
    bank = ServedBank(folder / "home")
    try:
        bank.open()
        yield bank
    finally:
        bank.kill()
        with contextlib.suppress(Exception):
            bank.remove()
        shutil.rmtree(folder, ignore_errors=True)


def _open_place(bank: ServedBank) -> Place:
    """Open accounts in the served bank, all but the first with more than enough."""
    url = ensure_database(bank.server.start(), "jiuding")
    engine = create_engine(url, pool_size=1)
    with transaction(engine) as session:
        found = identity.find_bank(session, slug=demonstration.SLUG)
        ensure(found is not None, "the demonstration bank was seeded")
        bank_id = found.bank_id
    accounts = open_accounts(engine, bank_id)
    engine.dispose()
    token = read_secret(bank.home, "operator").hex()
    return Place(bank.port, token, url, bank_id, accounts)


def _strike(
    bank: ServedBank, place: Place, clients: Clients, kind: str, draw: random.Random, truth: Truth
) -> None:
    """Kill something under load, open again, and say again all that was said."""
    with _sealing(place):
        clients.begin(place)
        least = clients.wait(ACKNOWLEDGED_MIN, LOAD_SECONDS_MAX)
        if least < ACKNOWLEDGED_MIN:
            truth.fault(kind, "stuck", f"a client had only {least} acknowledged before the strike")
        clients.wait(10**9, draw.uniform(0.0, 0.5))
        STRIKES[kind](bank)
        said = clients.end()
    started = time.monotonic()
    if not bank.is_open():
        bank.open()
    # The database is joined, or started where the program outlived it and must find it again.
    bank.server.start()
    mouth = mouth_of(place, True)
    say_patiently(mouth, [_probe(place)])
    mouth.close()
    truth.starts.setdefault(kind, []).append(time.monotonic() - started)
    say_again(place, said, kind, truth)


def _probe(place: Place) -> Item:
    """Return a transfer that is refused, so that it asks whether the bank posts again."""
    now = datetime.now(UTC)
    return {
        "verb": "transfer", "id": new_id("trf", now), "debit": place.accounts[0],
        "credit": place.accounts[1], "units": 1, "on": now.date().isoformat(), "linked": False,
    }  # fmt: skip


@contextmanager
def _sealing(place: Place) -> Iterator[None]:
    """Seal beside the load, whatever happens to the database."""
    is_over = threading.Event()

    def seal() -> None:
        engine = create_engine(place.database_url, pool_size=1)
        while not is_over.wait(0.1):
            with contextlib.suppress(*LOST):
                ledger.seal_waiting(engine, bank_id=place.bank_id, now=datetime.now(UTC))
        engine.dispose()

    thread = threading.Thread(target=seal)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


NAMES = ("rounds", "acknowledged", "unanswered", "lost", "doubled", "otherwise", "books", "seals")


def _document(plan: Mapping[str, int], truth: Truth, disk: Truth | str) -> dict[str, Any]:
    counts = dict(truth.counts)
    starts, faults = dict(truth.starts), list(truth.faults)
    if isinstance(disk, Truth):
        counts |= disk.counts
        starts |= disk.starts
        faults += disk.faults
    results: dict[str, Any] = {
        kind: {name: each.get(name, 0) for name in dict.fromkeys((*NAMES, *each))}
        for kind, each in counts.items()
    }
    for kind, seconds in starts.items():
        results[kind] |= {
            "starts": len(seconds),
            "start_s_max": round(max(seconds), 2),
            "start_s_median": round(sorted(seconds)[len(seconds) // 2], 2),
        }
    if isinstance(disk, str):
        results["full_disk"] = {"not_run": disk}
    results["faults"] = faults[:50]
    total = Counter()
    for each in counts.values():
        total.update(each)
    every = [seconds for each in starts.values() for seconds in each]
    return {
        "question": "what is lost or doubled when anything dies under load",
        "load": f"{CLIENTS} client processes, {sum(plan.values())} rounds: "
        + ", ".join(f"{count} {kind}" for kind, count in plan.items()),
        "results": results,
        "ratios": {
            **{name: total.get(name, 0) for name in NAMES},
            "starts": len(every),
            "start_s_max": round(max(every, default=0.0), 2),
            "faults": len(faults),
        },
        "machine": {
            "cpus": os.cpu_count(),
            "processor": platform.processor() or platform.machine(),
            "python": platform.python_version(),
            "load_average": round(os.getloadavg()[0], 2),
        },
    }
