"""What runs beside the bank: it takes up what a crash or silence left, and keeps the books."""

from __future__ import annotations

import threading

import structlog

from jiuding.base import clock
from jiuding.bootstrap import House
from jiuding.kernel import ledger
from jiuding.services import lending

EVERY_SECONDS = 5.0
_log = structlog.get_logger("jiuding.worker")


class Worker:
    """A thread that does the bank's waiting work until it is told to stop."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jiuding-worker", daemon=True)

    def __enter__(self) -> Worker:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=EVERY_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                run_once(self._house)
            except Exception as error:
                # The next round tries again; what waits is in the database and is not lost.
                _log.warning("worker_round_failed", error=type(error).__name__)
            self._stop.wait(EVERY_SECONDS)


def run_once(house: House) -> int:
    """Do what waits now and return how many applications were taken up."""
    taken = lending.take_up_waiting(
        house.engine, bank_id=house.bank.bank_id, lenders=house.branch.lenders, now=clock.now()
    )
    keep_books(house)
    return taken


def keep_books(house: House) -> None:
    """Give back holds whose time has passed, seal what was posted, and add it up by day."""
    bank_id = house.bank.bank_id
    ledger.expire_waiting(house.engine, bank_id=bank_id, now=clock.now())
    ledger.seal_waiting(house.engine, bank_id=bank_id, now=clock.now())
    ledger.roll_waiting(house.engine, bank_id=bank_id)
