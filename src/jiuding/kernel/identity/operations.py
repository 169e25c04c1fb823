"""Verbs of identity."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from jiuding.base.database.engine import Session
from jiuding.base.ids import new_id, to_uuid
from jiuding.base.problems import Problem, ensure
from jiuding.base.vault import Vault
from jiuding.kernel import eventlog
from jiuding.kernel.identity import rules, store
from jiuding.kernel.identity.errors import (
    BadPin,
    ChallengeRefused,
    LoginRequired,
    PartyNotFound,
    PasskeyRefused,
    PinLocked,
    PinRefused,
    TooManyChallenges,
)
from jiuding.kernel.identity.events import LoggedIn, PasskeyRegistered, PersonalDetailsErased
from jiuding.kernel.identity.types import Bank, Login, NewPerson, Party, PartyStatus, Person, Proof

_CHALLENGE_BYTES = 32
_TOKEN_BYTES = 32
LIST_MAX = 500


def _hasher():
    # Six digits are guessed within hours whatever a hash costs. What guards them is the vault's
    # key, which is not in the database, and the lock after five wrong tries; a light Argon2id on
    # top keeps equal marks from being seen.
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)


def register_bank(session: Session, *, bank: Bank, now: datetime) -> Bank:
    """Register a bank; the one that holds the short name already is returned as it is."""
    found = store.bank_by_slug(session, bank.slug)
    if found is not None:
        return found
    store.add_bank(session, bank, now)
    return bank


def find_bank(session: Session, *, slug: str) -> Bank | None:
    """Return the bank of this short name, or None."""
    return store.bank_by_slug(session, slug)


def list_banks(session: Session, *, limit_max: int) -> tuple[Bank, ...]:
    """Return the banks of this database, oldest first; at most `LIST_MAX`."""
    ensure(0 < limit_max <= LIST_MAX, f"list 1 to {LIST_MAX} banks at a time")
    return store.banks(session, limit_max)


def register_person(
    session: Session, *, bank_id: str, vault: Vault, person: NewPerson, now: datetime,
    party_id: str | None = None,
) -> Party:  # fmt: skip
    """Register a person, with the personal details sealed."""
    party = Party(
        party_id or new_id("pty", now), "person", PartyStatus.ACTIVE, person.market,
        person.residency, now,
    )  # fmt: skip
    store.add_party(session, bank_id, party)
    details = {
        "name": person.name,
        "born_on": person.born_on.isoformat(),
        "language": person.language,
        "story": person.story,
    }
    sealed = vault.seal(details, about=f"{bank_id}/{party.party_id}")
    store.seal_person(session, bank_id, party.party_id, sealed)
    return party


def read_party(session: Session, *, bank_id: str, party_id: str) -> Party:
    """Return a party.

    Refuses: PartyNotFound.
    """
    found = store.party(session, bank_id, party_id)
    if found is None:
        raise PartyNotFound(f"there is no party {party_id}", party_id=party_id)
    return found


def read_person(session: Session, *, bank_id: str, vault: Vault, party_id: str) -> Person:
    """Return a person with the personal details opened.

    Refuses: PartyNotFound, also when the details were erased.
    """
    party = read_party(session, bank_id=bank_id, party_id=party_id)
    sealed = store.sealed_person(session, bank_id, party_id)
    if sealed is None:
        raise PartyNotFound("this party's details were erased", party_id=party_id)
    return _opened(vault, bank_id, party, sealed)


def _opened(vault: Vault, bank_id: str, party: Party, sealed: bytes) -> Person:
    details = vault.open(sealed, about=f"{bank_id}/{party.party_id}")
    born_on = date.fromisoformat(details["born_on"])
    return Person(party, details["name"], born_on, details["language"], details.get("story", ""))


def list_parties(
    session: Session, *, bank_id: str, vault: Vault, after: str | None = None,
    limit_max: int = LIST_MAX,
) -> Sequence[Person]:  # fmt: skip
    """Return persons in the order in which they were registered, a page at a time."""
    rows = store.parties(session, bank_id, after, min(limit_max, LIST_MAX))
    return [_opened(vault, bank_id, party, sealed) for party, sealed in rows if sealed]


def party_after(session: Session, *, bank_id: str, party_id: str) -> str | None:
    """Return the party that follows in the order of the bank's list; None after the last."""
    return store.party_after(session, bank_id, party_id)


def suspend_party(session: Session, *, bank_id: str, party_id: str) -> None:
    """Suspend a party: it may look, and nothing is granted to it.

    Refuses: PartyNotFound.
    """
    read_party(session, bank_id=bank_id, party_id=party_id)
    store.set_status(session, bank_id, party_id, PartyStatus.SUSPENDED)


