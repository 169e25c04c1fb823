"""Refusals of identity."""

from __future__ import annotations

from jiuding.base.problems import Problem


class PartyNotFound(Problem):
    """Refuse to name a party that this bank does not know."""

    code = "identity.party_not_found"
    status = 404
    title = "This bank knows no such party"


class LoginRequired(Problem):
    """Refuse a visitor who has not proven who they are, or whose login has ended."""

    code = "identity.login_required"
    status = 401
    title = "Please log in"


class PinRefused(Problem):
    """Refuse a PIN that is not the party's."""

    code = "identity.pin_refused"
    status = 403
    title = "The PIN is not right"


class PinLocked(Problem):
    """Refuse every PIN for a while after too many wrong ones."""

    code = "identity.pin_locked"
    status = 429
    title = "Too many wrong PINs"


class BadPin(Problem):
    """Refuse to set a PIN that is not six digits."""

    code = "identity.bad_pin"
    status = 422
    title = "A PIN is six digits"


class ChallengeRefused(Problem):
    """Refuse an answer to a challenge that was not asked, was used, or has run out."""

    code = "identity.challenge_refused"
    status = 409
    title = "This confirmation has run out"


class PasskeyRefused(Problem):
    """Refuse a passkey whose answer does not verify, or that is not the party's."""

    code = "identity.passkey_refused"
    status = 403
    title = "The passkey was not accepted"


class TooManyChallenges(Problem):
    """Refuse to ask a passkey again while many questions are still open."""

    code = "identity.too_many_challenges"
    status = 429
    title = "Too many confirmations are open"
