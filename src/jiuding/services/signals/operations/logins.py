"""Look at an attempt to come in before its proof is checked, and count how it went.

The watch lives in memory and follows the log of attempts, as counters follow theirs: another
program's attempts are counted before the next look, and after a crash the log gives it back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from jiuding.base.database.engine import Session
from jiuding.base.ids import new_id
from jiuding.kernel import decisions
from jiuding.services.signals import store
from jiuding.services.signals.rules import LoginWatch
from jiuding.services.signals.types import LoginAttempt, LoginLimits

LOGIN_POLICY = "login"


@dataclass(slots=True)
class LoginBook:
    """The watch of one bank in this process, and how far it has counted the log."""

    bank_id: str
    limits: LoginLimits = field(default_factory=LoginLimits)
    watch: LoginWatch | None = None
    sequence: int = 0
    lock: Lock = field(default_factory=Lock, repr=False)

    def follow(self, session: Session, last: int) -> LoginWatch:
        """Return a watch that has counted every committed attempt, and nothing else."""
        with self.lock:
            if self.watch is None or self.sequence > last:
                self.watch, self.sequence = LoginWatch(self.limits), 0
            for sequence, attempt, is_good in store.attempts_after(
                session, self.bank_id, self.sequence, last
            ):
                self.watch.tell(attempt, is_good=is_good)
                self.sequence = sequence
            return self.watch


def look_at_login(
    session: Session,
    *,
    book: LoginBook,
    attempt: LoginAttempt,
    now: datetime,
    policy: decisions.Policy | str = LOGIN_POLICY,
) -> tuple[decisions.Decision, dict[str, int | bool | str]]:
    """Return what a policy decides of an attempt, on record, and what the attempt shows.

    Nothing is counted yet. A step-up is a question for a stronger proof, and never a no.
    """
    watch = book.follow(session, store.last_attempt(session, book.bank_id))
    with book.lock:
        shown = watch.look(attempt)
    decision = decisions.decide(
        session,
        bank_id=book.bank_id,
        policy=policy,
        subject=attempt.account,
        event={},
        features=shown,
        now=now,
        idempotency_key=new_id("evt", now),
    )
    return decision, shown


def tell_login(session: Session, *, book: LoginBook, attempt: LoginAttempt, is_good: bool) -> None:
    """Write how an attempt went; it is counted when the transaction is committed."""
    last = store.lock_attempts(session, book.bank_id)
    store.add_attempt(session, book.bank_id, last + 1, attempt, is_good=is_good)
