"""`jiuding up`, `doctor`, `decisions replay`: a house that stands, and whether it stands well."""

from __future__ import annotations

import contextlib
import signal
import time
from dataclasses import replace

from rich.console import Console
from rich.text import Text

from jiuding.base import checks, clock
from jiuding.base.problems import Problem
from jiuding.base.settings import read_settings

STEPS = {
    "database": "Starting the database",
    "migrate": "Bringing tables up to date",
    "seed": "Looking for the demonstration bank",
    "customers": "Registering 200 invented customers",
    "history": "Writing 24 months of their account history",
    "library": "Reading the product library",
}
TRY = (
    'jiuding ask "买车还差15万,分三年还,月供别超过5000" --accept',
    'jiuding ask "I need 30,000 dollars for a car over five years, at most 650 a month" --accept',
)
SEALS_LOOKED_AT = 16


class PortBusy(Problem):
    """Refuse to serve on a port that another program holds."""

    code = "base.port_busy"
    status = 409
    title = "The port is in use"


def up() -> None:
    """Start everything and serve until Ctrl-C; the last lines say what to open and try."""
    started = time.perf_counter()
    settings = read_settings()
    console = Console(stderr=False, highlight=False)
    # A service manager's stop closes the bank as Ctrl-C does; uvicorn passes the signal on to us.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    busy = checks.check_port(settings.port)
    if not busy.ok or checks.is_jiuding(settings.port):
        raise PortBusy(busy.sentence)
    from jiuding.bootstrap import open_house

    with console.status("Starting") as status:

        def progress(step: str) -> None:
            status.update(STEPS.get(step, step))

        house_context = open_house(settings, now=clock.now(), progress=progress)
        house = house_context.__enter__()
        try:
            progress("library")
            server = _server(house)
        except BaseException:
            house_context.__exit__(None, None, None)
            raise
    try:
        _serve(house, server, console, started)
    finally:
        house_context.__exit__(None, None, None)
        console.print("Stopped. Everything is kept.")


def _server(house):
    import uvicorn

    from jiuding.api import create_app

    config = uvicorn.Config(
        create_app(house), host="127.0.0.1", port=house.settings.port, log_level="warning",
        access_log=False, timeout_graceful_shutdown=5,
        proxy_headers=False,  # uvicorn would believe any client on this machine; see base/proxies
    )  # fmt: skip
    return uvicorn.Server(config)


def _serve(house, server, console: Console, started: float) -> None:
    import threading

    from jiuding.worker import Worker

    def announce() -> None:
        while not server.started and not server.should_exit:
            time.sleep(0.02)
        if server.started:
            _welcome(house.settings, console, time.perf_counter() - started)

    teller = threading.Thread(target=announce, daemon=True)
    role = checks.check_role(house.engine)
    if not role.ok:
        console.print(Text(f"{role.sentence} ({role.code})\n", style="yellow"))
    with Worker(house):
        teller.start()
        with contextlib.suppress(KeyboardInterrupt):
            server.run()
        server.should_exit = True


def _welcome(settings, console: Console, seconds: float) -> None:
    console.print(f"Jiuding 九鼎 is open ({seconds:.1f} s). Ctrl-C closes it.\n")
    console.print(Text("  Open  ") + Text(settings.origin, style="bold"))
    console.print(Text("  Try   .venv/bin/" + TRY[0]), soft_wrap=True)  # to be copied whole
    console.print(Text("        .venv/bin/" + TRY[1]), soft_wrap=True)


def doctor() -> int:
    """Print every check and the proof of the books; return 0 when all is well, else 1."""
    settings = read_settings()
    console = Console(highlight=False)
    found = [
        checks.check_python(),
        checks.check_home(settings.home),
        checks.check_disk(settings.home),
        checks.check_port(settings.port),
    ]
    if all(check.ok for check in found[:3]):
        found += _house_checks(settings)
    for check in found:
        mark = Text("ok  ", style="green") if check.ok else Text("bad ", style="red")
        code = Text(f" ({check.code})" if check.code else "", style="dim")
        console.print(mark + Text(f"{check.name:<14}") + Text(check.sentence) + code)
    return 0 if all(check.ok for check in found) else 1


