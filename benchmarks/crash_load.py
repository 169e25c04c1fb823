"""Clients that post without rest and remember, for each request, what they were told.

A request is a list of items, each a flat dict that can be said again, over HTTP or in a transaction
of its own: a transfer, or one item of holds and their captures and voids. What a client was told is
one word an item (`posted`, `exists`, or a refusal's code), or nothing when the answer never came.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import multiprocessing
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from jiuding.base.amounts import Amount, currency
from jiuding.base.database.engine import create_engine, transaction
from jiuding.base.ids import new_id
from jiuding.kernel import ledger

CNY = currency("CNY")
CODE = "bench.moved"
HTTP_SECONDS_MAX = 15.0
ANSWER_SECONDS_MAX = 120.0
PAUSE_SECONDS = 0.05
BULK = 100
HTTP_KINDS = ("single", "single", "small")
DIRECT_KINDS = ("single", "bulk", "hold", "hold", "end", "end")
LOST = (DBAPIError, PoolTimeout, OSError, http.client.HTTPException, ledger.OutcomeUnknown)

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where to post: the bank's port and token, its database, and accounts that may be used.

    The first account is limited to what it holds, which is nothing.
    """

    port: int
    token: str
    database_url: str
    bank_id: str
    accounts: tuple[str, ...]


@dataclass(slots=True)
class Request:
    """What was said, how, and what was told; `told` is None when no answer came."""

    by_http: bool
    items: list[Item]
    told: list[str] | None = None


class HttpMouth:
    """Says transfers to `POST /v1/transfers`, on one connection while it holds."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._connection: http.client.HTTPConnection | None = None

    def say(self, items: list[Item]) -> list[str]:
        """Post items and return what was told of each. Raises one of `LOST` without an answer."""
        written = json.dumps({"transfers": [_wire(item) for item in items]})
        headers = {
            "Authorization": f"Bearer {self.place.token}",
            "Content-Type": "application/json",
        }
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                "127.0.0.1", self.place.port, timeout=HTTP_SECONDS_MAX
            )
        try:
            self._connection.request("POST", "/v1/transfers", written, headers)
            answer = self._connection.getresponse()
            body = json.loads(answer.read())
        except (*LOST, ValueError):
            self.close()
            raise
        if answer.status != 200:
            # What the bank could not do now (5xx) may have happened: it is said again later.
            raise http.client.HTTPException(f"{answer.status}: {str(body)[:300]}")
        return [line.get("code") or line["result"] for line in body["outcomes"]]

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class DirectMouth:
    """Says anything to the ledger itself, each request a transaction of its own."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.engine: Engine = create_engine(place.database_url, pool_size=1)

    def say(self, items: list[Item]) -> list[str]:
        """Post items and return what was told of each. Raises one of `LOST` without an answer."""
        instructions = [instruction_of(item) for item in items]
        with transaction(self.engine) as session:
            outcomes = ledger.post(
                session,
                bank_id=self.place.bank_id,
                transfers=instructions,
                now=datetime.now(UTC),
            )
        return [outcome.code or outcome.result.value for outcome in outcomes]

    def close(self) -> None:
        """Let the connections go."""
        self.engine.dispose()


def _wire(item: Item) -> dict[str, Any]:
    return {
        "transfer_id": item["id"],
        "debit_account_id": item["debit"],
        "credit_account_id": item["credit"],
        "amount": Amount(item["units"], CNY).text(),
        "asset": CNY.code,
        "code": CODE,
        "effective_on": item["on"],
        "linked": item["linked"],
    }


def instruction_of(item: Item) -> ledger.Instruction:
    """Return the instruction that an item stands for."""
    if item["verb"] == "void":
        return ledger.Void(item["hold"])
    on, amount = datetime.fromisoformat(item["on"]).date(), Amount(item["units"], CNY)
    if item["verb"] == "capture":
        return ledger.Capture(item["id"], item["hold"], CODE, on, amount, is_final=item["final"])
    terms = (item["id"], item["debit"], item["credit"], amount, CODE, on)
    if item["verb"] == "hold":
        return ledger.NewHold(*terms)
    return ledger.NewTransfer(*terms, is_linked=item["linked"])


def _transfer(draw: random.Random, place: Place, *, linked: bool = False) -> Item:
    now = datetime.now(UTC)
    # One in fifty wants more than there is, and is refused for ever.
    poor = draw.random() < 0.02 and not linked
    debit, credit = draw.sample(place.accounts[1:], 2)
    return {
        "verb": "transfer",
        "id": new_id("trf", now),
        "debit": place.accounts[0] if poor else debit,
        "credit": credit,
        "units": draw.randint(1, 500),
        "on": now.date().isoformat(),
        "linked": linked,
    }


