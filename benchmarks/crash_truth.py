"""What every answer so far says must be in the ledger, held against the ledger itself."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, text

from benchmarks.crash_load import CNY, CODE, LOST, Item, Place, Request, mouth_of
from jiuding.base.amounts import Amount
from jiuding.base.database.engine import create_engine, transaction
from jiuding.base.ids import from_uuid, new_id, to_uuid
from jiuding.kernel import ledger

ACCOUNTS = 40
AGAIN_SECONDS_MAX = 60.0
POSTED = ("posted", "exists")


@dataclass(slots=True)
class Truth:
    """What every answer so far says must be in the ledger, and what was wrong with that."""

    posted: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    counts: dict[str, Counter] = field(default_factory=dict)
    starts: dict[str, list[float]] = field(default_factory=dict)

    def count(self, kind: str, **amounts: int) -> None:
        """Add to the counts of a kind of round."""
        self.counts.setdefault(kind, Counter()).update(amounts)

    def fault(self, kind: str, name: str, words: str) -> None:
        """Note that something is not as it was told."""
        self.count(kind, **{name: 1})
        self.faults.append(f"{kind}: {words}"[:300])

    def learn(self, items: list[Item], told: list[str]) -> None:
        """Take down what was posted."""
        for item, word in zip(items, told, strict=True):
            if word in POSTED and item["verb"] in ("transfer", "capture"):
                self.posted[item["id"]] = (item["debit"], item["credit"], item["units"])


def open_accounts(engine: Engine, bank_id: str) -> tuple[str, ...]:
    """Open the accounts of a place, and fund all but the first."""
    now = datetime.now(UTC)
    terms = {"bank_id": bank_id, "asset": CNY, "now": now}
    with transaction(engine) as session:
        cash = ledger.bank_account(session, kind="cash_at_central_bank", **terms).account_id
        accounts = tuple(
            ledger.open_account(
                session, kind="customer_deposit", owner_id="pty_bench", **terms
            ).account_id
            for _ in range(ACCOUNTS)
        )
        funding = [
            ledger.NewTransfer(
                new_id("trf", now), cash, each, Amount(10**12, CNY), "bench.funded", now.date()
            )
            for each in accounts[1:]
        ]
        ledger.post_all(session, bank_id=bank_id, transfers=funding, now=now)
    return accounts


def say_patiently(mouth: Any, items: list[Item]) -> list[str]:
    """Say items until there is an answer."""
    deadline = time.monotonic() + AGAIN_SECONDS_MAX
    while True:
        try:
            return mouth.say(items)
        except (*LOST, ValueError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def say_again(place: Place, said: list[list[Request]], kind: str, truth: Truth) -> None:
    """Say every request again with its ids, and compare; then what had no answer once more."""
    for requests in said:
        mouth = mouth_of(place, requests[0].by_http) if requests else None
        for request in requests:
            again = say_patiently(mouth, request.items)
            if request.told is None:
                truth.count(kind, unanswered=len(request.items))
                compare(kind, truth, request.items, again, say_patiently(mouth, request.items))
            else:
                truth.count(kind, acknowledged=len(request.items))
                compare(kind, truth, request.items, request.told, again)
        if mouth is not None:
            mouth.close()


def compare(kind: str, truth: Truth, items: list[Item], first: list[str], again: list[str]) -> None:
    """Hold two answers to the same items against one another."""
    for item, before, after in zip(items, first, again, strict=True):
        if after == ("exists" if before in POSTED else before):
            continue
        # Posted anew, though it was told as posted: the first one was lost.
        name = "lost" if before in POSTED and after == "posted" else "otherwise"
        truth.fault(kind, name, f"{item['verb']} {item['id']} was {before} and is {after}")
    truth.learn(items, first)


def prove(place: Place, truth: Truth, kind: str, *, newest: int | None) -> None:
    """Read the ledger itself: every posted transfer once and as it was said, books and seals."""
    engine = create_engine(place.database_url, pool_size=1)
    ledger.seal_waiting(engine, bank_id=place.bank_id, now=datetime.now(UTC))
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as session:
        session.execute(text("SET statement_timeout = 0"))
        rows = session.execute(
            text(
                "SELECT transfer_id, debit_id, credit_id, units FROM ledger.transfers"
                " WHERE bank_id = :bank AND code = :code"
            ),
            {"bank": to_uuid("bank", place.bank_id), "code": CODE},
        )
        found = {
            from_uuid("trf", row.transfer_id): (
                from_uuid("acc", row.debit_id),
                from_uuid("acc", row.credit_id),
                row.units,
            )
            for row in rows
        }
        for each in truth.posted.keys() - found.keys():
            truth.fault(kind, "lost", f"{each} is not in the ledger")
        for each in found.keys() - truth.posted.keys():
            truth.fault(kind, "doubled", f"{each} was said by nobody")
        for each in found.keys() & truth.posted.keys():
            if found[each] != truth.posted[each]:
                truth.fault(kind, "otherwise", f"{each} is not what was said")
        for finding in ledger.check_books(session, bank_id=place.bank_id):
            truth.fault(kind, "books", str(finding))
        verified = ledger.verify_seals(session, bank_id=place.bank_id, newest=newest)
        if verified.finding is not None:
            truth.fault(kind, "seals", str(verified.finding))
        if newest is None:
            truth.count(kind, transfers=len(found), sealed=verified.sealed_count)
    engine.dispose()
