"""Nouns of identity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class PartyStatus(StrEnum):
    """Whether a party may act; an erased one has no personal details left."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Bank:
    """A tenant. `markets` are the jurisdictions that it serves, such as "cn"."""

    bank_id: str
    slug: str
    name_zh: str
    name_en: str
    markets: tuple[str, ...]
    is_demonstration: bool


@dataclass(frozen=True, slots=True)
class Party:
    """What everyone may know of a party: no personal details."""

    party_id: str
    kind: str  # "person" | "firm"
    status: PartyStatus
    market: str
    residency: str
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to be registered."""

    name: str
    born_on: date
    market: str
    residency: str
    language: str
    story: str = ""  # in a demonstration bank: what this invented person's history shows


@dataclass(frozen=True, slots=True)
class Person:
    """A party with the personal details that the vault opened."""

    party: Party
    name: str
    born_on: date
    language: str
    story: str = ""

    def age(self, on: date) -> int:
        """Return the full years lived on a day."""
        return on.year - self.born_on.year - ((on.month, on.day) < self._birthday)

    @property
    def _birthday(self) -> tuple[int, int]:
        return self.born_on.month, self.born_on.day


@dataclass(frozen=True, slots=True)
class Login:
    """A proven visit; `token` is shown once, to the visitor, and stored only as a hash."""

    login_id: str
    party_id: str
    expires_at: datetime
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """That a party itself agreed to one stated thing just now."""

    party_id: str
    purpose: str  # what was agreed to, such as "accept:quo_…:cheapest"
    means: str  # "passkey" | "pin"
    proven_at: datetime
