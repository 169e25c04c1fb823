"""Abuse: what people and machines try who mean to cheat, judged where they try it.

Its words: a *gate* is where an act is judged, by the policy of the gate's name over the features of
a stream; an *act* is something tried there, and its *result* what became of it, counted in the same
stream, so that the next act sees it. A *family* of abuse comes with a *world*: a simulated
population from a seed, in which *actors*, honest and not, act step by step and hear the answers.
*Held up* is who had to prove themselves or wait for a review; a *target* is what an attacker is
after, and it is *stopped* where the money never moves.

Always true: a verdict reads an act's fields and the features known before it, nothing else; who is
an attacker is known to the simulated world alone. Whoever acts is asked for proof before anyone is
turned away, and nobody is turned away for an address. A world plays alike for the same seed and
policies, and each actor draws from a generator of its own.

It does not count (risk does), does not judge (decisions does) and moves no money: who asks at a
gate acts on the answer and says what became of it.
"""

from __future__ import annotations

from jiuding.services.abuse.errors import (
    ActDeclined,
    ActNotFound,
    BadAct,
    FamilyNotFound,
    GateNotFound,
    ProofRequired,
)
from jiuding.services.abuse.jobs import guard_sign_in, seen_of
from jiuding.services.abuse.operations import (
    BooksDesk,
    Gatekeeper,
    MemoryDesk,
    TextDesk,
    family_of,
    gate_named,
    judge,
    note,
    play_family,
    read_public_text,
    settle,
)
from jiuding.services.abuse.rules import FAMILIES, GATES, ON_BOOKS, figures, merged, play
from jiuding.services.abuse.types import (
    Act,
    Actor,
    Answer,
    Attackers,
    Count,
    Desk,
    Family,
    Gate,
    Result,
    Tally,
    World,
)

__all__ = [
    "FAMILIES",
    "GATES",
    "ON_BOOKS",
    "Act",
    "ActDeclined",
    "ActNotFound",
    "Actor",
    "Answer",
    "Attackers",
    "BadAct",
    "BooksDesk",
    "Count",
    "Desk",
    "Family",
    "FamilyNotFound",
    "Gate",
    "GateNotFound",
    "Gatekeeper",
    "MemoryDesk",
    "ProofRequired",
    "Result",
    "Tally",
    "TextDesk",
    "World",
    "family_of",
    "figures",
    "gate_named",
    "guard_sign_in",
    "judge",
    "merged",
    "note",
    "play",
    "play_family",
    "read_public_text",
    "seen_of",
    "settle",
]