def erase_personal_details(session: Session, *, bank_id: str, party_id: str, now: datetime) -> None:
    """Erase what is personal of a party; ids and value facts stay. A second call changes nothing.

    Refuses: PartyNotFound.
    """
    party = read_party(session, bank_id=bank_id, party_id=party_id)
    if party.status is PartyStatus.ERASED:
        return
    store.erase_person(session, bank_id, party_id)
    store.set_status(session, bank_id, party_id, PartyStatus.ERASED)
    _announce(session, bank_id, party_id, PersonalDetailsErased(party_id=party_id), now)


def _announce(
    session: Session, bank_id: str, subject: str, event: eventlog.Event, now: datetime
) -> None:
    eventlog.append(
        session, bank_id=bank_id, event=event, subject=subject, source="identity",
        occurred_at=now, recorded_at=now,
    )  # fmt: skip


def set_pin(
    session: Session, *, bank_id: str, vault: Vault, party_id: str, pin: str, now: datetime
) -> None:
    """Set a party's PIN, in place of an earlier one.

    Refuses: BadPin unless it is six digits.
    """
    if not rules.is_pin(pin):
        raise BadPin("a PIN is six digits")
    values = {
        "credential_id": new_id("crd", now),
        "party_id": party_id,
        "kind": "pin",
        "secret": _hasher().hash(vault.mark(pin, about=party_id)).encode(),
        "registered_at": now,
    }
    store.add_credential(session, bank_id, values)


def prove_with_pin(
    session: Session, *, bank_id: str, vault: Vault, party_id: str, pin: str, purpose: str,
    now: datetime,
) -> Proof | Problem:  # fmt: skip
    """Check a PIN and return the proof, or the refusal, returned so that the count is kept.

    The caller commits in both cases and then raises what is a Problem.
    """
    row = store.pin(session, bank_id, party_id)
    if row is None:
        return PinRefused("this party has no PIN", party_id=party_id)
    until = rules.locked_until(row.wrong_count, row.wrong_at)
    if until is not None and now < until:
        return PinLocked(f"try again after {until:%H:%M} UTC", party_id=party_id)
    if not rules.is_pin(pin) or not _pin_matches(
        row.secret.decode(), vault.mark(pin, about=party_id)
    ):
        count = 1 if until is not None else row.wrong_count + 1
        values = {"wrong_count": count, "wrong_at": now}
        store.note_use(session, bank_id, row.credential_id, values)
        return PinRefused(
            f"{max(rules.PIN_TRIES_MAX - count, 0)} tries are left", party_id=party_id
        )
    store.note_use(
        session, bank_id, row.credential_id,
        {"wrong_count": 0, "wrong_at": None, "use_count": row.use_count + 1},
    )  # fmt: skip
    return Proof(party_id, purpose, "pin", now)


def _pin_matches(hashed: str, mark: str) -> bool:
    from argon2.exceptions import VerifyMismatchError

    try:
        return _hasher().verify(hashed, mark)
    except VerifyMismatchError:
        return False


def open_login(session: Session, *, bank_id: str, proof: Proof, now: datetime) -> Login:
    """Open a login for a party that has just proven itself; its token is returned this once."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    login = Login(new_id("ses", now), proof.party_id, now + rules.LOGIN_LIFE, token)
    store.add_login(session, bank_id, login, rules.token_hash(token), now)
    event = LoggedIn(login_id=login.login_id, means=proof.means)
    _announce(session, bank_id, proof.party_id, event, now)
    return login


def authenticate_login(
    session: Session, *, bank_id: str, token: str | None, now: datetime
) -> Login:
    """Return the login behind a token.

    Refuses: LoginRequired when there is none, it has ended, or it has run out.
    """
    found = store.login(session, bank_id, rules.token_hash(token), now) if token else None
    if found is None:
        raise LoginRequired("choose a customer and prove it with a passkey or a PIN")
    return found


def end_login(session: Session, *, bank_id: str, token: str) -> None:
    """End a login; ending it again changes nothing."""
    store.end_login(session, bank_id, rules.token_hash(token))


def offer_passkey(
    session: Session, *, bank_id: str, party_id: str, host: str, now: datetime
) -> str:
    """Return WebAuthn creation options (JSON) for a new passkey of this party."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    read_party(session, bank_id=bank_id, party_id=party_id)
    challenge = _new_challenge(session, bank_id, party_id, "register", now)
    held = store.passkeys(session, bank_id, party_id)
    return options_to_json(
        generate_registration_options(
            rp_id=host,
            rp_name="Jiuding",
            # The authenticator shows this name; an id tells nobody anything personal.
            user_name=party_id,
            user_id=to_uuid("pty", party_id).bytes,
            challenge=challenge,
            exclude_credentials=[PublicKeyCredentialDescriptor(id=row.handle) for row in held],
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
        )
    )


