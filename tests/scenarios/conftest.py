"""A branch of the demonstration bank on the test database, with the libraries that ship."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.base.settings import Settings
from jiuding.bootstrap import House, seed_demonstration
from jiuding.bootstrap.house import demonstration_bank
from jiuding.kernel import identity
from jiuding.services import offers

PEOPLE = 64


@pytest.fixture(scope="session")
def house(engine: Engine, tmp_path_factory) -> Iterator[House]:
    """The house of these stories: forty customers with their histories."""
    home = tmp_path_factory.mktemp("house")
    stands = House(Settings(Path(home), 8000, None), engine, "", demonstration_bank())
    stands.bank = seed_demonstration(
        engine, bank=stands.bank, vault=stands.vault, now=clock.now(),
        progress=lambda _step: None, count=PEOPLE,
    )  # fmt: skip
    yield stands


@pytest.fixture(scope="session")
def branch(house: House) -> offers.Branch:
    """The bank at work."""
    return house.branch


@pytest.fixture(scope="session")
def own_branch(branch: offers.Branch) -> offers.Branch:
    """The same bank, with only its own products in every market."""
    markets = {}
    for name, market in branch.markets.items():
        own = [p for p in market.library.products if p.lender == market.limits.own_lender]
        listed = tuple(replace(product, place=place) for place, product in enumerate(own))
        library = replace(market.library, products=listed)
        markets[name] = replace(market, library=library, shelf=offers.lay_out(library))
    return replace(branch, markets=markets)


@pytest.fixture(scope="session")
def people(branch: offers.Branch) -> dict[tuple[str, str], list[identity.Person]]:
    """Everyone, by market and story."""
    with transaction(branch.engine) as session:
        listed = identity.list_parties(
            session, bank_id=branch.bank_id, vault=branch.vault, limit_max=PEOPLE
        )
    found: dict[tuple[str, str], list[identity.Person]] = {}
    for person in listed:
        found.setdefault((person.party.market, person.story), []).append(person)
    return found


@pytest.fixture
def today() -> datetime:
    """The real instant: the demonstration's history ends today."""
    return clock.now()
