"""News of identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jiuding.kernel import eventlog


@dataclass(frozen=True, slots=True)
class LoggedIn(eventlog.Event):
    """A party proved who it is and opened a login."""

    kind: ClassVar[str] = "identity.logged_in"
    login_id: str
    means: str


@dataclass(frozen=True, slots=True)
class PasskeyRegistered(eventlog.Event):
    """A party added a passkey."""

    kind: ClassVar[str] = "identity.passkey_registered"
    credential_id: str


@dataclass(frozen=True, slots=True)
class PersonalDetailsErased(eventlog.Event):
    """A party's personal details were erased; its ids stay."""

    kind: ClassVar[str] = "identity.personal_details_erased"
    party_id: str
