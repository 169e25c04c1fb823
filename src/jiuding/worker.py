"""What runs beside the bank: it takes up what waits, keeps the books, and watches.

Every round takes up applications that a crash or a silent lender left, gives back old holds, seals
and adds up what was posted, opens the cases that news asks for, lays out an imported list of names,
and looks whether another import is there to plan on, which is one short query. The watch is looked
at once an hour and after the libraries have changed, and at most `WATCHES_MAX` loans of it in a
round. Those who allow a look ahead are visited four times a day, at most `TELLINGS_MAX` a round.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import structlog

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.bootstrap import House
from jiuding.kernel import decisions, ledger
from jiuding.services import insight, lending, offers
from jiuding.services.cases import reactions as cases_reactions

EVERY_SECONDS = 5.0
WATCH_EVERY = timedelta(hours=1)
RETAIN_EVERY = timedelta(days=1)
WATCH_FIRST_AFTER = timedelta(seconds=20)  # opening the bank comes first
WATCHES_MAX = 50  # looks in one round: about a quarter of a second each
TELL_EVERY = timedelta(hours=6)
TELLINGS_MAX = 50  # parties in one round: a few milliseconds each
_log = structlog.get_logger("jiuding.worker")


class Worker:
    """A thread that does the bank's waiting work until it is told to stop."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._stop = threading.Event()
        self._watching = Watching(clock.now() + WATCH_FIRST_AFTER)
        self._telling = TellingAhead(clock.now() + WATCH_FIRST_AFTER)
        self._retaining = Retaining()
        self._thread = threading.Thread(target=self._run, name="jiuding-worker", daemon=True)

    def __enter__(self) -> Worker:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=EVERY_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            for work in (
                run_once, keep_books, open_cases, lay_out_lists, self._retaining.run_once,
                self._watching.run_once, self._telling.run_once,
            ):  # fmt: skip
                try:
                    work(self._house)
                except Exception as error:
                    # The next round tries again; what waits is in the database and is not lost.
                    _log.warning("worker_round_failed", error=type(error).__name__)
            self._stop.wait(EVERY_SECONDS)


def run_once(house: House) -> int:
    """Take up the applications that wait and return how many there were."""
    return lending.take_up_waiting(
        house.engine, bank_id=house.bank.bank_id, lenders=house.branch.lenders, now=clock.now()
    )


def keep_books(house: House) -> None:
    """Give back holds whose time has passed, seal what was posted, and add it up by day."""
    bank_id = house.bank.bank_id
    ledger.expire_waiting(house.engine, bank_id=bank_id, now=clock.now())
    ledger.seal_waiting(house.engine, bank_id=bank_id, now=clock.now())
    ledger.roll_waiting(house.engine, bank_id=bank_id)


def open_cases(house: House) -> int:
    """Open the cases that news asks for and return how many pieces of news were heard."""
    return cases_reactions.take_up_news(house.engine, bank_id=house.bank.bank_id, now=clock.now())


def lay_out_lists(house: House) -> int:
    """Lay out the lists of names when another was imported; return how many names there are."""
    with transaction(house.engine) as session:
        return house.lists.screener(session, bank_id=house.bank.bank_id).name_count


class Retaining:
    """The worker's look at records whose stated time has passed, once a day."""

    def __init__(self) -> None:
        self._next_at: datetime | None = None

    def run_once(self, house: House, now: datetime | None = None) -> dict[str, int] | None:
        """Remove a batch of decisions whose time has passed when it is time to look.

        Returns how many went by policy; None where it was not time. A full batch brings another
        in the next round.
        """
        now = now or clock.now()
        if self._next_at is not None and now < self._next_at:
            return None
        self._next_at = now + RETAIN_EVERY
        with transaction(house.engine) as session:
            gone = decisions.remove_past_decisions(session, bank_id=house.bank.bank_id, now=now)
        if sum(gone.values()) >= decisions.REMOVED_MAX:
            self._next_at = now
        if gone:
            _log.info("decisions_removed", removed=gone)
        return gone


class Watching:
    """The worker's watch over the libraries: it knows when it looks next, and nothing else."""

    def __init__(self, first_at: datetime) -> None:
        self._next_at = first_at

    def run_once(self, house: House, now: datetime | None = None) -> dict[str, int] | None:
        """Renew the libraries and look at watched loans when it is time.

        Returns how many looks ended in each outcome; None where it was not time. A look at
        libraries that a loan has seen is not repeated, so that most rounds look at nothing.
        """
        now = now or clock.now()
        changed = offers.renew_markets(house.branch)
        if not changed and now < self._next_at:
            return None
        # Set first: what fails is tried again at the next time, not in each round.
        self._next_at = now + WATCH_EVERY
        offers.remember_libraries(house.branch, now=now)
        looked = offers.look_at_watches(house.branch, now=now, watches_max=WATCHES_MAX)
        if sum(looked.values()) >= WATCHES_MAX:
            self._next_at = now  # more wait than fit in this round
        if changed or looked:
            _log.info("watched", changed=list(changed), looked=looked)
        return looked


class TellingAhead:
    """The worker's round of those who allow a look ahead: it knows when, and where it stands."""

    def __init__(self, first_at: datetime) -> None:
        self._next_at = first_at
        self._after: str | None = None

    def run_once(self, house: House, now: datetime | None = None) -> int | None:
        """Visit the next parties when it is time; return how many were told, None otherwise.

        Whoever was told this season is not visited again before the next one.
        """
        now = now or clock.now()
        if now < self._next_at:
            return None
        told, self._after = insight.tell_waiting(
            house.engine, bank_id=house.bank.bank_id, now=now, after=self._after,
            limit_max=TELLINGS_MAX,
        )  # fmt: skip
        if self._after is None:
            self._next_at = now + TELL_EVERY
        if told:
            _log.info("told_ahead", count=len(told))
        return len(told)