def _next_items(draw: random.Random, place: Place, by_http: bool, held: list[Item]) -> list[Item]:
    """Return one request's items: a single, a small batch with a group, a bulk, or a hold's."""
    kind = draw.choice(HTTP_KINDS if by_http else DIRECT_KINDS)
    if kind == "end" and held:
        hold = held.pop(draw.randrange(len(held)))
        if draw.random() < 0.3:
            return [{"verb": "void", "id": hold["id"], "hold": hold["id"]}]
        now = datetime.now(UTC)
        return [
            hold
            | {
                "verb": "capture",
                "id": new_id("trf", now),
                "hold": hold["id"],
                "units": draw.randint(1, hold["units"]),
                "final": draw.random() < 0.5,
            }
        ]
    if kind == "hold":
        return [_transfer(draw, place, linked=True) | {"verb": "hold", "id": _hold_id()}]
    if kind == "bulk":
        return [_transfer(draw, place) for _ in range(BULK)]
    if kind == "small":
        group = [_transfer(draw, place, linked=True) for _ in range(2)]
        return [*group, *(_transfer(draw, place) for _ in range(draw.randint(1, 6)))]
    return [_transfer(draw, place)]


def _hold_id() -> str:
    return new_id("hld", datetime.now(UTC))


def mouth_of(place: Place, by_http: bool) -> HttpMouth | DirectMouth:
    """Return a way to say requests."""
    return HttpMouth(place) if by_http else DirectMouth(place)


def work(pipe: Connection, by_http: bool, seed: int) -> None:
    """Be a client: at each place given post until a word comes, then hand back what was said."""
    draw = random.Random(seed)
    while (place := pipe.recv()) is not None:
        requests: list[Request] = []
        held: list[Item] = []
        mouth = mouth_of(place, by_http)
        while not pipe.poll():
            request = Request(by_http, _next_items(draw, place, by_http, held))
            requests.append(request)
            try:
                request.told = mouth.say(request.items)
            except (*LOST, ValueError):
                time.sleep(PAUSE_SECONDS)
                continue
            held += [item for item in request.items if item["verb"] == "hold"]
            pipe.send(len(request.items))
        pipe.recv()
        mouth.close()
        pipe.send(requests)


class Clients:
    """Client processes that live through every round: half post over HTTP, half directly."""

    def __init__(self, count: int, seed: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.pipes: list[Connection] = []
        self.processes = []
        for number in range(count):
            ours, theirs = spawn.Pipe()
            process = spawn.Process(target=work, args=(theirs, number % 2 == 0, seed + number))
            process.start()
            theirs.close()
            self.pipes.append(ours)
            self.processes.append(process)

    def __enter__(self) -> Clients:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self.pipes:
            with contextlib.suppress(OSError):
                pipe.send(None)
        for process in self.processes:
            process.join(timeout=30)
            if process.is_alive():
                process.terminate()

    def begin(self, place: Place, *, only_direct: bool = False) -> None:
        """Let the clients post at a place."""
        self.active = [
            pipe for number, pipe in enumerate(self.pipes) if not only_direct or number % 2
        ]
        for pipe in self.active:
            pipe.send(place)

    def wait(self, acknowledged_min: int, seconds_max: float) -> int:
        """Wait until so many items were acknowledged by each, and return the least of them."""
        counts = dict.fromkeys(range(len(self.active)), 0)
        deadline = time.monotonic() + seconds_max
        while min(counts.values()) < acknowledged_min and time.monotonic() < deadline:
            for number, pipe in enumerate(self.active):
                while pipe.poll():
                    counts[number] += pipe.recv()
            time.sleep(0.005)
        return min(counts.values())

    def heard(self, seconds: float) -> int:
        """Return how many items are acknowledged in the coming seconds."""
        time.sleep(seconds)
        count = 0
        for pipe in self.active:
            while pipe.poll():
                count += pipe.recv()
        return count

    def end(self) -> list[list[Request]]:
        """Stop the clients and return what each had said."""
        for pipe in self.active:
            pipe.send("enough")
        said = []
        for pipe in self.active:
            deadline = time.monotonic() + ANSWER_SECONDS_MAX
            while pipe.poll(max(deadline - time.monotonic(), 0)):
                told = pipe.recv()
                if isinstance(told, list):
                    said.append(told)
                    break
            else:
                raise AssertionError("a client did not stop")
        return said
