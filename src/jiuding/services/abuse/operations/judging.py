"""Judge acts at the gates of a bank: counted in the log, decided with a record that replays.

The counters and circles of a stream live in memory and follow its log; the log's lock orders the
acts of a stream over all processes. What became of an act is said afterwards, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jiuding.base.database.engine import Session
from jiuding.base.problems import ensure
from jiuding.kernel import decisions
from jiuding.services import risk
from jiuding.services.abuse import rules
from jiuding.services.abuse.errors import ActNotFound, BadAct, GateNotFound
from jiuding.services.abuse.operations.desk import RESULT_SUFFIX
from jiuding.services.abuse.rules.circles import Circles
from jiuding.services.abuse.types import FOUND_BAD, Gate, Result

ACT_ID_MAX = 120


@dataclass(slots=True)
class Gatekeeper:
    """The gates of one bank in this process."""

    bank_id: str
    books: dict[str, risk.Book] = field(default_factory=dict)
    circles: dict[str, Circles] = field(default_factory=dict)

    def book(self, stream: str) -> risk.Book:
        """Return the counters of a stream."""
        return self.books.setdefault(stream, risk.Book(self.bank_id, risk.load_stream(stream)))

    def circle(self, session: Session, stream: str, sequence: int) -> Circles:
        """Return circles that were told the log up to a sequence, and nothing else."""
        found = self.circles.get(stream)
        if found is None or found.sequence >= sequence:
            found = self.circles[stream] = Circles(rules.gates_of(stream))
        declared = risk.load_stream(stream)
        after = found.sequence
        for event in risk.read_log(session, bank_id=self.bank_id, stream=declared, after=after):
            found.tell(event.values, event.sequence)
        return found


def gate_named(name: str) -> Gate:
    """Return a gate. Refuses: GateNotFound."""
    if name not in rules.GATES:
        raise GateNotFound(f"there is no gate {name[:40]!r}", gate=name[:40])
    return rules.GATES[name]


def judge(
    session: Session,
    *,
    keeper: Gatekeeper,
    act_id: str,
    gate: str,
    values: Mapping[str, Any],
    now: datetime,
) -> decisions.Decision:
    """Count an act as asked and decide about it; the same act again, and it is the same decision.

    Refuses: GateNotFound; BadAct for fields that the gate's stream cannot read, or who acts is not
    named; decisions.KeyReused when the id stands for another act.
    """
    kept = gate_named(gate)
    stream = risk.load_stream(kept.stream)
    read = _read(stream, kept, act_id, values, now)
    key = f"abuse:{gate}:{act_id}"
    known = decisions.decisions_under(session, bank_id=keeper.bank_id, idempotency_keys=(key,))
    if key in known:
        _ensure_same(session, keeper, stream, f"{gate}:{act_id}", read)
        return known[key]
    event = {**read, "id": f"{gate}:{act_id}", "at": now, "result": f"{gate}.{Result.ASKED}"}
    seen = _observe(session, keeper, kept.stream, event, now)
    circle = keeper.circle(session, kept.stream, seen.sequence or 0)
    return decisions.decide(
        session,
        bank_id=keeper.bank_id,
        policy=gate,
        subject=str(read[kept.party]),
        event={"event": read},
        features={**(seen.features or {}), **circle.features(read)},
        now=now,
        idempotency_key=key,
    )


def note(
    session: Session,
    *,
    keeper: Gatekeeper,
    act_id: str,
    gate: str,
    values: Mapping[str, Any],
    result: Result,
    now: datetime,
) -> None:
    """Count something that happened without being judged: a visit, money that came in, a claim.

    Said again, it is counted once. Refuses: GateNotFound; BadAct, also for an id that stands for
    something else.
    """
    kept = gate_named(gate)
    stream = risk.load_stream(kept.stream)
    read = _read(stream, kept, act_id, values, now)
    name = f"{gate}:{act_id}"
    told = {**read, "result": f"{gate}.{result}"}
    stands = risk.find_event(session, bank_id=keeper.bank_id, stream=stream, event_id=name)
    if stands is None:
        _observe(session, keeper, kept.stream, {**told, "id": name, "at": now}, now)
    elif dict(stands.values) != told:
        raise BadAct("this id stands for something else", act_id=act_id[:60])


def settle(
    session: Session,
    *,
    keeper: Gatekeeper,
    act_id: str,
    gate: str,
    result: Result,
    now: datetime,
    is_found_bad: bool = False,
) -> None:
    """Say what became of a judged act; said again, it is counted once.

    `is_found_bad` marks who acted: a review found it to cheat. Refuses: GateNotFound; ActNotFound
    when no such act was judged; BadAct for another result than the first.
    """
    kept = gate_named(gate)
    stream = risk.load_stream(kept.stream)
    name = f"{gate}:{act_id}"
    asked = risk.find_event(session, bank_id=keeper.bank_id, stream=stream, event_id=name)
    if asked is None or result is Result.ASKED:
        raise ActNotFound(f"no act {act_id[:60]!r} was judged here", act_id=act_id[:60])
    values = {**asked.values, "result": f"{gate}.{result}"}
    if is_found_bad:
        values["found"] = FOUND_BAD
    told = risk.find_event(
        session, bank_id=keeper.bank_id, stream=stream, event_id=name + RESULT_SUFFIX
    )
    if told is not None:
        if told.values.get("result") != values["result"]:
            raise BadAct("something else became of this act", act_id=act_id[:60])
        return
    _observe(session, keeper, kept.stream, {**values, "id": name + RESULT_SUFFIX, "at": now}, now)


def _read(
    stream: risk.Stream, gate: Gate, act_id: str, values: Mapping[str, Any], now: datetime
) -> dict[str, str | int]:
    if not 0 < len(act_id) <= ACT_ID_MAX or not act_id.isprintable():
        raise BadAct(f"an act's id has 1 to {ACT_ID_MAX} printable characters")
    unknown = set(values) - set(stream.fields) | {"result", "found"} & set(values)
    if unknown:
        raise BadAct(f"{min(unknown)[:40]!r} is no field of {gate.name}", gate=gate.name)
    try:
        read = risk.read_event(stream, {**values, "id": act_id, "at": now}, now=now)
    except risk.BadFeatureEvent as problem:
        raise BadAct(problem.detail, gate=gate.name) from None
    if gate.party not in read.values:
        raise BadAct(f"{gate.party} says who acts and is missing", gate=gate.name)
    return dict(read.values)


def _ensure_same(
    session: Session, keeper: Gatekeeper, stream: risk.Stream, name: str, read: Mapping[str, Any]
) -> None:
    stands = risk.find_event(session, bank_id=keeper.bank_id, stream=stream, event_id=name)
    ensure(stands is not None, "a decided act is in the log")
    if {key: value for key, value in stands.values.items() if key != "result"} != dict(read):
        raise decisions.KeyReused("this act's id stands for another act", act_id=name)


def _observe(
    session: Session, keeper: Gatekeeper, stream: str, event: Mapping[str, Any], now: datetime
) -> risk.Observed:
    (seen,) = risk.observe(session, book=keeper.book(stream), events=(event,), now=now)
    if seen.refusal is not None or seen.features is None:
        raise BadAct(f"the act cannot be counted: {seen.refusal or 'it is there already'}")
    return seen
