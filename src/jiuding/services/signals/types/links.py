"""Nouns of links: who shares what with whom, and where money goes round."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LinkKind(StrEnum):
    """What parties can share. A party is linked to the thing, never directly to another party."""

    DEVICE = "device"
    ADDRESS = "address"  # a /24 or /64
    CARD = "card"
    PAYEE = "payee"
    INVITE = "invite"  # one party's invitations: it and everybody who came by them


CAPS: dict[LinkKind, int] = {
    LinkKind.DEVICE: 20,
    LinkKind.ADDRESS: 6,
    LinkKind.CARD: 10,
    LinkKind.PAYEE: 4,
    LinkKind.INVITE: 20,
}
"""Shared by more parties than this, a thing is public (a hub) and joins nobody any more."""


@dataclass(frozen=True, slots=True)
class Group:
    """Parties that hang together through things that few share.

    `group_id` is the smallest party id in it, so it is the same in whatever order links came.
    """

    group_id: str
    party_count: int
    thing_count: int
    marked_count: int


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near a marked party is: `steps` shared things away, and the way there.

    `path` names party, thing, party, …; things are written `kind:id`.
    """

    steps: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ring:
    """Value that came back to where it started: each party paid the next, the last the first.

    `amount_min` is the smallest amount on the way, so much went round; `is_ordered` says that
    each payment followed the one before in time, as one sum passed on would.
    """

    parties: tuple[str, ...]
    amount_min: int
    first_at: int
    last_at: int
    is_ordered: bool
