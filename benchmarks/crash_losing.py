"""Lose the answer after the commit, on each way to the ledger, and say the same again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy

from benchmarks.crash_load import LOST, Item, Place, instruction_of, mouth_of
from benchmarks.crash_proxy import LosingWire
from benchmarks.crash_truth import Truth
from jiuding.base.database.engine import create_engine
from jiuding.base.ids import new_id
from jiuding.kernel import ledger

CALLS = 10
KIND = "lost_answer"


def lose_answers(place: Place, truth: Truth) -> None:
    """Lose `CALLS` answers each of HTTP, of a COMMIT, and of the poster's one statement."""
    with LosingWire(("127.0.0.1", place.port)) as wire:
        mouth = mouth_of(replace(place, port=wire.port), True)
        _lose(wire, place, truth, mouth.say, lambda sent: b"POST /v1/transfers" in sent)
        mouth.close()
    address = sqlalchemy.make_url(place.database_url)
    folder, port = address.query["host"], address.query["port"]
    with LosingWire(f"{folder}/.s.PGSQL.{port}") as wire:
        through = address.set(query={"host": "127.0.0.1", "port": str(wire.port)})
        url = through.render_as_string(hide_password=False)
        mouth = mouth_of(replace(place, database_url=url), False)
        _lose(wire, place, truth, mouth.say, lambda sent: b"COMMIT\0" in sent)
        mouth.close()
        engine = create_engine(url)
        with ledger.Poster(engine, place.bank_id) as poster:

            def say(items: list[Item]) -> list[str]:
                told = poster.submit(
                    [instruction_of(item) for item in items], now=datetime.now(UTC)
                )
                return [outcome.code or outcome.result.value for outcome in told]

            # Nothing but a batch is so long; it is one statement, and its answer comes after it.
            _lose(wire, place, truth, say, lambda sent: len(sent) > 300)
        engine.dispose()


def _lose(
    wire: LosingWire,
    place: Place,
    truth: Truth,
    say: Callable[[list[Item]], list[str]],
    is_it: Callable[[bytes], bool],
) -> None:
    say([_item(place, truth)])  # what comes first on a connection is not lost
    for _ in range(CALLS):
        items, before = [_item(place, truth)], wire.lost_count
        wire.lose(is_it)
        first: Any = None
        try:
            first = say(items)
        except (*LOST, ValueError):
            truth.count(KIND, unanswered=1)
        # Without an answer, or when the poster itself said it again: it had happened.
        again = say(items)
        if wire.lost_count != before + 1:
            truth.fault(KIND, "stuck", "no answer was lost")
        for told in (first or again, again):
            if told != ["exists"]:
                truth.fault(KIND, "otherwise", f"{items[0]['id']} was told {told} after its commit")


def _item(place: Place, truth: Truth) -> Item:
    now = datetime.now(UTC)
    item = {
        "verb": "transfer", "id": new_id("trf", now), "debit": place.accounts[1],
        "credit": place.accounts[2], "units": 7, "on": now.date().isoformat(), "linked": False,
    }  # fmt: skip
    truth.learn([item], ["posted"])
    return item
