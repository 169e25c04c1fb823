"""Write the demonstration bank down: once, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import islice

from sqlalchemy import Engine, text

from jiuding.base.amounts import Amount, Asset
from jiuding.base.database.engine import Session, transaction
from jiuding.base.ids import new_id
from jiuding.base.vault import Vault
from jiuding.bootstrap import demonstration
from jiuding.bootstrap.demonstration import Character
from jiuding.kernel import identity, ledger

BATCH = 8_000
# Two programs that start at once must not both write the demonstration bank.
_SEED_LOCK = 0x4A69756465
# The account on the other side of a movement, by the first word of its code.
_OTHER_SIDE = {"income": "salary_clearing", "debt": "payment_clearing"}
_SPENDING = "spending_clearing"


def seed_demonstration(
    engine: Engine, *, bank: identity.Bank, vault: Vault, now: datetime,
    progress: Callable[[str], None], count: int = demonstration.CUSTOMERS,
) -> identity.Bank:  # fmt: skip
    """Register the demonstration bank with its customers and histories, unless it is there.

    One transaction: a program killed on the way leaves nothing, and the next start begins again.
    """
    with transaction(engine) as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SEED_LOCK})
        found = identity.find_bank(session, slug=bank.slug)
        if found is not None:
            return found
        identity.register_bank(session, bank=bank, now=now)
        people = list(demonstration.characters(now.date(), count=count))
        progress("customers")
        transfers = _write_people(session, bank, vault, people, now)
        progress("history")
        while batch := list(islice(transfers, BATCH)):
            outcomes = ledger.post(session, bank_id=bank.bank_id, transfers=batch, now=now)
            refused = [each for each in outcomes if each.result is not ledger.Result.POSTED]
            if refused:
                raise RuntimeError(f"the demonstration's history was refused: {refused[0]}")
        # So much came at once that the planner must not wait for autovacuum to hear of it.
        session.execute(text("ANALYZE"))
    return bank


def _write_people(
    session: Session, bank: identity.Bank, vault: Vault, people: Iterable[Character], now: datetime
) -> Iterator[ledger.NewTransfer]:
    """Register the people with their accounts; return the transfers of their histories."""
    accounts = []
    for person in people:
        party = identity.register_person(
            session, bank_id=bank.bank_id, vault=vault, person=person.person, now=now
        )
        identity.set_pin(
            session,
            bank_id=bank.bank_id,
            vault=vault,
            party_id=party.party_id,
            pin=demonstration.PIN,
            now=now,
        )
        if person.story == "suspended":
            identity.suspend_party(session, bank_id=bank.bank_id, party_id=party.party_id)
        account = ledger.open_account(
            session, bank_id=bank.bank_id, asset=person.asset, kind="customer_deposit",
            owner_id=party.party_id, now=now,
        )  # fmt: skip
        accounts.append((person, account.account_id))
    return _history(session, bank, accounts, now)


def _history(
    session: Session, bank: identity.Bank, accounts: list[tuple[Character, str]], now: datetime
) -> Iterator[ledger.NewTransfer]:
    sides: dict[tuple[str, Asset], str] = {}

    def other(kind: str, asset: Asset) -> str:
        if (kind, asset) not in sides:
            sides[kind, asset] = ledger.bank_account(
                session, bank_id=bank.bank_id, kind=kind, asset=asset, now=now
            ).account_id
        return sides[kind, asset]

    for person, account_id in accounts:
        first = person.movements[0].on if person.movements else now.date()
        rows = [(first, "opening.balance", person.opening_units)]
        rows += [(each.on, each.code, each.units) for each in person.movements]
        for on, code, units in rows:
            kind = _OTHER_SIDE.get(code.split(".")[0], _SPENDING)
            if code == "opening.balance":
                kind = "cash_at_central_bank"
            there = other(kind, person.asset)
            yield _transfer(account_id, there, on, code, units, person.asset, now)


def _transfer(
    account_id: str, other_id: str, on: date, code: str, units: int, asset: Asset, now: datetime
) -> ledger.NewTransfer:
    # A deposit is owed to the customer: what comes in is a credit on it.
    debit, credit = (other_id, account_id) if units > 0 else (account_id, other_id)
    return ledger.NewTransfer(
        transfer_id=new_id("trf", now), debit_id=debit, credit_id=credit,
        amount=Amount(abs(units), asset), code=code, effective_on=on,
    )  # fmt: skip
