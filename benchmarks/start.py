"""How long until the bank is open?

Question: how many seconds from `jiuding up` until `GET /health` answers, the first time (an empty
home: the data folder, every migration, the demonstration bank) and later (all is there)?
Load: three homes, each opened once for the first time and three times later, as a process of its
own on this machine; the packages are installed already.
Result: seconds until open and until stopped again, and of the database server alone; `_cpu` is what
the bank's own process used from start to end, which a busy machine does not stretch.

Beside it runs the least that any program with this database could do: `initdb` and `pg_ctl start`
from a shell, and the start of a Python that does nothing.
"""

from __future__ import annotations

import contextlib
import os
import platform
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jiuding.base.checks import free_port
from jiuding.base.database.embedded import EmbeddedServer, binaries, places

HOMES, LATER = 3, 3
OPEN_SECONDS_MAX = 300.0
FIRST_PORT = 18_000


def run() -> dict[str, Any]:
    """Return the document: question, load, results, ratios, machine. Takes about a minute."""
    seconds: dict[str, list[float]] = {}
    for _ in range(HOMES):
        with _folder() as folder:
            _bank(folder / "home", seconds)
        with _folder() as folder:
            _server_alone(folder / "database", seconds)
        with _folder() as folder:
            _bare(folder / "database", seconds)
        _note(seconds, "python_only", _python_only)
    results = {
        name: {"median_s": round(statistics.median(each), 3), "worst_s": round(max(each), 3)}
        for name, each in seconds.items()
    }
    middle = {name: statistics.median(each) for name, each in seconds.items()}
    least_first = middle["bare_initdb"] + middle["bare_start"] + middle["python_only"]
    least_later = middle["bare_start"] + middle["python_only"]
    return {
        "question": "seconds from `jiuding up` until GET /health answers, first and later",
        "load": f"{HOMES} new homes, each opened once and then {LATER} times, durable settings",
        "results": results,
        "ratios": {
            "first_open_to_least": round(middle["first_open"] / least_first, 2),
            "later_open_to_least": round(middle["later_open"] / least_later, 2),
            "server_first_to_bare": round(
                middle["server_first"] / (middle["bare_initdb"] + middle["bare_start"]), 2
            ),
            "server_later_to_bare": round(middle["server_later"] / middle["bare_start"], 2),
            "later_open_to_limit_of_5_s": round(middle["later_open"] / 5.0, 3),
        },
        "machine": {
            "cpus": os.cpu_count(),
            "processor": platform.processor() or platform.machine(),
            "python": platform.python_version(),
            "load_average": round(os.getloadavg()[0], 2),
        },
    }


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="jiuding-bench-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _note(seconds: dict[str, list[float]], name: str, work: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    result = work()
    seconds.setdefault(name, []).append(time.perf_counter() - started)
    return result


def _bank(home: Path, seconds: dict[str, list[float]]) -> None:
    """Open and close the whole bank, through the command that people use."""
    port = free_port(FIRST_PORT)
    environment = os.environ | {"JIUDING_HOME": str(home), "JIUDING_PORT": str(port)}
    environment.pop("JIUDING_DATABASE_URL", None)
    command = [str(Path(sys.executable).parent / "jiuding"), "up"]
    try:
        for turn in range(1 + LATER):
            started, used = time.perf_counter(), _children_cpu()
            bank = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            )  # fmt: skip
            try:
                _wait_until_open(bank, port)
                name = "later" if turn else "first"
                seconds.setdefault(f"{name}_open", []).append(time.perf_counter() - started)
            finally:
                bank.send_signal(signal.SIGINT)
                _note(seconds, "close", lambda: bank.communicate(timeout=60))  # noqa: B023
            seconds.setdefault(f"{name}_cpu", []).append(_children_cpu() - used)
    finally:
        EmbeddedServer(home / "database").remove()


def _children_cpu() -> float:
    """Return the processor seconds of the programs that ended; the server is not one of them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _wait_until_open(bank: subprocess.Popen, port: int) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + OPEN_SECONDS_MAX
    while time.monotonic() < deadline:
        if bank.poll() is not None:
            words = bank.stderr.read().decode(errors="replace").strip() if bank.stderr else ""
            raise RuntimeError(f"jiuding up ended: {words[-500:]}")
        with contextlib.suppress(OSError):
            opener.open(f"http://127.0.0.1:{port}/health", timeout=5).close()
            return
        time.sleep(0.01)
    raise RuntimeError(f"jiuding up did not open within {OPEN_SECONDS_MAX:.0f} s")


def _server_alone(folder: Path, seconds: dict[str, list[float]]) -> None:
    for turn in range(1 + LATER):
        server = EmbeddedServer(folder)
        _note(seconds, "server_later" if turn else "server_first", server.start)
        _note(seconds, "server_stop", server.stop)
    server.remove()


def _bare(folder: Path, seconds: dict[str, list[float]]) -> None:
    """Run PostgreSQL's own programs by hand, as the same user and in the same kind of place."""
    place = places.prepare(folder)
    programs = binaries.runnable_folder(place)
    home = place.storage / "fresh"
    home.mkdir(mode=0o700)
    maker = places.named(place.who)
    os.chown(home, maker.uid, maker.gid)

    def by(who: places.Identity, program: str, *words: str) -> None:
        subprocess.run(
            [str(programs / program), *words], cwd=home, check=True, timeout=60,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath, "LC_ALL": "C"}, **who.arguments,
        )  # fmt: skip

    try:
        _note(seconds, "bare_initdb", lambda: by(maker, "initdb", "-D", "data", "-U", "jiuding"))
        places.give(home, place.who)
        settings = "listen_addresses = ''\nunix_socket_directories = '.'\n"
        with open(home / "data" / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write(settings)
        for _ in range(LATER):
            words = ("-w", "-D", "data", "-l", "data/server.log")
            _note(seconds, "bare_start", lambda: by(place.who, "pg_ctl", "start", *words))  # noqa: B023
            by(place.who, "pg_ctl", "stop", "-w", "-m", "fast", "-D", "data")
    finally:
        places.forget(place)


def _python_only() -> None:
    subprocess.run([sys.executable, "-c", "pass"], check=True, timeout=60)