def register_passkey(
    session: Session, *, bank_id: str, party_id: str, answer: dict[str, Any], host: str,
    origin: str, now: datetime,
) -> str:  # fmt: skip
    """Keep the passkey that answered `offer_passkey`, and return its credential id.

    Refuses: ChallengeRefused, PasskeyRefused.
    """
    from webauthn import verify_registration_response

    challenge = _use_challenge(session, bank_id, party_id, "register", answer, now)
    try:
        verified = verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=host,
            expected_origin=origin, require_user_verification=True,
        )  # fmt: skip
    except Exception as error:
        raise PasskeyRefused("the passkey could not be verified") from error
    values = {
        "credential_id": new_id("crd", now),
        "party_id": party_id,
        "kind": "passkey",
        "secret": verified.credential_public_key,
        "handle": verified.credential_id,
        "use_count": verified.sign_count,
        "registered_at": now,
    }
    store.add_credential(session, bank_id, values)
    event = PasskeyRegistered(credential_id=values["credential_id"])
    _announce(session, bank_id, party_id, event, now)
    return values["credential_id"]


def has_passkey(session: Session, *, bank_id: str, party_id: str) -> bool:
    """Tell whether a party has a passkey."""
    return bool(store.passkeys(session, bank_id, party_id))


def ask_for_passkey(
    session: Session, *, bank_id: str, party_id: str, purpose: str, host: str, now: datetime
) -> str:
    """Return WebAuthn request options (JSON) whose challenge is good once, for this purpose only.

    Refuses: PasskeyRefused when the party has no passkey; TooManyChallenges.
    """
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    held = store.passkeys(session, bank_id, party_id)
    if not held:
        raise PasskeyRefused("this party has no passkey yet", party_id=party_id)
    challenge = _new_challenge(session, bank_id, party_id, purpose, now)
    return options_to_json(
        generate_authentication_options(
            rp_id=host,
            challenge=challenge,
            allow_credentials=[PublicKeyCredentialDescriptor(id=row.handle) for row in held],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def prove_with_passkey(
    session: Session, *, bank_id: str, party_id: str, purpose: str, answer: dict[str, Any],
    host: str, origin: str, now: datetime,
) -> Proof:  # fmt: skip
    """Check a passkey's answer to `ask_for_passkey` and return the proof.

    Refuses: ChallengeRefused, PasskeyRefused.
    """
    from webauthn import base64url_to_bytes, verify_authentication_response

    challenge = _use_challenge(session, bank_id, party_id, purpose, answer, now)
    try:
        handle = base64url_to_bytes(answer["rawId"])
        held = {row.handle: row for row in store.passkeys(session, bank_id, party_id)}
        row = held[handle]
        verified = verify_authentication_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=host,
            expected_origin=origin, credential_public_key=row.secret,
            credential_current_sign_count=row.use_count, require_user_verification=True,
        )  # fmt: skip
    except Exception as error:
        raise PasskeyRefused("the passkey could not be verified", party_id=party_id) from error
    store.note_use(session, bank_id, row.credential_id, {"use_count": verified.new_sign_count})
    return Proof(party_id, purpose, "passkey", now)


def _new_challenge(
    session: Session, bank_id: str, party_id: str, purpose: str, now: datetime
) -> bytes:
    if store.count_open_challenges(session, bank_id, party_id, now) >= rules.OPEN_CHALLENGES_MAX:
        raise TooManyChallenges("wait five minutes and try again", party_id=party_id)
    challenge = secrets.token_bytes(_CHALLENGE_BYTES)
    store.add_challenge(session, bank_id, challenge, party_id, purpose, now + rules.CHALLENGE_LIFE)
    return challenge


def _use_challenge(
    session: Session, bank_id: str, party_id: str, purpose: str, answer: dict[str, Any],
    now: datetime,
) -> bytes:  # fmt: skip
    import json

    from webauthn import base64url_to_bytes

    try:
        client = json.loads(base64url_to_bytes(answer["response"]["clientDataJSON"]))
        challenge = base64url_to_bytes(client["challenge"])
    except Exception as error:
        raise ChallengeRefused("the passkey's answer cannot be read") from error
    if not store.use_challenge(session, bank_id, challenge, party_id, purpose, now):
        raise ChallengeRefused("ask for a new confirmation and try again")
    return challenge
