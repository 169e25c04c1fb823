"""The branch: everything that an operation of this bank needs besides a session."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from jiuding.base.amounts import Asset, currency
from jiuding.base.problems import Problem
from jiuding.base.vault import Vault
from jiuding.kernel import decisions, identity, products
from jiuding.services import lending, signals
from jiuding.services.offers.types import Library


class MarketNotServed(Problem):
    """Refuse a market that this bank does not serve."""

    code = "offers.market_not_served"
    status = 404
    title = "This bank does not serve that market"


@dataclass(frozen=True, slots=True)
class Market:
    """One market of a bank: its products, its rules and its limits. `shelf` is ready to plan on.

    `imports` are the imports that its library was made with, newest first.
    """

    name: str
    limits: lending.MarketLimits
    library: Library
    shelf: Any
    pack: products.Pack
    default_terms: Mapping[str, tuple[int, int]]
    imports: tuple[str, ...] = ()

    @property
    def asset(self) -> Asset:
        """The currency of the market."""
        return currency(self.limits.currency)


@dataclass(frozen=True, slots=True)
class Branch:
    """A bank at work."""

    bank: identity.Bank
    engine: Engine
    vault: Vault
    markets: MutableMapping[str, Market]  # renewed whole, a market at a time
    credit_policy: decisions.Policy | str
    lenders: lending.Lenders
    host: str
    origin: str
    # Stands before every proof of who somebody is; without one nothing is looked at.
    guard: signals.LoginGuard | None = None

    @property
    def bank_id(self) -> str:
        """The bank whose branch this is."""
        return self.bank.bank_id

    def market(self, name: str) -> Market:
        """Return a market.

        Refuses: MarketNotServed.
        """
        if name not in self.markets:
            raise MarketNotServed(f"this bank does not serve {name!r}")
        return self.markets[name]
