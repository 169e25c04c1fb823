"""`jiuding library import`, `withdraw` and `watch`: the library's life, in a house."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jiuding.base import clock
from jiuding.base.settings import read_settings


def bring_in(where: str, is_again: bool = False) -> Iterator[dict[str, Any]]:
    """Remember the library at a path or an address in this bank; yield what there is to tell."""
    from jiuding.bootstrap import open_house
    from jiuding.services.offers.commands import library

    with open_house(read_settings(), now=clock.now()) as house:
        yield from library.bring_in(house.engine, house.bank.bank_id, where, is_again=is_again)


def take_back(where: str, reason: str, number: int | None) -> dict[str, Any]:
    """Withdraw an import of a source in this bank; the worker plans without it from then on."""
    from jiuding.bootstrap import open_house
    from jiuding.services.offers.commands import library

    with open_house(read_settings(), now=clock.now()) as house:
        return library.take_back(house.engine, house.bank.bank_id, where, reason, number)


def watch() -> dict[str, Any]:
    """Remember the libraries as they are now and look at every watched loan."""
    from jiuding.bootstrap import open_house
    from jiuding.services import offers

    with open_house(read_settings(), now=clock.now()) as house:
        now = clock.now()
        made = offers.remember_libraries(house.branch, now=now)
        looked = offers.look_at_watches(house.branch, now=now, is_on_demand=True)
    return {"imports": [each.source for each in made], "looked": looked}
