"""`jiuding ledger …` and `jiuding database …`: what an operator does with the books."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from jiuding.base import clock
from jiuding.base.problems import BadInput
from jiuding.base.settings import read_secret, read_settings


def export(form: str, folder: Path) -> dict[str, Any]:
    """Write the bank's ledger to files and return what was written."""
    from jiuding.bootstrap import open_house
    from jiuding.kernel.ledger import commands

    with open_house(read_settings(), now=clock.now(), seed=False) as house:
        return commands.export(
            house.engine, bank_id=bank_id_of(house), form=form, folder=folder, now=clock.now()
        )


def close_day(on: str) -> dict[str, Any]:
    """Close a day and return the close.

    Refuses: BadInput for a text that is not a day.
    """
    from jiuding.bootstrap import open_house
    from jiuding.kernel.ledger import commands

    try:
        day = date.fromisoformat(on)
    except ValueError as error:
        raise BadInput(f"{on[:20]!r} is not a day like 2026-11-23") from error
    with open_house(read_settings(), now=clock.now(), seed=False) as house:
        return commands.close(house.engine, bank_id=bank_id_of(house), on=day, now=clock.now())


def operator_token() -> str:
    """Return the token that the operator shows at `POST /v1/transfers`; made on first use."""
    return read_secret(read_settings().home, "operator").hex()


def distribute() -> list[str]:
    """Spread the bank's tables over Citus's servers and return the statements that were run."""
    from jiuding.base.database.distribute import distribute
    from jiuding.bootstrap import open_house

    with open_house(read_settings(), now=clock.now(), seed=False) as house:
        return distribute(house.engine)


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
