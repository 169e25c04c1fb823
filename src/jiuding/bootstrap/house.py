"""The house: a database that is up to date, and the branch that works on it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import Engine

from jiuding.base.database.embedded import EmbeddedServer, ensure_database
from jiuding.base.database.engine import create_engine, require_supported
from jiuding.base.database.migrate import migrate
from jiuding.base.database.shards import read_databases
from jiuding.base.problems import ensure
from jiuding.base.settings import CATALOG, Settings, read_secret
from jiuding.base.vault import Vault
from jiuding.bootstrap import demonstration
from jiuding.bootstrap.seeding import seed_demonstration
from jiuding.kernel import decisions, identity, products
from jiuding.services import lending, offers, risk, signals

DATABASE = "jiuding"
Progress = Callable[[str], None]


def _silent(_step: str) -> None:
    """Say nothing."""


@dataclass
class House:
    """A bank that stands: `engine` is migrated; the branch is put together on first use."""

    settings: Settings
    engine: Engine
    database_url: str
    bank: identity.Bank

    @cached_property
    def vault(self) -> Vault:
        """What seals personal details; its key lives in the home."""
        return Vault(read_secret(self.settings.home, "personal"))

    @cached_property
    def lists(self) -> risk.ListRoom:
        """What names are screened against, laid out once."""
        return risk.ListRoom()

    @cached_property
    def branch(self) -> offers.Branch:
        """The bank at work, with every market's library laid out to plan on."""
        made = offers.Branch(
            bank=self.bank,
            engine=self.engine,
            vault=self.vault,
            markets={name: open_market(name) for name in self.bank.markets},
            # By name, so that what the bank publishes judges, by share; until then the catalogue.
            credit_policy=decisions.load_policy("credit").name,
            # Every lender but ourselves answers from the sandbox in a demonstration bank.
            lenders=lending.Lenders(default=lending.SandboxLender()),
            host="localhost",
            origin=self.settings.origin,
            guard=signals.LoginGuard(
                engine=self.engine,
                book=signals.LoginBook(self.bank.bank_id, read_login_limits()),
                lists=signals.read_lists(self.settings.home),
                key=read_secret(self.settings.home, "signals"),
            ),
        )
        offers.renew_markets(made)
        return made


def read_lending() -> Mapping[str, Any]:
    """Return `catalog/lending.toml`, numbers as exact decimals."""
    return tomllib.loads(
        (CATALOG / "lending.toml").read_text(encoding="utf-8"), parse_float=Decimal
    )


def read_login_limits() -> signals.LoginLimits:
    """Return the buckets of failed logins that `catalog/logins.toml` declares."""
    return signals.limits_of(
        tomllib.loads((CATALOG / "logins.toml").read_text(encoding="utf-8"))["buckets"]
    )


def open_market(name: str) -> offers.Market:
    """Return a market with its limits, its rules and all products of its currency."""
    declared = read_lending()
    ensure(name in declared["markets"], f"catalog/lending.toml has no market {name}")
    stated = declared["markets"][name]
    limits = lending.MarketLimits(
        market=name,
        currency=stated["currency"],
        dsr_max=Decimal(stated["dsr_max"]),
        amount_max=Decimal(stated["amount_max"]),
        own_lender=stated["own_lender"],
        quote_minutes=stated["quote_minutes"],
    )
    library = offers.open_library(name)
    return offers.Market(
        name=name,
        limits=limits,
        library=library,
        shelf=offers.lay_out(library),
        pack=products.read_packs(CATALOG / "jurisdictions")[name],
        default_terms={use: (low, high) for use, (low, high) in declared["terms"].items()},
    )


@contextmanager
def open_house(
    settings: Settings, *, now: datetime, progress: Progress = _silent, seed: bool = True
) -> Iterator[House]:
    """Start or join the database, bring it up to date, seed the demonstration bank, and open.

    Everything here can be interrupted and said again. Refuses: what the database refuses.
    """
    with _database(settings, progress) as url:
        engine = create_engine(url)
        try:
            require_supported(engine)
            progress("migrate")
            migrate(engine)
            house = House(settings, engine, url, demonstration_bank())
            if seed:
                progress("seed")
                house.bank = seed_demonstration(
                    engine, bank=house.bank, vault=house.vault, now=now, progress=progress
                )
            yield house
        finally:
            engine.dispose()


@contextmanager
def _database(settings: Settings, progress: Progress) -> Iterator[str]:
    own = read_databases(settings.databases).get(demonstration.SLUG)
    if own is not None:
        yield own
        return
    if settings.database_url is not None:
        yield settings.database_url
        return
    progress("database")
    with EmbeddedServer(settings.home / "database") as server:
        yield ensure_database(server.url, DATABASE)


def demonstration_bank() -> identity.Bank:
    """Return the demonstration bank as it is first registered."""
    from jiuding.base import clock
    from jiuding.base.ids import new_id

    return identity.Bank(
        bank_id=new_id("bank", clock.now()),
        slug=demonstration.SLUG,
        name_zh="九鼎示范银行",
        name_en="Jiuding Demonstration Bank",
        markets=("cn", "au"),
        is_demonstration=True,
    )