def _house_checks(settings) -> list[checks.Check]:
    from jiuding.bootstrap import open_house

    try:
        with open_house(settings, now=clock.now(), seed=False) as house:
            found = list(checks.check_database(house.engine))
            found.append(checks.check_clock(clock.now(), house.engine))
            found.append(checks.check_role(house.engine))
            return found + _book_checks(house)
    except Problem as problem:
        return [checks.Check("database", False, problem.detail, problem.code)]


def _book_checks(house) -> list[checks.Check]:
    """Prove the books of every bank here: postings add up, and balances are their sums."""
    from jiuding.base.database.engine import transaction
    from jiuding.bootstrap import demonstration
    from jiuding.kernel import identity, ledger
    from jiuding.services import lending

    with transaction(house.engine) as session:
        bank = identity.find_bank(session, slug=demonstration.SLUG)
        if bank is None:
            return [checks.Check("books", True, "There is no bank here yet: run `jiuding up`.")]
        findings = ledger.check_books(session, bank_id=bank.bank_id)
        seal = _seal_check(session, bank.bank_id)
        waiting = lending.waiting_applications(session, bank_id=bank.bank_id, before=clock.now())
        log = _log_check(session, bank.bank_id)
    if findings:
        words = "; ".join(str(finding) for finding in findings[:3])
        return [checks.Check("books", False, words, "ledger.books_do_not_balance"), seal, log]
    books = checks.Check("books", True, "Every asset balances; every balance is its postings' sum.")
    words = f"{len(waiting)} applications wait for a lender." if waiting else "Nothing waits."
    return [books, seal, log, replace(books, name="applications", sentence=words)]


def _log_check(session, bank_id: str) -> checks.Check:
    """Prove the chain over the event log."""
    from jiuding.kernel import eventlog

    found = eventlog.verify_news(session, bank_id=bank_id)
    if found.finding is not None:
        words = f"{found.finding.detail} {' '.join(found.finding.ids)}".rstrip()
        return checks.Check("log", False, words, found.finding.code)
    words = f"{found.seal_count} seals over {found.sealed_count} events hold"
    return checks.Check("log", True, f"{words}; {found.waiting_count} wait.")


def _seal_check(session, bank_id: str) -> checks.Check:
    """Prove the newest seals and what waits; `jiuding ledger verify` proves all of them."""
    from jiuding.kernel import ledger

    last, waiting = ledger.seal_state(session, bank_id=bank_id)
    found = ledger.verify_seals(session, bank_id=bank_id, newest=SEALS_LOOKED_AT)
    if found.finding is not None:
        words = f"{found.finding.detail} {' '.join(found.finding.ids)}".rstrip()
        return checks.Check("seal", False, words, found.finding.code)
    count = last.number if last else 0
    words = f"{count} seals, {waiting} transfers wait; the newest {SEALS_LOOKED_AT} seals hold"
    return checks.Check("seal", True, f"{words} (all: jiuding ledger verify).")


def replay(limit: int) -> int:
    """Make recorded decisions again; return 0 when all are identical, else 1."""
    from jiuding.base.database.engine import transaction
    from jiuding.bootstrap import open_house
    from jiuding.kernel import decisions

    console = Console(highlight=False)
    settings = read_settings()
    with (
        open_house(settings, now=clock.now()) as house,
        transaction(house.engine) as session,
        console.status("Deciding again"),
    ):
        count = decisions.replay_all(session, bank_id=house.bank.bank_id, limit_max=limit)
    console.print(f"{count.identical_count} of {count.replayed_count} decisions are identical.")
    for decision_id in count.different[:20]:
        console.print(f"  differs: {decision_id}")
    return 0 if not count.different else 1
