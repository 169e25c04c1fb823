"""The poster, that joins waiting requests so that they share a commit; and the sealer behind it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from jiuding.base.database.engine import Session, transaction
from jiuding.base.problems import Problem, ensure
from jiuding.kernel.ledger.errors import Busy, OutcomeUnknown, PosterStopped
from jiuding.kernel.ledger.operations.posting import EXPIRE_MAX, expire_holds, post
from jiuding.kernel.ledger.operations.rolling import roll_transfers
from jiuding.kernel.ledger.operations.sealing import seal_transfers
from jiuding.kernel.ledger.rules.batch import BATCH_MAX
from jiuding.kernel.ledger.rules.joining import check_request, ends_open, fits
from jiuding.kernel.ledger.types import Instruction, Outcome

WAIT_SECONDS_MAX = 0.002
QUEUE_MAX = 4 * BATCH_MAX
ANSWER_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 60.0
# How long a batch waits for an account that other work holds; then, each of its requests alone.
LOCK_SECONDS_TOGETHER = 2.0
LOCK_SECONDS_ALONE = 0.2
ALONE_FAILURES_MAX = 16
# After a broken connection or a deadlock the same batch is said again: its ids make that safe.
RETRY_PAUSES_SECONDS = (0.05, 0.5)

# The server is short of something, is going away, or is unwell: no request of the batch is at
# fault. (SQLSTATE classes; 57014 alone means that a statement took too long.)
_OUTAGES = ("08", "53", "57P", "58", "XX")
_LOCK_NOT_AVAILABLE = "55P03"
_TRY_AGAIN = ("40001", "40P01", "08", "57P")
_AGAIN = "say it again with the same ids: what was posted is not posted twice"

_log = structlog.get_logger("jiuding.ledger")


@dataclass(eq=False, slots=True)
class _Request:
    """What one caller waits for."""

    instructions: tuple[Instruction, ...]
    now: datetime
    outcomes: tuple[Outcome, ...] | None = None
    error: BaseException | None = None
    # Held until there is an answer: a bare lock wakes its caller in half the time of an Event.
    _unanswered: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._unanswered.acquire()

    def wait(self, seconds: float) -> bool:
        return self._unanswered.acquire(timeout=seconds)

    def answer(self, outcomes: tuple[Outcome, ...]) -> None:
        self.outcomes = outcomes
        self._unanswered.release()

    def fail(self, error: BaseException) -> None:
        if self.outcomes is None and self.error is None:
            self.error = error
            self._unanswered.release()


class Poster:
    """Post many callers' requests in few transactions, one after another; for any threads.

    While one batch commits, the next fills: a request waits for that commit and, where others were
    seen lately, at most `WAIT_SECONDS_MAX` more for them to join; a lone caller does not wait. A
    batch holds up to `BATCH_MAX` instructions, whole requests in the order in which they came; up
    to `QUEUE_MAX` instructions wait. All of a batch is recorded at the latest `now` in it.

    A request's outcome is told after its commit. When a connection breaks the poster says the batch
    again, and what the first time had posted is told as `exists`. Whoever gets OutcomeUnknown, or
    whose program died with this one, says the same again: the ids make it happen once. There may be
    a poster in each of several programs; the accounts' locks keep them right.
    """

    def __init__(self, engine: Engine, bank_id: str) -> None:
        self.engine = engine
        self.bank_id = bank_id
        self._change = threading.Condition()
        self._waiting: deque[_Request] = deque()
        self._waiting_count = 0
        self._wanted = 1
        self._thread: threading.Thread | None = None
        self._is_stopping = False
        self._session: Session | None = None
        self._lock_seconds = 0.0

    def __enter__(self) -> Poster:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def submit(self, transfers: Sequence[Instruction], *, now: datetime) -> tuple[Outcome, ...]:
        """Post instructions and return one outcome each, once they are committed.

        As `post`: linked items stay together, and one refused item does not stop the others.
        Refuses: BatchTooLarge, BadInstruction, BadId; Busy when too much waits (nothing was
        posted); PosterStopped; OutcomeUnknown when the commit could not be confirmed.
        """
        check_request(transfers)
        if not transfers:
            return ()
        ensure(now.tzinfo is not None, "an instant carries its zone")
        request = _Request(tuple(transfers), now)
        self._enqueue(request)
        if not request.wait(ANSWER_SECONDS_MAX) and self._withdraw(request):
            raise Busy(f"not begun after {ANSWER_SECONDS_MAX:.0f} s; nothing was posted")
        if request.outcomes is None:
            raise _refusal(request.error) from request.error
        return request.outcomes

    def stop(self) -> None:
        """Take nothing more, post what waits, and end; again changes nothing."""
        with self._change:
            self._is_stopping = True
            thread = self._thread
            self._change.notify_all()
        if thread is not None:
            thread.join(STOP_SECONDS_MAX)

    def _enqueue(self, request: _Request) -> None:
        count = len(request.instructions)
        with self._change:
            if self._is_stopping:
                raise PosterStopped("the bank is closing; nothing was posted")
            if self._waiting_count + count > QUEUE_MAX:
                raise Busy(f"{self._waiting_count} instructions wait; at most {QUEUE_MAX} may")
            self._waiting.append(request)
            self._waiting_count += count
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="poster", daemon=True)
                self._thread.start()
            elif len(self._waiting) == 1 or len(self._waiting) >= self._wanted:
                self._change.notify()

    def _withdraw(self, request: _Request) -> bool:
        """Take back a request that was not begun and return whether it was so."""
        with self._change:
            if request not in self._waiting:
                return False
            self._waiting.remove(request)
            self._waiting_count -= len(request.instructions)
            return True

    def _run(self) -> None:
        joined: list[_Request] = []
        try:
            while joined := self._take():
                self._post(joined)
                with self._change:
                    # Those that were served will be back, beside those that wait already.
                    self._wanted = len(joined) + len(self._waiting)
        except BaseException as error:
            _log.error("poster_died", error=type(error).__name__, exc_info=error)
            self._abandon(joined, error)
        else:
            self._abandon((), PosterStopped("the bank is closing; nothing was posted"))
        finally:
            self._disconnect()

    def _abandon(self, joined: Iterable[_Request], error: BaseException) -> None:
        """Answer everyone; the next request starts a writer anew."""
        with self._change:
            self._thread = None
            left = [*joined, *self._waiting]
            self._waiting.clear()
            self._waiting_count = 0
            self._wanted = 1
        for request in left:
            request.fail(error)

    def _take(self) -> list[_Request]:
        """Wait for requests and return those that are posted next; none at the end."""
        with self._change:
            while True:
                while not self._waiting:
                    if self._is_stopping:
                        return []
                    self._change.wait()
                self._await_others()
                if joined := self._join():
                    return joined

    def _await_others(self) -> None:
        """Wait until as many are here as were seen lately, or the time is up; holds the lock."""
        until = time.monotonic() + WAIT_SECONDS_MAX
        while (
            len(self._waiting) < self._wanted
            and self._waiting_count < BATCH_MAX
            and not self._is_stopping
            and (left := until - time.monotonic()) > 0
        ):
            self._change.wait(left)

    def _join(self) -> list[_Request]:
        """Take whole requests, in their order, for one batch; holds the lock."""
        joined: list[_Request] = []
        count = 0
        while self._waiting and fits(count, self._waiting[0].instructions):
            request = self._waiting.popleft()
            joined.append(request)
            count += len(request.instructions)
            if ends_open(request.instructions):
                break
        self._waiting_count -= count
        return joined

    def _post(self, joined: list[_Request]) -> None:
        try:
            self._commit(joined, LOCK_SECONDS_TOGETHER)
        except Exception as error:
            if len(joined) > 1 and not _is_outage(error):
                _log.warning("poster_batch_failed", error=type(error).__name__)
                self._post_alone(joined)
            else:
                for request in joined:
                    request.fail(error)

    def _post_alone(self, joined: list[_Request]) -> None:
        """Post each request in a transaction of its own, so that only the faulty ones fail."""
        failures = 0
        for request in joined:
            if failures >= ALONE_FAILURES_MAX:
                request.fail(Busy("other work holds these accounts; nothing was posted"))
                continue
            try:
                self._commit([request], LOCK_SECONDS_ALONE)
            except Exception as error:
                failures += 1
                request.fail(error)

    def _commit(self, joined: Sequence[_Request], lock_seconds: float) -> None:
        """Post requests in one transaction, and only after its commit tell their outcomes."""
        instructions = [item for request in joined for item in request.instructions]
        at = max(request.now for request in joined)
        outcomes = self._call(instructions, at, lock_seconds)
        start = 0
        for request in joined:
            end = start + len(request.instructions)
            request.answer(outcomes[start:end])
            start = end

    def _call(
        self, instructions: Sequence[Instruction], at: datetime, lock_seconds: float
    ) -> tuple[Outcome, ...]:
        pauses = iter(RETRY_PAUSES_SECONDS)
        while True:
            try:
                session = self._connect(lock_seconds)
                return post(session, bank_id=self.bank_id, transfers=instructions, now=at)
            except Exception as error:
                if _is_broken(error):
                    self._disconnect()
                elif self._session is not None:
                    self._session.rollback()
                pause = next(pauses, None)
                if pause is None or not _may_pass(error):
                    raise
                time.sleep(pause)

    def _connect(self, lock_seconds: float) -> Session:
        """Return the poster's own connection, in which each call is a transaction of its own.

        The posting function is one statement, so its commit needs no words before or after it.
        """
        if self._session is None:
            self._session = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._lock_seconds = 0.0
        if self._lock_seconds != lock_seconds:
            self._session.exec_driver_sql(f"SET lock_timeout = {int(lock_seconds * 1000)}")
            self._lock_seconds = lock_seconds
        return self._session

    def _disconnect(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.invalidate()  # it has settings of its own, so no other may get it
            session.close()


def _sqlstate(error: BaseException | None) -> str | None:
    return getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None


def _is_broken(error: Exception) -> bool:
    """Return whether there is no connection, or no longer one."""
    return isinstance(error, DBAPIError) and (
        error.connection_invalidated or _sqlstate(error) is None
    )


def _may_pass(error: Exception) -> bool:
    """Return whether the same batch may go well in a moment."""
    return _is_broken(error) or (_sqlstate(error) or "").startswith(_TRY_AGAIN)


def _is_outage(error: Exception) -> bool:
    """Return whether the database is at fault, so that no request would do better alone."""
    if isinstance(error, PoolTimeout) or _is_broken(error):
        return True
    return (_sqlstate(error) or "").startswith(_OUTAGES)


def _refusal(error: BaseException | None) -> Problem:
    """Return what a caller is told; each caller gets a problem of its own."""
    if isinstance(error, Problem):
        return type(error)(error.detail, **error.fields)
    if _sqlstate(error) == _LOCK_NOT_AVAILABLE:
        return Busy("other work holds one of these accounts; nothing was posted")
    return OutcomeUnknown(_AGAIN)


SEAL_BLOCKS_MAX = 1_000


def seal_waiting(engine: Engine, *, bank_id: str, now: datetime, as_they_are: bool = False) -> int:
    """Seal what waits, a block a transaction, and return how many; at most `SEAL_BLOCKS_MAX`.

    Another sealer at work on the same bank is left to it; `as_they_are` is as in `seal_transfers`.
    """
    for count in range(SEAL_BLOCKS_MAX):
        try:
            with transaction(engine) as session:
                seal = seal_transfers(session, bank_id=bank_id, now=now, as_they_are=as_they_are)
                if seal is None:
                    return count
        except IntegrityError:
            return count  # the other took the number; what we had waits again
    return SEAL_BLOCKS_MAX


ROLLS_MAX = 1_000


def roll_waiting(engine: Engine, *, bank_id: str) -> int:
    """Add sealed transfers up by day, and return how many; at most `ROLLS_MAX` transactions."""
    total = 0
    for _ in range(ROLLS_MAX):
        with transaction(engine) as session:
            count = roll_transfers(session, bank_id=bank_id)
        total += count
        if not count:
            break
    return total


def expire_waiting(engine: Engine, *, bank_id: str, now: datetime) -> int:
    """Give back the holds whose time has passed, and return how many; at most `EXPIRE_MAX`."""
    with transaction(engine) as session:
        return expire_holds(session, bank_id=bank_id, now=now, limit_max=EXPIRE_MAX)
