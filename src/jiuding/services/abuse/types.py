"""Nouns of abuse: gates, acts and who acts, and what was measured of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Protocol

from jiuding.kernel.decisions import Outcome, Verdict

FOUND_BAD = "bad"  # what the field `found` says of whom a review found to cheat


@dataclass(frozen=True, slots=True)
class Gate:
    """Where acts are judged: the policy of the gate's name, over the features of a stream.

    `party` is the field that names who acts, and `links` the fields that parties may share, each
    with its kind of link, for gates that read the graph. Without a `stream` the gate has a desk of
    its own, which reads the act itself.
    """

    name: str
    stream: str
    party: str
    links: Mapping[str, str] = field(default_factory=dict)


class Result(StrEnum):
    """What became of an act; the stream counts it as `GATE.RESULT`."""

    ASKED = "asked"  # judged, nothing more known yet
    PASSED = "passed"  # let through, and it succeeded
    PROVED = "proved"  # let through after a step-up was proven, and it succeeded
    FAILED = "failed"  # let through, and it failed by itself: a wrong password, a short balance
    REFUSED = "refused"  # declined, or the step-up was not proven


@dataclass(frozen=True, slots=True)
class Act:
    """Something tried at a gate. `values` is all that the bank sees of it.

    The rest is known to the simulated world only: `result` is what comes of it where the bank lets
    it, `proof` the probability that a step-up is proven, `target` what an attacker is after with
    it, `moves_money` whether the attack has its gain when this act succeeds. An act that is not
    `judged` is only counted, as something that happened elsewhere in the bank.
    """

    at: int  # microseconds since 1970
    gate: str
    values: Mapping[str, str | int]
    result: Result = Result.PASSED
    proof: float = 1.0
    target: str = ""
    moves_money: bool = False
    judged: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What an actor hears back: whether it may, and whether it had to prove itself."""

    outcome: Outcome
    is_allowed: bool

    @property
    def was_held_up(self) -> bool:
        """Whether it was asked for proof or waited for a person's review."""
        return self.outcome in (Outcome.STEP_UP, Outcome.REFER)


Steps = Generator[Act, Answer, None]


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts, step by step, each step knowing the answers to those before.

    `kind` names the case (a campus, a traveller, a slow list) for figures. Its steps never go back
    in time, and read nothing but their own draw and answers.
    """

    kind: str
    is_attack: bool
    steps: Callable[[Random], Steps]


@dataclass(frozen=True, slots=True)
class World:
    """A simulated population. Before `measured_from` all is let through: the bank's past."""

    seed: int
    measured_from: int
    actors: tuple[Actor, ...]
    # A person who reviews finds this share of targets, and lets honest acts go on.
    review_finds: float = 0.95


class Attackers(StrEnum):
    """How attackers behave: as when the policy was tuned, or adapted to it."""

    USUAL = "usual"
    ADAPTED = "adapted"


@dataclass(frozen=True, slots=True)
class Family:
    """A family of abuse: its gates, and how a population with it is simulated.

    `simulate(seed, size, attackers)` draws its parameters from the seed; size 1.0 is a full run.
    """

    name: str
    gates: tuple[Gate, ...]
    simulate: Callable[[int, float, Attackers], World]


class Desk(Protocol):
    """Who judges and counts: in memory, or in a bank's database with a record.

    It hears of an act what a bank sees: the gate, the instant and the fields.
    """

    def judge(self, act_id: str, gate: str, at: int, values: Mapping[str, str | int]) -> Verdict:
        """Count an act as asked and judge it by what was known before."""
        ...

    def note(
        self, act_id: str, gate: str, at: int, values: Mapping[str, str | int], result: Result
    ) -> None:
        """Count what became of an act."""
        ...


@dataclass(slots=True)
class Count:
    """Of one kind of actor: who acted, who was held up or declined, and what attackers were after.

    Money comes with `tried` targets; `stopped` are those that never got it.
    """

    actors: int = 0
    acts: int = 0
    held_up: int = 0  # actors who had to prove themselves, or wait for a review, at least once
    declined: int = 0  # actors who were declined at least once
    shut_out: int = 0  # actors who could not prove themselves when asked
    tried: int = 0
    stopped: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """What a play came to, by kind."""

    honest: Mapping[str, Count]
    attack: Mapping[str, Count]
    reasons: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
