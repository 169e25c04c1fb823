"""Play a simulated population against a desk, in one order of time, and measure what came of it.

Every actor draws from a generator of its own, seeded by the world's seed and its place, so that
another answer to one of them does not change what the others do. What the desk hears is an act's
gate, instant and values: who is an attacker is known to the world alone.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from jiuding.base.problems import ensure
from jiuding.kernel.decisions import Outcome
from jiuding.services.abuse.types import (
    Act,
    Actor,
    Answer,
    Count,
    Desk,
    Result,
    Steps,
    Tally,
    World,
)

LETS = Answer(Outcome.APPROVE, True)


class _Life:
    """An actor under way."""

    __slots__ = (
        "actor", "declined", "draw", "found", "held_up", "reached", "shut_out", "steps", "tried",
    )  # fmt: skip

    def __init__(self, actor: Actor, seed: int, place: int) -> None:
        self.actor = actor
        self.draw = random.Random(f"{seed}/{place}/world")
        self.steps: Steps = actor.steps(random.Random(f"{seed}/{place}"))
        self.tried: set[str] = set()
        self.reached: set[str] = set()
        self.found: dict[str, bool] = {}  # by target: whether a review finds it
        self.held_up = self.declined = self.shut_out = False


def play(world: World, desk: Desk) -> Tally:
    """Let every actor act until all are done, and count what became of them.

    A tie of instants is settled by the actors' order.
    """
    lives = [_Life(actor, world.seed, place) for place, actor in enumerate(world.actors)]
    waiting: list[tuple[int, int, Act]] = []
    for place, life in enumerate(lives):
        if (act := next(life.steps, None)) is not None:
            waiting.append((act.at, place, act))
    heapq.heapify(waiting)
    tally = _Tallies()
    number = 0
    while waiting:
        at, place, act = heapq.heappop(waiting)
        life = lives[place]
        number += 1
        answer = _meet(world, life, act, desk, f"act{number}", tally)
        try:
            following = life.steps.send(answer)
        except StopIteration:
            continue
        ensure(following.at >= at, "an actor's steps never go back in time")
        heapq.heappush(waiting, (following.at, place, following))
    return tally.told(lives)


def _meet(world: World, life: _Life, act: Act, desk: Desk, act_id: str, tally: _Tallies) -> Answer:
    """Let one act happen: judged, proven or not, and counted by what became of it."""
    if not act.judged or act.at < world.measured_from:
        desk.note(act_id, act.gate, act.at, act.values, act.result)
        return LETS
    verdict = desk.judge(act_id, act.gate, act.at, act.values)
    outcome = verdict.outcome
    may = _may(world, life, act, outcome)
    answer = Answer(outcome, may)
    life.held_up |= answer.was_held_up
    life.declined |= outcome is Outcome.DECLINE
    life.shut_out |= answer.was_held_up and not may
    tally.acted(life.actor, outcome, verdict.reasons)
    if act.target:
        life.tried.add(act.target)
        if may and act.moves_money and act.result is Result.PASSED:
            life.reached.add(act.target)
    result = act.result if may else Result.REFUSED
    if answer.was_held_up and result is Result.PASSED:
        result = Result.PROVED
    desk.note(f"{act_id}.result", act.gate, act.at, act.values, result)
    return answer


def _may(world: World, life: _Life, act: Act, outcome: Outcome) -> bool:
    if outcome is Outcome.STEP_UP:
        return life.draw.random() < act.proof
    if outcome is Outcome.REFER:
        if not life.actor.is_attack:
            return True
        # Who reviews one thing twice sees the same case: one draw for each target.
        if act.target not in life.found:
            life.found[act.target] = life.draw.random() < world.review_finds
        return not life.found[act.target]
    return outcome is Outcome.APPROVE


class _Tallies:
    def __init__(self) -> None:
        self.acts: Counter[tuple[bool, str]] = Counter()
        self.reasons: dict[str, Counter[str]] = defaultdict(Counter)

    def acted(self, actor: Actor, outcome: Outcome, reasons: Iterable) -> None:
        self.acts[actor.is_attack, actor.kind] += 1
        if outcome is not Outcome.APPROVE:
            side = "attack" if actor.is_attack else "honest"
            for reason in reasons:
                self.reasons[side][reason.rule] += 1

    def told(self, lives: Iterable[_Life]) -> Tally:
        found: dict[bool, dict[str, Count]] = {False: {}, True: {}}
        for life in lives:
            actor = life.actor
            count = found[actor.is_attack].setdefault(actor.kind, Count())
            count.actors += 1
            count.held_up += life.held_up
            count.declined += life.declined
            count.shut_out += life.shut_out
            count.tried += len(life.tried)
            count.stopped += len(life.tried - life.reached)
        for (is_attack, kind), acts in self.acts.items():
            found[is_attack][kind].acts = acts
        reasons = {side: dict(count.most_common()) for side, count in self.reasons.items()}
        return Tally(found[False], found[True], reasons)


def figures(tally: Tally) -> dict[str, object]:
    """Return a play's figures: shares over all kinds, and counts by kind."""
    attack, honest = _sum(tally.attack), _sum(tally.honest)
    return {
        "attacks_tried": attack.tried,
        "attacks_stopped_share": round(attack.stopped / attack.tried, 4) if attack.tried else None,
        "honest_actors": honest.actors,
        "honest_acts": honest.acts,
        "honest_held_up_share": round(honest.held_up / max(honest.actors, 1), 5),
        "honest_shut_out": honest.shut_out,
        "honest_declined": honest.declined,
        "by_kind": {
            "attack": {
                kind: {"tried": each.tried, "stopped": each.stopped, "acts": each.acts}
                for kind, each in sorted(tally.attack.items())
            },
            "honest": {
                kind: {
                    "actors": each.actors,
                    "held_up": each.held_up,
                    "declined": each.declined,
                    "acts": each.acts,
                }
                for kind, each in sorted(tally.honest.items())
            },
        },
        "reasons": tally.reasons,
    }


def _sum(counts: Mapping[str, Count]) -> Count:
    found = Count()
    for each in counts.values():
        for name in Count.__slots__:
            setattr(found, name, getattr(found, name) + getattr(each, name))
    return found


def merged(tallies: Iterable[Tally]) -> Tally:
    """Return several plays' counts as one."""
    sides: dict[str, dict[str, Count]] = {"honest": {}, "attack": {}}
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for tally in tallies:
        for side, kinds in (("honest", tally.honest), ("attack", tally.attack)):
            for kind, count in kinds.items():
                known = sides[side].get(kind, Count())
                sides[side][kind] = _sum({"known": known, "more": count})
        for side, found in tally.reasons.items():
            reasons[side].update(found)
    told = {side: dict(count.most_common()) for side, count in reasons.items()}
    return Tally(sides["honest"], sides["attack"], told)
