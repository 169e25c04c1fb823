"""`jiuding ledger …` and `jiuding database …`: what an operator does with the books."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from jiuding.base import clock
from jiuding.base.problems import BadInput
from jiuding.base.settings import read_secret, read_settings


def export(form: str, folder: Path, first: str = "", last: str = "") -> dict[str, Any]:
    """Write the bank's ledger of a period to files and return what was written.

    Refuses: BadInput for a text that is not a day.
    """
    from jiuding.bootstrap import open_house
    from jiuding.kernel.ledger import commands

    with open_house(read_settings(), now=clock.now(), seed=False) as house:
        return commands.export(
            house.engine, bank_id=bank_id_of(house), form=form, folder=folder, now=clock.now(),
            first_on=_day(first) if first else date.min,
            last_on=_day(last) if last else date.max,
        )  # fmt: skip


def close_day(on: str) -> dict[str, Any]:
    """Close a day and return the close.

    Refuses: BadInput for a text that is not a day.
    """
    from jiuding.bootstrap import open_house
    from jiuding.kernel.ledger import commands

    day = _day(on)
    with open_house(read_settings(), now=clock.now(), seed=False) as house:
        return commands.close(house.engine, bank_id=bank_id_of(house), on=day, now=clock.now())


def verify(head: str | None) -> dict[str, Any]:
    """Prove the bank's chain of seals and return what it shows."""
    from jiuding.bootstrap import open_house
    from jiuding.kernel.ledger import commands

    with open_house(read_settings(), now=clock.now(), seed=False) as house:
        return commands.verify(house.engine, bank_id=bank_id_of(house), head=head)


def prove(transfer_id: str, head: str | None) -> dict[str, Any]:
    """Return a proof of one transfer."""
    from jiuding.bootstrap import open_house
    from jiuding.kernel.ledger import commands

    with open_house(read_settings(), now=clock.now(), seed=False) as house:
        return commands.prove(
            house.engine, bank_id=bank_id_of(house), transfer_id=transfer_id, head=head
        )


def in_words(found: dict[str, Any]) -> str:
    """Return what `verify` found as sentences; the head is worth keeping elsewhere."""
    finding = found["finding"]
    rate = f"{found['sealed']:,} transfers in {found['seconds']:.1f} s"
    if finding is not None:
        named = " ".join(finding["ids"])
        return f"Not as it was sealed: {finding['detail']} ({finding['code']}) {named}".rstrip()
    return (
        f"Every transfer is as it was sealed: {found['seals']:,} seals, {rate}; "
        f"{found['waiting']:,} wait.\nhead {found['head']}"
    )


def seal(*, as_they_are: bool) -> dict[str, Any]:
    """Seal what waits and return how many blocks that made."""
    from jiuding.bootstrap import open_house
    from jiuding.kernel import ledger

    now = clock.now()
    with open_house(read_settings(), now=now, seed=False) as house:
        made = ledger.seal_waiting(
            house.engine, bank_id=bank_id_of(house), now=now, as_they_are=as_they_are
        )
    return {"seals_made": made}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{text[:20]!r} is not a day like 2026-11-23") from error


def operator_token() -> str:
    """Return the token that the operator shows at `POST /v1/transfers`; made on first use."""
    return read_secret(read_settings().home, "operator").hex()


def distribute() -> list[str]:
    """Spread the bank's tables over Citus's servers and return the statements that were run."""
    from jiuding.base.database.distribute import distribute
    from jiuding.bootstrap import open_house

    with (
        open_house(read_settings(), now=clock.now(), seed=False) as house,
        house.as_owner() as owner,
    ):
        return distribute(owner)


def bank_id_of(house: Any) -> str:
    """Return the id of the bank of this house."""
    from jiuding.base.database.engine import transaction
    from jiuding.base.problems import NotFound
    from jiuding.kernel import identity

    with transaction(house.engine) as session:
        bank = identity.find_bank(session, slug=house.bank.slug)
    if bank is None:
        raise NotFound("there is no bank here yet: run `jiuding up`")
    return bank.bank_id
