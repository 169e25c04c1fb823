"""The guard at the door: over several transactions, so that a failure is counted and kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from jiuding.base.database.engine import transaction
from jiuding.base.ids import to_uuid
from jiuding.base.problems import Problem
from jiuding.kernel import decisions
from jiuding.services.signals import operations
from jiuding.services.signals.errors import BadAddress, SlowDown, StepUpRequired
from jiuding.services.signals.operations import Lists, LoginBook
from jiuding.services.signals.rules import open_device
from jiuding.services.signals.types import AddressClass, Client, LinkKind, LoginAttempt

WORDS_MAX = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Addresses that say nothing about who shares them with whom.
_NO_LINK = {AddressClass.LOOPBACK, AddressClass.PRIVATE, AddressClass.RESERVED, AddressClass.SHARED}


@dataclass(slots=True)
class LoginGuard:
    """What stands before every proof of who somebody is, in one bank and process."""

    engine: Engine
    book: LoginBook
    lists: Lists
    key: bytes = field(repr=False)

    def client(
        self, *, address: str | None, device: str | None, agent: str, languages: str
    ) -> Client:
        """Return who asks, as far as a request shows it: its address, seal and own words.

        The words that a program says of itself are kept as a hash; an address as its network.
        """
        network, address_class = None, AddressClass.UNKNOWN
        try:
            facts = self.lists.networks.facts(address or "")
            network, address_class = facts.network, facts.address_class
        except BadAddress:
            pass  # a peer without an address, such as a socket of this machine
        words = f"{agent[:WORDS_MAX]}\n{languages[:WORDS_MAX]}"
        fingerprint = hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32]
        return Client(network, address_class, open_device(device, key=self.key), fingerprint)

    def admit(
        self, *, party_id: str, client: Client, means: str, secret: str | None,
        has_passkey: bool, now: datetime,
    ) -> LoginAttempt | None:  # fmt: skip
        """Let an attempt be tried, and return it to be told how it went; None for no party's id.

        A passkey is the strongest proof and always tried. Refuses: StepUpRequired where the party
        has a passkey and more is asked than a PIN; SlowDown after too many failures.
        """
        try:
            to_uuid("pty", party_id)
        except Problem:
            return None
        breached = bool(secret) and bool(self.lists.secrets.count(secret or ""))
        attempt = LoginAttempt((now - _EPOCH) // _MICROSECOND, party_id, client, means, breached)
        with transaction(self.engine) as session:
            decision, shown = operations.look_at_login(
                session, book=self.book, attempt=attempt, now=now
            )
        if means == "passkey" or decision.outcome is decisions.Outcome.APPROVE:
            return attempt
        waits = (shown.get(f"login.{each}_wait_seconds", 0) for each in ("account", "device"))
        seconds = max(map(int, waits))
        if has_passkey:
            raise StepUpRequired("use your passkey this time", decision_id=decision.decision_id)
        if seconds:
            raise SlowDown(f"try again in {seconds} seconds", retry_after_seconds=seconds)
        # There is no stronger proof to ask for: the PIN is tried, and its own lock guards it.
        return attempt

    def tell(self, attempt: LoginAttempt | None, *, is_good: bool, now: datetime) -> None:
        """Write how an attempt went, and after a good one what the party was seen with."""
        if attempt is None:
            return
        client, bank_id = attempt.client, self.book.bank_id
        with transaction(self.engine) as session:
            operations.tell_login(session, book=self.book, attempt=attempt, is_good=is_good)
            if not is_good:
                return
            seen = [(LinkKind.DEVICE, client.device)]
            if client.address_class not in _NO_LINK:
                seen.append((LinkKind.ADDRESS, client.network))
            for kind, thing in seen:
                if thing is not None:
                    operations.link_party(
                        session, bank_id=bank_id, party_id=attempt.account, kind=kind,
                        thing=thing, now=now,
                    )  # fmt: skip
